import Netlist

/// A circuit in ngspice: alter its values, solve its operating points, read them.
///
/// Operating points come from an endless sweep (see `Sweep`). Those of a linear circuit are the
/// solutions of one linear system each, to rounding. Those of a nonlinear one each start from
/// ngspice's own initial guess, so that a point doesn't depend on the ones before it: it is what
/// ngspice's `op` finds.
///
/// A point has the same bits whoever solves it and whatever was solved before: it depends on the values
/// altered and on its sources alone, or also on the points before it in its run, where `pointsPerStart` says
/// so. What would round otherwise is the order of the matrix, which ngspice chooses by the values that it
/// finds: an endless sweep therefore always begins with the circuit as it was loaded.
public final class LoadedCircuit {
    /// Nodes (`x1.mid`) and currents (`v1#branch`: from the positive node through the source to the
    /// negative one), lower case, in the order in which results come.
    public let vectorNames: [String]
    /// External sources, in the order in which their values are asked for.
    public let external: [String]
    /// How many points are solved from a freshly set up matrix before it is set up again; nil where
    /// that makes no difference. A call of `operatingPoints` begins a run of so many.
    public let pointsPerStart: Int?
    /// What solves its equations: what the traits say, or else KLU from a size on at which it takes less
    /// time, where ngspice has it. Other solvers round otherwise.
    public let matrixSolver: SimulatorOptions.MatrixSolver
    /// What was given up to get a solution, for the user to know.
    public internal(set) var warnings: [String] = []

    let ngspice: Ngspice
    private let generation: Int
    let options: [String: Double]
    let deck: Deck
    /// Those of `vectorNames` that are voltages.
    private let isVoltage: [Bool]

    private enum Phase {
        case idle
        case solving
        /// Solving, and asking for the sources of the next point.
        case askingForSources
    }

    private var line = AlterLine()
    private var sweep: Sweep
    @exclusivity(unchecked) private var phase = Phase.idle

    /// How far `operatingPoints` is.
    private struct Run {
        /// The one that is solved.
        var point = 0
        /// Of this point.
        var solutions = 0
        /// After a point that can't be trusted, the rest of a sweep is for nothing.
        var isTrusted = true
        /// What `sources` threw.
        var refusal: NgspiceError?
    }

    // Checked for exclusive access at each use, by one thread, it would cost as much as some points.
    @exclusivity(unchecked) private var run = Run()
    private var altered = AlteredValues()

    private let sourceValues: UnsafeMutableBufferPointer<Double>
    /// The vectors as last solved, and as solved the time before.
    let values: UnsafeMutableBufferPointer<Double>
    let earlier: UnsafeMutableBufferPointer<Double>

