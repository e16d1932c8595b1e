import Netlist

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

import Synchronization

/// ngspice in a process of its own: what it does to itself, it does not do to this one.
///
/// A worker that crashes, that ends, that does not answer within the time limit, or that somebody kills, is
/// replaced by another, which is brought to the same state and solves the same points again, with the same
/// bits (see `LoadedCircuit`). Where that fails again and again, it is an error with ngspice's last words.
///
/// Costs some 0.05 ms for each call that waits for an answer, where the system has to wake the other process
/// (`make bench`: steps of one sample, which take two calls), and some 30 ms for the first load and each
/// replacement.
///
/// Belongs to the thread that made it, which has to outlive it: on Linux, the system tells workers when
/// that thread ends.
public final class IsolatedNgspice: Simulator {
    private let program: WorkerProgram
    private let givenLimit: Double?
    private var worker: WorkerProcess? {
        didSet { runningWorker.identifier = worker?.identifier }
    }
    /// The process that runs ngspice now.
    public let runningWorker = RunningWorker()
    private let toleratedGrowth: Int
    /// Counts loads: a circuit is current while its number is this one.
    private(set) var generation = 0
    /// How many workers had to be replaced.
    public private(set) var replacements = 0

    /// How often a worker may fail at the same request by itself, and how often in all: a worker that is
    /// killed may be the victim of another's lack of memory, or of a test.
    static let faults = 3
    static let attempts = 100

    /// - Parameters:
    ///   - program: what the worker runs.
    ///   - timeLimit: seconds after which ngspice is taken to hang, for each operating point and each
    ///     load; nil for a minute, and more for circuits of more than 10,000 lines, for which ngspice needs
    ///     a time that grows with their square.
    ///   - toleratedGrowth: bytes by which a worker may grow while it solves a circuit, until another takes
    ///     its place: ngspice loses some memory at each analysis that fails.
    public init(
        program: WorkerProgram, timeLimit: Double? = nil, toleratedGrowth: Int = 16 << 20
    ) {
        self.program = program
        givenLimit = timeLimit
        self.toleratedGrowth = toleratedGrowth
    }

    /// Ends the worker: the next request has a new one.
    func retireWorker() { worker = nil }

    public func load(
        _ deck: [String], traits: CircuitTraits, external: [String] = [],
        options: [String: Double] = Ngspice.tightTolerances
    ) throws(NgspiceError) -> IsolatedCircuit {
        generation += 1
        return try IsolatedCircuit(
            self,
            LoadRequest(deck: deck, traits: traits, external: external, options: options),
            limit: limit(for: deck))
    }

    public func plainOperatingPoint(
        _ deck: [String], traits: CircuitTraits, reading quantities: [String]
    ) throws(NgspiceError) -> [String: Double] {
        generation += 1
        return try exchange(limit: limit(for: deck), isSolving: false) { channel, _, _ in
            var writer = WireWriter()
            writer.frame(.plainOperatingPoint) { frame in
                frame.put(deck)
                frame.put(traits)
                frame.put(quantities)
            }
            try channel.send(writer.words)
            var reader = try channel.answer(.values)
            return try reader.numbersByName()
        }
    }

    private func limit(for deck: [String]) -> Double {
        let size = Double(deck.count) / 10_000
        return givenLimit ?? 60 * max(1, size * size)
    }

    /// Runs an exchange with the worker; from the beginning, with a new one, where that fails.
    ///
    /// - Parameters:
    ///   - isSolving: false for a load, at which ngspice gives up for good reasons only.
    ///   - point: where it got stuck.
    ///   - body: given the channel to a worker, whether it is new, and whether to be careful, since the
    ///     last one failed; gives ngspice's own error, which is not tried again unless ngspice gave up.
    func exchange<Result>(
        limit: Double, isSolving: Bool = true, at point: () -> Int? = { nil },
        _ body: (Channel, _ isNew: Bool, _ isCareful: Bool) throws -> Result
    ) throws(NgspiceError) -> Result {
        var faults = 0
        var attempts = 0
        while true {
            let isNew = worker == nil
            let worker: WorkerProcess
            if let present = self.worker {
                worker = present
            } else {
                worker = try WorkerProcess(program)
            }
            if isNew { self.worker = worker }
            worker.channel.limit = limit
            do {
                if isNew { try worker.greet(toleratedGrowth: toleratedGrowth) }
                return try body(worker.channel, isNew, attempts > 0)
            } catch {
                if let error = error as? NgspiceError, error.kind != .died || !isSolving {
                    throw error
                }
                attempts += 1
                replacements += 1
                // Not known by its identifier once the system may give that to another process.
                self.worker = nil
                let failure = worker.failure(error)
                if failure.isOwnFault { faults += 1 }
                guard faults < Self.faults, attempts < Self.attempts else {
                    throw failure.error(at: point())
                }
            }
        }
    }
}

/// The identifier of a worker process that is replaced from time to time, which any thread may ask for:
/// whatever watches workers, or harms them in a test, needs it to pick the right process.
public final class RunningWorker: Sendable {
    private let current = Mutex<Int32?>(nil)

    init() {}

    /// The system's identifier of the process; nil while there is none.
    public internal(set) var identifier: Int32? {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

struct LoadRequest {
    let deck: [String]
    let traits: CircuitTraits
    let external: [String]
    let options: [String: Double]
}

/// How a worker failed.
private struct WorkerFailure {
    let kind: NgspiceError.Kind
    let message: String
    let isOwnFault: Bool
    let lastWords: [String]

    func error(at point: Int?) -> NgspiceError {
        NgspiceError(kind, message, point: point, ngspiceMessages: lastWords)
    }
}

extension WorkerProcess {
    /// Ends the process, and says what was wrong with it.
    fileprivate func failure(_ error: any Error) -> WorkerFailure {
        switch error {
        case let error as NgspiceError:
            _ = end()
            return WorkerFailure(
                kind: .died, message: error.message, isOwnFault: true,
                lastWords: error.ngspiceMessages)
        case ChannelError.stalled(let seconds):
            _ = end()
            return WorkerFailure(
                kind: .timeLimit, message: "ngspice was not done within \(seconds) s",
                isOwnFault: true, lastWords: lastWords)
        default:
            let ending = end(patience: 2)
            return WorkerFailure(
                kind: .died, message: "ngspice's process \(ending)",
                isOwnFault: !ending.isFromOutside, lastWords: lastWords)
        }
    }
}

extension WorkerProcess.Ending: CustomStringConvertible {
    var description: String {
        switch self {
        case .exit(let status): "ended with status \(status)"
        case .signal(let number):
            "crashed (" + String(cString: strsignal(number)) + ")"
        }
    }

    /// No program sends itself these.
    var isFromOutside: Bool {
        switch self {
        case .exit: false
        case .signal(let number): [SIGKILL, SIGHUP, SIGINT, SIGQUIT, SIGTERM].contains(number)
        }
    }
}
