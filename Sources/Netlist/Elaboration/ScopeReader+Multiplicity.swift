extension ScopeReader {
    /// Finds the subcircuits to whose lines ngspice appends `m={m}`.
    ///
    /// It goes through the X lines once, in the order of the text, and so an X line that stands before
    /// the one through which it gets its `m` passes none on; ngspice then stops, and so do we.
    mutating func markMultiplied() {
        var seen = [Bool](repeating: false, count: calls.count)
        for (index, call) in calls.enumerated() {
            let explicit = call.statement.assignedNames.contains("m")
            guard explicit || call.scope.isMultiplied else { continue }
            seen[index] = true
            guard let target = call.scope.subcircuit(named: call.statement.calledSubcircuit),
                !target.parameters.contains(where: { $0.name == "m" })
            else { continue }
            target.isMultiplied = true
            if !target.subcircuits.isEmpty {
                diagnostics.error(
                    "multiplied-nesting",
                    "ngspice applies m= to a part only of a subcircuit that defines others; "
                        + "define them outside of it",
                    at: call.statement.range)
            }
        }
        for (index, call) in calls.enumerated() where call.scope.isMultiplied && !seen[index] {
            guard let target = call.scope.subcircuit(named: call.statement.calledSubcircuit),
                !target.isMultiplied, !target.parameters.contains(where: { $0.name == "m" })
            else { continue }
            diagnostics.error(
                "multiplicity-lost",
                "ngspice can't pass m= on through this line; define \(call.scope.name) after "
                    + "the X line that gives the m=, or give \(target.name) a parameter m=1",
                at: call.statement.range)
        }
    }
}
