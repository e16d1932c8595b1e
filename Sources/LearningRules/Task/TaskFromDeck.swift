import Netlist

extension LearningTask {
    /// Makes the task that a deck's directives and data describe, or says all that is wrong with them.
    ///
    /// - Parameters:
    ///   - circuit: the elaborated deck.
    ///   - directives: from the deck, merged with the command line.
    ///   - data: the samples; without them there is one, whose inputs and targets the deck gives.
    ///   - needsTargets: whether an output without a target is an error; its target is then not a number.
    /// - Returns: a task, or nil with errors. A deck without outputs gives a task that can be solved
    ///   but has nothing to learn.
    public static func make(
        circuit: Circuit, directives: LearningDirectives, data: SampleTable?,
        needsTargets: Bool = true
    ) -> (task: LearningTask?, diagnostics: [Diagnostic]) {
        var builder = TaskBuilder(
            circuit: circuit, directives: directives, data: data, needsTargets: needsTargets)
        return builder.build()
    }
}

extension LearningTask {
    /// The task that a deck's own directives describe.
    ///
    /// - Parameter data: the samples that its `data` directive names.
    /// - Throws: `DiagnosticsError` with all that is wrong in the deck and its directives.
    public init(deck: Deck, data: SampleTable? = nil) throws(DiagnosticsError) {
        let elaboration = deck.elaborate()
        let made = Self.make(
            circuit: elaboration.understood, directives: deck.directives, data: data)
        guard elaboration.circuit != nil, let task = made.task else {
            throw DiagnosticsError(elaboration.diagnostics + made.diagnostics)
        }
        self = task
    }
}

/// Looks up names, one concern at a time, and collects what is wrong.
struct TaskBuilder {
    let circuit: Circuit
    let directives: LearningDirectives
    let data: SampleTable?
    let needsTargets: Bool
    let names: CircuitNames
    var diagnostics: [Diagnostic] = []

    init(
        circuit: Circuit, directives: LearningDirectives, data: SampleTable?, needsTargets: Bool
    ) {
        self.needsTargets = needsTargets
        self.circuit = circuit
        self.directives = directives
        self.data = data
        names = CircuitNames(circuit)
    }

    mutating func build() -> (task: LearningTask?, diagnostics: [Diagnostic]) {
        let outputs = resolveOutputs()
        let inputs = resolveInputs(outputs: outputs)
        let samples = makeSamples(inputs: inputs, outputs: outputs)
        let parameters = outputs.isEmpty && directives.trainable.isEmpty ? [] : resolveTrainable()
        if !outputs.isEmpty, let warning = circuit.reciprocityWarning(names) {
            diagnostics.append(warning)
        }
        if !outputs.isEmpty, let warning = circuit.potentiometerWarning {
            diagnostics.append(warning)
        }
        if directives.rule?.value == .cl { reportDependentOutputs(outputs) }
        guard !diagnostics.contains(where: { $0.severity == .error }) else {
            return (nil, diagnostics)
        }
        do {
            let task = try LearningTask(
                circuit: circuit, parameters: parameters, inputs: inputs.map(\.name),
                outputs: outputs.map(\.output), samples: samples)
            return (task, diagnostics)
        } catch {
            return (nil, diagnostics + [Diagnostic("task", error.message, at: nil)])
        }
    }

    mutating func report(_ id: String, _ message: String, at range: SourceRange?) {
        diagnostics.append(Diagnostic(id, message, at: range))
    }

    // MARK: Outputs

    private struct ResolvedOutput {
        let output: LearningTask.Output
        let target: Double?
        let range: SourceRange
    }

    private mutating func resolveOutputs() -> [ResolvedOutput] {
        var resolved: [ResolvedOutput] = []
        var seen: [OutputKey: Int] = [:]
        for directive in directives.outputs {
            guard let positive = node(directive.positive),
                let negative = directive.negative.map({ node($0) }) ?? .some(0)
            else { continue }
            let key = OutputKey(positive: positive, negative: negative)
            let range = directive.name.range
            if let earlier = seen[key] {
                let known = resolved[earlier]
                if let target = directive.target, let other = known.target, other != target.value {
                    report(
                        "conflicting-target",
                        "\(directive.name.value) has two targets, \(other) and \(target.value)",
                        at: target.range)
                } else if known.target == nil, let target = directive.target {
                    resolved[earlier] = ResolvedOutput(
                        output: known.output, target: target.value, range: known.range)
                }
                continue
            }
            if let reason = names.whyFixed(positive: positive, negative: negative) {
                report(
                    "fixed-output",
                    "\(directive.name.value) is \(reason): no resistor can change it",
                    at: directive.negative == nil ? directive.positive.range : range)
                continue
            }
            seen[key] = resolved.count
            resolved.append(
                ResolvedOutput(
                    output: LearningTask.Output(
                        name: directive.name.value, positive: positive, negative: negative),
                    target: directive.target?.value, range: range))
        }
        return resolved
    }

    private mutating func node(_ name: Located<String>) -> Int? {
        if let index = names.node(name.value) { return index }
        let near = nearestName(to: name.value, in: circuit.nodes.map(\.name))
        report(
            "unknown-node",
            "there is no node \(name.value)" + (near.map { "; did you mean \($0)?" } ?? ""),
            at: name.range)
        return nil
    }

