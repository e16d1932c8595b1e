import Devices
import Netlist
import LinearAlgebra

/// Kirchhoff's laws of a circuit with semiconductors and behavioural sources, and Newton's method for them.
///
/// Modified nodal analysis (Ho, Ruehli & Brennan 1975, DOI 10.1109/TCS.1975.1084079) over the nodes whose voltages
/// sources don't give by themselves: with the state x of node voltages and branch currents,
///
///     F(x) = A x + Σ I_d(x) − b = 0
///
/// where A holds what is linear, I_d are the currents into semiconductors and behavioural sources and b is what sources inject. A state is
/// an array of the voltages of the circuit's nodes (ground first), those of nodes behind series resistances, and
/// the currents of branches. ngspice is the reference: states agree with its own at tight tolerances.
public final class NonlinearCircuit {
    public let circuit: Circuit
    /// Numbers in a state.
    public let stateSize: Int
    let branches: Branches
    /// The place of the first branch's current in a state.
    let firstBranch: Int
    /// Siemens, of every resistor.
    private(set) var conductances: [Double] = []
    private var stamps: DeviceStamps
    /// The unknown that each number of a state is; −1 where sources give it, and for eliminated nodes.
    private let unknowns: [Int32]
    /// What each unknown belongs to, for errors.
    private let names: [String]
    private let factorization: KLUFactorization
    private var linear: LinearStamps
    /// Slots of every node's own element, for conductances to ground.
    private let diagonalSlots: [Int32]
    /// The branch of each output's nudge; −1 where nudges are currents only.
    let nudgeBranches: [Int]
    let outputs: [(positive: Int, negative: Int)]
    /// Of the equation of each output's branch, and of its current in the equations of the output's nodes:
    /// v₊, v₋, j, then j at the nodes.
    private let nudgeSlots: [[Int32]]
    private var linearValues: [Double]

    // Of the point that is being solved.
    private var residual: [Double]
    private var correction: [Double]

    var devices: PlacedDevices { stamps.devices }
    /// ∂I/∂V of the terminals of each device, S, where it was evaluated last.
    var terminalJacobians: [Double] { stamps.terminalJacobians }

    /// Newton iterations so far, each with a factorization.
    public private(set) var iterations = 0

    /// What holds an output, beside the circuit.
    public enum Hold: Sendable, Equatable {
        case nothing
        /// A, injected at each output.
        case currents([Double])
        /// V at each output, through a resistance in ohm, which may be negative, or 0 for a clamp.
        case voltages([Double], resistance: Double)
    }

    /// - Parameters:
    ///   - outputs: pairs of nodes that may be held.
    ///   - holdsVoltages: whether they may be held at voltages.
    /// - Throws: `DiagnosticsError` that names the devices and options without equations here; `SparseError`.
    public init(
        _ circuit: Circuit, outputs: [(positive: Int, negative: Int)], holdsVoltages: Bool
    ) throws {
        try Self.check(circuit)
        self.circuit = circuit
        self.outputs = outputs
        let branches = Branches(circuit)
        let devices = try PlacedDevices(circuit, branches)
        let ties = branches.ties
        self.branches = branches
        let nodeCount = circuit.nodes.count + devices.internalCount
        firstBranch = nodeCount
        let firstNudge = nodeCount + branches.count
        nudgeBranches = outputs.indices.map { holdsVoltages ? firstNudge + $0 : -1 }
        stateSize = firstNudge + (holdsVoltages ? outputs.count : 0)

        var unknowns = [Int32](repeating: -1, count: stateSize)
        var names: [String] = []
        // Nodes behind series resistances are eliminated device by device.
        for place in 0..<stateSize
        where place >= nodeCount || place < circuit.nodes.count && !ties.isKnown[place] {
            unknowns[place] = Int32(names.count)
            if place < nodeCount {
                names.append(circuit.nodes[place].name)
            } else if place < firstNudge {
                names.append(branches.names[place - nodeCount])
            } else {
                names.append("the nudge of output \(place - firstNudge + 1)")
            }
        }
        self.unknowns = unknowns
        self.names = names

        let elements = try LinearElements(circuit, branches, firstBranch: nodeCount)
        var builder = PatternBuilder(unknowns)
        let linearSlots = elements.all.map { builder.element($0.row, $0.column) }
        var slots: [Int] = []
        for placed in devices.all {
            let nodes = devices.nodes[placed.start..<placed.start + placed.terminals]
            for row in nodes.prefix(placed.rows) {
                for column in nodes { slots.append(builder.element(row, column)) }
            }
        }
        var diagonals: [Int] = []
        for place in 0..<nodeCount { diagonals.append(builder.element(Int32(place), Int32(place))) }
        var nudges: [(row: Int, column: Int, element: Int)] = []
        if holdsVoltages {
            for (index, output) in outputs.enumerated() {
                let branch = firstNudge + index
                for (row, column) in [
                    (branch, output.positive), (branch, output.negative), (branch, branch),
                    (output.positive, branch), (output.negative, branch),
                ] {
                    nudges.append((row, column, builder.element(Int32(row), Int32(column))))
                }
            }
        }
        let pattern = SparsePattern(size: names.count, elements: builder.elements)
        func place(_ slot: Int) -> Int32 { slot < 0 ? -1 : pattern.slots[slot] }
        diagonalSlots = diagonals.map(place)
        nudgeSlots = outputs.indices.map { index in
            holdsVoltages ? nudges[5 * index..<5 * index + 5].map { place($0.element) } : []
        }
        factorization = try KLUFactorization(pattern)
        linear = LinearStamps(
            elements.all, slots: linearSlots.map(place), unknowns: unknowns,
            others: nudges.map { ($0.row, $0.column, place($0.element)) })
        linearValues = [Double](repeating: 0, count: pattern.slotCount)
        stamps = DeviceStamps(devices, slots: slots.map(place))
        residual = [Double](repeating: 0, count: stateSize)
        correction = [Double](repeating: 0, count: names.count)
        setConductances(circuit.resistors.map(\.conductance))
    }

