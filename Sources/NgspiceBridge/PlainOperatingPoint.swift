import Netlist

extension Ngspice {
    /// The operating point as the `ngspice` program finds it: under the deck's own tolerances, and by
    /// all the ways that it knows, Newton's iteration, gmin stepping, source stepping and a transient.
    ///
    /// A circuit that leaves a voltage open has one here all the same, which gmin or the transient
    /// decides. ``load(_:traits:external:options:)`` is for circuits whose states are to be compared.
    ///
    /// ```swift
    /// try ngspice.plainOperatingPoint(["divider", "V1 in 0 1", "R1 in out 1k", "R2 out 0 1k"])
    /// // ["in": 1, "out": 0.5, "v1#branch": -0.0005]
    /// ```
    ///
    /// - Parameters:
    ///   - deck: as for `load`. Whatever circuit was loaded is gone.
    ///   - traits: as for `load`.
    ///   - quantities: devices' values that are wanted as well, such as `@r.x1.r1[resistance]`, in lower
    ///     case.
    /// - Returns: nodes (`x1.mid`, V) and currents (`v1#branch`, A) by ngspice's names, lower case, and
    ///   those quantities that there are.
    /// - Throws: `refusedLine`, `load`, `singular`, `convergence`, `died`, `libraryMissing`.
    public func plainOperatingPoint(
        _ deck: [String], traits: CircuitTraits, reading quantities: [String]
    ) throws(NgspiceError) -> [String: Double] {
        _ = try install(deck, traits: traits, options: [:], isSwept: false)
        begin(sources: [], values: UnsafeMutableBufferPointer(start: nil, count: 0))
        forgetMessages()
        // ngspice's own defaults (README.optran), which `prepare` puts out of action.
        try command("optran 1 1 1 100n 10u 0")
        for option in traits.options.search { try command("option \(option)") }
        let before = solutions
        latest = []
        defer { latest = nil }
        try command("op")
        try command("optran 1 0 0 0 0 0")
        let isSolved = solutions > before
        var values: [String: Double] = [:]
        // Not by asking for each: of a node `all`, `const.pi` or `op1.x` ngspice would tell something else.
        if isSolved {
            for (name, value) in zip(announced ?? [], latest ?? []) { values[name] = value }
        }
        var read: [String: Double] = [:]
        for (index, name) in quantities.enumerated() where isSolved {
            // ngspice keeps each in the current plot, and looks through all of them for the next.
            if index.isMultiple(of: 32) { try command("setplot const") }
            read[name] = try vectorValue(name)
        }
        try command("destroy all")
        forgetCommands()
        guard isSolved, values.values.allSatisfy(\.isFinite) else {
            throw NgspiceError(
                messages.singular == nil ? .convergence : .singular,
                "ngspice finds no operating point of this circuit",
                ngspiceMessages: messages.lines)
        }
        return read.merging(values.map { (LoadedCircuit.plain($0.lowercased()), $1) }) { $1 }
    }
}