    /// Coupled learning holds each output by an ideal source: these and the deck's own voltage sources
    /// must not close a loop.
    private mutating func reportDependentOutputs(_ outputs: [ResolvedOutput]) {
        var held = names.heldNodes
        for (index, output) in outputs.enumerated() {
            let (a, b) = (output.output.positive, output.output.negative)
            if held.root(of: a) == held.root(of: b) {
                let earlier = outputs[..<index].map(\.output.name).joined(separator: ", ")
                report(
                    "dependent-output",
                    """
                    \(output.output.name) follows from the voltages of \(earlier) and the sources, so \
                    cl can't clamp it beside them; leave it out, or use rule al or ep
                    """, at: output.range)
            }
            held.join(a, b)
        }
    }

    // MARK: Inputs

    private struct ResolvedInput {
        let name: String
        let dcValue: Double
    }

    private mutating func resolveInputs(outputs: [ResolvedOutput]) -> [ResolvedInput] {
        var wanted = directives.inputs
        if wanted.isEmpty, let data {
            wanted = data.columns.filter { outputName($0.value) == nil }
        }
        var resolved: [ResolvedInput] = []
        var seen: Set<String> = []
        for input in wanted {
            guard let source = names.source(input.value) else {
                if directives.inputs.isEmpty { continue }  // reported as an unknown column
                let isDevice = names.device(input.value) != nil
                let near = nearestName(to: input.value, in: circuit.sources.map(\.name))
                report(
                    "unknown-source",
                    isDevice
                        ? "\(input.value) is not an independent source: only V and I sources can be inputs"
                        : "there is no source \(input.value)"
                            + (near.map { "; did you mean \($0)?" } ?? ""),
                    at: input.range)
                continue
            }
            guard seen.insert(source.ngspiceName).inserted else { continue }
            if source.ngspiceName.contains(".") {
                report(
                    "input-in-subcircuit",
                    "\(source.name) is inside a subcircuit: only sources at top level can be inputs; bring its nodes out and drive them there",
                    at: input.range)
                continue
            }
            resolved.append(ResolvedInput(name: source.name, dcValue: source.dcValue))
        }
        return resolved
    }

    // MARK: Samples

    private mutating func makeSamples(inputs: [ResolvedInput], outputs: [ResolvedOutput])
        -> [LearningTask.Sample]
    {
        var inputColumns = [Int?](repeating: nil, count: inputs.count)
        var outputColumns = [Int?](repeating: nil, count: outputs.count)
        for (index, column) in (data?.columns ?? []).enumerated() {
            assign(
                column, index, inputs: inputs, outputs: outputs, &inputColumns, &outputColumns)
        }
        for (index, output) in outputs.enumerated()
        where needsTargets && outputColumns[index] == nil && output.target == nil {
            report(
                "no-target",
                "\(output.output.name) has no target: write \(output.output.name)=VOLTS"
                    + (data == nil ? "" : " or add a column of that name to the data"),
                at: output.range)
        }
        guard !diagnostics.contains(where: { $0.severity == .error }) else { return [] }
        let rows = data?.rows ?? [[]]
        return rows.map { row in
            LearningTask.Sample(
                inputs: inputs.indices.map { i in
                    inputColumns[i].map { row[$0].value } ?? inputs[i].dcValue
                },
                targets: outputs.indices.map { o in
                    outputColumns[o].map { row[$0].value } ?? outputs[o].target ?? .nan
                })
        }
    }

    private mutating func assign(
        _ column: Located<String>, _ index: Int, inputs: [ResolvedInput],
        outputs: [ResolvedOutput], _ inputColumns: inout [Int?], _ outputColumns: inout [Int?]
    ) {
        func duplicate() {
            report("duplicate-column", "column \(column.value) appears twice", at: column.range)
        }
        if let name = outputName(column.value) {
            if let positive = names.node(name.positive), let negative = names.node(name.negative),
                let o = outputs.firstIndex(where: {
                    $0.output.positive == positive && $0.output.negative == negative
                })
            {
                if outputColumns[o] != nil { duplicate() }
                outputColumns[o] = index
                return
            }
            let near = nearestName(to: column.value, in: outputs.map(\.output.name))
            report(
                "unknown-column",
                "\(column.value) is not an output of this deck"
                    + (near.map { "; did you mean \($0)?" }
                        ?? ": declare it with *.learn output \(column.value)"),
                at: column.range)
        } else if let i = inputs.firstIndex(where: {
            $0.name.lowercased() == column.value.lowercased()
        }) {
            if inputColumns[i] != nil { duplicate() }
            inputColumns[i] = index
        } else if names.source(column.value) != nil {
            guard !directives.inputs.isEmpty else { return }  // already reported as an input
            report(
                "unknown-column",
                "\(column.value) is a source, but not among the inputs that *.learn input names",
                at: column.range)
        } else {
            let known = circuit.sources.map(\.name) + outputs.map(\.output.name)
            let near = nearestName(to: column.value, in: known)
            let hint =
                column.value.lowercased().hasPrefix("v(")
                ? "; quote a name that has a comma: \"V(a,c)\""
                : near.map { "; did you mean \($0)?" }
                    ?? "; columns are named by source (V1) or output (V(b))"
            report(
                "unknown-column", "there is no source or output \(column.value)" + hint,
                at: column.range)
        }
    }
}

private struct OutputKey: Hashable {
    let positive: Int
    let negative: Int
}

/// `V(a)` or `V(a,b)` taken apart; nil for any other text.
private func outputName(_ text: String) -> (positive: String, negative: String)? {
    let compact = text.filter { !$0.isWhitespace }
    guard compact.lowercased().hasPrefix("v("), compact.hasSuffix(")") else { return nil }
    let parts = compact.dropFirst(2).dropLast().split(
        separator: ",", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "0")
}
