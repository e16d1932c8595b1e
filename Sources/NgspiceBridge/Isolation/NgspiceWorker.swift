import Foundation
import Synchronization

/// The part of a process that runs ngspice for another one.
///
/// A program whose own processes are to be the workers of `IsolatedNgspice` calls `serve` when it finds the
/// arguments of its `WorkerProgram`:
///
/// ```swift
/// if CommandLine.arguments.dropFirst() == ["ngspice-worker"] { NgspiceWorker.serve() }
/// ```
public enum NgspiceWorker {
    /// Answers on standard input, a socket, until the process at its other end goes away.
    public static func serve() -> Never {
        // Whoever stops the program stops it alone: its workers are needed to finish the step.
        for number in [SIGINT, SIGTERM, SIGPIPE] { signal(number, SIG_IGN) }
        leaveNoCore()
        wakeWithParent()
        closeInheritedFiles()
        let scratch = ScratchFolder()
        leaveWithParent(scratch)
        try? Ngspice.withInstance { ngspice in
            let server = WorkerServer(ngspice, Channel(STDIN_FILENO))
            scratch.path.withLock { $0 = try? server.greeting() }
            while true { try server.answer() }
        }
        scratch.leave()
    }

    /// The folder for this process's temporary files, which its parent made for it.
    private final class ScratchFolder: Sendable {
        let path = Mutex<String?>(nil)

        /// Ends the process, and with it the folder.
        func leave() -> Never {
            path.withLock { path in
                if let path { try? FileManager.default.removeItem(atPath: path) }
                _exit(0)
            }
        }
    }

    /// Waits for the other end to close on a thread of its own, since ngspice may never return.
    private static func leaveWithParent(_ scratch: ScratchFolder) {
        Thread.detachNewThread {
            var request = pollfd(fd: STDIN_FILENO, events: 0, revents: 0)
            while poll(&request, 1, -1) <= 0 {}
            scratch.leave()
        }
    }

    private static func leaveNoCore() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        #if canImport(Darwin)
            setrlimit(RLIMIT_CORE, &none)
        #else
            setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        #endif
    }

    /// A process that is stopped could not see its parent go: where Linux tells it, it goes on.
    private static func wakeWithParent() {
        #if os(Linux)
            // Hidden from Swift, as it takes any number of arguments.
            typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
            guard let function = dlsym(nil, "prctl") else { return }
            let setSignalOfParentsDeath: Int32 = 1  // PR_SET_PDEATHSIG
            _ = unsafeBitCast(function, to: Control.self)(
                setSignalOfParentsDeath, UInt(SIGCONT), 0, 0, 0)
        #endif
    }

    /// What the parent had open is not to stay open for longer than it does.
    private static func closeInheritedFiles() {
        guard let folder = opendir("/dev/fd") else { return }
        var inherited: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let file = Int32(name), file > STDERR_FILENO, file != dirfd(folder) {
                inherited.append(file)
            }
        }
        closedir(folder)
        for file in inherited { close(file) }
    }
}
