import Netlist

/// Inputs and samples: what the columns of the data mean.
extension TaskBuilder {
    struct ResolvedInput {
        let name: String
        let dcValue: Double
    }

    /// How a column of this name is read.
    static func kind(
        of column: String, _ directives: LearningDirectives, _ names: CircuitNames
    ) -> SampleTable.Kind {
        if directives.ignored.contains(where: { Glob($0.value).matches(column) }) {
            return .ignored
        }
        if let own = directives.classColumn?.column.value, own.lowercased() == column.lowercased() {
            return .names
        }
        if let encoding = directives.encodings.first(where: { $0.star(of: column) != nil }) {
            return encoding.sources.contains { $0.value != nil } ? .names : .numbers
        }
        // What is none of these is an error, whatever its cells are.
        return outputName(column) != nil || names.source(column) != nil
            || settable(column, in: names.circuit) != nil ? .numbers : .ignored
    }

    /// Columns that are neither sources nor outputs nor anything else that a directive says, and may be of the netlist.
    var settingColumns: [Located<String>] {
        (data?.columns ?? []).filter { column in
            Self.kind(of: column.value, directives, names) == .numbers
                && names.source(column.value) == nil && outputName(column.value) == nil
                && encodings(of: column.value).isEmpty
        }
    }

    mutating func resolveInputs(outputs: [ResolvedOutput]) -> [ResolvedInput] {
        let encoded = (data?.columns ?? []).flatMap { column in
            encodings(of: column.value).flatMap { encoding, star in
                encoding.sources.map {
                    Located($0.name.value.replacing("*", with: star), at: $0.name.range)
                }
            }
        }
        var wanted = directives.inputs
        if wanted.isEmpty, let data {
            wanted = data.columns.filter {
                names.source($0.value) != nil && encodings(of: $0.value).isEmpty
                    && Self.kind(of: $0.value, directives, names) == .numbers
            }
        }
        var resolved: [ResolvedInput] = []
        var seen: Set<String> = []
        for (place, input) in (wanted + encoded).enumerated() {
            guard let source = names.source(input.value) else {
                let isDevice = names.device(input.value) != nil
                let near = nearestName(to: input.value, in: circuit.sources.map(\.name))
                let settable = Self.settable(input.value, in: circuit)
                report(
                    "unknown-source",
                    settable != nil
                        ? place < wanted.count
                            ? "\(input.value) is not an independent source: leave it out of the inputs; a column of this name sets it by itself"
                            : "encode sets independent sources, and \(input.value) is none: call the column \(input.value), and give its values as they are"
                        : isDevice
                            ? "\(input.value) is not an independent source: only V and I sources can be inputs"
                            : "there is no source \(input.value)"
                                + (near.map { "; did you mean \($0)?" } ?? ""),
                    at: input.range)
                continue
            }
            guard seen.insert(source.ngspiceName).inserted else { continue }
            if source.isInSubcircuit {
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

    /// The encodings that a column is for, and what stands in it for the `*` of their names.
    private func encodings(
        of column: String
    ) -> [(encoding: LearningDirectives.Encoding, star: String)] {
        guard !directives.ignored.contains(where: { Glob($0.value).matches(column) }) else {
            return []
        }
        return directives.encodings.compactMap { encoding in
            encoding.star(of: column).map { (encoding, $0) }
        }
    }

    mutating func makeSamples(
        _ data: SampleTable?, _ inputs: [ResolvedInput], _ outputs: [ResolvedOutput],
        _ loss: any Loss
    ) -> Samples {
        var fields: [String: Samples.Field] = [:]
        var targets = [Samples.Field?](repeating: nil, count: outputs.count)
        for (index, column) in (data?.columns ?? []).enumerated() {
            read(column, index, of: data, inputs, outputs, loss, &fields, &targets)
        }
        reportMissingColumns(of: data)
        let hasClassColumn =
            directives.classColumn.map { said in
                data?.columns.contains { column in
                    column.value.lowercased() == said.column.value.lowercased()
                        && !directives.ignored.contains { Glob($0.value).matches(column.value) }
                } ?? false
            } ?? false
        for (index, output) in outputs.enumerated()
        where needsTargets && output.power == nil && targets[index] == nil
            && output.target == nil && !hasClassColumn
        {
            let isClass = !loss.hasGoals || directives.classColumn != nil
            report(
                "no-target",
                isClass && directives.classColumn == nil
                    ? "\(output.output.name) has no share of a class: name the data's column of classes, like *.learn class species names=a,b, or add a column \(output.output.name)"
                    : isClass
                        ? missingColumn(directives.classColumn?.column.value ?? "", of: data)
                        : "\(output.output.name) has no target: write \(output.output.name)=VOLTS"
                            + (data == nil ? "" : " or add a column of that name to \(dataName)"),
                at: isClass ? directives.classColumn?.column.range ?? output.range : output.range)
            if isClass { break }
        }
        let samples = Samples(
            values: data?.values ?? [], columns: data?.columns.count ?? 0, count: data?.count ?? 1,
            inputs: inputs.map { fields[$0.name.lowercased()] ?? .constant($0.dcValue) },
            targets: outputs.indices.map { o in
                if let (source, factor) = outputs[o].power {
                    return (fields[source.name.lowercased()] ?? .constant(source.dcValue))
                        .scaled(by: factor)
                }
                return targets[o] ?? .constant(outputs[o].target ?? .nan)
            })
        guard !diagnostics.contains(where: { $0.severity == .error }) else {
            return Samples(values: [], columns: 0, count: 0, inputs: [], targets: [])
        }
        if !loss.hasGoals, directives.classColumn == nil, needsTargets {
            checkShares(
                samples.targetTable, data, outputs, of: outputs.count { $0.power == nil })
        }
        return samples
    }

    /// An `ignore` that leaves out nothing may be misspelt.
    mutating func warnOfIdleIgnores() {
        let columns = ((data?.columns ?? []) + (test?.columns ?? [])).map(\.value)
        guard !columns.isEmpty else { return }
        for ignored in directives.ignored
        where !columns.contains(where: { Glob(ignored.value).matches($0) }) {
            let near = nearestName(to: ignored.value, in: columns)
            diagnostics.append(
                Diagnostic(
                    "idle-ignore", .warning,
                    "the data has no column \(ignored.value) to leave out"
                        + (near.map { "; did you mean \($0)?" } ?? ""), at: ignored.range))
        }
    }

    /// `the data has no column x`, or that it is one to leave out.
    private func missingColumn(_ name: String, of data: SampleTable?) -> String {
        let column = data?.columns.first { $0.value.lowercased() == name.lowercased() }
        guard let column,
            let ignored = directives.ignored.first(where: { Glob($0.value).matches(column.value) })
        else { return "\(dataName) has no column \(name)" }
        return
            "this needs the column \(column.value) of \(dataName), which ignore \(ignored.value) leaves out: keep one of the two"
    }

    /// What an encoding is for has to be there: without it the source would keep the deck's value.
    private mutating func reportMissingColumns(of data: SampleTable?) {
        guard let data else { return }
        for encoding in directives.encodings {
            let isThere = data.columns.contains { column in
                encodings(of: column.value).contains {
                    $0.encoding.column.value == encoding.column.value
                }
            }
            guard !isThere else { continue }
            let near = nearestName(
                to: encoding.column.value,
                in: data.columns.map(\.value).filter { column in
                    Self.kind(of: column, directives, names) == .ignored
                        && !directives.ignored.contains { Glob($0.value).matches(column) }
                })
            let diagnostic = Diagnostic(
                "missing-column",
                missingColumn(encoding.column.value, of: data)
                    + (near.map { "; did you mean \($0)?" } ?? ""), at: encoding.column.range)
            if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
        }
    }

    /// Shares of classes are from 0 to 1 and sum up to 1.
    private mutating func checkShares(
        _ targets: OutputTable, _ data: SampleTable?, _ outputs: [ResolvedOutput],
        of classes: Int
    ) {
        for m in 0..<targets.samples {
            let row = targets.row(m).prefix(classes)
            let sum = row.reduce(0, +)
            guard !row.allSatisfy({ (0...1).contains($0) }) || abs(sum - 1) > 1e-6 else { continue }
            report(
                "class-shares",
                "the shares of the classes are from 0 to 1 and sum up to 1; in sample \(m + 1) their sum is \(SpiceNumber.shortest(sum))",
                at: data?.range(row: m, column: 0) ?? outputs[0].range)
            return
        }
    }

    /// What a column of the data sets.
    private mutating func read(
        _ column: Located<String>, _ index: Int, of data: SampleTable?, _ inputs: [ResolvedInput],
        _ outputs: [ResolvedOutput], _ loss: any Loss, _ fields: inout [String: Samples.Field],
        _ targets: inout [Samples.Field?]
    ) {
        func duplicate() {
            report("duplicate-column", "column \(column.value) appears twice", at: column.range)
        }
        let own = encodings(of: column.value)
        if directives.ignored.contains(where: { Glob($0.value).matches(column.value) }) { return }
        if let said = directives.classColumn,
            said.column.value.lowercased() == column.value.lowercased()
        {
            readClass(column, index, of: data, said, loss, &targets)
        } else if !own.isEmpty {
            for (encoding, star) in own {
                read(index, of: data, as: encoding, star, &fields)
            }
        } else if let name = outputName(column.value) {
            if let o = place(of: name, outputs) {
                if targets[o] != nil { duplicate() }
                targets[o] = .column(index, scale: 1, offset: 0)
                return
            }
            let near = nearestName(to: column.value, in: outputs.map(\.output.name))
            report(
                "unknown-column",
                "\(column.value) is not an output of this deck"
                    + (near.map { "; did you mean \($0)?" }
                        ?? ": declare it with *.learn output \(column.value)"),
                at: column.range)
        } else if inputs.contains(where: { $0.name.lowercased() == column.value.lowercased() }) {
            let key = column.value.lowercased()
            if fields[key] != nil { duplicate() }
            fields[key] = .column(index, scale: 1, offset: 0)
        } else if names.source(column.value) != nil {
            // Reported as an input where it can't be one.
            guard !directives.inputs.isEmpty else { return }
            report(
                "unknown-column",
                "\(column.value) is a source, but not among the inputs that *.learn input names",
                at: column.range)
        } else if Self.settable(column.value, in: circuit) == nil {
            reportUnknown(column, outputs)
        } else if !settings.contains(where: {
            $0.name.lowercased() == column.value.lowercased()
        }), !diagnostics.contains(where: { $0.id == "unsettable" }) {
            report(
                "unknown-column", "\(column.value) is not among what the training data sets",
                at: column.range)
        }
    }

    /// The output that a column is of.
    private func place(of name: OutputName, _ outputs: [ResolvedOutput]) -> Int? {
        switch name {
        case .current(let source):
            outputs.firstIndex {
                $0.power == nil
                    && $0.output.source.map { circuit.sources[$0].name.lowercased() }
                        == source.lowercased()
            }
        case .voltage(let first, let second):
            names.node(first).flatMap { positive in
                names.node(second).flatMap { negative in
                    outputs.firstIndex {
                        $0.power == nil && $0.output.positive == positive
                            && $0.output.negative == negative
                    }
                }
            }
        }
    }

    private mutating func reportUnknown(_ column: Located<String>, _ outputs: [ResolvedOutput]) {
        let known =
            circuit.sources.map(\.name) + outputs.map(\.output.name)
            + (directives.classColumn.map { [$0.column.value] } ?? [])
            + directives.encodings.map(\.column.value)
        let near = nearestName(to: column.value, in: known)
        let hint =
            column.value.lowercased().hasPrefix("v(") && column.value.last != ")"
            ? "; quote a name that has a comma: \"V(a,c)\""
            : near.map { "; did you mean \($0)?" }
                ?? "; columns are named by source (V1), output (V(b)), parameter, resistor, or temp; say what it is with *.learn encode or class, or leave it out with *.learn ignore \(column.value)"
        report(
            "unknown-column", "there is no source or output \(column.value)" + hint,
            at: column.range)
    }

    private mutating func readClass(
        _ column: Located<String>, _ index: Int, of data: SampleTable?,
        _ said: LearningDirectives.ClassColumn, _ loss: any Loss,
        _ targets: inout [Samples.Field?]
    ) {
        let found = data?.names[index] ?? []
        guard said.names.count <= targets.count else { return }
        if targets.contains(where: { $0 != nil }) {
            report(
                "two-targets",
                "\(dataName) says what the outputs should be twice: by \(column.value) and by columns of their own",
                at: column.range)
        }
        let names = said.names.map(\.value)
        if let unknown = found.firstIndex(where: { !names.contains($0) }), let data,
            let row = data.firstRow(with: Double(unknown), in: index)
        {
            let near = nearestName(to: found[unknown], in: names)
            report(
                "unknown-class",
                "there is no class \(found[unknown])"
                    + (near.map { "; did you mean \($0)?" }
                        ?? "; classes are \(names.prefix(20).joined(separator: ", "))"),
                at: data.range(row: row, column: index))
        }
        for (o, name) in names.enumerated() {
            // What does not come in the data is nowhere.
            let place = found.firstIndex(of: name).map(Double.init) ?? -1
            targets[o] = .match(
                index, place, yes: loss.hasGoals ? said.high?.value ?? 1 : 1,
                no: loss.hasGoals ? said.low?.value ?? 0 : 0)
        }
    }

    private mutating func read(
        _ index: Int, of data: SampleTable?, as encoding: LearningDirectives.Encoding,
        _ star: String, _ fields: inout [String: Samples.Field]
    ) {
        let to = encoding.to?.value
        let isNamed = encoding.sources.contains { $0.value != nil }
        if isNamed, let number = encoding.sources.first(where: { $0.value == nil }) {
            report(
                "missing-value",
                "each source of this column is on at one name: write \(number.name.value)=NAME",
                at: number.name.range)
            return
        }
        if isNamed, let data {
            let known = encoding.sources.compactMap(\.value?.value)
            let found = data.names[index]
            if let unknown = found.firstIndex(where: { !known.contains($0) }),
                let row = data.firstRow(with: Double(unknown), in: index)
            {
                report(
                    "unknown-name",
                    "no source is on at \(found[unknown]); those of this column are on at \(known.joined(separator: ", "))",
                    at: data.range(row: row, column: index))
            }
        }
        if !isNamed, encoding.from == nil, let to = encoding.to {
            report(
                "missing-value",
                "to= is the range of the source: say which of the data becomes that, like from=0..16",
                at: to.range)
            return
        }
        if !isNamed, encoding.sources.count > 2 {
            report(
                "too-many-sources",
                "a column sets one source, and a second one to the negative of that",
                at: encoding.sources[2].name.range)
            return
        }
        for (place, source) in encoding.sources.enumerated() {
            let key = source.name.value.replacing("*", with: star).lowercased()
            if fields[key] != nil {
                report(
                    "duplicate-column", "\(source.name.value) is set by two columns",
                    at: source.name.range)
            }
            if let name = source.value {
                let known = data?.names[index] ?? []
                let code = known.firstIndex(of: name.value).map(Double.init) ?? -1
                fields[key] = .match(index, code, yes: to?.to ?? 1, no: to?.from ?? 0)
                continue
            }
            let sign: Double = place == 0 ? 1 : -1
            guard let from = encoding.from?.value, let to else {
                fields[key] = .column(index, scale: sign, offset: 0)
                continue
            }
            let scale = (to.to - to.from) / (from.to - from.from)
            fields[key] = .column(
                index, scale: sign * scale, offset: sign * (to.from - scale * from.from))
        }
    }
}

extension LearningDirectives.Encoding {
    /// What stands for the `*` in a column's name, nothing without one; nil for other columns.
    func star(of name: String) -> String? {
        let (pattern, text) = (column.value.lowercased(), name.lowercased())
        guard let place = pattern.firstIndex(of: "*") else { return pattern == text ? "" : nil }
        let (head, tail) = (pattern[..<place], pattern[pattern.index(after: place)...])
        guard text.count >= head.count + tail.count, text.hasPrefix(head), text.hasSuffix(tail)
        else { return nil }
        return String(name.dropFirst(head.count).dropLast(tail.count))
    }
}

extension LearningTask {
    /// How a column of data for a deck is read, by its name.
    public static func columnKind(
        _ directives: LearningDirectives, _ circuit: Circuit
    ) -> (String) -> SampleTable.Kind {
        let names = CircuitNames(circuit)
        return { TaskBuilder.kind(of: $0, directives, names) }
    }

    /// What the numbers in a column of data for a deck are, for messages: "degrees Celsius".
    public static func columnUnit(
        _ directives: LearningDirectives, _ circuit: Circuit
    ) -> (String) -> String {
        let names = CircuitNames(circuit)
        return { column in
            if directives.encodings.contains(where: { $0.star(of: column) != nil }) {
                return "a plain number"
            }
            if outputName(column) != nil || names.source(column) != nil {
                return "volts or amperes"
            }
            return switch TaskBuilder.settable(column, in: circuit) {
            case .temperature: "degrees Celsius"
            case .resistor: "ohms"
            case .parameter, nil: "a plain number"
            }
        }
    }
}

/// What a column of targets is of.
private enum OutputName {
    case voltage(String, String)
    case current(String)
}

/// `V(a)`, `V(a,b)` or `I(V1)` taken apart; nil for any other text.
private func outputName(_ text: String) -> OutputName? {
    let compact = text.filter { !$0.isWhitespace }
    let isCurrent = compact.lowercased().hasPrefix("i(")
    guard isCurrent || compact.lowercased().hasPrefix("v("), compact.hasSuffix(")") else {
        return nil
    }
    let parts = compact.dropFirst(2).dropLast().split(
        separator: ",", omittingEmptySubsequences: false)
    guard (1...(isCurrent ? 1 : 2)).contains(parts.count), parts.allSatisfy({ !$0.isEmpty })
    else { return nil }
    if isCurrent { return .current(String(parts[0])) }
    return .voltage(String(parts[0]), parts.count == 2 ? String(parts[1]) : "0")
}
