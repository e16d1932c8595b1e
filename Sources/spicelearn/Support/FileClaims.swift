import Foundation

/// What the files of one run are to it, so that no output overwrites another or what is read.
struct FileClaims {
    /// One file under all its names: device and inode, or for what is not there yet, those of its
    /// folder and its name.
    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
        let name: String

        /// Nil for standard input and output, for devices, pipes and folders, which nothing overwrites, and
        /// where there is no folder.
        init?(_ path: String) {
            guard path != "-" else { return nil }
            var status = stat()
            var name = ""
            let path = OutputPath.resolve(path)
            if stat(path, &status) == 0 {
                guard status.st_mode & S_IFMT == S_IFREG else { return nil }
            } else {
                guard stat(path.folder, &status) == 0 else { return nil }
                name = path.fileName
            }
            device = UInt64(truncatingIfNeeded: status.st_dev)
            inode = UInt64(status.st_ino)
            self.name = name
        }
    }

    /// Whether two paths lead to one file.
    static func areSame(_ first: String, _ second: String) -> Bool {
        guard let identity = Identity(first) else { return false }
        return identity == Identity(second)
    }

    private var owners: [Identity: String] = [:]
    /// Whether nothing is written through a link.
    private let refusesLinks: Bool

    init(refusesLinks: Bool = false) { self.refusesLinks = refusesLinks }

    /// Notes a file that is read.
    mutating func read(_ path: String, as role: String) {
        if let identity = Identity(path) { owners[identity] = owners[identity] ?? role }
    }

    /// Notes a file that will be written.
    ///
    /// - Throws: `Failure` with exit code 64 where that would overwrite another's, 73 where it would
    ///   follow a link and must not.
    mutating func write(_ path: String, as flag: String) throws(Failure) {
        if refusesLinks, let link = Self.link(on: path) {
            throw Failure(
                "\(flag) \(path): \(link) is a link, and with --untrusted nothing is written through "
                    + "links", status: ExitStatus.cannotCreate)
        }
        guard let identity = Identity(path) else { return }
        if let owner = owners[identity] {
            throw Failure(
                "\(flag) \(path) would overwrite \(owner): give it another name",
                status: ExitStatus.usage)
        }
        owners[identity] = "what \(flag) writes"
    }

    /// The first link on the way to a file; of an absolute path, whose way is the user's own, only the
    /// file itself.
    private static func link(on path: String) -> String? {
        // By bytes: a slash and an accent after it are one character.
        let slash = UInt8(ascii: "/")
        let isAbsolute = path.utf8.first == slash
        for end in path.utf8.indices.filter({ path.utf8[$0] == slash }) + [path.endIndex] {
            let way = String(path[..<end])
            var status = stat()
            guard end == path.endIndex || !isAbsolute, lstat(way, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFLNK { return way }
        }
        return nil
    }
}
