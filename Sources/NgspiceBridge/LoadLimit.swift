import CSystem
import Synchronization

/// How long ngspice may load a netlist, and how much memory it may take for that.
///
/// Versions of ngspice go on for ever over texts that others read, some of them until memory is full, and a
/// call into the library can't be cut short. So the process ends, with a sentence and exit code 70, where a
/// program asked for that; any other program keeps the choice. No second thread watches, for with one
/// ngspice and the C library would take locks from then on: a timer's signal does.
public enum LoadLimit {
    private static let seconds = Mutex<Double?>(nil)
    private static let isEnabled = Atomic<Bool>(false)

    /// Lets loads of this process end it.
    ///
    /// - Parameter limit: how many seconds a load may take; nil for a minute, and more for netlists of more
    ///   than 10,000 lines, for which ngspice needs a time that grows with their square.
    public static func enable(seconds limit: Double? = nil) {
        seconds.withLock { $0 = limit }
        isEnabled.store(true, ordering: .relaxed)
    }

    /// Runs `load` with an eye on it.
    static func watching(lines: Int, _ load: () -> Void) {
        guard isEnabled.load(ordering: .relaxed) else { return load() }
        let size = Double(lines) / 10_000
        let limit = seconds.withLock { $0 } ?? 60 * max(1, size * size)
        let gibibytes = 2 + lines / 10_000
        csystem_limit(
            limit, gibibytes << 20,
            """
            spicelearn: error: ngspice was not done with loading this netlist within \(limit) s; \
            --time-limit allows more

            """,
            """
            spicelearn: error: ngspice took more than \(gibibytes) GiB of memory to load this netlist

            """)
        load()
        csystem_end_limit()
    }
}
