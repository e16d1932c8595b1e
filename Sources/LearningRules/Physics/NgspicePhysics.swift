import Netlist
import NgspiceBridge

/// ngspice as the engine: the reference for every other one.
///
/// The deck is loaded once, with real SPICE elements at each output for the nudges:
///
///     Ispicelearn_j  n− n+ external        AL: the current; also for adjoint solutions
///     Vspicelearn_j  n+ x_j external       CL, EP: the voltage to which the output is tied …
///     Hspicelearn_j  x_j n− Vspicelearn_j rs     … through the resistance rs, written as a
///                                                current-controlled source so that it may be 0
///
/// rs is 0 for a clamp, ±1/β for a branch and 1e30 Ω in the free state, where it conducts nothing that
/// a Double could hold beside the circuit's own conductances. The last two elements are put in only when
/// a clamp or a branch is first asked for.
///
/// The matrix is ordered at the deck's own resistances, whatever they are by then, so that a state has the
/// same bits in every engine of this deck.
///
/// With `Ngspice` itself, exists only inside `Ngspice.withInstance`.
public final class NgspicePhysics: DivisiblePhysics {
    let deck: Deck
    let simulator: any Simulator
    private let task: LearningTask
    private var loaded: any SimulatedCircuit
    private var resistances: [Double]
    private var applied: [Double?]
    private var hasBranches = false
    private var branchResistance = NgspicePhysics.open
    /// The place of each node's voltage among ngspice's results; ground has none, and nor have nodes of
    /// logic, whose voltage is NaN.
    private var nodeVectors: [Int?] = []
    private var branchVectors: [Int] = []

    private static let open = 1e30

    /// What ngspice had to give up to find a solution, for the user to know.
    public var warnings: [String] { loaded.warnings }

    public var divisor: Int { loaded.pointsPerStart ?? 1 }

    /// - Throws: `NgspiceError` if the deck does not load, `DiagnosticsError` if ngspice's circuit is
    ///   not the one that was elaborated from it.
    public init(deck: Deck, task: LearningTask, ngspice simulator: any Simulator) throws {
        self.deck = deck
        self.task = task
        self.simulator = simulator
        resistances = task.circuit.resistors.map(\.resistance)
        applied = Self.unaltered(task)
        loaded = try Self.load(deck, task, simulator, withBranches: false)
        try indexVectors()
        try checkResistances()
        try applyResistances()
        try loaded.setReference()
    }

    private static func load(
        _ deck: Deck, _ task: LearningTask, _ simulator: any Simulator, withBranches: Bool
    ) throws -> any SimulatedCircuit {
        var external = task.inputs.map(\.ngspiceName) + task.outputs.indices.map(current)
        if withBranches { external += task.outputs.indices.map(voltage) }
        return try simulator.load(
            lines(deck: deck, task: task, withBranches: withBranches), external: external,
            options: task.circuit.isLinear ? [:] : Ngspice.tightTolerances)
    }

    /// The deck as ngspice gets it: inputs and nudges served from outside.
    ///
    /// - Parameter withBranches: with the elements that clamps and branches need.
    public static func lines(deck: Deck, task: LearningTask, withBranches: Bool) throws
        -> [String]
    {
        var nudges: [String] = []
        for (j, output) in task.outputs.enumerated() {
            let (positive, negative) = (
                task.circuit.nodes[output.positive].ngspiceName,
                task.circuit.nodes[output.negative].ngspiceName
            )
            nudges.append("\(current(j)) \(negative) \(positive) external")
            if withBranches {
                nudges.append("\(voltage(j)) \(positive) \(middle(j)) external")
                nudges.append("\(series(j)) \(middle(j)) \(negative) \(voltage(j)) \(open)")
            }
        }
        return try deck.ngspiceLines(
            external: task.inputs.map(\.ngspiceName), extraLines: nudges)
    }

    private static func current(_ j: Int) -> String { "ispicelearn_\(j)" }
    private static func voltage(_ j: Int) -> String { "vspicelearn_\(j)" }
    private static func series(_ j: Int) -> String { "hspicelearn_\(j)" }
    private static func middle(_ j: Int) -> String { "spicelearn_\(j)" }

    /// What ngspice has after a load: of trained resistors something that may differ in the last bit
    /// from what is altered, of the others just what their text says.
    private static func unaltered(_ task: LearningTask) -> [Double?] {
        var resistances: [Double?] = task.circuit.resistors.map(\.resistance)
        for member in task.parameters.flatMap(\.members) { resistances[member.resistor] = nil }
        return resistances
    }

    private func isOutput(_ node: Circuit.Node) -> Bool {
        task.outputs.contains {
            [$0.positive, $0.negative].contains {
                task.circuit.nodes[$0].ngspiceName == node.ngspiceName
            }
        }
    }

    private func indexVectors() throws {
        let places = Dictionary(
            loaded.vectorNames.enumerated().map { ($1, $0) },
            uniquingKeysWith: { first, _ in first })
        nodeVectors = try task.circuit.nodes.dropFirst().map { node in
            guard let place = places[node.ngspiceName] else {
                if loaded.hasCodeModels, !isOutput(node) { return nil }
                throw NgspiceError(
                    .name, "ngspice has no node \(node.name) in this circuit")
            }
            return place
        }
        branchVectors =
            hasBranches
            ? task.outputs.indices.compactMap { places[Self.voltage($0) + "#branch"] } : []
    }