    /// Finds the vectors and proves that the circuit can be solved.
    init(
        _ ngspice: Ngspice, deck: Deck, external: [String], options: [String: Double]
    ) throws(NgspiceError) {
        self.ngspice = ngspice
        self.deck = deck
        self.external = external
        self.options = options
        generation = ngspice.generation
        sweep = deck.traits.isLinear ? .warm : .cold
        sourceValues = .allocate(capacity: external.count)
        sourceValues.initialize(repeating: 0)

        ngspice.begin(sources: external, values: sourceValues)
        let isSolved: Bool
        if deck.traits.hasCodeModels {
            let before = ngspice.solutions
            try ngspice.command("op")
            isSolved = ngspice.solutions > before
        } else {
            try sweep.solve(sweep.solutions, in: ngspice)
            isSolved = sweep.isPaused
        }
        matrixSolver = ngspice.messages.matrixSolver ?? .sparse
        // Where no sweep can begin as after the load, points are kept from depending on where it did.
        pointsPerStart =
            deck.traits.memory.pointsPerStart
            ?? (isSolved ? nil : DeviceMemory.rounding.pointsPerStart)
        // Newest first.
        let names = ngspice.announced ?? []
        let kept = names.enumerated().reversed().map { index, name in
            (index: index, name: Self.plain(name.lowercased()))
        }.filter { !Sweep.vectors.contains($0.name) }
        vectorNames = kept.map(\.name)
        isVoltage = kept.map { !$0.name.contains("#") }
        values = .allocate(capacity: kept.count)
        values.initialize(repeating: 0)
        earlier = .allocate(capacity: kept.count)
        earlier.initialize(repeating: 0)
        ngspice.deliver(kept.map(\.index), to: values)

        guard ngspice.announced != nil, !ngspice.messages.hasError else {
            throw error(.load, "ngspice can't load this deck")
        }
        guard !kept.isEmpty else {
            throw error(.load, "nothing in this deck has a voltage")
        }
        if let name = ngspice.unknownSource {
            throw error(.name, "\(name) is external, but is not among the sources to be asked for")
        }
        for (number, name) in external.enumerated() where !ngspice.hasAsked(number) {
            throw error(.name, "there is no external source \(name) in the circuit")
        }
        if !isSolved {
            if isLinear, let check = ngspice.messages.singular {
                throw error(.singular, Self.singularMessage(check))
            }
            // A nonlinear circuit may have no solution with its inputs at zero.
            if isLinear || !ngspice.messages.hasFailedIteration {
                throw error(.load, "ngspice can't solve this circuit")
            }
        }
        // The first point has paid for the order of the matrix, which serves the next ones.
        if pointsPerStart != nil { try sweep.end(in: ngspice) }
    }

    deinit {
        sourceValues.deallocate()
        values.deallocate()
        earlier.deallocate()
    }

    /// ngspice's last lines, oldest first.
    public var messages: [String] { ngspice.messages.lines }

    // MARK: Altering

    /// Changes values of devices, exactly: the Double is the one that ngspice then has.
    ///
    /// The next point is solved with the new values. In a linear circuit `sources` may call this, between
    /// one point and the next. Where an error is thrown, all changes have been made but the wrong ones.
    ///
    /// - Parameter changes: flat device names (`r.x1.r1`) and parameters; nil for the device's main
    ///   one (a resistor's resistance in Ω, a source's DC value in V or A); `model.p` for the parameter p of
    ///   the device's model, which changes in all devices of that model.
    /// - Throws: `name` for a device or parameter that ngspice doesn't have or that is not safe to
    ///   send; `value` for a value that is not finite, or below 10⁻¹² Ω for a resistance.
    /// - Complexity: O(changes), about 2.5 µs each.
    public func alter(
        _ changes: [(device: String, parameter: String?, value: Double)]
    ) throws(NgspiceError) {
        // Between two points, ngspice is inside a command: it must not forget it, and could not return
        // from it if it gave up afterwards, as it might in a nonlinear device.
        let isBetweenPoints = phase == .askingForSources && isLinear
        if isBetweenPoints { try checkIsCurrent() } else { try check() }
        if !isBetweenPoints { ngspice.forgetMessages() }
        defer { if !isBetweenPoints { ngspice.forgetCommands() } }
        do throws(NgspiceError) {
            for change in changes { try put(change) }
            try send()
            for change in changes { altered.record(change) }
        } catch {
            alterOneByOne(changes)
            throw error
        }
    }

    /// Makes those changes that ngspice accepts, where it did not accept all of them.
    private func alterOneByOne(_ changes: [AlteredValues.Change]) {
        line.removeAll()
        for change in changes {
            ngspice.forgetMessages()
            if (try? put(change)) != nil, (try? send()) != nil { altered.record(change) }
        }
    }

    private func put(_ change: AlteredValues.Change) throws(NgspiceError) {
        while try !line.append(
            device: change.device, parameter: change.parameter, value: change.value)
        {
            try send()
        }
    }

    /// Alters a circuit that was loaded again.
    func sendAltered() throws(NgspiceError) {
        for change in altered.changes { try put(change) }
        try send()
    }

