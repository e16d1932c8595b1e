import Netlist

/// Values of sources, parameters, and numbers that resistances follow in other ways than in proportion.
extension TaskBuilder {
    /// A source or parameter that a `trainable` line names, with its text.
    struct NamedNumber {
        let name: String
        let unit: String
        let range: SourceRange
        var choice: TrainingChoice
    }

    /// What follows from a number of the text.
    struct Effects {
        var resistors: [Int] = []
        var sources: [Int] = []
        var cards: [Circuit.CardPlace] = []
    }

    /// The texts of the sources and parameters that are named.
    mutating func resolveNumbers(
        _ choices: Choices, inputs: Set<String>
    ) -> [NumberText: NamedNumber] {
        var found: [NumberText: NamedNumber] = [:]
        for (index, choice) in choices.sources.sorted(by: { $0.key < $1.key }) {
            let source = circuit.sources[index]
            guard !inputs.contains(source.name.lowercased()) else {
                report(
                    "trained-input",
                    "\(source.name) can't be trained: it is an input, which the data sets",
                    at: source.range)
                continue
            }
            guard DeviceName.isOneWord(source.ngspiceName) else {
                report(
                    "unsafe-name",
                    """
                    in ngspice's commands a device can't have the name \(source.name), so it can't \
                    be trained; use letters, digits and _
                    """, at: source.range)
                continue
            }
            if case .unwritable(let reason) = source.source {
                report(
                    "untrainable", "\(source.name) can't be trained: \(reason)", at: source.range)
                continue
            }
            add(
                NamedNumber(
                    name: source.name, unit: source.kind == .voltage ? "V" : "A",
                    range: source.range, choice: choice),
                source.source.origin, to: &found)
        }
        for (index, choice) in choices.parameters.sorted(by: { $0.key < $1.key }) {
            let parameter = circuit.parameters[index]
            add(
                NamedNumber(
                    name: parameter.name, unit: "", range: parameter.range, choice: choice),
                parameter.origin, to: &found)
        }
        for place in circuit.cardPlaces {
            guard let choice = choices.cards[place] else { continue }
            let number = circuit[place]
            let name = "\(circuit.ownerName(of: place)).\(number.name)"
            add(
                NamedNumber(name: name, unit: "", range: number.range, choice: choice),
                number.source.origin, to: &found)
        }
        return found
    }

    private mutating func add(
        _ number: NamedNumber, _ origin: ValueOrigin, to found: inout [NumberText: NamedNumber]
    ) {
        guard case .text(let text) = origin else {
            let texts = circuit.texts(of: origin)
            let parameters = texts.compactMap { text in
                circuit.parameters.first { $0.origin == .text(text) }?.name
            }
            let wayOut =
                texts.isEmpty
                ? "write it as one number"
                : parameters.isEmpty
                    ? "give it a number of its own"
                    : "train what it comes from: \(parameters.joined(separator: ", "))"
            report(
                "untrainable",
                "\(number.name) can't be trained: its value is an expression; \(wayOut)",
                at: number.range)
            return
        }
        if let reason = circuit.whyUnwritable(text, giving: number.name) {
            report("untrainable", "\(number.name) can't be trained: \(reason)", at: number.range)
            return
        }
        guard var earlier = found[text] else {
            found[text] = number
            return
        }
        // Two names of one number.
        func conflicts<Value: Equatable>(_ a: Located<Value>?, _ b: Located<Value>?) -> Bool {
            a != nil && b != nil && a?.value != b?.value
        }
        if conflicts(earlier.choice.variable, number.choice.variable)
            || conflicts(earlier.choice.local, number.choice.local)
            || conflicts(earlier.choice.min, number.choice.min)
            || conflicts(earlier.choice.max, number.choice.max)
        {
            report(
                "conflicting-vary",
                "\(earlier.name) and \(number.name) are one number in the deck, but what is said of "
                    + "them differs", at: number.range)
        }
        earlier.choice.min = earlier.choice.min ?? number.choice.min
        earlier.choice.max = earlier.choice.max ?? number.choice.max
        earlier.choice.variable = earlier.choice.variable ?? number.choice.variable
        earlier.choice.local = earlier.choice.local ?? number.choice.local
        found[text] = earlier
    }

