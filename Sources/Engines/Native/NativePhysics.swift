import Devices
import Dispatch
import LearningTasks
import Netlist
import NonlinearSolver
import LinearAlgebra
import Synchronization

/// Newton's method on equations of our own as the engine, for circuits with semiconductors; it has to agree with
/// `NgspicePhysics`.
///
/// Each state starts from the one that was found last for the same inputs and the same place among the drives
/// with these inputs (free, +h, −h), and a nudged state from the free one, moved as far as it was last time. Inputs
/// that are new start as ngspice starts, so that no answer depends on what else was asked.
///
/// Many samples are divided among lanes, each with equations of its own, and lanes among threads: the same bits for
/// any number of these.
public final class NativePhysics: ConfirmedEngine {
    private let task: LearningTask
    private let lanes: [NativeLane]
    private let workers: Int
    /// What a point took when it was last measured, in one thread.
    private var secondsPerPoint = 0.0
    private let inputPlaces: [Int]
    /// V or A, of all the circuit's sources but the inputs.
    private var sources: [Double]
    private let equations: DeviceEquations
    /// Whether free states begin as ngspice begins, always: behavioural sources may hold a circuit in several
    /// operating points, and the one that plain ngspice finds counts.
    private let beginsCold: Bool
    /// Of each trained source: whether it is one of voltage through which a current may flow.
    private let carriesCurrent: [Bool]
    /// Counts the values that were set.
    private var revision = 0
    private var conductances: [Double] = []
    private var conductanceRevision = 0

    /// Solves what Newton's method finds no operating point for; nil for an error then.
    public var fallback: (() throws -> any Physics)?
    /// How many points that solved.
    public private(set) var fallbacks = 0
    private var resistances: [Double]
    private var values: [Double]

    /// Newton iterations so far, each with a factorization.
    public var iterations: Int { lanes.reduce(0) { $0 + $1.system.iterations } }

    /// Samples for each lane at least, lanes at most, and seconds that are worth waking a thread.
    private static let samplesPerLane = 16
    private static let mostLanes = 8
    private static let leastPart = 1e-4

    /// - Parameters:
    ///   - nudges: which will be asked for; nil for any.
    ///   - workers: threads at most.
    /// - Throws: `DiagnosticsError` that names the devices and options which this engine can't solve;
    ///   `SparseError`.
    public init(
        task: LearningTask, nudges: Nudge.Kind? = nil, workers: Int = 1
    ) throws {
        self.task = task
        self.workers = workers
        let circuit = task.circuit
        let places = Dictionary(
            circuit.sources.enumerated().map { ($1.ngspiceName, $0) },
            uniquingKeysWith: { first, _ in first })
        inputPlaces = task.inputs.compactMap { places[$0.ngspiceName] }
        sources = circuit.sources.map(\.dcValue)
        beginsCold = circuit.otherDevices.contains { $0.behaviour != nil }
        resistances = circuit.resistors.map(\.resistance)
        values = TrainedValues(initial: task).otherValues(of: task)
        equations = try DeviceEquations(task)
        let system = try NonlinearCircuit(
            circuit, outputs: task.outputs.map { ($0.positive, $0.negative) },
            holdsVoltages: nudges?.needsBranches ?? true)
        let count = min(Self.mostLanes, task.samples.count / Self.samplesPerLane)
        lanes =
            try [NativeLane(system)]
            + (1..<max(1, count)).map { _ in NativeLane(try system.copy()) }
        carriesCurrent = task.numbers.sourcePlaces.map {
            $0.kind == .voltage && !system.carriesNoCurrent($0.source)
        }
    }

    public func restart() {
        for lane in lanes { lane.restart() }
    }

    public func setResistances(_ resistances: [Double]) {
        self.resistances = resistances
        revision += 1
        let factors = task.numbers.conductanceFactors
        conductances = factors.indices.map { factors[$0] / resistances[$0] }
        conductanceRevision += 1
    }