    private func send() throws(NgspiceError) {
        try line.flush { bytes throws(NgspiceError) in try ngspice.command(bytes) }
        if ngspice.messages.hasError { throw error(.name, "ngspice can't alter a value") }
    }

    public var traits: CircuitTraits { deck.traits }

    private var isLinear: Bool { deck.traits.isLinear }

    /// A device's parameter as ngspice has it, such as `("r.x1.r1", "resistance")`.
    ///
    /// - Throws: `name` where there is none.
    public func parameter(_ device: String, _ name: String) throws(NgspiceError) -> Double {
        try parameters(of: CollectionOfOne(device), name)[0]
    }

    /// The same parameter of many devices.
    ///
    /// ngspice makes each value asked for a vector of the current plot, until the next command. This is
    /// a plot of constants meanwhile: that of a paused sweep must not grow, and is slow to look through.
    ///
    /// - Complexity: O(devices), about 6 µs each.
    public func parameters(
        of devices: some Collection<String>, _ name: String
    ) throws(NgspiceError) -> [Double] {
        try check()
        try AlterLine.check(name)
        for device in devices { try AlterLine.check(device) }
        var values: [Double] = []
        values.reserveCapacity(devices.count)
        for device in devices {
            if values.count.isMultiple(of: 32) { try ngspice.command("setplot const") }
            guard let value = try ngspice.vectorValue("@\(device)[\(name)]".lowercased()) else {
                try leaveConstants()
                throw error(.name, "ngspice knows no \(name) of \(device)")
            }
            values.append(value)
        }
        try leaveConstants()
        return values
    }

    private func leaveConstants() throws(NgspiceError) {
        // There is no other plot than the sweep's.
        try ngspice.command(sweep.isPaused ? "setplot next" : "setplot const")
        ngspice.forgetCommands()
    }

    // MARK: Solving

    /// Solves one operating point after another.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - sources: given a point's number and the external sources' values at the point before, in
    ///     the order of `external`, sets them for this one (V, A). Called before each point, after
    ///     `receive` for the one before. An error that it throws ends the solving.
    ///   - receive: given a point's number and its vectors' values, in the order of `vectorNames`.
    /// - Throws: `singular`, `convergence`, both naming the point; `died`; `misuse`; what `sources`
    ///   throws. The points before it have then been received, and the circuit can be altered and
    ///   solved again.
    public func operatingPoints(
        count: Int,
        sources: (Int, UnsafeMutableBufferPointer<Double>) throws(NgspiceError) -> Void,
        receive: (Int, UnsafeBufferPointer<Double>) -> Void
    ) throws(NgspiceError) {
        try check()
        guard count > 0 else { return }
        // Before ngspice goes on, anything may still be altered.
        try sources(0, sourceValues)
        phase = .solving
        defer {
            phase = .idle
            ngspice.forgetCommands()
        }
        ngspice.forgetMessages()
        if deck.traits.hasCodeModels {
            for point in 0..<count {
                if point > 0 { try ask(sources, for: point) }
                try solveAnew(point)
                receive(point, UnsafeBufferPointer(values))
            }
            return
        }
        let solutionsPerPoint = sweep.solutions
        run = Run()
        func deliver() {
            receive(run.point, UnsafeBufferPointer(values))
            run.point += 1
            run.solutions = 0
            guard run.point < count else { return }
            do throws(NgspiceError) {
                try ask(sources, for: run.point)
            } catch {
                run.refusal = error
            }
        }
        try ngspice.solving { [self] in
            guard run.isTrusted, run.refusal == nil else { return }
            run.solutions += 1
            if run.solutions < solutionsPerPoint {
                _ = earlier.update(fromContentsOf: values)
            } else {
                run.isTrusted = areFinite && (isLinear || haveConverged)
                if run.isTrusted { deliver() }
            }
        } during: { () throws(NgspiceError) in
            while run.point < count {
                if let pointsPerStart {
                    let end = min(count, (run.point / pointsPerStart + 1) * pointsPerStart)
                    try Sweep.run(end - run.point, in: ngspice)
                    if run.point == end { continue }
                } else {
                    if !sweep.isPaused {
                        run.isTrusted = false
                        try begin()
                        run.isTrusted = true
                    }
                    try sweep.solve((count - run.point) * solutionsPerPoint, in: ngspice)
                    if run.point == count { break }
                    try sweep.end(in: ngspice)
                }
                if let refusal = run.refusal { throw refusal }
                run.isTrusted = false
                try recover(run.point)
                run.isTrusted = true
                deliver()
                if let refusal = run.refusal { throw refusal }
            }
        }
    }

