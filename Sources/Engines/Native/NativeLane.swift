import NonlinearSolver

/// The native engine's equations for a part of the inputs, and the states found last for these.
///
/// Which inputs a lane gets follows from these alone, so that what it solves has the same bits however many threads
/// there are. One thread at a time uses it.
final class NativeLane {
    let system: NonlinearCircuit
    var memory = StateMemory()
    /// Which of the resistances that the engine was given it has.
    private var revision = 0

    init(_ system: NonlinearCircuit) { self.system = system }

    func setConductances(_ conductances: [Double], revision: Int) {
        guard revision != self.revision else { return }
        system.setConductances(conductances)
        self.revision = revision
    }

    func restart() {
        system.forgetPivots()
        memory = StateMemory()
    }

    /// The lane of these inputs, by a hash that is the same in every run (FNV-1a).
    static func index(of inputs: [Double], among count: Int) -> Int {
        guard count > 1 else { return 0 }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for input in inputs {
            for shift in stride(from: UInt64(0), to: 64, by: 16) {
                hash = (hash ^ (input.bitPattern >> shift & 0xffff)) &* 0x100_0000_01b3
            }
        }
        return Int((hash >> 32) % UInt64(count))
    }
}

/// The states found last, from which the next ones start.
struct StateMemory {
    /// By inputs: the free state, those at +h and −h.
    private var states: [[Double]: [[Double]?]] = [:]
    /// At which values the free states were solved.
    private var revisions: [[Double]: Int] = [:]
    private var numbers = 0

    /// Numbers kept: half a gigabyte.
    private static let most = 1 << 26

    func start(for inputs: [Double], _ place: Int) -> [Double]? {
        guard let known = states[inputs] else { return nil }
        let own = place < known.count ? known[place] : nil
        return own ?? known.first ?? nil
    }

    /// The free state that was solved at these values.
    func freeState(for inputs: [Double], _ revision: Int) -> [Double]? {
        revisions[inputs] == revision ? states[inputs]?.first ?? nil : nil
    }

    mutating func keep(_ state: [Double], for inputs: [Double], _ place: Int, _ revision: Int) {
        guard place < 3 else { return }
        var known = states[inputs] ?? []
        while known.count <= place { known.append(nil) }
        if known[place] == nil {
            guard numbers + state.count + inputs.count <= Self.most else { return }
            numbers += state.count + inputs.count
        }
        known[place] = state
        if place == 0 { revisions[inputs] = revision }
        // A nudged state moves with the free one.
        if place == 0, let before = states[inputs]?.first ?? nil {
            for index in known.indices.dropFirst() {
                guard var moved = known[index] else { continue }
                for number in moved.indices { moved[number] += state[number] - before[number] }
                known[index] = moved
            }
        }
        states[inputs] = known
    }
}
