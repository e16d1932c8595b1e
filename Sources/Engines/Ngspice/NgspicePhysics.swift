import LearningTasks
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
/// a Double could hold beside the circuit's own conductances. The last two elements are put in only where
/// the rule needs them, or when a clamp or a branch is first asked for.
///
/// With `Ngspice` itself, exists only inside `Ngspice.withInstance`.
public final class NgspicePhysics: DivisiblePhysics {
    package let deck: Deck
    package let simulator: any Simulator
    let task: LearningTask
    private let givenSolver: SimulatorOptions.MatrixSolver?
    private(set) var loaded: any SimulatedCircuit
    /// Whose transconductances are read at free states.
    let transistors: [Circuit.Device]
    /// The parameters that ngspice has of them; nil before they were first read.
    var transistorParameters: TransistorParameters?
    private var resistances: [Double]
    private var applied: [Double?]
    /// Of the trained sources and numbers of semiconductors: what is asked for, and what ngspice has.
    private var values: [Double]
    private var appliedValues: [Double?]
    private let equations: DeviceEquations
    /// The places of their currents among ngspice's results; nil for current sources.
    private var sourceVectors: [Int?] = []
    private var hasBranches: Bool
    /// A clamp or branch was asked for in vain.
    private var lacksBranches = false
    private var branchResistance = NgspicePhysics.open
    /// How many of each input's source are in parallel: ngspice takes a value from outside for all of them.
    /// Nil where each is alone.
    private let multiplicities: [Double]?
    /// What is altered to switch clamps and branches.
    private let seriesNames: [String]
    /// In the order of the circuit's resistors.
    private let resistorNames: [String]
    /// The place of each node's voltage among ngspice's results; ground has none, and nor have nodes of
    /// logic, whose voltage is NaN.
    private var nodeVectors: [Int?] = []
    private var branchVectors: [Int] = []

    private static let open = 1e30

    /// What ngspice had to give up to find a solution, for the user to know.
    public var warnings: [String] {
        earlierWarnings + loaded.warnings.filter { !earlierWarnings.contains($0) }
    }
    /// Of circuits loaded before this one.
    private var earlierWarnings: [String] = []

    public var matrixSolver: SimulatorOptions.MatrixSolver? { loaded.matrixSolver }
    public var accuracy: Double { Self.accuracy(of: task) }

    public var divisor: Int { loaded.pointsPerStart ?? 1 }

    /// - Parameters:
    ///   - simulator: ngspice in this process or another.
    ///   - nudges: which will be asked for. Where that is not said, the circuit is loaded again when a
    ///     clamp or branch first is, and states then differ in their last bits from those before.
    ///   - matrixSolver: what solves the equations, in place of what the deck says or ngspice chooses: to
    ///     go on to the same bits.
    /// - Throws: `NgspiceError` if the deck does not load, `DiagnosticsError` if ngspice's circuit is
    ///   not the one that was elaborated from it.
    public init(
        deck: Deck, task: LearningTask, ngspice simulator: any Simulator,
        nudges: Nudge.Kind? = nil,
        matrixSolver: SimulatorOptions.MatrixSolver? = nil
    ) throws {
        self.deck = deck
        self.task = task
        self.simulator = simulator
        let counts = task.inputMultiplicities
        multiplicities = counts.allSatisfy { $0 == 1 } ? nil : counts
        givenSolver = matrixSolver
        transistors = task.numbers.sourcePlaces.flatMap { place in
            place.localTerm == .adjoint
                ? place.channels.map { task.circuit.otherDevices[$0.device] } : []
        }
        seriesNames = task.outputs.indices.map(Self.series)
        resistorNames = task.circuit.resistors.map(\.ngspiceName)
        hasBranches = nudges?.needsBranches ?? false
        resistances = task.circuit.resistors.map(\.resistance)
        applied = Self.unaltered(task)
        values = TrainedValues(initial: task).otherValues(of: task)
        appliedValues = values
        equations = try DeviceEquations(task)
        loaded = try Self.load(
            deck, task, simulator, withBranches: hasBranches, matrixSolver: matrixSolver)
        try indexVectors()
        try checkValues()
    }

