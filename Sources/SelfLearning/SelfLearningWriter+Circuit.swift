import Netlist

/// The circuit that is copied.
extension SelfLearningWriter {
    static let subcircuit = "spicelearn_copy"
    static let port = "spicelearn_port"
    func inputParameter(_ input: Int) -> String { "spicelearn_input\(input + 1)" }

    var parameterNames: [String] {
        guard presentation == .together, !task.inputs.isEmpty else { return [] }
        return ["params:"] + task.inputs.indices.map { inputParameter($0) + "=0" }
    }

    /// Options that this deck sets itself.
    private static let ownOptions: Set<String> = [
        "reltol", "abstol", "vntol", "chgtol", "trtol", "itl4", "method", "maxord", "interp",
    ]

    /// The deck's text without the lines of trained resistors, inputs taking their values from the
    /// copy and all other sources at their DC values.
    func circuitParts() throws(DiagnosticsError) -> CircuitParts {
        var replacements: [SourceRange: String] = [:]
        for range in movedResistorRanges { replacements[range] = "" }
        let varying = deck.timeVaryingSources
        // Such a resistor would discharge the capacitors that hold the conductances.
        var diagnostics = task.circuit.equationOptions.filter { $0.name == "rshunt" }.map {
            Diagnostic(
                "shunted-memory",
                "rshunt would discharge the nodes that hold what the circuit learns: \($0.wayOut)",
                at: $0.range)
        }
        diagnostics += deck.timeInExpressions.map {
            Diagnostic(
                "follows-time",
                "this follows the time, in which a circuit that trains itself learns: at an operating point the "
                    + "time is 0; write what the value is there", at: $0)
        }
        for source in task.circuit.sources {
            let input = task.inputs.firstIndex { $0.ngspiceName == source.ngspiceName }
            let isInner = source.name.lowercased().hasPrefix("x")
            guard input != nil || varying.contains(source.range) else { continue }
            if isInner {
                // The other case, an inner time function, is found with the text.
                guard input != nil else { continue }
                diagnostics.append(
                    Diagnostic(
                        "external-source",
                        "\(source.name) is in a subcircuit, where its value can't be supplied; "
                            + "move the source to the top level", at: source.range))
                continue
            }
            let nodes = [source.positive, source.negative].map {
                task.circuit.nodes[$0].ngspiceName
            }
            var words = [source.name] + nodes
            if let input {
                words.append(inputValue(input))
            } else {
                words.append(number(source.dcValue))
            }
            if source.multiplicity != 1 { words.append("m=" + number(source.multiplicity)) }
            replacements[source.range] = words.joined(separator: " ")
        }
        guard diagnostics.isEmpty else { throw DiagnosticsError(diagnostics) }
        return try deck.circuitParts(replacing: replacements, omittingOptions: Self.ownOptions)
    }

    private func inputValue(_ input: Int) -> String {
        switch presentation {
        case .together: "{\(inputParameter(input))}"
        case .inTurn(let period): staircase(task.samples.map { $0.inputs[input] }, period: period)
        }
    }

    /// The lines in the deck that at least one trained resistor comes from. Resistors of other instances
    /// of the same subcircuit come from them too, and move with them.
    var movedResistorRanges: Set<SourceRange> {
        Set(
            task.parameters.lazy.flatMap(\.members).map {
                task.circuit.resistors[$0.resistor].range
            })
    }
}
