import Netlist

/// A transient analysis: `.tran step duration 0 largestStep uic`.
public struct TransientAnalysis: Sendable {
    /// s: the order of the first step.
    public var step: Double
    /// s.
    public var duration: Double
    /// s.
    public var largestStep: Double

    public init(step: Double, duration: Double, largestStep: Double) {
        (self.step, self.duration, self.largestStep) = (step, duration, largestStep)
    }

    fileprivate var command: String { "tran \(step) \(duration) 0 \(largestStep) uic" }

    /// The first moment of it.
    fileprivate var instant: Self {
        var instant = self
        instant.duration = step * 1e-9
        instant.largestStep = instant.duration
        return instant
    }

    /// Whether this is the last point; ngspice ends within 100 roundings of the duration.
    public func isLast(_ time: Double) -> Bool { time >= duration * (1 - 1e-13) }
}

extension Ngspice {
    /// Follows a circuit in time, from the voltages that its `.ic` lines give.
    ///
    /// Points are delivered as ngspice finds them, and nothing is kept of those before.
    ///
    /// ```swift
    /// let analysis = TransientAnalysis(step: 1e-3, duration: 1, largestStep: 0.02)
    /// try ngspice.transient(
    ///     ["decay", "R1 a 0 1k", "C1 a 0 1m", ".ic v(a)=1"], analysis, vectors: ["a"]
    /// ) { time, values in
    ///     print(time, values[0])
    ///     return values[0] > 0.5
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - deck: as for `load`. Whatever circuit was loaded is gone.
    ///   - vectors: nodes and branch currents to deliver, by ngspice's names in any case.
    ///   - options: ngspice options. Those that the deck sets itself are left to it.
    ///   - receive: given the time (s) and the values of the vectors, in their order; returns false to
    ///     stop, and is then not called again.
    /// - Throws: as `load`; `name` for a vector that the circuit doesn't have; `value` for times that
    ///   are not positive; `convergence` and `singular`, with the time, where the analysis fails.
    public func transient(
        _ deck: [String], _ analysis: TransientAnalysis, vectors: [String],
        options: [String: Double] = [:],
        receive: (Double, UnsafeBufferPointer<Double>) -> Bool
    ) throws(NgspiceError) {
        for time in [analysis.step, analysis.duration, analysis.largestStep] {
            guard time > 0, time.isFinite else {
                throw NgspiceError(.value, "\(time) s is not a time of a transient analysis")
            }
        }
        let nothing = UnsafeMutableBufferPointer<Double>(start: nil, count: 0)
        let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: vectors.count + 1)
        values.initialize(repeating: 0)
        defer { values.deallocate() }

        _ = try install(
            deck, traits: CircuitTraits(ofLines: deck), options: options, isSwept: false)
        begin(sources: [], values: nothing)
        defer { deliver([], to: nothing) }
        // Vectors then keep their last value only, instead of growing.
        try command("save none")
        // A sweep may have left a pause before it.
        try command("delete all")
        // A moment of it for the names: to its end, since what a paused analysis holds is never given back.
        try command(analysis.instant.command)
        guard solutions > 0 else { throw error(at: nil) }
        do throws(NgspiceError) {
            deliver(try places(of: ["time"] + vectors), to: values)
        } catch {
            try end()
            throw error
        }

        let delivered = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(values)[1...])
        let before = solutions
        var goesOn = true
        try solving { [self] in
            guard goesOn else { return }
            goesOn = receive(values[0], delivered)
            // Pauses at the next point. To pause at each instead, and go on, would make ngspice take
            // other steps than it does alone. Where the command fails, ngspice has died, which shows.
            if !goesOn { try? command("stop after \(solutions - before + 1)") }
        } during: { () throws(NgspiceError) in
            try command(analysis.command)
        }
        if goesOn, !analysis.isLast(values[0]) { throw error(at: values[0]) }
        try end(paused: goesOn ? nil : analysis)
    }

    /// Where the vectors are among those that ngspice announced.
    private func places(of vectors: [String]) throws(NgspiceError) -> [Int] {
        let announced = Dictionary(
            (announced ?? []).enumerated().map { (LoadedCircuit.plain($1.lowercased()), $0) },
            uniquingKeysWith: { first, _ in first })
        var places: [Int] = []
        for name in vectors {
            guard let place = announced[name.lowercased()] else {
                throw NgspiceError(.name, "ngspice has no vector \(name) in this circuit")
            }
            places.append(place)
        }
        return places
    }

    /// A paused analysis can't be ended, and what it holds not be given back (some hundred bytes for each
    /// vector): it can only be replaced by another, which takes no time.
    private func end(paused analysis: TransientAnalysis? = nil) throws(NgspiceError) {
        if let analysis {
            try command("delete all")
            try command(analysis.instant.command)
        }
        try command("destroy all")
        forgetCommands()
    }

    private func error(at time: Double?) -> NgspiceError {
        let kind: NgspiceError.Kind =
            messages.singular != nil ? .singular : time == nil ? .load : .convergence
        let place = time.map { "fails after \($0) s" } ?? "does not start"
        return NgspiceError(
            kind, "the transient analysis \(place)", ngspiceMessages: messages.lines)
    }
}
