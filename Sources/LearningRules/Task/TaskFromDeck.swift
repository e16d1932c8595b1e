import Netlist

extension LearningTask {
    /// Makes the task that a deck's directives and data describe, or says all that is wrong with them.
    ///
    /// - Parameters:
    ///   - circuit: the elaborated deck.
    ///   - directives: from the deck, merged with the command line.
    ///   - data: the samples; without them there is one, whose inputs and targets the deck gives.
    ///   - test: samples that are not trained; without them `split` takes some from the data.
    ///   - needsTargets: whether an output without a target is an error; its target is then not a number.
    /// - Returns: a task and the same with the samples for testing, or nil with errors. A deck without outputs
    ///   gives a task that can be solved but has nothing to learn.
    public static func make(
        circuit: Circuit, directives: LearningDirectives, data: SampleTable?,
        test: SampleTable? = nil, needsTargets: Bool = true
    ) -> (task: LearningTask?, test: LearningTask?, diagnostics: [Diagnostic]) {
        var builder = TaskBuilder(
            circuit: circuit, directives: directives, data: data, test: test,
            needsTargets: needsTargets)
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
    let test: SampleTable?
    let needsTargets: Bool
    let names: CircuitNames
    var diagnostics: [Diagnostic] = []

    init(
        circuit: Circuit, directives: LearningDirectives, data: SampleTable?,
        test: SampleTable? = nil, needsTargets: Bool = true
    ) {
        self.needsTargets = needsTargets
        self.circuit = circuit
        self.directives = directives
        self.data = data
        self.test = test
        names = CircuitNames(circuit)
    }

    mutating func build() -> (
        task: LearningTask?, test: LearningTask?, diagnostics: [Diagnostic]
    ) {
        let outputs = resolveOutputs()
        let loss = makeLoss()
        let classes = resolveClasses(loss, outputs)
        let inputs = resolveInputs(outputs: outputs)
        if directives.test != nil, let split = directives.split {
            report(
                "two-tests", "test names a file, and split takes a part of the data: keep one",
                at: split.range)
        }
        var samples = makeSamples(data, inputs, outputs, loss)
        var testing = test.map { makeSamples($0, inputs, outputs, loss) }
        if let split = directives.split, test == nil, data != nil, samples.count > 0 {
            let parts = samples.split(
                share: split.value, seed: directives.seed?.value ?? 0, byClass: classes != nil)
            if parts.rest.isEmpty || parts.taken.isEmpty {
                report(
                    "empty-split",
                    "a share of \(split.value) of \(samples.count) samples leaves none on one side",
                    at: split.range)
            }
            (samples, testing) = (
                samples.selecting(parts.rest), samples.selecting(parts.taken)
            )
        }
        let parameters =
            outputs.isEmpty && directives.trainable.isEmpty
            ? [] : resolveTrainable(inputs: Set(inputs.map { $0.name.lowercased() }))
        if !outputs.isEmpty, let warning = circuit.reciprocityWarning(names) {
            diagnostics.append(warning)
        }
        if !outputs.isEmpty, let warning = circuit.potentiometerWarning {
            diagnostics.append(warning)
        }
        if directives.rule?.value == .cl { reportDependentOutputs(outputs) }
        guard !diagnostics.contains(where: { $0.severity == .error }) else {
            return (nil, nil, diagnostics)
        }
        do {
            let task = try LearningTask(
                circuit: circuit, parameters: parameters, inputs: inputs.map(\.name),
                outputs: outputs.map(\.output), samples: samples, loss: loss, classes: classes)
            return (task, testing.map { task.with($0) }, diagnostics)
        } catch {
            return (nil, nil, diagnostics + [Diagnostic("task", error.message, at: nil)])
        }
    }

    mutating func report(_ id: String, _ message: String, at range: SourceRange?) {
        diagnostics.append(Diagnostic(id, message, at: range))
    }

    // MARK: Outputs

    struct ResolvedOutput {
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
}

private struct OutputKey: Hashable {
    let positive: Int
    let negative: Int
}
