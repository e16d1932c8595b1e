import Devices
import Netlist
import NonlinearSolver
import SparseBridge

/// Newton's method on equations of our own as the engine, for circuits with semiconductors; it has to agree with
/// `NgspicePhysics`.
///
/// Each state starts from the one that was found last for the same inputs and the same place among the drives
/// with these inputs (free, +h, −h), and a nudged state from the free one, moved as far as it was last time. Inputs
/// that are new start as ngspice starts, so that no answer depends on what else was asked.
public final class NativePhysics: Physics {
    private let task: LearningTask
    private let system: NonlinearCircuit
    private let inputPlaces: [Int]
    /// V or A, of all the circuit's sources but the inputs.
    private var sources: [Double]
    private let equations: DeviceEquations
    /// Of each trained source: whether it is one of voltage through which a current may flow.
    private let carriesCurrent: [Bool]
    /// Counts the values that were set.
    private var revision = 0
    private var memory = StateMemory()

    /// Solves what Newton's method finds no operating point for; nil for an error then.
    public var fallback: (() throws -> any Physics)?
    /// How many points that solved.
    public private(set) var fallbacks = 0
    private var resistances: [Double]
    private var values: [Double]

    /// Newton iterations so far, each with a factorization.
    public var iterations: Int { system.iterations }

    /// - Parameter rule: the one whose nudges will be asked for; nil for any.
    /// - Throws: `DiagnosticsError` that names the devices and options which this engine can't solve;
    ///   `SparseError`.
    public init(task: LearningTask, for rule: (any LearningRule)? = nil) throws {
        self.task = task
        let circuit = task.circuit
        let places = Dictionary(
            circuit.sources.enumerated().map { ($1.ngspiceName, $0) },
            uniquingKeysWith: { first, _ in first })
        inputPlaces = task.inputs.compactMap { places[$0.ngspiceName] }
        sources = circuit.sources.map(\.dcValue)
        resistances = circuit.resistors.map(\.resistance)
        values = TrainedValues(initial: task).otherValues(of: task)
        equations = try DeviceEquations(task)
        system = try NonlinearCircuit(
            circuit, outputs: task.outputs.map { ($0.positive, $0.negative) },
            holdsVoltages: rule?.nudgeKind.needsBranches ?? true)
        carriesCurrent = task.numbers.sourcePlaces.map { [system] in
            $0.kind == .voltage && !system.carriesNoCurrent($0.source)
        }
    }

    public func restart() {
        system.forgetPivots()
        memory = StateMemory()
    }

    public func setResistances(_ resistances: [Double]) {
        self.resistances = resistances
        revision += 1
        let factors = task.numbers.conductanceFactors
        system.setConductances(factors.indices.map { factors[$0] / resistances[$0] })
    }

    public func setValues(_ values: [Double]) throws {
        self.values = values
        revision += 1
        let places = task.numbers.sourcePlaces
        for (place, value) in zip(places, values) { sources[place.source] = value }
        for (index, device) in try equations.set(values[places.count...]) {
            system.setDevice(index, device)
        }
    }

