import Foundation

/// The program whose processes run ngspice: one that calls `NgspiceWorker.serve()` when it is given these
/// arguments.
public struct WorkerProgram: Sendable {
    public let path: String
    public let arguments: [String]

    public init(path: String, arguments: [String]) {
        (self.path, self.arguments) = (path, arguments)
    }

    /// The program that runs now.
    public static func own(arguments: [String]) -> WorkerProgram {
        WorkerProgram(path: ownPath, arguments: arguments)
    }

    private static let ownPath: String = {
        #if canImport(Darwin)
            var size: UInt32 = 0
            _NSGetExecutablePath(nil, &size)
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(size) + 1) { path in
                _NSGetExecutablePath(path.baseAddress, &size) == 0
                    ? path.baseAddress.map { String(cString: $0) } ?? "" : ""
            }
        #else
            // Stays the same program where its file is replaced by another meanwhile.
            return "/proc/self/exe"
        #endif
    }()
}

/// A process that runs ngspice for this one.
///
/// Its standard input is the channel, its standard error a file without a name, in which its last words
/// are found when it has ended. It ends when this process does, however that ends.
final class WorkerProcess {
    enum Ending {
        case exit(Int32)
        case signal(Int32)

        fileprivate init(status: Int32) {
            let signal = status & 0x7F
            self = signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
        }
    }

    let channel: Channel
    let identifier: pid_t
    private let journal: Int32
    /// The folder for its temporary files.
    let scratch: String
    private var ending: Ending?

    /// - Throws: `died` where the system gives no process, no socket or no temporary file.
    init(_ program: WorkerProgram) throws(NgspiceError) {
        let scratch = try PrivateFolder.temporary()
        do throws(NgspiceError) {
            let journal = try Self.namelessFile(in: scratch)
            var ends: [Int32] = [-1, -1]
            guard Self.makeSocketPair(&ends) else { throw Self.failure("no socket") }
            defer { close(ends[1]) }
            channel = Channel(ends[0])
            identifier = try Self.spawn(
                program, socket: ends[1], journal: journal, scratch: scratch)
            (self.scratch, self.journal) = (scratch, journal)
        } catch {
            try? FileManager.default.removeItem(atPath: scratch)
            throw error
        }
    }

    deinit {
        _ = end()
        close(journal)
        try? FileManager.default.removeItem(atPath: scratch)
    }

    /// Introduces this process.
    func greet() throws(ChannelError) {
        var writer = WireWriter()
        writer.frame(.hello) { hello in
            hello.put(FrameKind.version)
            hello.put(scratch)
        }
        try channel.send(writer.words)
    }

    /// Kills the process, if it has not ended by itself.
    ///
    /// - Parameter patience: seconds to wait for that: a process closes its socket before it has ended.
    func end(patience: Double = 0) -> Ending {
        if let ending { return ending }
        var status: Int32 = 0
        var milliseconds = Int(patience * 1000)
        while milliseconds > 0, waitpid(identifier, &status, WNOHANG) == 0 {
            usleep(1000)
            milliseconds -= 1
        }
        if milliseconds == 0 {
            kill(identifier, SIGKILL)
            while waitpid(identifier, &status, 0) == -1, errno == EINTR {}
        }
        let ending = Ending(status: status)
        self.ending = ending
        return ending
    }

    /// What ngspice and the system said last, oldest first.
    var lastWords: [String] {
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let size = Int(lseek(journal, 0, SEEK_END))
        let count = pread(journal, &bytes, bytes.count, off_t(max(0, size - bytes.count)))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            .split(separator: "\n").suffix(20).map(String.init)
    }

    private static func failure(_ what: String) -> NgspiceError {
        NgspiceError(
            .died, "ngspice can't be started: \(what) (\(String(cString: strerror(errno))))")
    }

    /// Not inherited by other workers, which would keep it open.
    private static func makeSocketPair(_ ends: inout [Int32]) -> Bool {
        #if canImport(Darwin)
            guard socketpair(AF_UNIX, SOCK_STREAM, 0, &ends) == 0 else { return false }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return true
        #else
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            return socketpair(AF_UNIX, type, 0, &ends) == 0
        #endif
    }

    private static func namelessFile(in folder: String) throws(NgspiceError) -> Int32 {
        let path = folder + "/journal"
        let file = open(path, O_CREAT | O_EXCL | O_RDWR | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("no temporary file") }
        unlink(path)
        return file
    }

    private static func spawn(
        _ program: WorkerProgram, socket: Int32, journal: Int32, scratch: String
    ) throws(NgspiceError) -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
            let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
            let flags = Int32(POSIX_SPAWN_SETSIGMASK)
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, journal, STDERR_FILENO)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var environment = ProcessInfo.processInfo.environment
        environment["TMPDIR"] = scratch
        if let library = NgspiceFile.chosen { environment[NgspiceFile.variable] = library }
        // A thread of its own would make ngspice take locks, and has nothing to do there.
        environment["OPENBLAS_NUM_THREADS"] = "1"
        // A crash is to end the process at once.
        environment["SWIFT_BACKTRACE"] = "enable=no"
        let arguments = ([program.path] + program.arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var identifier: pid_t = 0
        let code = posix_spawn(
            &identifier, program.path, &actions, &attributes, arguments, variables)
        guard code == 0 else {
            errno = code
            throw failure(program.path)
        }
        return identifier
    }
}
