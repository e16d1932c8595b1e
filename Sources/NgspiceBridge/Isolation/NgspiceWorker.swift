import CSystem
import Foundation

/// The part of a process that runs ngspice for another one.
///
/// A program whose own processes are to be the workers of `IsolatedNgspice` calls `serve` when it finds the
/// arguments of its `WorkerProgram`:
///
/// ```swift
/// if CommandLine.arguments.dropFirst() == ["ngspice-worker"] { NgspiceWorker.serve() }
/// ```
public enum NgspiceWorker {
    /// Names the folder for its temporary files, which a worker removes where the other end can't.
    static let folderVariable = "SPICELEARN_WORKER_FOLDER"

    /// Answers on standard input, a socket, until the process at its other end goes away.
    public static func serve() -> Never {
        let folder = getenv(folderVariable).map { String(cString: $0) }
        if let folder { csystem_end_with_peer(folder) }
        ignoreSignals()
        leaveNoCore()
        csystem_wake_with_parent()
        csystem_close_from(STDERR_FILENO + 1)
        Ngspice.useMainThread()
        try? Ngspice.withInstance { ngspice in
            let server = WorkerServer(ngspice, Channel(STDIN_FILENO))
            try server.greet()
            while true { try server.answer() }
        }
        if let folder { csystem_remove_path(folder) }
        _exit(0)
    }

    /// A user who stops the program stops it alone: its workers are needed to finish the step.
    private static func ignoreSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] {
            signal(number, SIG_IGN)
            sigaddset(&signals, number)
        }
        // Held back until now (`csystem_start`).
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    private static func leaveNoCore() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        #if canImport(Darwin)
            setrlimit(RLIMIT_CORE, &none)
        #else
            setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        #endif
    }
}