    public func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
        var free: [[Double]: Int] = [:]
        return try points(drives, free: &free)
    }

    public func operatingPoints(
        _ drives: [Drive], thenMore count: Int, from next: ([OperatingPoint]) -> [Drive]
    ) throws -> [OperatingPoint] {
        var places: [[Double]: Int] = [:]
        let points = try points(drives, free: &places)
        guard count > 0 else { return points }
        return points + (try self.points(next(points), free: &places))
    }

    /// - Parameter free: how many drives with the same inputs came before.
    private func points(
        _ drives: [Drive], free places: inout [[Double]: Int]
    ) throws -> [OperatingPoint] {
        try drives.map { drive in
            let place = places[drive.inputs, default: 0]
            places[drive.inputs] = place + 1
            return try point(drive, place)
        }
    }

    private func point(_ drive: Drive, _ place: Int) throws -> OperatingPoint {
        let values = sourceValues(drive.inputs)
        let start = memory.start(for: drive.inputs, place)
        var state = start ?? system.blankState()
        let hold = drive.nudge.hold
        do {
            try system.solve(sources: values, hold: hold, state: &state, isCold: start == nil)
        } catch let error as UnsolvedCircuit {
            if let fallback { return try point(drive, by: fallback()) }
            switch error.reason {
            case .singular(let name): throw SingularCircuit(node: name)
            case .noConvergence: throw NoOperatingPoint()
            }
        }
        if place > 0 || drive.nudge == .none {
            memory.keep(state, for: drive.inputs, place, revision)
        }
        return point(state, values, drive.nudge)
    }

    /// What the engine says of a state.
    ///
    /// - Parameter values: of all sources.
    private func point(_ state: [Double], _ values: [Double], _ nudge: Nudge) -> OperatingPoint {
        var result = OperatingPoint(
            voltages: Array(state[..<task.circuit.nodes.count]),
            nudgeCurrents: system.nudgeCurrents(state, nudge.hold))
        if task.trainsValues {
            result.sourceCurrents = sourceCurrents(state, values, nudge.hold)
            if nudge == .none {
                result.deviceSlopes = equations.slopes(at: result.voltages)
                result.transconductances = transconductances()
            }
        }
        return result
    }

    public func linearisedPoints(
        _ drives: [Drive], at free: [OperatingPoint], of task: LearningTask
    ) throws -> [OperatingPoint] {
        try drives.map { drive in
            let values = sourceValues(drive.inputs)
            var state = try freeState(drive.inputs)
            let origin = state
            try system.linearStep(sources: values, hold: drive.nudge.hold, state: &state)
            var point = point(state, values, drive.nudge)
            guard task.trainsValues else { return point }
            // What devices draw from sources is linearised by differences.
            let part = 1e-4
            let near = origin.indices.map { origin[$0] + part * (state[$0] - origin[$0]) }
            let (a, b) = (
                sourceCurrents(origin, values, .nothing), sourceCurrents(near, values, .nothing)
            )
            point.sourceCurrents = zip(a, b).map { $0 + ($1 - $0) / part }
            return point
        }
    }

    /// A, through each trained source of voltage; 0 for the others.
    private func sourceCurrents(
        _ state: [Double], _ values: [Double], _ hold: NonlinearCircuit.Hold
    ) -> [Double] {
        guard carriesCurrent.contains(true) else { return carriesCurrent.map { _ in 0 } }
        let currents = system.sourceCurrents(state, sources: values, hold: hold)
        return zip(task.numbers.sourcePlaces, carriesCurrent).map { place, carries in
            carries ? currents[place.source] : 0
        }
    }

    /// V or A, of all sources.
    private func sourceValues(_ inputs: [Double]) -> [Double] {
        var values = sources
        for (place, value) in zip(inputPlaces, inputs) { values[place] = value }
        return values
    }

    /// In the form that the equations have.
    private func freeState(_ inputs: [Double]) throws -> [Double] {
        if let known = memory.freeState(for: inputs, revision) { return known }
        let start = memory.start(for: inputs, 0)
        var state = start ?? system.blankState()
        try system.solve(
            sources: sourceValues(inputs), hold: .nothing, state: &state, isCold: start == nil)
        return state
    }

    private func point(_ drive: Drive, by other: any Physics) throws -> OperatingPoint {
        try other.setResistances(resistances)
        if task.trainsValues { try other.setValues(values) }
        fallbacks += 1
        return try other.operatingPoints([drive])[0]
    }

    /// S: ∂I/∂V of the current into each channel's drain by its gate's voltage, the terminals' voltages held.
    private func transconductances() -> [Double] {
        task.numbers.sourcePlaces.flatMap { place in
            place.localTerm == .adjoint
                ? place.channels.map { channel in
                    system.conductance(ofDevice: channel.device, from: 1, to: 0)
                } : []
        }
    }

    /// The free states of a task in the form that the equations have.
    private func freeStates(of task: LearningTask) throws -> [[Double]] {
        try task.samples.map { try freeState($0.inputs) }
    }

    public func transposedFields(
        of task: LearningTask, at values: TrainedValues
    ) throws -> [[[Double]]]? {
        try set(values, of: task)
        guard let states = try? freeStates(of: task) else { return nil }
        return try states.map { try system.transposedFields($0) }
    }

    public func valueResponses(
        of task: LearningTask, at values: TrainedValues
    ) throws -> [[Double]] {
        guard task.trainsValues else { return [] }
        try set(values, of: task)
        guard let states = try? freeStates(of: task) else {
            return try valueResponsesByDifferences(of: task, at: values)
        }
        let numbers = task.numbers
        var responses = [[Double]](repeating: [], count: numbers.valueCount)
        for state in states {
            let fields = try system.transposedFields(state)
            let slopes = equations.slopes(at: state)
            for (index, place) in numbers.sourcePlaces.enumerated() {
                responses[index] += fields.map {
                    system.slope(ofSource: place.source, $0, at: state)
                }
            }
            for (number, place) in numbers.devicePlaces.enumerated() {
                let nodes = place.devices.flatMap { task.circuit.otherDevices[$0].nodes }
                responses[numbers.sourcePlaces.count + number] += fields.map { field in
                    -zip(nodes, slopes[place.slopes]).reduce(0) { $0 + field[$1.0] * $1.1 }
                }
            }
        }
        return responses
    }

    public func responses(
        to excitations: [Excitation], of task: LearningTask
    ) throws -> any LinearResponses {
        ComparedResponses(excitations, of: task, in: self)
    }
}

/// Newton's method found no operating point, where ngspice may.
public struct NoOperatingPoint: Error, CustomStringConvertible {
    public var description: String {
        "the native engine finds no operating point; use --engine ngspice"
    }
}

extension Nudge {
    fileprivate var hold: NonlinearCircuit.Hold {
        switch self {
        case .none: .nothing
        case .currents(let currents): .currents(currents)
        case .clamps(let voltages): .voltages(voltages, resistance: 0)
        case .branches(let conductance, let voltages):
            .voltages(voltages, resistance: 1 / conductance)
        }
    }
}

/// The states found last, from which the next ones start.
private struct StateMemory {
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