    private init(copying other: NonlinearCircuit) throws(SparseError) {
        (circuit, stateSize, branches, firstBranch) =
            (other.circuit, other.stateSize, other.branches, other.firstBranch)
        (conductances, stamps, unknowns, names) =
            (other.conductances, other.stamps, other.unknowns, other.names)
        (linear, diagonalSlots, nudgeBranches) =
            (other.linear, other.diagonalSlots, other.nudgeBranches)
        (outputs, nudgeSlots, linearValues) = (other.outputs, other.nudgeSlots, other.linearValues)
        (residual, correction) = (other.residual, other.correction)
        factorization = try KLUFactorization(other.factorization.pattern)
    }

    /// The same equations with the same conductances, which another thread may solve.
    public func copy() throws(SparseError) -> NonlinearCircuit {
        try NonlinearCircuit(copying: self)
    }

    private static let optionsFollowed: Set<String> = [
        "temp", "tnom", "gmin", "reltol", "abstol", "vntol", "chgtol", "trtol", "pivtol", "pivrel",
        "itl1", "itl2", "itl3", "itl4", "itl5", "itl6", "gminsteps", "srcsteps", "noopiter",
        "method", "maxord", "acct", "noacct", "list", "nomod", "nopage", "node", "opts", "klu",
        "sparse", "numdgt", "savecurrents", "seed", "filetype", "xmu", "noinit", "interp",
        "cptime", "limpts", "limtim", "lvltim", "warn", "maxwarns", "seedinfo", "noopac", "opts",
    ]

    private static func check(_ circuit: Circuit) throws(DiagnosticsError) {
        if !circuit.equationOptions.isEmpty {
            throw DiagnosticsError(
                circuit.equationOptions.map {
                    Diagnostic(
                        "engine",
                        "the option \($0.name) \($0.effect), which the native engine leaves out: "
                            + "\($0.wayOut), or use --engine ngspice", at: $0.range)
                })
        }
        let others = circuit.traits.options.given.subtracting(optionsFollowed).sorted()
        guard others.isEmpty || circuit.isLinear else {
            throw DiagnosticsError(
                others.map {
                    Diagnostic(
                        "engine",
                        "the native engine doesn't know what the option \($0) does to devices; "
                            + "use --engine ngspice", at: circuit.optionPlaces[$0])
                })
        }
    }

    // MARK: Values

    /// Siemens, of every resistor in the circuit's order.
    public func setConductances(_ conductances: [Double]) {
        self.conductances = conductances
        linear.setConductances(conductances, values: &linearValues)
    }

    /// Replaces the equations of one of `circuit.otherDevices` by those of other numbers.
    public func setDevice(_ index: Int, _ device: any NonlinearDevice) {
        if let place = devices.places[index] { stamps.devices.replace(place, by: device) }
    }

    public func forgetPivots() { factorization.forgetPivots() }

    // MARK: Solving

    /// A state at which sources alone are set.
    public func blankState() -> [Double] { [Double](repeating: 0, count: stateSize) }

    /// How many iterations Newton's method gets: where it converges, it takes some ten from afar.
    private static let mostIterations = 100

