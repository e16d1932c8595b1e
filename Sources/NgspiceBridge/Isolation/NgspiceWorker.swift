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
        Ngspice.useMainThread()
        let scratch = Mutex<String?>(nil)
        try? Ngspice.withInstance { ngspice in
            let server = WorkerServer(ngspice, Channel(STDIN_FILENO))
            let folder = try server.greeting()
            scratch.withLock { $0 = folder }
            leaveWithParent(removing: folder)
            while true { try server.answer() }
        }
        if let folder = scratch.withLock({ $0 }) {
            try? FileManager.default.removeItem(atPath: folder)
        }
        _exit(0)
    }

    /// Looks twice a second whether the other end is still there, since ngspice may never return.
    ///
    /// A thread that waits for it would make ngspice and the C library take locks, which small circuits
    /// would pay for (`Ngspice.useMainThread`). So it is a signal, within which little is allowed: the
    /// process becomes one that removes its folder of temporary files.
    private static func leaveWithParent(removing folder: String) {
        let words = ["rm", "-rf", "--", folder]
        let arguments = Arguments.allocate(capacity: words.count + 1)
        arguments.initialize(repeating: nil, count: words.count + 1)
        for (index, word) in words.enumerated() { arguments[index] = strdup(word) }
        removal.store(UInt(bitPattern: arguments), ordering: .relaxed)
        var action = sigaction()
        action.sa_flags = SA_RESTART
        let look: @convention(c) (Int32) -> Void = { _ in
            let number = errno
            defer { errno = number }
            var request = pollfd(fd: STDIN_FILENO, events: 0, revents: 0)
            guard poll(&request, 1, 0) > 0 else { return }
            // The first time, it may be about to leave by itself.
            guard NgspiceWorker.isAlone.exchange(true, ordering: .relaxed) else { return }
            let arguments = Arguments(
                bitPattern: NgspiceWorker.removal.load(ordering: .relaxed))
            if let arguments { execv("/bin/rm", arguments) }
            _exit(0)
        }
        #if canImport(Darwin)
            action.__sigaction_u.__sa_handler = look
        #else
            action.__sigaction_handler.sa_handler = look
        #endif
        sigaction(SIGALRM, &action, nil)
        let halfSecond = timeval(tv_sec: 0, tv_usec: 500_000)
        var timer = itimerval(it_interval: halfSecond, it_value: halfSecond)
        #if canImport(Darwin)
            setitimer(ITIMER_REAL, &timer, nil)
        #else
            setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
        #endif
    }

    private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    /// The arguments of the program that removes the folder, made before the signal can come.
    private static let removal = Atomic<UInt>(0)
    private static let isAlone = Atomic(false)

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