    /// The texts that are trained as numbers, with what follows from them: those named, and those that
    /// resistances do not follow in proportion.
    mutating func numbersAmong(
        _ members: [NumberText: [Int]], _ origins: [ResistanceOrigin?],
        _ named: [NumberText: NamedNumber], _ choices: Choices, inputs: Set<String>
    ) -> [NumberText: Effects] {
        let trained = Set(members.keys).union(named.keys)
        var resistors: [NumberText: [Int]] = [:]
        var sources: [NumberText: [Int]] = [:]
        var numbers = Set(named.keys)
        for (index, resistor) in circuit.resistors.enumerated() {
            // A number on a resistor's own line feeds nothing else.
            guard case .computed(let origin) = resistor.source else { continue }
            let texts = circuit.texts(of: origin).filter(trained.contains)
            for text in texts { resistors[text, default: []].append(index) }
            // Where several are written, each is a number.
            if texts.count > 1 { numbers.formUnion(texts) }
        }
        for (index, source) in circuit.sources.enumerated()
        where !inputs.contains(source.name.lowercased()) {
            let texts = circuit.texts(of: source.source.origin).filter(trained.contains)
            for text in texts { sources[text, default: []].append(index) }
            numbers.formUnion(texts)
        }
        var cards: [NumberText: [Circuit.CardPlace]] = [:]
        for place in circuit.cardPlaces {
            let texts = circuit.texts(of: circuit[place].source.origin).filter(trained.contains)
            for text in texts { cards[text, default: []].append(place) }
            numbers.formUnion(texts)
        }
        for (text, tied) in members where !numbers.contains(text) {
            if tied.count == 1, case .text(_, .some) = origins[tied[0]] { continue }
            let relations = tied.compactMap { index -> FractionalLinear? in
                if case .text(_, let relation) = origins[index] { relation } else { nil }
            }
            if relations.count < tied.count || !TrainableParameter.areProportional(relations) {
                numbers.insert(text)
            }
        }
        var result: [NumberText: Effects] = [:]
        for text in numbers {
            result[text] = Effects(
                resistors: resistors[text] ?? [], sources: sources[text] ?? [],
                cards: cards[text] ?? [])
        }
        return result
    }

    /// A number of the text as a parameter.
    mutating func number(
        _ text: NumberText, _ effects: Effects, _ named: NamedNumber?, _ choices: Choices,
        inputs: Set<String>
    ) -> [TrainableParameter] {
        let chosen = effects.resistors.filter { choices.resistors[$0] != nil }
        let name =
            named?.name
            ?? circuit.parameters.first { $0.origin == .text(text) }?.name
            ?? chosen.first.map { circuit.resistors[$0].name } ?? "the number"
        let range = named?.range ?? chosen.first.map { circuit.resistors[$0].range } ?? text.range
        guard !effects.resistors.isEmpty || !effects.sources.isEmpty || !effects.cards.isEmpty
        else {
            report(
                "untrainable",
                "\(name) can't be trained: no resistor, independent source or semiconductor depends on it"
                    + (text.value == 0
                        ? ", or only where it is not zero: begin with another value" : ""),
                at: range)
            return []
        }
        for place in effects.cards {
            guard let reason = whyUntrainable(place) else { continue }
            let own = "\(circuit.ownerName(of: place)).\(circuit[place].name)"
            report(
                "untrainable",
                "\(name) can't be trained: "
                    + (own == name ? reason : "it sets \(own), and \(reason)"),
                at: range)
            return []
        }
        if named == nil {
            let followers =
                effects.resistors.filter { choices.resistors[$0] == nil }.map {
                    (circuit.resistors[$0].name, circuit.resistors[$0].range)
                } + effects.sources.map { (circuit.sources[$0].name, circuit.sources[$0].range) }
                + effects.cards.map { (circuit.owner(of: $0), circuit[$0].range) }
            if let first = followers.first, let leader = chosen.first {
                warnOfFollower(first.0, of: circuit.resistors[leader].name, text, first.1)
            }
        }
        let choice = named?.choice ?? TrainingChoice()
        let variables =
            [choice.variable].compactMap(\.self)
            + (named == nil ? chosen.compactMap { choices.resistors[$0]?.variable } : [])
        if Set(variables.map(\.value)).count > 1 {
            report(
                "conflicting-vary",
                "\(names(of: chosen)) are one number in the deck, but vary= differs",
                at: variables.last?.range)
        }
        let isSource = !effects.sources.isEmpty || effects.cards.contains(where: maySign)
        let (bounds, isGiven) = bounds(text, name, named, effects, choices)
        guard bounds.lowerBound <= text.value, text.value <= bounds.upperBound else { return [] }
        guard
            let variable = variable(
                variables.last, name, isPositive: bounds.lowerBound > 0)
        else { return [] }
        let local = choice.local ?? chosen.compactMap { choices.resistors[$0]?.local }.first
        if let local, local.value == .drops,
            !effects.sources.contains(where: { !circuit.channels(gatedBy: $0).isEmpty })
        {
            report(
                "no-gate",
                "local=drops is for sources that hold gates of transistors, which \(name) doesn't; "
                    + "leave it out", at: local.range)
        }
        // ln u where that has no end.
        let isLogarithmic = bounds.lowerBound > 0 && (!isSource || variable.chart.isOfPositive)
        let least =
            effects.cards.isEmpty
            && effects.sources.allSatisfy { circuit.sources[$0].kind == .current }
        let natural = max(
            abs(text.value), isSource ? (least && text.value != 0 ? 0 : least ? 1e-3 : 1) : 0)
        let width = bounds.upperBound - bounds.lowerBound
        let scale = min(natural > 0 ? natural : 1, width > 0 && width.isFinite ? width : .infinity)
        let x = text.value
        let low =
            isGiven.lower
            ? bounds.lowerBound : max(bounds.lowerBound, isLogarithmic ? x / 10 : x - scale)
        let high =
            isGiven.upper
            ? bounds.upperBound : min(bounds.upperBound, isLogarithmic ? x * 10 : x + scale)
        return [
            TrainableParameter(
                number: text, name: name,
                unit: named?.unit ?? "", resistors: effects.resistors, sources: effects.sources,
                cards: effects.cards, bounds: bounds,
                startRange: min(low, high)...max(low, high), scale: isLogarithmic ? nil : scale,
                variable: variable, localTerm: local?.value == .drops ? .drops : .adjoint)
        ]
    }