    private static func load(
        _ deck: Deck, _ task: LearningTask, _ simulator: any Simulator, withBranches: Bool,
        matrixSolver: SimulatorOptions.MatrixSolver?
    ) throws -> any SimulatedCircuit {
        var external = task.inputs.map(\.ngspiceName) + task.outputs.indices.map(current)
        if withBranches { external += task.outputs.indices.map(voltage) }
        let lines = try lines(deck: deck, task: task, withBranches: withBranches)
        var traits = task.circuit.traits
        if withBranches { traits = traits.withControlledSources }
        // Within a sweep, diodes don't follow what is altered of them (39.3): each point is an analysis.
        if !task.numbers.devicePlaces.isEmpty { traits.memory = max(traits.memory, .state) }
        if traits.memory == .state { try refuseMultipliedDiodes(task.circuit) }
        traits.options.matrixSolver = matrixSolver ?? traits.options.matrixSolver
        do {
            return try simulator.load(
                lines, traits: traits, external: external,
                options: task.circuit.isLinear ? [:] : Ngspice.tightTolerances)
        } catch {
            throw deck.located(
                error.rewording { inUsersTerms($0, task) }, task.circuit,
                external: task.inputs.map(\.ngspiceName))
        }
    }

    /// Where each point is an analysis of its own, ngspice 39.3 multiplies the area that a diode's line gives by its
    /// m once more each time: of `area=1 m=1.5` the second point has 2.25.
    private static func refuseMultipliedDiodes(_ circuit: Circuit) throws(DiagnosticsError) {
        let diagnostics = circuit.otherDevices.compactMap { device -> Diagnostic? in
            guard device.letter == "d",
                let numbers = device.card?.numbers, numbers.contains(where: { $0.name == "area" }),
                let m = numbers.first(where: { $0.name == "m" }), m.value != 1
            else { return nil }
            return Diagnostic(
                "multiplied-diode",
                """
                in this circuit each point is an analysis of its own, and ngspice multiplies the area of \
                \(device.name) by m each time; write area= with m times the area in place of m=
                """, at: m.range)
        }
        guard diagnostics.isEmpty else { throw DiagnosticsError(diagnostics) }
    }

