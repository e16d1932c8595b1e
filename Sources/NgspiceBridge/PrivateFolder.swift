#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An empty folder that is current while ngspice runs, gone with all that ngspice wrote into it.
///
/// Models write logs such as `b3v33check.log` into the current folder, through whatever link has that
/// name there, and start-up scripts are read from it. Models also check their parameters only where
/// they can write the log, so the folder has to be a real one.
///
/// Only the thread that made it moves, where the system allows that (`ThreadFolder`): relative paths
/// mean the same as ever everywhere else, and on this thread too outside ngspice's own functions.
final class PrivateFolder {
    private let folder: TemporaryFolder
    private let path: String
    private let inside: Int32
    private let outside: Int32

    /// - Throws: `libraryMissing` where no temporary folder can be made.
    init() throws(NgspiceError) {
        folder = try TemporaryFolder()
        path = folder.path
        outside = ThreadFolder.open(".")
        inside = ThreadFolder.open(path)
        // ngspice looks for the user's script here before it looks at home.
        let script = open(path + "/.spiceinit", O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0o600)
        if script >= 0 { _ = close(script) }
        guard outside >= 0, inside >= 0, script >= 0 else {
            throw NgspiceError(.libraryMissing, "ngspice can't be started: no temporary folder")
        }
    }

    deinit {
        leave()
        if inside >= 0 { _ = close(inside) }
        if outside >= 0 { _ = close(outside) }
    }

    /// Lays links to files, in the place of those of another circuit.
    func link(_ files: DataFiles) {
        for (name, target) in files.links {
            unlink(path + "/" + name)
            symlink(target, path + "/" + name)
        }
    }

    /// Writes files that a deck includes.
    func write(_ files: [(name: String, text: String)]) {
        for (name, text) in files {
            let file = open(
                path + "/" + name, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard file >= 0 else { continue }
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { Self.writeOnce(file, $0) }
                guard count > 0 else { break }
                bytes = bytes.dropFirst(count)
            }
            _ = close(file)
        }
    }

    private static func writeOnce(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
            Darwin.write(file, bytes.baseAddress, bytes.count)
        #elseif canImport(Glibc)
            Glibc.write(file, bytes.baseAddress, bytes.count)
        #else
            Musl.write(file, bytes.baseAddress, bytes.count)
        #endif
    }

    func enter() { if inside >= 0 { ThreadFolder.change(inside) } }

    func leave() { if outside >= 0 { ThreadFolder.change(outside) } }
}

/// The current folder of one thread alone.
enum ThreadFolder {
    #if canImport(Darwin)
        // In the system's library, but in no header that Swift reads.
        private typealias Change = @convention(c) (Int32) -> Int32
        private static let changeOwn: Change? = dlsym(
            UnsafeMutableRawPointer(bitPattern: -2), "pthread_fchdir_np"
        ).map { unsafeBitCast($0, to: Change.self) }

        /// Gives the calling thread a current folder of its own.
        static func separate() {}

        static func change(_ folder: Int32) {
            _ = changeOwn?(folder) ?? fchdir(folder)
        }
    #else
        /// Gives the calling thread a current folder of its own, which nothing undoes.
        static func separate() {
            // Hidden from Swift, as an extension of GNU.
            typealias Unshare = @convention(c) (Int32) -> Int32
            let shareFolders: Int32 = 0x200  // CLONE_FS
            guard let function = dlsym(nil, "unshare") else { return }
            _ = unsafeBitCast(function, to: Unshare.self)(shareFolders)
        }

        static func change(_ folder: Int32) { _ = fchdir(folder) }
    #endif

    /// A descriptor of a folder to change to, which need not be one that may be read; negative where there is
    /// none.
    static func open(_ path: String) -> Int32 {
        #if os(Linux)
            let onlyPath: Int32 = 0o10000000  // O_PATH, hidden from Swift as an extension of GNU.
        #else
            let onlyPath: Int32 = 0
        #endif
        #if canImport(Darwin)
            return Darwin.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | onlyPath)
        #elseif canImport(Glibc)
            return Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | onlyPath)
        #else
            return Musl.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | onlyPath)
        #endif
    }
}
