import Netlist
import NgspiceBridge

extension LearningTask {
    /// Makes the task that a deck's directives and data describe, or says all that is wrong with them.
    ///
    /// - Parameters:
    ///   - circuit: the elaborated deck.
    ///   - directives: from the deck, merged with the command line.
    ///   - data: the samples; without them there is one, whose inputs and targets the deck gives.
    /// - Returns: a task, or nil with errors. A deck without outputs gives a task that can be solved
    ///   but has nothing to learn.
    public static func make(
        circuit: Circuit, directives: LearningDirectives, data: SampleTable?
    ) -> (task: LearningTask?, diagnostics: [Diagnostic]) {
        var builder = TaskBuilder(circuit: circuit, directives: directives, data: data)
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
private struct TaskBuilder {
    let circuit: Circuit
    let directives: LearningDirectives
    let data: SampleTable?
    let names: CircuitNames
    var diagnostics: [Diagnostic] = []

    init(circuit: Circuit, directives: LearningDirectives, data: SampleTable?) {
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

    private mutating func report(_ id: String, _ message: String, at range: SourceRange?) {
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
        where outputColumns[index] == nil && output.target == nil {
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
                    outputColumns[o].map { row[$0].value } ?? outputs[o].target ?? 0
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

    // MARK: Trainable resistors

    private struct Choice {
        var min: Located<Double>?
        var max: Located<Double>?
        var variable: Located<LearningDirectives.TrainedVariable>?
    }

    private mutating func resolveTrainable() -> [TrainableParameter] {
        let choices = chooseResistors()
        let origins = circuit.origins(training: choices.keys)
        var members: [NumberText: [Int]] = [:]
        for (index, origin) in origins.enumerated() {
            switch origin {
            case nil: break
            case .text where circuit.resistors[index].resistance < 0:
                let resistor = circuit.resistors[index]
                report(
                    "negative-resistance",
                    """
                    the resistance of \(resistor.name) is negative; learning needs positive ones: \
                    name those to train, like *.learn trainable R1 R2
                    """, at: valueRange(of: resistor))
            case .text where !LoadedCircuit.canAlter(circuit.resistors[index].ngspiceName):
                let resistor = circuit.resistors[index]
                report(
                    "unsafe-name",
                    """
                    in ngspice's commands a device can't have the name \(resistor.name), so it can't \
                    be trained; use letters, digits and _
                    """, at: resistor.range)
            case .text(let text, _): members[text, default: []].append(index)
            case .unwritable(let reason):
                let resistor = circuit.resistors[index]
                report(
                    "untrainable", "\(resistor.name) can't be trained: \(reason)",
                    at: resistor.range)
            }
        }
        var parameters: [TrainableParameter] = []
        var grouped: Set<Int> = []
        for index in choices.keys.sorted() where !grouped.contains(index) {
            let resistor = circuit.resistors[index]
            guard case .text(let text, _) = origins[index], let tied = members[text] else {
                continue
            }
            grouped.formUnion(tied)
            if let follower = tied.first(where: { choices[$0] == nil }) {
                diagnostics.append(
                    Diagnostic(
                        "follower", .warning,
                        """
                        \(circuit.resistors[follower].name) changes with \(resistor.name): both come \
                        from the number on line \(text.range.start.line)
                        """, at: circuit.resistors[follower].range))
            }
            let ranges = tied.map { bounds(of: $0, choices[$0] ?? Choice()) }
            let variables = Set(tied.compactMap { choices[$0]?.variable?.value })
            if variables.count > 1 {
                report(
                    "conflicting-vary",
                    "\(names(of: tied)) are one number in the deck, but vary= differs",
                    at: tied.compactMap { choices[$0]?.variable?.range }.last)
            }
            do throws(TaskError) {
                parameters.append(
                    try TrainableParameter(
                        resistors: tied, origins: tied.map { origins[$0] }, in: circuit,
                        resistances: ranges,
                        variable: variables.first == .log ? .logConductance : .conductance))
            } catch {
                report("untrainable", error.message, at: resistor.range)
            }
        }
        return parameters
    }

    private func names(of resistors: [Int]) -> String {
        resistors.map { circuit.resistors[$0].name }.joined(separator: ", ")
    }

    private mutating func chooseResistors() -> [Int: Choice] {
        var choices: [Int: Choice] = [:]
        let named = directives.trainable.contains { !$0.patterns.isEmpty }
        for clause in directives.trainable {
            for pattern in clause.patterns {
                for index in matches(pattern) {
                    merge(clause, into: &choices[index, default: Choice()])
                }
            }
        }
        if !named {
            if circuit.resistors.isEmpty {
                report(
                    "no-resistor", "there is no resistor to train in this deck",
                    at: directives.outputs.first?.name.range)
            }
            for index in circuit.resistors.indices { choices[index] = Choice() }
        }
        for clause in directives.trainable where clause.patterns.isEmpty {
            for index in choices.keys { merge(clause, into: &choices[index, default: Choice()]) }
        }
        return choices
    }

    private mutating func matches(_ pattern: Located<String>) -> [Int] {
        let glob = Glob(pattern.value)
        let found = circuit.resistors.indices.filter { glob.matches(circuit.resistors[$0].name) }
        guard found.isEmpty else { return found }
        if let device = names.device(pattern.value) {
            if device == "r" {
                report(
                    "untrainable",
                    "\(pattern.value) can't be trained: it is a behavioural resistor; only one with a fixed value can",
                    at: names.range(pattern.value))
            } else {
                report(
                    "untrainable",
                    "\(pattern.value) is not a resistor: only resistors can be trained",
                    at: pattern.range)
            }
        } else {
            let near = nearestName(to: pattern.value, in: circuit.resistors.map(\.name))
            report(
                "unknown-resistor",
                (glob.isLiteral ? "there is no resistor " : "no resistor matches ") + pattern.value
                    + (near.map { "; did you mean \($0)?" } ?? ""),
                at: pattern.range)
        }
        return []
    }

    private mutating func merge(_ clause: LearningDirectives.Trainable, into choice: inout Choice) {
        func settle<Value: Equatable>(
            _ name: String, _ old: Located<Value>?, _ new: Located<Value>?
        )
            -> Located<Value>?
        {
            guard let new, let old, old.value != new.value else { return new ?? old }
            let message =
                "\(name)=\(new.value) contradicts \(name)=\(old.value) for the same resistor"
            let diagnostic = Diagnostic("conflicting-bounds", message, at: new.range)
            if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
            return old
        }
        choice.min = settle("min", choice.min, clause.min)
        choice.max = settle("max", choice.max, clause.max)
        choice.variable = settle("vary", choice.variable, clause.vary)
    }

    /// Whether no value lies between the bounds; says so unless one directive gave both, which its parser
    /// has reported.
    private mutating func contradict(_ choice: Choice) -> Bool {
        guard let min = choice.min, let max = choice.max, min.value > max.value else {
            return false
        }
        let lines = [min, max].map { ($0.range.file, $0.range.start.line) }
        guard lines[0] != lines[1] else { return true }
        let values = [min, max].map { SpiceNumber.shortest($0.value) }
        let diagnostic = Diagnostic(
            "empty-bounds", "max=\(values[1]) is below min=\(values[0]) for the same resistor",
            at: max.range)
        if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
        return true
    }

    /// The value on the resistor's own line where it is there, its name otherwise.
    private func valueRange(of resistor: Circuit.Resistor) -> SourceRange {
        if case .literal(let text) = resistor.source { return text.range }
        return resistor.range
    }

    private mutating func bounds(of index: Int, _ choice: Choice) -> ClosedRange<Double> {
        let resistor = circuit.resistors[index]
        let value = resistor.resistance
        let isEmpty = contradict(choice)
        for (name, bound) in [("min", choice.min), ("max", choice.max)] {
            guard let bound, !isEmpty else { continue }
            if !(bound.value > 0) {
                report("bad-bound", "\(name)= must be a positive resistance", at: bound.range)
            } else if name == "min" ? value < bound.value : value > bound.value {
                report(
                    "outside-bounds",
                    """
                    \(resistor.name) starts at \(SpiceNumber.shortest(value)) Ω, \
                    \(name == "min" ? "below" : "above") \
                    \(name)=\(SpiceNumber.shortest(bound.value)); widen the bounds or move the value inside
                    """, at: valueRange(of: resistor))
            }
        }
        let usual = TrainableParameter.defaultResistances
        let lower = choice.min?.value ?? min(usual.lowerBound, value)
        let upper = choice.max?.value ?? max(usual.upperBound, value)
        return min(lower, upper)...max(lower, upper)
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
