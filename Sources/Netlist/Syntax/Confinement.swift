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
    func holds(_ path: String) -> Bool {
        // By bytes: to Swift's strings, two spellings of é are the same, but not to a file system.
        let inside = Array(folder.utf8) + (folder == "/" ? [] : [Byte.slash])
        return path.utf8.count > inside.count && path.utf8.starts(with: inside)
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

    /// Where an open file is, whatever has become of the path by which it was opened; nil where the
    /// system doesn't say.
    static func of(descriptor: Int32) -> String? {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        #if canImport(Darwin)
            guard fcntl(descriptor, F_GETPATH, &path) == 0 else { return nil }
        #else
            guard readlink("/proc/self/fd/\(descriptor)", &path, path.count - 1) > 0 else {
                return nil
            }
        #endif
        return path.withUnsafeBufferPointer {
            $0.baseAddress.flatMap(String.init(validatingCString:))
        }
    }
}
