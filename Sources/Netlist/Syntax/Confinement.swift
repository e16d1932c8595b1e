#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder outside of which nothing is read, wherever links lead.
struct Confinement: Sendable {
    /// Its real path.
    let folder: String

    /// Nil where there is no such folder.
    init?(to folder: String) {
        guard let path = RealPath.of(folder) else { return nil }
        self.folder = path
    }

    /// Whether a real path leads into the folder.
    func holds(_ path: String) -> Bool { rest(of: path) != nil }

    /// Opens a file by its real path: where a link has taken the place of a part of that path since it was
    /// found, this fails.
    ///
    /// - Returns: a descriptor, or -1 with `errno`.
    func open(_ path: String, _ flags: Int32) -> Int32 {
        guard let rest = rest(of: path) else {
            errno = EACCES
            return -1
        }
        #if os(Linux)
            // O_PATH, hidden from Swift as an extension of GNU: a folder need not be readable.
            let folderFlags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | 0o10000000
        #else
            let folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        #endif
        let names = rest.split(separator: Byte.slash).map { String(decoding: $0, as: UTF8.self) }
        var place = openat(AT_FDCWD, folder, folderFlags)
        for (index, name) in names.enumerated() {
            guard place >= 0 else { return -1 }
            let isLast = index == names.count - 1
            let next = openat(place, name, isLast ? flags | O_NOFOLLOW : folderFlags)
            let code = errno
            close(place)
            errno = code
            place = next
        }
        return place
    }

    /// What comes after the folder in a real path; nil outside.
    private func rest(of path: String) -> [UInt8]? {
        // By bytes: to Swift's strings, two spellings of é are the same, but not to a file system.
        let inside = Array(folder.utf8) + (folder == "/" ? [] : [Byte.slash])
        guard path.utf8.count > inside.count, path.utf8.starts(with: inside) else { return nil }
        return Array(path.utf8.dropFirst(inside.count))
    }
}

/// Paths with all links followed.
enum RealPath {
    /// Nil where there is no such file.
    static func of(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(validatingCString: real)
    }
}