    /// Compares every resistance as elaborated with what ngspice made of the same deck.
    private func checkResistances() throws {
        var diagnostics: [Diagnostic] = []
        let resistors = task.circuit.resistors.filter {
            LoadedCircuit.canAlter($0.ngspiceName)
        }
        let resistances = try loaded.parameters(of: resistors.map(\.ngspiceName), "resistance")
        for (resistor, actual) in zip(resistors, resistances) {
            // ngspice reads decimal fractions with a few roundings of its own.
            guard abs(actual - resistor.resistance) > 1e-12 * abs(resistor.resistance) else {
                continue
            }
            diagnostics.append(
                Diagnostic(
                    "resistance-mismatch",
                    """
                    ngspice reads \(resistor.name) as \(actual) Ω, not as \(resistor.resistance) Ω; \
                    write the value as a plain number
                    """, at: resistor.range))
        }
        if !diagnostics.isEmpty { throw DiagnosticsError(diagnostics) }
    }

    public func setResistances(_ resistances: [Double]) throws {
        self.resistances = resistances
        try applyResistances()
    }

    private func applyResistances() throws {
        let changed = resistances.indices.filter { applied[$0] != resistances[$0] }
        guard !changed.isEmpty else { return }
        try loaded.alter(
            changed.map { [task, resistances] index in
                (
                    device: task.circuit.resistors[index].ngspiceName, parameter: nil,
                    value: resistances[index]
                )
            })
        for index in changed { applied[index] = resistances[index] }
    }

    public func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
        var points: [OperatingPoint] = []
        points.reserveCapacity(drives.count)
        for run in runs(of: drives) {
            try setBranches(Self.branchResistance(run[run.startIndex].nudge))
            do {
                try solve(run, into: &points)
            } catch let error as NgspiceError {
                throw error.point.map { error.at(place(of: run[run.startIndex + $0])) } ?? error
            }
        }
        return points
    }

    /// Drives between which nothing is altered, and none from two parts of divided work.
    private func runs(of drives: [Drive]) -> [ArraySlice<Drive>] {
        var runs: [ArraySlice<Drive>] = []
        var start = 0
        for end in 1..<(drives.count + 1)
        where end == drives.count || divisor > 1 && end.isMultiple(of: divisor)
            || Self.branchResistance(drives[end].nudge)
                != Self.branchResistance(drives[start].nudge)
        {
            runs.append(drives[start..<end])
            start = end
        }
        return runs
    }

    /// A state in the user's terms.
    private func place(of drive: Drive) -> String {
        let state = drive.nudge == .none ? "the free state" : "a nudged state"
        guard task.samples.count > 1,
            let sample = task.samples.firstIndex(where: { $0.inputs == drive.inputs })
        else { return state }
        let inputs = zip(task.inputs, drive.inputs).map { "\($0.name) = \($1)" }
        return "\(state) of sample \(sample + 1) (\(inputs.joined(separator: ", ")))"
    }

    private static func branchResistance(_ nudge: Nudge) -> Double {
        switch nudge {
        case .none, .currents: open
        case .clamps: 0
        case .branches(let conductance, _): 1 / conductance
        }
    }

    private func setBranches(_ resistance: Double) throws {
        if resistance != Self.open { try provideBranches() }
        guard resistance != branchResistance else { return }
        try loaded.alter(
            task.outputs.indices.map {
                (device: Self.series($0), parameter: "gain", value: resistance)
            })
        branchResistance = resistance
    }

    public func provideBranches() throws {
        guard !hasBranches else { return }
        hasBranches = true
        try reload()
    }

    /// Loads the circuit again: with other elements, or after another took its place in ngspice.
    func reload() throws {
        loaded = try Self.load(deck, task, simulator, withBranches: hasBranches)
        branchResistance = Self.open
        applied = Self.unaltered(task)
        try indexVectors()
        let present = resistances
        resistances = task.circuit.resistors.map(\.resistance)
        try applyResistances()
        try loaded.setReference()
        resistances = present
        try applyResistances()
    }

    private func solve(_ drives: ArraySlice<Drive>, into points: inout [OperatingPoint]) throws {
        let outputs = task.outputs.count
        try loaded.operatingPoints(count: drives.count) { index, sources in
            let drive = drives[drives.startIndex + index]
            var next = 0
            func put(_ values: [Double]) {
                for value in values {
                    sources[next] = value
                    next += 1
                }
            }
            func putZeros() {
                for _ in 0..<outputs {
                    sources[next] = 0
                    next += 1
                }
            }
            put(drive.inputs)
            switch drive.nudge {
            case .currents(let currents): put(currents)
            case .none, .clamps, .branches: putZeros()
            }
            guard hasBranches else { return }
            switch drive.nudge {
            case .clamps(let voltages), .branches(_, let voltages): put(voltages)
            case .none, .currents: putZeros()
            }
        } receive: { index, vector in
            var voltages = [Double](repeating: 0, count: nodeVectors.count + 1)
            for (node, place) in nodeVectors.enumerated() {
                voltages[node + 1] = place.map { vector[$0] } ?? .nan
            }
            let currents: [Double]
            switch drives[drives.startIndex + index].nudge {
            case .none: currents = []
            case .currents(let injected): currents = injected
            // ngspice counts a source's current from its positive terminal through the source.
            case .clamps, .branches: currents = branchVectors.map { -vector[$0] }
            }
            points.append(OperatingPoint(voltages: voltages, nudgeCurrents: currents))
        }
    }
}