    /// A step below which Newton's method has converged: the error that is left is some 20/V times its square
    /// (half the curvature of a junction's current, at 25 mV), 1e-18 V.
    private static let smallestStep = 3e-10

    /// Steps that are small enough to shrink as their squares, and the next step that is none any more.
    private static let squaringStep = 1e-5
    private static let leftStep = 1e-16

    /// A step beyond which devices move less far than their nodes.
    private static let limitedStep = 0.02

    /// Solves for the state at these values of the sources, V or A in the circuit's order.
    ///
    /// - Parameters:
    ///   - state: where to begin; on return the operating point.
    ///   - isCold: whether to begin as ngspice does, with every junction at a voltage of its own.
    /// - Throws: `UnsolvedCircuit`.
    public func solve(
        sources: [Double], hold: Hold, state: inout [Double], isCold: Bool
    ) throws {
        if !isCold, (try? newton(sources, hold, &state, isCold: false, shunt: 0)) != nil { return }
        state = blankState()
        do {
            try newton(sources, hold, &state, isCold: true, shunt: 0)
        } catch let error as UnsolvedCircuit {
            // Transistors that are off at the start leave nodes undetermined, too.
            do {
                try step(sources, hold, &state)
            } catch is UnsolvedCircuit {
                throw error
            }
        }
    }

    /// With conductances from all nodes to ground, which are then taken away; where that fails, with sources that
    /// rise from zero.
    private func step(_ sources: [Double], _ hold: Hold, _ state: inout [Double]) throws {
        state = blankState()
        var shunt = 1e-2
        var isSolved = true
        do {
            try newton(sources, hold, &state, isCold: true, shunt: shunt)
            var factor = 10.0
            while shunt > 1e-13 {
                var trial = state
                do {
                    try newton(sources, hold, &trial, isCold: false, shunt: shunt / factor)
                    state = trial
                    shunt /= factor
                    factor = min(10, factor * factor)
                } catch is UnsolvedCircuit {
                    factor = factor.squareRoot()
                    guard factor > 1.0005 else { throw UnsolvedCircuit(reason: .noConvergence) }
                }
            }
            try newton(sources, hold, &state, isCold: false, shunt: 0)
        } catch is UnsolvedCircuit {
            isSolved = false
        }
        if isSolved { return }
        state = blankState()
        var share = 0.0
        var rise = 0.05
        while share < 1 {
            let next = min(1, share + rise)
            var trial = state
            do {
                try newton(
                    sources.map { $0 * next }, hold, &trial, isCold: share == 0, shunt: 0)
                state = trial
                share = next
                rise = min(2 * rise, 0.2)
            } catch let error as UnsolvedCircuit {
                rise /= 4
                guard rise > 1e-6 else { throw error }
            }
        }
    }

    private func newton(
        _ sources: [Double], _ hold: Hold, _ state: inout [Double], isCold: Bool, shunt: Double
    ) throws {
        put(sources, into: &state)
        setNudges(hold)
        let constants = constants(sources, hold, state)
        if isCold { stamps.begin() }
        var mode: DeviceStamps.Evaluation = isCold ? .asStarted : .free
        // No step was taken yet: the first one tells nothing of the next.
        var last = 0.0
        for _ in 0..<Self.mostIterations {
            let (step, isLimited) = try iterate(constants, &state, mode, shunt: shunt)
            // Steps shrink as their squares: the next one would be some step³/last².
            if !isLimited,
                step <= Self.smallestStep
                    || step < Self.squaringStep && step * step * step < Self.leftStep * last * last
            {
                return
            }
            mode = isCold || step > Self.limitedStep ? .limited : .free
            last = step
        }
        throw UnsolvedCircuit(reason: .noConvergence)
    }

    /// Factors the Jacobian at an operating point at which outputs are not held.
    func factor(at state: [Double]) throws {
        setNudges(.nothing)
        let values = factorization.values
        _ = values.update(fromContentsOf: linearValues)
        _ = stamps.stamp(state, values, residual: &residual, mode: .free)
        do throws(SparseError) {
            try factorization.factor()
        } catch {
            guard case .singular(let column) = error else { throw error }
            throw UnsolvedCircuit(reason: .singular(names[column]))
        }
    }

    /// Solves the transposed equations with the last factorization.
    ///
    /// - Parameter field: in the form of a state: the right-hand side, then the solution.
    func solveTransposed(_ field: inout [Double]) throws {
        for (place, unknown) in unknowns.enumerated() where unknown >= 0 {
            correction[Int(unknown)] = field[place]
        }
        try factorization.solveTransposed(&correction)
        for (place, unknown) in unknowns.enumerated() {
            field[place] = unknown >= 0 ? correction[Int(unknown)] : 0
        }
    }

