/// A circuit in ngspice: alter its values, solve its operating points, read them.
///
/// Operating points are solved by one endless DC sweep of a source that drives nothing, which pauses
/// after the points asked for and goes on with the next. The matrix is ordered once, and each point
/// of a linear circuit then takes two factorizations; the values of external sources are asked for at
/// each point. Results are those of a fresh `op` to rounding (linear) or to the tolerances, with each
/// nonlinear point starting from the ones before it.
///
/// The same calls in the same order give the same bits.
public final class LoadedCircuit {
    /// Nodes (`x1.mid`) and currents (`v1#branch`: from the positive node through the source), lower
    /// case, in the order in which results come.
    public let vectorNames: [String]
    /// External sources, in the order in which their values are asked for.
    public let external: [String]
    /// What was given up to get a solution, for the user to know.
    public private(set) var warnings: [String] = []

    private let ngspice: Ngspice
    private let generation: Int
    private let options: [String: Double]

    private var line = AlterLine()
    private let sourceValues: UnsafeMutableBufferPointer<Double>
    private let values: UnsafeMutableBufferPointer<Double>

    private enum Sweep {
        case none
        case paused
    }
    private var sweep = Sweep.none
    private var isSolving = false
    private var usesStepping = false

    /// Finds the vectors and proves that the circuit can be solved.
    init(
        _ ngspice: Ngspice, external: [String], options: [String: Double]
    ) throws(NgspiceError) {
        self.ngspice = ngspice
        self.external = external
        self.options = options
        generation = ngspice.generation
        sourceValues = .allocate(capacity: external.count)
        sourceValues.initialize(repeating: 0)

        ngspice.begin(sources: external, values: sourceValues)
        ngspice.expect(order: [])
        try ngspice.command("save none")
        try ngspice.command("stop after 1")
        try ngspice.command(Self.sweepCommand)
        let announced = ngspice.takeAnnouncement()
        // Newest first; the scale, the sweep's own node and its branch are nobody's business.
        let own: Set = [Deck.sweepNode, Deck.sweepSource + "#branch", "v-sweep"]
        let kept = (announced?.names ?? []).enumerated().reversed().map { index, name in
            (index: index, name: Self.plain(name.lowercased()))
        }.filter { !own.contains($0.name) }
        vectorNames = kept.map(\.name)
        values = .allocate(capacity: kept.count)
        values.initialize(repeating: 0)
        ngspice.expect(order: kept.map(\.index))

        guard announced != nil, !ngspice.messages.hasError else {
            throw error(.load, "ngspice can't load this deck")
        }
        guard !kept.isEmpty else {
            throw error(.load, "this deck has no devices")
        }
        if let name = ngspice.unknownSource {
            throw error(.name, "\(name) is external, but its values were not announced")
        }
        for (number, name) in external.enumerated() where !ngspice.hasAsked(number) {
            throw error(.name, "there is no external source \(name) in the circuit")
        }
        if ngspice.pointsReceived == 1 {
            sweep = .paused
        } else if let check = ngspice.messages.singular {
            throw error(.singular, Self.singularMessage(check))
        } else if !ngspice.messages.iterationLimit {
            throw error(.load, "ngspice can't solve this circuit")
        }
        try ngspice.command("delete all")
        try restart()
    }

    deinit {
        sourceValues.deallocate()
        values.deallocate()
    }

    /// ngspice's last lines, oldest first.
    public var messages: [String] { ngspice.messages.lines }

    // MARK: Altering

    /// Changes values of devices, exactly: the Double is the one that ngspice then has.
    ///
    /// A paused sweep goes on with the new values. Where an error is thrown, the changes before it
    /// have been made.
    ///
    /// - Parameter changes: flat device names (`r.x1.r1`) and parameters; nil for the device's main
    ///   one (a resistor's resistance in Ω, a source's DC value in V or A).
    /// - Throws: `name` for a device or parameter that ngspice doesn't have or that is not safe to
    ///   send; `value` for a value that is not finite, or zero for a resistance.
    /// - Complexity: O(changes), about 2.5 µs each.
    public func alter(
        _ changes: some Sequence<(device: String, parameter: String?, value: Double)>
    ) throws(NgspiceError) {
        try check()
        ngspice.forgetMessages()
        var sent: NgspiceError?
        for change in changes {
            var fits = try append(change)
            if !fits {
                send(&sent)
                fits = try append(change)
            }
            if let sent { throw sent }
        }
        send(&sent)
        ngspice.forgetCommands()
        if let sent { throw sent }
    }

    private func append(
        _ change: (device: String, parameter: String?, value: Double)
    ) throws(NgspiceError) -> Bool {
        do throws(NgspiceError) {
            return try line.append(
                device: change.device, parameter: change.parameter, value: change.value)
        } catch {
            var ignored: NgspiceError?
            send(&ignored)
            throw error
        }
    }

    private func send(_ failure: inout NgspiceError?) {
        line.flush { bytes in
            do throws(NgspiceError) {
                try ngspice.command(bytes)
                if ngspice.messages.hasError {
                    throw error(.name, "ngspice can't alter this value")
                }
            } catch {
                failure = error
            }
        }
    }

    /// A device's parameter as ngspice has it, such as `("r.x1.r1", "resistance")`.
    ///
    /// - Throws: `name` where there is none.
    public func parameter(_ device: String, _ name: String) throws(NgspiceError) -> Double {
        try check()
        for text in [device, name] {
            var first = true
            for byte in text.utf8 {
                guard AlterLine.isSafe(byte, first: first) else {
                    throw NgspiceError(
                        .name,
                        "\(text.debugDescription) has a character that can't be sent to ngspice")
                }
                first = false
            }
        }
        guard let value = try ngspice.vectorValue("@\(device)[\(name)]".lowercased()) else {
            throw error(.name, "ngspice knows no \(name) of \(device)")
        }
        return value
    }