    /// Whether a number of a semiconductor may have either sign.
    private func maySign(_ place: Circuit.CardPlace) -> Bool {
        ["vto", "vt0", "tc1", "tc2", "xti", "xtb"].contains(circuit[place].name)
    }

    /// Why a number can't be trained, as a clause; nil where it can.
    private func whyUntrainable(_ place: Circuit.CardPlace) -> String? {
        if case .unwritable(let reason) = circuit[place].source { return reason }
        guard let device = circuit.firstDevice(of: place) else {
            return "no device uses this model"
        }
        guard DeviceName.isOneWord(device.ngspiceName) else {
            return
                "in ngspice's commands a device can't have the name \(device.name); use letters, "
                + "digits and _"
        }
        return circuit.whyUntrainable(place)
    }

    private mutating func variable(
        _ asked: Located<String>?, _ name: String, isPositive: Bool
    ) -> TrainableParameter.Variable? {
        guard let asked else { return .value }
        guard let chart = Chart.named(asked.value, of: .number) else {
            report(
                "unknown-variable",
                "vary=\(asked.value) is for resistors, and \(name) is a number: vary=value or log",
                at: asked.range)
            return nil
        }
        guard isPositive || !chart.isOfPositive else {
            report(
                "unknown-variable",
                "vary=\(asked.value) needs a positive number: give \(name) a bound like min=1m, or leave vary= out",
                at: asked.range)
            return nil
        }
        return TrainableParameter.Variable(.number, chart)
    }

    /// Where a number may go: within what is given, and where every resistance that follows from it alone stays
    /// within its own bounds; a number that feeds resistors only keeps its sign unless bounds let it pass 0.
    private mutating func bounds(
        _ text: NumberText, _ name: String, _ named: NamedNumber?, _ effects: Effects,
        _ choices: Choices
    ) -> (ClosedRange<Double>, isGiven: (lower: Bool, upper: Bool)) {
        let x = text.value
        let choice = named?.choice ?? TrainingChoice()
        let ofResistors = effects.resistors.map { index in
            bounds(of: index, choices.resistors[index] ?? TrainingChoice())
        }
        var (lower, upper) = (-Double.infinity, Double.infinity)
        if effects.sources.isEmpty, !effects.cards.contains(where: maySign) {
            // Beyond a thousand times, a semiconductor is hardly one that could be made.
            let most = effects.cards.isEmpty ? 1e9 : 1e3
            if x > 0 { (lower, upper) = (x / most, x * most) }
            if x < 0 { (lower, upper) = (x * most, x / most) }
        }
        let isEmpty = contradict(choice)
        for (key, bound) in [("min", choice.min), ("max", choice.max)] {
            guard let bound, !isEmpty else { continue }
            if key == "min" ? x < bound.value : x > bound.value {
                reportOutside(name, x, named?.unit ?? "", key, bound, at: text.range)
            }
        }
        if !isEmpty {
            if let min = choice.min { lower = min.value }
            if let max = choice.max { upper = max.value }
        }
        guard lower <= x, x <= upper else {
            // Reported: nothing follows from it any more.
            return (x...x, (false, false))
        }
        let program = circuit.program(
            computing: effects.resistors.map {
                (circuit.resistors[$0].source.origin, circuit.resistors[$0].resistance)
            }, from: [text])
        func isFeasible(_ value: Double) -> Bool {
            zip(program.values(at: [value]), ofResistors).allSatisfy { $1.contains($0) }
        }
        let isGiven = (lower: choice.min != nil, upper: choice.max != nil)
        guard isFeasible(x) else { return (lower...upper, isGiven) }
        return (
            Self.edge(from: x, to: lower, isFeasible)...Self.edge(from: x, to: upper, isFeasible),
            isGiven
        )
    }

    /// The value nearest to `end` up to which all is feasible, to a relative 1e-12, if what is feasible is one
    /// interval.
    private static func edge(
        from start: Double, to end: Double, _ isFeasible: (Double) -> Bool
    ) -> Double {
        let far = max(1, abs(start)) * 1e12
        let last = end.isFinite ? end : start + (end < 0 ? -far : far)
        if isFeasible(last) { return end }
        var (good, bad) = (start, last)
        for _ in 0..<200 {
            let isGeometric = good * bad > 0
            let middle = isGeometric ? good * (bad / good).squareRoot() : 0.5 * (good + bad)
            guard middle != good, middle != bad,
                abs(bad - good) > 1e-12 * max(abs(good), abs(bad))
            else { break }
            if isFeasible(middle) { good = middle } else { bad = middle }
        }
        return good
    }
}