    /// Lets the sweep begin as it did after the load, all external sources at zero.
    private func begin() throws(NgspiceError) {
        let sources = Array(sourceValues)
        sourceValues.update(repeating: 0)
        try ngspice.reload(deck.lines)
        ngspice.forgetMessages()
        try sweep.solve(sweep.solutions, in: ngspice)
        try sendAltered()
        _ = sourceValues.update(fromContentsOf: sources)
    }

    private func ask(
        _ sources: (Int, UnsafeMutableBufferPointer<Double>) throws(NgspiceError) -> Void,
        for point: Int
    ) throws(NgspiceError) {
        phase = .askingForSources
        defer { phase = .solving }
        try sources(point, sourceValues)
    }

    /// One operating point, with all external sources at the values they last had (zero at first).
    ///
    /// - Throws: as `operatingPoints`.
    public func operatingPoint() throws(NgspiceError) -> [Double] {
        var result: [Double] = []
        try operatingPoints(count: 1) { _, _ in
        } receive: { _, values in
            result = Array(values)
        }
        return result
    }

    /// Drops the sweep, which makes no difference to any bit.
    func restart() throws(NgspiceError) {
        try check()
        if sweep.isPaused { try sweep.end(in: ngspice) }
    }

    /// 0·x is 0 for every number, and NaN for what is none.
    var areFinite: Bool {
        var sum = 0.0
        for value in values { sum += 0 * value }
        return sum == 0
    }

    /// True where solving again moved no voltage by more than 10⁻³ of itself + 10 µV.
    ///
    /// Newton's iteration converges quadratically: where it has ended, the second solution differs
    /// from the first by far less, even with ngspice's default tolerances.
    var haveConverged: Bool {
        for index in values.indices where isVoltage[index] {
            let (new, old) = (values[index], earlier[index])
            // Not `>`: false for NaN.
            guard abs(new - old) <= 1e-3 * max(abs(new), abs(old)) + 1e-5 else { return false }
        }
        return true
    }

    // MARK: Checks

    private func checkIsCurrent() throws(NgspiceError) {
        guard generation == ngspice.generation else {
            throw NgspiceError(.misuse, "another circuit was loaded in this one's place")
        }
    }

    private func check() throws(NgspiceError) {
        try checkIsCurrent()
        guard phase == .idle else {
            throw NgspiceError(.misuse, "the circuit is being solved")
        }
    }

    func error(
        _ kind: NgspiceError.Kind, _ event: String, at point: Int? = nil
    ) -> NgspiceError {
        NgspiceError(kind, event, point: point, ngspiceMessages: ngspice.messages.lines)
    }

    static func singularMessage(_ check: String?) -> String {
        let hint = check.map { $0.isEmpty ? "" : "; look at \($0)" } ?? ""
        return "the circuit has no unique solution" + hint
    }

    /// ngspice writes nodes that begin with a digit as `v(1)`.
    static func plain(_ name: String) -> String {
        name.hasPrefix("v(") && name.hasSuffix(")") ? String(name.dropFirst(2).dropLast()) : name
    }
}