    // MARK: Solving

    /// Solves one operating point after another.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - sources: given a point's number and the external sources' values at the point before, in
    ///     the order of `external`, sets them for this one (V, A). Called before each point, after
    ///     `receive` for the one before.
    ///   - receive: given a point's number and its vectors' values, in the order of `vectorNames`.
    /// - Throws: `singular`, `convergence`, both naming the point; `died`; `misuse`. Points before
    ///   have then been received, and the circuit can be altered and solved again.
    public func operatingPoints(
        count: Int,
        sources: (Int, UnsafeMutableBufferPointer<Double>) -> Void,
        receive: (Int, UnsafeBufferPointer<Double>) -> Void
    ) throws(NgspiceError) {
        try check()
        guard count > 0 else { return }
        isSolving = true
        defer { isSolving = false }
        ngspice.forgetMessages()
        var point = 0
        sources(0, sourceValues)
        try ngspice.collecting(into: values) {
            receive(point, UnsafeBufferPointer(values))
            point += 1
            if point < count { sources(point, sourceValues) }
        } solve: { () throws(NgspiceError) in
            while point < count {
                let before = point
                try advance(count - point)
                if point == before { try recover(point) { point > before } }
            }
        }
        ngspice.forgetCommands()
    }

    /// One operating point, with all external sources at the values they last had (zero at first).
    public func operatingPoint() throws(NgspiceError) -> [Double] {
        var result: [Double] = []
        try operatingPoints(
            count: 1, sources: { _, _ in }, receive: { _, values in result = Array(values) })
        return result
    }

    /// Drops the sweep: the next point is solved from a freshly ordered matrix, as after a load.
    public func restart() throws(NgspiceError) {
        if generation != ngspice.generation { try check() }
        guard sweep == .paused else { return }
        sweep = .none
        // Beyond its stop, the sweep ends by itself and gives back what it holds.
        try ngspice.command("alter \(Deck.sweepSource) dc=1")
        try ngspice.command("step 1")
        try ngspice.command("alter \(Deck.sweepSource) dc=0")
        try ngspice.command("destroy all")
        ngspice.forgetCommands()
    }

    /// From 0 in steps of 1e-30 V to a stop that it never reaches: ngspice tests for it with a margin
    /// of 2e-13 V. So small that `time` in an expression stays what it is at an operating point.
    private static let sweepCommand = "dc \(Deck.sweepSource) 0 1e-30 1e-30"

    /// Solves the next points, at most `count`, or fewer where one fails.
    private func advance(_ count: Int) throws(NgspiceError) {
        switch sweep {
        case .none:
            try startSweep()
        case .paused:
            let before = ngspice.pointsReceived
            try ngspice.command("step \(count)")
            if ngspice.pointsReceived - before < count { sweep = .none }
        }
    }

    /// Solves one point, from a fresh matrix, and pauses.
    private func startSweep() throws(NgspiceError) {
        let before = ngspice.pointsReceived
        // Vectors then hold the last point only.
        try ngspice.command("save none")
        try ngspice.command("stop after 1")
        try ngspice.command(Self.sweepCommand)
        if ngspice.pointsReceived > before { sweep = .paused }
        try ngspice.command("delete all")
    }

    /// Tries harder for a point that failed.
    private func recover(_ point: Int, isSolved: () -> Bool) throws(NgspiceError) {
        // Once more from scratch: a sweep's start from the points before can mislead.
        try abandonSweep()
        try startSweep()
        if isSolved() { return }
        try fail(point, unless: ngspice.messages.iterationLimit)
        try abandonSweep()
        if !usesStepping {
            usesStepping = true
            try ngspice.command("optran 1 1 1 0 0 0")
            try startSweep()
            if isSolved() { return }
            try abandonSweep()
        }
        if warnings.isEmpty {
            let loose = Ngspice.defaultTolerances.filter { options[$0.key] != nil }
                .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            warnings.append("a point did not converge with tight tolerances: now \(loose)")
            try ngspice.command("option \(loose)")
            try startSweep()
            if isSolved() { return }
            try abandonSweep()
        }
        try fail(point, unless: false)
    }

    private func abandonSweep() throws(NgspiceError) {
        sweep = .none
        try ngspice.command("destroy all")
        ngspice.forgetCommands()
    }

    private func fail(_ point: Int, unless canRecover: Bool) throws(NgspiceError) {
        if let check = ngspice.messages.singular {
            throw error(.singular, "point \(point): " + Self.singularMessage(check))
        }
        if !canRecover {
            throw error(.convergence, "point \(point): the operating point does not converge")
        }
    }

    // MARK: Checks

    private func check() throws(NgspiceError) {
        guard generation == ngspice.generation else {
            throw NgspiceError(.misuse, "another circuit was loaded in this one's place")
        }
        guard !isSolving else {
            throw NgspiceError(.misuse, "the circuit is being solved")
        }
    }

    private func error(_ kind: NgspiceError.Kind, _ message: String) -> NgspiceError {
        NgspiceError(kind, message, ngspiceMessages: ngspice.messages.lines)
    }

    private static func singularMessage(_ check: String) -> String {
        "the circuit has no unique solution" + (check.isEmpty ? "" : "; look at \(check)")
    }

    /// ngspice writes nodes that begin with a digit as `v(1)`.
    private static func plain(_ name: String) -> String {
        name.hasPrefix("v(") && name.hasSuffix(")") ? String(name.dropFirst(2).dropLast()) : name
    }
}