    /// Solves for the correction with the present Jacobian.
    private func solveLinear() throws {
        do throws(SparseError) {
            try factorization.factor()
            try factorization.solve(&correction)
        } catch {
            guard case .singular(let column) = error else { throw error }
            throw UnsolvedCircuit(reason: .singular(names[column]))
        }
    }

    /// One step of Newton's method.
    ///
    /// - Returns: the largest change of a voltage, over the largest voltage or 1 V, and whether a device was evaluated
    ///   elsewhere than at its nodes' voltages.
    private func iterate(
        _ constants: [Double], _ state: inout [Double], _ mode: DeviceStamps.Evaluation,
        shunt: Double = 0
    ) throws -> (step: Double, isLimited: Bool) {
        iterations += 1
        for place in residual.indices { residual[place] = constants[place] }
        linear.addProduct(linearValues, state, to: &residual)
        let values = factorization.values
        _ = values.update(fromContentsOf: linearValues)
        let isLimited = stamps.stamp(state, values, residual: &residual, mode: mode)
        if shunt > 0 {
            for (place, slot) in diagonalSlots.enumerated() where slot >= 0 {
                values[Int(slot)] += shunt
                residual[place] += shunt * state[place]
            }
        }
        for (place, unknown) in unknowns.enumerated() where unknown >= 0 {
            correction[Int(unknown)] = residual[place]
        }
        try solveLinear()
        var largest = stamps.correctEliminated(&state, correction, unknowns: unknowns)
        guard largest.isFinite else { throw UnsolvedCircuit(reason: .noConvergence) }
        var size = 1.0
        let nodeCount = diagonalSlots.count
        for (place, unknown) in unknowns.enumerated() where unknown >= 0 {
            let step = correction[Int(unknown)]
            state[place] -= step
            if place < nodeCount {
                if !step.isFinite { throw UnsolvedCircuit(reason: .noConvergence) }
                largest = max(largest, abs(step))
                size = max(size, abs(state[place]))
            }
        }
        return (largest / size, isLimited)
    }

    /// Moves an operating point at which nothing is held to where the equations linearised there lead.
    ///
    /// - Parameters:
    ///   - sources: V or A, at this operating point.
    ///   - hold: the nudge.
    /// - Throws: `UnsolvedCircuit`.
    public func linearStep(sources: [Double], hold: Hold, state: inout [Double]) throws {
        put(sources, into: &state)
        setNudges(hold)
        _ = try iterate(constants(sources, hold, state), &state, .free)
    }

    /// Sets the voltages that sources give.
    private func put(_ sources: [Double], into state: inout [Double]) {
        state[0] = 0
        for tie in branches.ties.ties {
            state[tie.node] = state[tie.parent] + tie.sign * sources[tie.source]
        }
    }

    /// What doesn't change with the unknowns, for each equation.
    private func constants(_ sources: [Double], _ hold: Hold, _ state: [Double]) -> [Double] {
        var constants = [Double](repeating: 0, count: stateSize)
        for (index, source) in circuit.sources.enumerated() {
            switch source.kind {
            case .current:
                let current = source.multiplicity * sources[index]
                constants[source.positive] += current
                constants[source.negative] -= current
            case .voltage:
                let branch = branches.ofSources[index]
                if branch >= 0 { constants[firstBranch + branch] -= sources[index] }
            }
        }
        switch hold {
        case .nothing: break
        case .currents(let currents):
            for (output, current) in zip(outputs, currents) {
                constants[output.positive] -= current
                constants[output.negative] += current
            }
        case .voltages(let voltages, _):
            for (output, (branch, voltage)) in zip(outputs, zip(nudgeBranches, voltages))
            where branch >= 0 {
                constants[branch] -= voltage
                // A node that sources hold has no column.
                if unknowns[output.positive] < 0 { constants[branch] += state[output.positive] }
                if unknowns[output.negative] < 0 { constants[branch] -= state[output.negative] }
            }
        }
        linear.addCoupling(state, to: &constants)
        return constants
    }

    /// Sets the equations of the outputs' branches: v₊ − v₋ + r j − x = 0 where held, j = 0 where not; j is
    /// injected into the output.
    private func setNudges(_ hold: Hold) {
        var (voltage, current) = (0.0, 1.0)
        if case .voltages(_, let resistance) = hold { (voltage, current) = (1, resistance) }
        for slots in nudgeSlots {
            for (slot, value) in zip(slots, [voltage, -voltage, current, -1, 1]) where slot >= 0 {
                linearValues[Int(slot)] = value
            }
        }
    }
}
