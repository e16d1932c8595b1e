#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension IncludeReader {
    /// Reads files from disk, relative paths from the folder of the file that includes, as ngspice does.
    public static let disk = IncludeReader { path, includingPath in
        let resolved = resolve(path, from: includingPath)
        return File(path: resolved, bytes: try contents(of: resolved))
    }

    private static func resolve(_ path: String, from includingPath: String) -> String {
        if path.hasPrefix("/") { return path }
        if path.hasPrefix("~/"), let home = getenv("HOME") {
            return String(cString: home) + path.dropFirst()
        }
        guard let slash = includingPath.lastIndex(of: "/") else { return path }
        return String(includingPath[...slash]) + path
    }

    /// The bytes of the file at `path`, of at most 256 MiB.
    ///
    /// - Throws: ``Failure`` with the reason in words.
    private static func contents(of path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw Failure(errno == ENOENT ? "doesn't exist" : "can't be read: \(lastError())")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw Failure("can't be read: \(lastError())")
        }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw Failure("is a folder, not a file") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Failure("is not an ordinary file") }
        guard status.st_size <= 1 << 28 else { throw Failure("is larger than 256 MiB") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Self.readOnce(
                    descriptor, into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw Failure("can't be read: \(lastError())") }
            guard got > 0 else { break }
            filled += got
        }
        return Array(bytes[..<filled])
    }

    private static func readOnce(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer)
        -> Int
    {
        #if canImport(Darwin)
            Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
            Musl.read(descriptor, buffer.baseAddress, buffer.count)
        #else
            Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    private static func lastError() -> String {
        strerror(errno).map { String(cString: $0) } ?? "unknown error"
    }
}
