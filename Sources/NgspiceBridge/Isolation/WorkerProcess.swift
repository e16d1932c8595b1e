import CSystem
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
        WorkerProgram(path: String(cString: csystem_program()), arguments: arguments)
    }
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
    /// For its temporary files.
    private let folder: TemporaryFolder
    private var ending: Ending?

    /// - Throws: `died` where the system gives no process, no socket or no temporary file.
    init(_ program: WorkerProgram) throws(NgspiceError) {
        folder = try TemporaryFolder()
        let journal = try Self.namelessFile(in: folder.path)
        var ends: [Int32] = [-1, -1]
        guard Self.makeSocketPair(&ends) else {
            let error = Self.failure("no socket")
            close(journal)
            throw error
        }
        defer { close(ends[1]) }
        self.journal = journal
        channel = Channel(ends[0])
        do throws(NgspiceError) {
            identifier = try Self.start(
                program, socket: ends[1], journal: journal, scratch: folder.path)
        } catch {
            close(journal)
            throw error
        }
    }

    deinit {
        _ = end()
        close(journal)
    }

    /// The path of that folder.
    var scratch: String { folder.path }

    /// Introduces this process.
    ///
    /// - Parameter toleratedGrowth: after how many bytes more it says that it has grown.
    func greet(toleratedGrowth: Int) throws(ChannelError) {
        var writer = WireWriter()
        writer.frame(.hello) { hello in
            hello.put(FrameKind.version)
            hello.put(toleratedGrowth)
        }
        try channel.send(writer.words)
    }

    /// Kills the process, if it has not ended by itself.
    ///
    /// - Parameter patience: seconds to wait for that: a process closes its socket before it has ended.
    func end(patience: Double = 0) -> Ending {
        if let ending { return ending }
        var status: Int32 = 0
        if csystem_wait(identifier, Int32(patience * 1000), &status) == 0 {
            kill(identifier, SIGKILL)
            csystem_wait(identifier, -1, &status)
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

    private static func start(
        _ program: WorkerProgram, socket: Int32, journal: Int32, scratch: String
    ) throws(NgspiceError) -> pid_t {
        var environment = ProcessInfo.processInfo.environment
        environment["TMPDIR"] = scratch
        environment[NgspiceWorker.folderVariable] = scratch
        if let library = NgspiceFile.chosen { environment[NgspiceFile.variable] = library }
        // A crash is to end the process at once.
        environment["SWIFT_BACKTRACE"] = "enable=no"
        let arguments = ([program.path] + program.arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        let identifier = csystem_start(
            program.path, arguments, variables, [socket, journal, journal])
        guard identifier > 0 else { throw failure(program.path) }
        return identifier
    }
}
