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
    ///   - clamping: the name of the rule, if it holds outputs by ideal sources.
    /// - Returns: a task and the same with the samples for testing, or nil with errors. A deck without outputs
    ///   gives a task that can be solved but has nothing to learn.
    public static func make(
        circuit: Circuit, directives: LearningDirectives, data: SampleTable?,
        test: SampleTable? = nil, needsTargets: Bool = true, clamping: String? = nil
    ) -> (task: LearningTask?, test: LearningTask?, diagnostics: [Diagnostic]) {
        var builder = TaskBuilder(
            circuit: circuit, directives: directives, data: data, test: test,
            needsTargets: needsTargets)
        builder.clampingRule = clamping
        return builder.build()
    }
}

/// Looks up names, one concern at a time, and collects what is wrong.
struct TaskBuilder {
    let circuit: Circuit
    let directives: LearningDirectives
    let data: SampleTable?
    let test: SampleTable?
    let needsTargets: Bool
    var clampingRule: String?
    /// As messages call the table that is read.
    var dataName = "the data"
    let names: CircuitNames
    var diagnostics: [Diagnostic] = []
    /// What columns of the data set beside sources.
    var settings: [CornerSetting] = []
    /// Sources whose currents are read, in the order of their ammeters.
    var measured: [(index: Int, range: SourceRange)] = []

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
        var outputs = resolveOutputs()
        var loss: any Loss = makeLoss()
        let classes = resolveClasses(loss, outputs)
        let inputs = resolveInputs(outputs: outputs)
        resolveSettings(settingColumns)
        warnOfIdleIgnores()
        if let power = powerWeight, !outputs.isEmpty {
            loss = PowerTerm(base: loss, weight: power.value, named: outputs.count)
            outputs += resolvePower(inputs, at: power.range)
        }
        if directives.test != nil, let split = directives.split {
            report(
                "two-tests", "test names a file, and split takes a part of the data: keep one",
                at: split.range)
        }
        var samples = makeSamples(data, inputs, outputs, loss)
        var testing: Samples?
        var corners: [[Double]] = []
        if let test {
            dataName = "the test data"
            let own = makeSamples(test, inputs, outputs, loss)
            testing = withCorners(own, of: test, known: &corners)
            dataName = "the data"
        }
        samples = withCorners(samples, of: data, known: &corners)
        if !settings.isEmpty { reportInputsWithoutColumn(inputs) }
        warnOfTolerance(outputs, samples)
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
        if let power = powerWeight, let trained = parameters.first(where: { !$0.sources.isEmpty }) {
            report(
                "power-of-trained-source",
                "the value of \(trained.name) is trained, and the power that a source delivers follows it in a way that no rule knows: leave power= out, or keep the source",
                at: power.range)
        }
        if !outputs.isEmpty, let warning = circuit.potentiometerWarning {
            diagnostics.append(warning)
        }
        if let clampingRule {
            reportDependentOutputs(outputs, clampingRule)
            reportCurrents(outputs, clampingRule)
        }
        guard !diagnostics.contains(where: { $0.severity == .error }) else {
            return (nil, nil, diagnostics)
        }
        do {
            let task = try LearningTask(
                circuit: circuit.measuringCurrents(through: measured), parameters: parameters,
                inputs: inputs.map(\.name),
                outputs: outputs.map(\.output), samples: samples, loss: loss, classes: classes,
                settings: settings, powers: powers(outputs, inputs))
            if !outputs.isEmpty, let warning = task.reciprocityWarning {
                diagnostics.append(warning)
            }
            return (task, testing.map { task.with($0) }, diagnostics)
        } catch {
            return (nil, nil, diagnostics + [Diagnostic("task", error.message, at: nil)])
        }
    }

    /// A tolerance in amperes that was meant for volts.
    private mutating func warnOfTolerance(_ outputs: [ResolvedOutput], _ samples: Samples) {
        let tolerance = LearningTask.standardTolerance
        guard directives.tolerance == nil, directives.until == nil else { return }
        for (o, output) in outputs.enumerated()
        where output.output.source != nil && output.power == nil {
            let least = samples.prefix(1000).lazy.map { abs($0.targets[o]) }.filter { $0 > 0 }.min()
            guard let least, tolerance > 1e-3 * least else { continue }
            diagnostics.append(
                Diagnostic(
                    "coarse-tolerance", .warning,
                    "\(output.output.name) counts as learned within \(SpiceNumber.shortest(tolerance)) A of its target, which is but \(SpiceNumber.shortest(least)) A: give a tolerance",
                    at: output.range))
            return
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
        /// What it counts for in the power that sources deliver, by the value of this source.
        var power: (source: Circuit.Source, factor: Double)?
    }

    /// The outputs that tell the power which sources deliver.
    private mutating func resolvePower(
        _ inputs: [ResolvedInput], at range: SourceRange
    ) -> [ResolvedOutput] {
        let driven = Set(inputs.map { $0.name.lowercased() })
        var resolved: [ResolvedOutput] = []
        for (index, source) in circuit.sources.enumerated()
        where source.dcValue != 0 || driven.contains(source.name.lowercased())
            || !settings.isEmpty
        {
            // What only holds gates delivers nothing, and a nudge of it would move their channels.
            guard source.kind == .current || circuit.carriesCurrent(index) else { continue }
            let name = "power of \(source.name)"
            switch source.kind {
            case .voltage:
                guard !source.isInSubcircuit else {
                    report(
                        "power-in-subcircuit",
                        "\(source.name) is inside a subcircuit, where the current through it can't be read: bring its nodes out, or leave power= out",
                        at: range)
                    continue
                }
                resolved.append(
                    ResolvedOutput(
                        output: LearningTask.Output(
                            name: name, source: index, reading: reading(of: index, at: range)),
                        target: nil, range: range, power: (source, -1)))
            case .current:
                resolved.append(
                    ResolvedOutput(
                        output: LearningTask.Output(
                            name: name, positive: source.negative, negative: source.positive),
                        target: nil, range: range, power: (source, source.multiplicity)))
            }
        }
        return resolved
    }

    /// What tells the power of sources that no sample sets.
    private func powers(
        _ outputs: [ResolvedOutput], _ inputs: [ResolvedInput]
    ) -> [LearningTask.Power] {
        let driven = Set(inputs.map { $0.name.lowercased() })
        return outputs.enumerated().compactMap { index, output in
            guard let (source, factor) = output.power, !driven.contains(source.name.lowercased()),
                let place = circuit.sources.firstIndex(where: {
                    $0.ngspiceName == source.ngspiceName
                })
            else { return nil }
            return LearningTask.Power(output: index, source: place, factor: factor)
        }
    }

    /// The node of a source's ammeter.
    private mutating func reading(of source: Int, at range: SourceRange) -> Int {
        let number = measured.firstIndex { $0.index == source } ?? measured.count
        if number == measured.count { measured.append((source, range)) }
        return circuit.readingNode(number)
    }

    private mutating func resolveOutputs() -> [ResolvedOutput] {
        var resolved: [ResolvedOutput] = []
        var seen: [OutputKey: Int] = [:]
        for directive in directives.outputs {
            let range = directive.name.range
            let output: LearningTask.Output
            switch directive.quantity {
            case .voltage(let first, let second):
                guard let positive = node(first), let negative = second.map({ node($0) }) ?? 0
                else { continue }
                if let reason = names.whyFixed(positive: positive, negative: negative) {
                    report(
                        "fixed-output",
                        "\(directive.name.value) is \(reason): no resistor can change it",
                        at: second == nil ? first.range : range)
                    continue
                }
                output = LearningTask.Output(
                    name: directive.name.value, positive: positive, negative: negative)
            case .current(let name):
                guard let source = measuredSource(name) else { continue }
                output = LearningTask.Output(
                    name: directive.name.value, source: source,
                    reading: reading(of: source, at: range))
            }
            let key = OutputKey(positive: output.positive, negative: output.negative)
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
            seen[key] = resolved.count
            resolved.append(
                ResolvedOutput(output: output, target: directive.target?.value, range: range))
        }
        return resolved
    }

    /// The voltage source of an `I(V1)`.
    private mutating func measuredSource(_ name: Located<String>) -> Int? {
        let lower = name.value.lowercased()
        guard let index = circuit.sources.firstIndex(where: { $0.name.lowercased() == lower })
        else {
            let letter = names.device(name.value)
            let near = nearestName(
                to: name.value,
                in: circuit.sources.filter { $0.kind == .voltage }.map(\.name))
            report(
                "unknown-source",
                letter == nil
                    ? "there is no voltage source \(name.value)"
                        + (near.map { "; did you mean \($0)?" } ?? "")
                    : "a current is read in a voltage source: put one of 0 V in series with \(name.value), and name that",
                at: name.range)
            return nil
        }
        let source = circuit.sources[index]
        if source.kind == .current {
            report(
                "fixed-output",
                "the current through \(source.name) is what the source says: no resistor can change it",
                at: name.range)
            return nil
        }
        if source.isInSubcircuit {
            report(
                "output-in-subcircuit",
                "\(source.name) is inside a subcircuit: only sources at top level can be measured; put one of 0 V into the wire outside",
                at: name.range)
            return nil
        }
        return index
    }

    /// Coupled learning holds voltages: what it would descend with currents that are held is not bounded below.
    private mutating func reportCurrents(_ outputs: [ResolvedOutput], _ rule: String) {
        for output in outputs where output.output.source != nil {
            report(
                "clamped-current",
                output.power == nil
                    ? "\(rule) holds outputs at voltages, and \(output.output.name) is a current: use rule al or ep"
                    : "\(rule) holds outputs at voltages, and has no place for power: use rule al or ep",
                at: output.range)
            if output.power != nil { return }
        }
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
    private mutating func reportDependentOutputs(_ outputs: [ResolvedOutput], _ rule: String) {
        var held = names.heldNodes
        for holder in names.dependentHolders { held.join(holder.a, holder.b) }
        var fixed = held
        for (index, output) in outputs.enumerated() where output.output.source == nil {
            let (a, b) = (output.output.positive, output.output.negative)
            if fixed.root(of: a) == fixed.root(of: b) {
                let holders = (names.independentHolders + names.dependentHolders)
                    .path(from: a, to: b).map(\.name)
                report(
                    "dependent-output",
                    """
                    \(output.output.name) is held by \(holders.joined(separator: ", ")), so \(rule) can't clamp it \
                    beside that; use rule al or ep
                    """, at: output.range)
            } else if held.root(of: a) == held.root(of: b) {
                let earlier = outputs[..<index].map(\.output.name).joined(separator: ", ")
                report(
                    "dependent-output",
                    """
                    \(output.output.name) follows from the voltages of \(earlier) and the sources, so \
                    \(rule) can't clamp it beside them; leave it out, or use rule al or ep
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
