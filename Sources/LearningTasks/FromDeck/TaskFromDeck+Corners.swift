import Netlist

/// Columns of the data that set numbers of the netlist, or the temperature.
extension TaskBuilder {
    /// What of the netlist a column of this name may set.
    enum Settable {
        case resistor(Int)
        case parameter(Int)
        case temperature
    }

    static func settable(_ column: String, in circuit: Circuit) -> Settable? {
        let name = column.lowercased()
        if let index = circuit.resistors.firstIndex(where: { $0.name.lowercased() == name }) {
            return .resistor(index)
        }
        if let index = circuit.parameters.firstIndex(where: { $0.name.lowercased() == name }) {
            return .parameter(index)
        }
        return name == "temp" ? .temperature : nil
    }

    /// Looks up columns that are neither sources nor outputs, and reports those that can't be set.
    mutating func resolveSettings(_ columns: [Located<String>]) {
        for column in columns {
            guard let settable = Self.settable(column.value, in: circuit) else { continue }
            if settings.contains(where: { $0.name.lowercased() == column.value.lowercased() }) {
                report(
                    "duplicate-column", "column \(column.value) appears twice", at: column.range)
                continue
            }
            let (unit, change): (String, CornerSetting.Change)
            switch settable {
            case .temperature: (unit, change) = ("°C", .temperature)
            case .parameter(let index):
                let parameter = circuit.parameters[index]
                if parameter.name.lowercased() == "temp" {
                    diagnostics.append(
                        Diagnostic(
                            "temp-parameter", .warning,
                            "this column sets the parameter temp on line \(parameter.range.start.line), and not the temperature, which a column temp sets elsewhere: rename the parameter if that is meant",
                            at: column.range))
                }
                guard case .text(let text) = parameter.origin else {
                    report(
                        "unsettable",
                        "the data can't set \(parameter.name), which is an expression in the netlist: name the parameters of which it is made",
                        at: column.range)
                    continue
                }
                guard isWritable(text, column) else { continue }
                (unit, change) = ("", .number(text))
            case .resistor(let index):
                let resistor = circuit.resistors[index]
                let sharers = circuit.resistors.filter {
                    if case .literal(let other) = $0.source,
                        case .literal(let own) = resistor.source
                    {
                        other == own
                    } else {
                        false
                    }
                }
                guard case .literal(let text) = resistor.source, sharers.count == 1 else {
                    let other = sharers.first { $0.name != resistor.name }?.name
                    report(
                        "unsettable",
                        "the data can't set \(resistor.name), "
                            + (other.map {
                                "whose number is that of \($0), too: put a parameter of the subcircuit in its place, which each X line gives, and name that, like X1.r; or a .param, which sets them all"
                            }
                                ?? "whose value follows from a parameter: name that"),
                        at: column.range)
                    continue
                }
                guard isWritable(text, column) else { continue }
                (unit, change) = ("Ω", .number(text))
            }
            settings.append(CornerSetting(column: column, unit: unit, change: change))
        }
    }

    private mutating func isWritable(_ text: NumberText, _ column: Located<String>) -> Bool {
        guard let reason = circuit.whyReadOnly(text) else { return true }
        report("unsettable", "the data can't set \(column.value): \(reason)", at: column.range)
        return false
    }

    /// Texts that are different in different samples, with the columns that set them.
    var settingTexts: [NumberText: String] {
        var texts: [NumberText: String] = [:]
        for setting in settings {
            if case .number(let text) = setting.change { texts[text] = setting.name }
        }
        return texts
    }

    /// Reports that what is trained by name is set by the data; globs leave it out.
    mutating func reportSet(_ name: String, by column: String, at range: SourceRange?) {
        guard
            directives.trainable.contains(where: { clause in
                clause.patterns.contains { $0.value.lowercased() == name.lowercased() }
            })
        else { return }
        report(
            "trained-and-set",
            name.lowercased() == column.lowercased()
                ? "the data sets \(name): it can't be trained as well"
                : "the number from which \(name) comes is set by the column \(column) of the data: it can't be trained as well",
            at: range)
    }

    /// An input that no column sets would keep the value of one corner in all of them.
    mutating func reportInputsWithoutColumn(_ inputs: [ResolvedInput]) {
        let columns = Set((data?.columns ?? []).map { $0.value.lowercased() })
        for said in directives.inputs
        where !columns.contains(said.value.lowercased())
            && inputs.contains(where: { $0.name.lowercased() == said.value.lowercased() })
            && !directives.encodings.contains(where: { encoding in
                encoding.sources.contains { Glob($0.name.value).matches(said.value) }
            })
        {
            report(
                "idle-input",
                "no column of the data sets \(said.value), and others set \(settings.map(\.name).joined(separator: ", ")): leave it out of the inputs",
                at: said.range)
        }
    }

    /// With the corner of each sample.
    mutating func withCorners(
        _ samples: Samples, of data: SampleTable?, known: inout [[Double]]
    ) -> Samples {
        guard !settings.isEmpty, let data, samples.count > 0 else { return samples }
        let fields = settings.map { setting in
            data.columns.firstIndex { $0.value.lowercased() == setting.name.lowercased() }
                .map { Samples.Field.column($0, scale: 1, offset: 0) }
        }
        for (field, setting) in zip(fields, settings) where field == nil {
            report(
                "missing-column",
                "\(dataName) has no column \(setting.name), which the training data sets",
                at: data.columns[0].range)
        }
        let present = fields.compactMap(\.self)
        guard present.count == settings.count else { return samples }
        let arranged = Samples(
            samples, settings: present, known: &known, most: LearningTask.mostCorners)
        if known.count > LearningTask.mostCorners {
            report(
                "too-many-corners",
                "the data sets \(settings.map(\.name).joined(separator: ", ")) in more than \(LearningTask.mostCorners) different ways, each a circuit of its own: round the values, or take a source's value",
                at: settings[0].column.range)
        }
        return arranged
    }
}
