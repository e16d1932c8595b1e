#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension IncludeReader {
    /// Reads files from disk, relative paths from the folder of the file that includes, as ngspice does.
    public static let disk = IncludeReader(confinement: nil) { path, includingPath in
        let resolved = resolve(path, from: includingPath)
        return File(path: resolved, bytes: try contents(of: resolved, within: nil))
    }

    /// Reads files from disk as ``disk`` does, but only those that lie in a folder once all links are
    /// followed: for decks of people one has no reason to trust. Data files of code models are held to
    /// the same folder.
    public static func disk(within folder: String) -> IncludeReader {
        guard let confinement = Confinement(to: folder) else {
            return IncludeReader { _, _ in
                throw Failure("can't be read: there is no folder \(folder)")
            }
        }
        return IncludeReader(confinement: confinement) { path, includingPath in
            let resolved = resolve(path, from: includingPath)
            return File(path: resolved, bytes: try contents(of: resolved, within: confinement))
        }
    }

    private static func resolve(_ path: String, from includingPath: String) -> String {
        if path.utf8.starts(with: "/".utf8) { return path }
        if path.utf8.starts(with: "~/".utf8), let home = getenv("HOME") {
            return String(cString: home) + path.dropFirst()
        }
        guard let slash = includingPath.lastIndex(of: "/") else { return path }
        return String(includingPath[...slash]) + path
    }

    /// The bytes of an ordinary file of at most ``InputLimits/textBytes``.
    ///
    /// - Throws: ``Failure`` with the reason in words.
    private static func contents(of path: String, within confinement: Confinement?) throws(Failure)
        -> [UInt8]
    {
        // Before it is opened: to open a device can do something, and a pipe may wait for ever.
        let real = try check(path, within: confinement)
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
        let descriptor = confinement?.open(real, flags) ?? open(path, flags)
        guard descriptor >= 0 else { throw Failure("can't be read: \(lastError())") }
        defer { close(descriptor) }
        // What was opened may be another file than was checked.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw Failure("can't be read: \(lastError())")
        }
        try check(status)
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

    /// The real path of a file that may be read.
    ///
    /// - Throws: ``Failure`` with the reason in words.
    @discardableResult
    static func check(_ path: String, within confinement: Confinement?) throws(Failure) -> String {
        guard let real = RealPath.of(path) else {
            throw Failure(errno == ENOENT ? "doesn't exist" : "can't be read: \(lastError())")
        }
        if let confinement, !confinement.holds(real) { throw outside(confinement) }
        var status = stat()
        guard stat(real, &status) == 0 else { throw Failure("can't be read: \(lastError())") }
        try check(status)
        return real
    }

    private static func check(_ status: stat) throws(Failure) {
        guard status.st_mode & S_IFMT != S_IFDIR else { throw Failure("is a folder, not a file") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Failure("is not an ordinary file") }
        guard status.st_size <= InputLimits.textBytes else {
            throw Failure("is larger than \(InputLimits.textBytes >> 20) MiB")
        }
    }

    private static func outside(_ confinement: Confinement) -> Failure {
        Failure(
            "lies outside \(confinement.folder), and an untrusted netlist may read nothing there")
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