    public func setValues(_ values: [Double]) throws {
        self.values = values
        revision += 1
        let places = task.numbers.sourcePlaces
        for (place, value) in zip(places, values) { sources[place.source] = value }
        for (index, device) in try equations.set(values[places.count...]) {
            for lane in lanes { lane.system.setDevice(index, device) }
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
        let numbers = drives.map { drive in
            let place = places[drive.inputs, default: 0]
            places[drive.inputs] = place + 1
            return place
        }
        let points = divide(drives.map(\.inputs)) { lane, index in
            Result { try self.point(drives[index], numbers[index], lane) }
        }
        return try zip(drives, points).map { drive, point in
            try orByFallback(point) { try $0.operatingPoints([drive])[0] }
        }
    }

    /// Works on the lanes of these inputs, in threads where that pays.
    ///
    /// - Parameter work: given the lane and the index of the inputs; on a lane in the order of these.
    private func divide<Value>(
        _ inputs: [[Double]], _ work: (NativeLane, Int) -> Value
    ) -> [Value] {
        func run(_ lane: NativeLane, _ share: [Int]) -> [Value] {
            lane.setConductances(conductances, revision: conductanceRevision)
            return share.map { work(lane, $0) }
        }
        guard lanes.count > 1 else { return run(lanes[0], Array(inputs.indices)) }
        var shares = [[Int]](repeating: [], count: lanes.count)
        for (index, inputs) in inputs.enumerated() {
            shares[NativeLane.index(of: inputs, among: lanes.count)].append(index)
        }
        let busy = shares.filter { !$0.isEmpty }.count
        let worth = Int(Double(inputs.count) * secondsPerPoint / Self.leastPart)
        let threads = min(workers, busy, worth)
        let start = ContinuousClock.now
        let results = UnsafeMutableBufferPointer<[Value]>.allocate(capacity: lanes.count)
        results.initialize(repeating: [])
        defer {
            results.deinitialize()
            results.deallocate()
        }
        func solve(_ lane: Int) { results[lane] = run(lanes[lane], shares[lane]) }
        if threads < 2 {
            for lane in lanes.indices { solve(lane) }
        } else {
            withoutActuallyEscaping(solve) { solve in
                LaneWork(count: lanes.count, solve: solve).run(threads: threads)
            }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        secondsPerPoint = seconds * Double(max(threads, 1)) / Double(max(inputs.count, 1))
        var places = [Int](repeating: 0, count: lanes.count)
        return inputs.map { inputs in
            let lane = NativeLane.index(of: inputs, among: lanes.count)
            defer { places[lane] += 1 }
            return results[lane][places[lane]]
        }
    }

    /// - Throws: `UnsolvedCircuit`.
    private func point(
        _ drive: Drive, _ place: Int, _ lane: NativeLane
    ) throws -> OperatingPoint {
        let values = sourceValues(drive.inputs)
        let start =
            beginsCold && drive.nudge == .none
            ? nil : lane.memory.start(for: drive.inputs, place)
        var state = start ?? lane.system.blankState()
        try lane.system.solve(
            sources: values, hold: drive.nudge.hold, state: &state, isCold: start == nil)
        if place > 0 || drive.nudge == .none {
            lane.memory.keep(state, for: drive.inputs, place, revision)
        }
        return point(state, values, drive.nudge, lane.system)
    }

    /// What the engine says of a state.
    ///
    /// - Parameter values: of all sources.
    private func point(
        _ state: [Double], _ values: [Double], _ nudge: Nudge, _ system: NonlinearCircuit
    ) -> OperatingPoint {
        var result = OperatingPoint(
            voltages: Array(state[..<task.circuit.nodes.count]),
            nudgeCurrents: system.nudgeCurrents(state, nudge.hold))
        if task.trainsValues {
            result.sourceCurrents = sourceCurrents(state, values, nudge.hold, system)
            if nudge == .none {
                result.deviceSlopes = equations.slopes(at: result.voltages)
                result.transconductances = transconductances(system)
            }
        }
        return result
    }

    public var linearisesExactly: Bool { true }

    public func linearisedPoints(
        _ drives: [Drive], at free: [OperatingPoint], of task: LearningTask
    ) throws -> [OperatingPoint] {
        let points = divide(drives.map(\.inputs)) { lane, index in
            Result {
                try self.linearisedPoint(drives[index], lane, trainsValues: task.trainsValues)
            }
        }
        return try points.enumerated().map { index, point in
            try orByFallback(point) {
                try $0.linearisedPoints([drives[index]], at: [free[index]], of: task)[0]
            }
        }
    }

    /// A point, or what another engine finds in its place: one after another, whichever thread met it.
    private func orByFallback(
        _ point: Result<OperatingPoint, any Error>,
        _ solve: (any Physics) throws -> OperatingPoint
    ) throws -> OperatingPoint {
        do {
            return try point.get()
        } catch let error as UnsolvedCircuit {
            if let fallback {
                let other = try fallback()
                try other.setResistances(resistances)
                if task.trainsValues { try other.setValues(values) }
                fallbacks += 1
                return try solve(other)
            }
            switch error.reason {
            case .singular(let name): throw SingularCircuit(node: name)
            case .noConvergence: throw NoOperatingPoint()
            }
        }
    }

    private func linearisedPoint(
        _ drive: Drive, _ lane: NativeLane, trainsValues: Bool
    ) throws -> OperatingPoint {
        let values = sourceValues(drive.inputs)
        let origin = try freeState(drive.inputs, lane)
        var state = origin
        try lane.system.linearStep(sources: values, hold: drive.nudge.hold, state: &state)
        var point = point(state, values, drive.nudge, lane.system)
        guard trainsValues else { return point }
        // What devices draw from sources is linearised by differences.
        let part = 1e-4
        let near = origin.indices.map { origin[$0] + part * (state[$0] - origin[$0]) }
        let (a, b) = (
            sourceCurrents(origin, values, .nothing, lane.system),
            sourceCurrents(near, values, .nothing, lane.system)
        )
        point.sourceCurrents = zip(a, b).map { $0 + ($1 - $0) / part }
        return point
    }

    /// A, through each trained source of voltage; 0 for the others.
    private func sourceCurrents(
        _ state: [Double], _ values: [Double], _ hold: NonlinearCircuit.Hold,
        _ system: NonlinearCircuit
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
    private func freeState(_ inputs: [Double], _ lane: NativeLane) throws -> [Double] {
        if let known = lane.memory.freeState(for: inputs, revision) { return known }
        let start = beginsCold ? nil : lane.memory.start(for: inputs, 0)
        var state = start ?? lane.system.blankState()
        try lane.system.solve(
            sources: sourceValues(inputs), hold: .nothing, state: &state, isCold: start == nil)
        return state
    }

    /// S: ∂I/∂V of the current into each channel's drain by its gate's voltage, the terminals' voltages held.
    private func transconductances(_ system: NonlinearCircuit) -> [Double] {
        task.numbers.sourcePlaces.flatMap { place in
            place.localTerm == .adjoint
                ? place.channels.map { channel in
                    system.conductance(ofDevice: channel.device, from: 1, to: 0)
                } : []
        }
    }

    /// λ of each output at the free state of each sample, and that state; nil where one isn't found.
    private func adjointFields(
        of task: LearningTask
    ) -> [(fields: [[Double]], state: [Double])]? {
        try? divide(task.samples.map(\.inputs)) { lane, index in
            Result {
                let state = try self.freeState(task.samples[index].inputs, lane)
                return (try lane.system.transposedFields(state), state)
            }
        }.map { try $0.get() }
    }

    public func transposedFields(
        of task: LearningTask, at values: TrainedValues
    ) throws -> [[[Double]]]? {
        try set(values, of: task)
        return adjointFields(of: task)?.map(\.fields)
    }

    public func valueResponses(
        of task: LearningTask, at values: TrainedValues
    ) throws -> [[Double]] {
        guard task.trainsValues else { return [] }
        try set(values, of: task)
        guard let states = adjointFields(of: task) else {
            return try valueResponsesByDifferences(of: task, at: values)
        }
        let numbers = task.numbers
        var responses = [[Double]](repeating: [], count: numbers.valueCount)
        let system = lanes[0].system
        for (fields, state) in states {
            let slopes = equations.slopes(at: state)
            for (index, place) in numbers.sourcePlaces.enumerated() {
                responses[index] += fields.map {
                    system.slope(ofSource: place.source, $0, at: state)
                }
            }
            for (number, place) in numbers.devicePlaces.enumerated() {
                let nodes = place.devices.flatMap { task.circuit.otherDevices[$0].nodes }
                let terminals = Array(zip(nodes, slopes[place.slopes]))
                responses[numbers.sourcePlaces.count + number] += fields.map { field -> Double in
                    terminals.reduce(0) { $0 - field[$1.0] * $1.1 }
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

extension NativePhysics {
    public static let name = "native"
    public static let summary =
        "Newton's method for these with behavioural sources, diodes, bipolar transistors, JFETs and MOSFETs of level 1"

    public static func suits(_ purpose: EnginePurpose) -> Bool { purpose == .training }

    public static func make(
        for task: LearningTask, nudges: Nudge.Kind, workers: Int,
        fallback: (() throws -> any Physics)?
    ) throws -> any Physics {
        let physics = try NativePhysics(task: task, nudges: nudges, workers: workers)
        physics.fallback = fallback
        return physics
    }

    public var warnings: [String] {
        fallbacks == 0
            ? []
            : [
                "ngspice solved \(fallbacks) operating points for which the native engine found none"
            ]
    }
}

/// Newton's method found no operating point, where ngspice may.
public struct NoOperatingPoint: Error, CustomStringConvertible {
    public var description: String {
        "the native engine finds no operating point; use --engine ngspice"
    }
}

/// Work on lanes, of which no two threads touch the same.
private struct LaneWork: @unchecked Sendable {
    package let count: Int
    let solve: (Int) -> Void

    func run(threads: Int) {
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let lane = next.add(1, ordering: .relaxed).oldValue
                guard lane < count else { return }
                solve(lane)
            }
        }
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