    /// A message in which the elements added at outputs are called by the outputs' names.
    static func inUsersTerms(_ message: String, _ task: LearningTask) -> String {
        guard message.contains("spicelearn_") else { return message }
        // The longest numbers first: 10 begins with 1.
        let message = task.circuit.ammeters.reversed().reduce(message) { message, ammeter in
            let name = "the ammeter of \(task.circuit.sources[ammeter.source].name)"
            return ammeter.names.reduce(message) { $0.replacing($1, with: name) }
        }
        return task.outputs.indices.reversed().reduce(message) { message, j in
            let nudge = "the nudge of \(task.outputs[j].name)"
            let names =
                [voltage(j), series(j)].map { $0 + "#branch" }
                + [current(j), voltage(j), series(j), middle(j)]
            return names.reduce(message) { $0.replacing($1, with: nudge) }
        }
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
        // A deck's own tolerances are for its own analyses: states that are compared need tight ones.
        let loose =
            task.circuit.isLinear ? [] : deck.options(above: Ngspice.tightTolerances)
        return try deck.ngspiceLines(
            external: task.inputs.map(\.ngspiceName), ammeters: task.circuit.ammeters,
            extraLines: nudges, omittingOptions: loose)
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
                if loaded.traits.hasCodeModels, !isOutput(node) { return nil }
                throw NgspiceError(
                    .name, "ngspice has no node \(node.name) in this circuit")
            }
            return place
        }
        branchVectors =
            hasBranches
            ? task.outputs.indices.compactMap { places[Self.voltage($0) + "#branch"] } : []
        sourceVectors = task.numbers.sourcePlaces.map { place in
            places[task.circuit.sources[place.source].ngspiceName + "#branch"]
        }
    }

    /// Compares what was elaborated with what ngspice made of the same deck.
    private func checkValues() throws {
        let values = task.circuit.comparableValues(external: Set(task.inputs.map(\.ngspiceName)))
        var diagnostics: [Diagnostic] = []
        for (parameter, values) in Dictionary(grouping: values, by: \.parameter) {
            let actual = try loaded.parameters(of: values.map(\.device), parameter)
            diagnostics += zip(values, actual).compactMap { $0.mismatch($1) }
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
            changed.map { [resistorNames, resistances] index in
                (
                    device: resistorNames[index], parameter: nil, value: resistances[index]
                )
            })
        for index in changed { applied[index] = resistances[index] }
    }

    public func setValues(_ values: [Double]) throws {
        self.values = values
        _ = try equations.set(values[task.numbers.sourcePlaces.count...])
        try applyValues()
    }

    private func applyValues() throws {
        let changed = values.indices.filter { appliedValues[$0] != values[$0] }
        guard !changed.isEmpty else { return }
        try loaded.alter(
            changed.map { [task, values] index in
                let (device, parameter) = task.ngspiceName(ofValue: index)
                return (device: device, parameter: parameter, value: values[index])
            })
        for index in changed { appliedValues[index] = values[index] }
    }

    public func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
        var points: [OperatingPoint] = []
        points.reserveCapacity(drives.count)
        if !transistors.isEmpty, drives.contains(where: { $0.nudge == .none }) {
            // What ngspice knows of a transistor is asked for before it solves another point.
            for drive in drives {
                var point = try solve(1) { _, _ in drive }[0]
                if drive.nudge == .none { point.transconductances = try transconductances() }
                points.append(point)
            }
            return points
        }
        for run in runs(of: drives) {
            points += try solve(run.count) { index, _ in run[run.startIndex + index] }
        }
        return points
    }

    public func operatingPoints(
        _ drives: [Drive], thenMore count: Int, from next: ([OperatingPoint]) -> [Drive]
    ) throws -> [OperatingPoint] {
        guard loaded.goesPointByPoint, transistors.isEmpty else {
            let points = try operatingPoints(drives)
            return try points + operatingPoints(count > 0 ? next(points) : [])
        }
        var following: [Drive] = []
        return try solve(drives.count + count) { index, points in
            // All begins again where clamps and branches had to be loaded.
            if index == 0 { following = [] }
            if index < drives.count { return drives[index] }
            if following.isEmpty { following = next(points) }
            return following[index - drives.count]
        }
    }

    /// Drives that can be solved in one go: those between which nothing has to be altered, where that
    /// can't be done between two points; none from two parts of divided work.
    private func runs(of drives: [Drive]) -> [ArraySlice<Drive>] {
        guard !loaded.goesPointByPoint, !drives.isEmpty else { return [drives[...]] }
        var runs: [ArraySlice<Drive>] = []
        var start = 0
        for index in drives.indices
        where Self.branchResistance(drives[index].nudge)
            != Self.branchResistance(drives[start].nudge)
            || divisor > 1 && index > start && index.isMultiple(of: divisor)
        {
            runs.append(drives[start..<index])
            start = index
        }
        return runs + [drives[start...]]
    }

    private static func branchResistance(_ nudge: Nudge) -> Double {
        switch nudge {
        case .none, .currents: open
        case .clamps: 0
        case .branches(let conductance, _): 1 / conductance
        }
    }

    private func setBranches(_ resistance: Double) throws(NgspiceError) {
        guard resistance != branchResistance else { return }
        guard hasBranches else {
            lacksBranches = true
            throw NgspiceError(.name, "the circuit was loaded without clamps and branches")
        }
        try loaded.alter(
            seriesNames.map { (device: $0, parameter: "gain", value: resistance) })
        branchResistance = resistance
    }

    /// Nothing is left behind by what was solved.
    public func restart() {}

    public func provideBranches() throws {
        guard !hasBranches else { return }
        hasBranches = true
        try reload()
    }

    /// Loads the circuit again: with other elements, or after another took its place in ngspice.
    package func reload() throws {
        earlierWarnings = warnings
        loaded = try Self.load(
            deck, task, simulator, withBranches: hasBranches, matrixSolver: givenSolver)
        branchResistance = Self.open
        applied = Self.unaltered(task)
        appliedValues = TrainedValues(initial: task).otherValues(of: task)
        try indexVectors()
        try applyResistances()
        try applyValues()
    }

    /// Solves points in one go; the circuit is loaded anew where the first clamp or branch is among them.
    ///
    /// - Parameter drive: of each point, given those before it; asked for again once the point is solved.
    private func solve(
        _ count: Int, drive: (Int, [OperatingPoint]) -> Drive
    ) throws -> [OperatingPoint] {
        do {
            return try solveAsLoaded(count, drive: drive)
        } catch  where lacksBranches {
            lacksBranches = false
            try provideBranches()
            return try solveAsLoaded(count, drive: drive)
        }
    }

    private func solveAsLoaded(
        _ count: Int, drive: (Int, [OperatingPoint]) -> Drive
    ) throws -> [OperatingPoint] {
        var points: [OperatingPoint] = []
        points.reserveCapacity(count)
        do {
            try loaded.operatingPoints(count: count) { index, sources throws(NgspiceError) in
                let drive = drive(index, points)
                try setBranches(Self.branchResistance(drive.nudge))
                put(drive, into: sources)
            } receive: { index, vector in
                // A process of its own is sent the sources of many points before it answers.
                points.append(point(vector, drive(index, points).nudge))
            }
        } catch {
            let placed = error.point.map { error.at(place(of: drive($0, points))) } ?? error
            throw deck.located(
                placed.rewording { Self.inUsersTerms($0, task) }, task.circuit,
                external: task.inputs.map(\.ngspiceName))
        }
        return points
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

    /// In the order in which the circuit was loaded.
    private func put(_ drive: Drive, into sources: UnsafeMutableBufferPointer<Double>) {
        var rest = sources[...]
        func put(_ values: [Double]) {
            rest = rest[rest.update(fromContentsOf: values)...]
        }
        put(multiplicities.map { zip(drive.inputs, $0).map(*) } ?? drive.inputs)
        switch drive.nudge {
        case .none: break
        case .currents(let currents): put(currents)
        case .clamps(let voltages), .branches(_, let voltages):
            rest.prefix(voltages.count).update(repeating: 0)
            rest = rest.dropFirst(voltages.count)
            put(voltages)
        }
        rest.update(repeating: 0)
    }

    private func point(_ vector: UnsafeBufferPointer<Double>, _ nudge: Nudge) -> OperatingPoint {
        var voltages: [Double] = []
        voltages.reserveCapacity(nodeVectors.count + 1)
        voltages.append(0)
        for place in nodeVectors { voltages.append(place.map { vector[$0] } ?? .nan) }
        let currents: [Double]
        switch nudge {
        case .none: currents = []
        case .currents(let injected): currents = injected
        // ngspice counts a source's current from its positive terminal through the source.
        case .clamps, .branches: currents = branchVectors.map { -vector[$0] }
        }
        var result = OperatingPoint(voltages: voltages, nudgeCurrents: currents)
        if nudge == .none, !task.numbers.devicePlaces.isEmpty {
            result.deviceSlopes = equations.slopes(at: voltages)
        }
        result.sourceCurrents = sourceVectors.map { place in place.map { vector[$0] } ?? 0 }
        return result
    }
}

extension LearningTask {
    /// What ngspice alters: a source's value, a number of a device, or of the model of a device.
    func ngspiceName(ofValue index: Int) -> (device: String, parameter: String) {
        let sources = numbers.sourcePlaces
        guard index >= sources.count else {
            return (circuit.sources[sources[index].source].ngspiceName, "dc")
        }
        let place = numbers.devicePlaces[index - sources.count]
        let device = circuit.otherDevices[place.devices[0]].ngspiceName
        return (device, place.isModel ? "model.\(place.number)" : place.number)
    }

    /// How many of each input's source are in parallel, m of a current source: what its value counts times.
    package var inputMultiplicities: [Double] {
        inputs.map { input in
            circuit.sources.first { $0.ngspiceName == input.ngspiceName }?.multiplicity ?? 1
        }
    }
}

extension NgspicePhysics {
    /// Rounding in a linear circuit; in others what ngspice's iteration leaves, which ends at this part of a voltage.
    static func accuracy(of task: LearningTask) -> Double { task.circuit.isLinear ? 1e-14 : 1e-9 }
}
