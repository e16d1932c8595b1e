extension Circuit {
    /// Through which text each resistor is written when these are trained.
    ///
    /// Of several texts a trained resistor takes the one that feeds the fewest resistors, at best only
    /// itself; but where another of its texts is written for another trained resistor's sake, it takes
    /// that one, because both would change it. Resistors that depend on a chosen text change with it,
    /// whether they were asked for or not.
    ///
    /// - Parameter indices: the resistors to train.
    /// - Returns: for each resistor, where it is written or why it can't be; nil for one that stays as
    ///   it is.
    /// - Complexity: linear in the resistors and the texts on which they depend.
    public func origins(training indices: some Sequence<Int>) -> [ResistanceOrigin?] {
        var resolver = OriginResolver(self)
        return resolver.resolve(Set(indices))
    }
}

private struct OriginResolver {
    private let circuit: Circuit
    private let mainFile: SourceFile?
    /// How many resistors depend on each text.
    private var counts: [NumberText: Int] = [:]
    private var choices: [Int: (text: NumberText, relation: FractionalLinear)] = [:]
    /// How many trained resistors are written through each text.
    private var chosen: [NumberText: Int] = [:]

    init(_ circuit: Circuit) {
        self.circuit = circuit
        mainFile = circuit.textUses.mainFile
        for resistor in circuit.resistors {
            for text in resistor.source.texts.keys { counts[text, default: 0] += 1 }
        }
    }

    mutating func resolve(_ trained: Set<Int>) -> [ResistanceOrigin?] {
        let order = trained.sorted()
        for index in order {
            guard let first = candidates(index).first else { continue }
            choices[index] = first
            chosen[first.text, default: 0] += 1
        }
        join(order)
        var origins = [ResistanceOrigin?](repeating: nil, count: circuit.resistors.count)
        for index in order { origins[index] = origin(index) }
        for index in circuit.resistors.indices where !trained.contains(index) {
            origins[index] = follow(index)
        }
        return origins
    }

    /// Moves resistors to texts that are written for others anyway. Each round can only join resistors
    /// that share texts, and so few rounds settle it.
    private mutating func join(_ order: [Int]) {
        let several = order.filter { circuit.resistors[$0].source.texts.count > 1 }
        for _ in 0..<8 {
            var changed = false
            for index in several {
                guard let choice = choices[index],
                    let other = candidates(index).first(where: {
                        $0.text != choice.text && chosen[$0.text, default: 0] > 0
                    })
                else { continue }
                choices[index] = other
                chosen[choice.text, default: 0] -= 1
                chosen[other.text, default: 0] += 1
                changed = true
            }
            if !changed { return }
        }
    }

    private func candidates(_ index: Int) -> [(text: NumberText, relation: FractionalLinear)] {
        circuit.resistors[index].source.texts.compactMap { text, relation in
            guard let relation, relation.isInvertible, text.range.file == mainFile,
                circuit.textUses.users[text] == nil
            else { return nil }
            return (text, relation)
        }.sorted {
            let (a, b) = (counts[$0.text] ?? 0, counts[$1.text] ?? 0)
            return a == b
                ? $0.text.range.bytes.lowerBound < $1.text.range.bytes.lowerBound : a < b
        }
    }

    private func origin(_ index: Int) -> ResistanceOrigin {
        let source = circuit.resistors[index].source
        if case .unwritable(let reason) = source { return .unwritable(reason: reason) }
        guard let choice = choices[index] else { return .unwritable(reason: reason(source)) }
        if let rival = rival(of: choice.text, among: source.texts) {
            return .unwritable(
                reason: "it depends on the number on line \(rival.range.start.line), through "
                    + "which another resistor is written; give it a value of its own")
        }
        return .text(choice.text, choice.relation)
    }

    /// A resistor that is not trained itself, but depends on a text that is written.
    private func follow(_ index: Int) -> ResistanceOrigin? {
        let texts = circuit.resistors[index].source.texts
        guard let text = rival(of: nil, among: texts) else { return nil }
        guard let relation = texts[text] ?? nil, rival(of: text, among: texts) == nil else {
            return .unwritable(
                reason: "it depends on the number on line \(text.range.start.line), through which "
                    + "a trained resistor is written, in a way that can't be followed; "
                    + "give it a value of its own")
        }
        return .text(text, relation)
    }

    /// Another text that is written for a trained resistor.
    private func rival(
        of text: NumberText?, among texts: [NumberText: FractionalLinear?]
    ) -> NumberText? {
        texts.keys.filter { $0 != text && chosen[$0, default: 0] > 0 }
            .min { $0.range.bytes.lowerBound < $1.range.bytes.lowerBound }
    }

    private static func inIncludedFile(_ text: NumberText) -> String {
        "its value is in \(text.range.file.path), which is only read; copy it into the deck"
    }

    private func reason(_ source: ResistanceSource) -> String {
        let texts = source.texts.keys.sorted {
            $0.range.bytes.lowerBound < $1.range.bytes.lowerBound
        }
        if let text = texts.first(where: { circuit.textUses.users[$0] != nil }),
            let user = circuit.textUses.users[text]
        {
            return "the number on line \(text.range.start.line) from which its value comes "
                + "also sets \(user); give the resistor a value of its own"
        }
        if let text = texts.first(where: { $0.range.file != mainFile }) {
            return Self.inIncludedFile(text)
        }
        if let text = texts.first {
            return "its value can't be solved for the number on line \(text.range.start.line); "
                + "write a number for its value"
        }
        return "its value is an expression of constants; write it as one number"
    }
}
