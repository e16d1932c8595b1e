/// Which numbers in the text feed which devices, and through which of them each resistor is written.
struct OriginTable {
    private struct Use {
        var resistorCount = 0
        /// Something other than a resistance that depends on the number, too.
        var other: String?
    }

    private var uses: [NumberText: Use] = [:]

    /// Notes that a resistance depends on these texts.
    mutating func count(_ texts: some Sequence<NumberText>) {
        for text in texts { uses[text, default: Use()].resistorCount += 1 }
    }

    /// Notes that something other than a resistance depends on a value.
    mutating func use(_ value: ParameterValue, by user: String, at range: SourceRange) {
        for text in value.sources.keys where text.range.bytes != range.bytes {
            if uses[text]?.other == nil { uses[text, default: Use()].other = user }
        }
    }

    // MARK: Choice

    /// The finished resistors, each with the text through which it can be written.
    ///
    /// Of several texts a resistor takes the one that feeds the fewest; but where another of its texts
    /// is written for another resistor's sake, it takes that one, because both would change it.
    func resolve(_ pending: [PendingResistor], mainFile: SourceFile) -> [Circuit.Resistor] {
        var choices: [Int: (text: NumberText, relation: FractionalLinear)] = [:]
        var chosen: [NumberText: Int] = [:]
        var several: [Int] = []
        for (index, resistor) in pending.enumerated() {
            guard case .computed(let sources) = resistor.source else { continue }
            let candidates = candidates(sources, mainFile)
            guard let first = candidates.first else { continue }
            choices[index] = first
            chosen[first.text, default: 0] += 1
            if sources.count > 1 { several.append(index) }
        }
        // Each round can only join resistors that share texts, and so few rounds settle it.
        for _ in 0..<8 {
            var changed = false
            for index in several {
                guard case .computed(let sources) = pending[index].source,
                    let choice = choices[index]
                else { continue }
                let shared = candidates(sources, mainFile).filter {
                    $0.text != choice.text && chosen[$0.text, default: 0] > 0
                }
                guard let other = shared.first else { continue }
                choices[index] = other
                chosen[choice.text, default: 0] -= 1
                chosen[other.text, default: 0] += 1
                changed = true
            }
            if !changed { break }
        }
        return pending.enumerated().map { index, resistor in
            Circuit.Resistor(
                name: resistor.name, ngspiceName: resistor.ngspiceName,
                positive: resistor.positive, negative: resistor.negative,
                resistance: resistor.resistance, conductanceFactor: resistor.conductanceFactor,
                origin: origin(resistor, choices[index], chosen, mainFile), range: resistor.range)
        }
    }

    private func candidates(_ sources: [NumberText: FractionalLinear?], _ mainFile: SourceFile)
        -> [(text: NumberText, relation: FractionalLinear)]
    {
        sources.compactMap { text, relation in
            guard let relation, relation.isInvertible, text.range.file == mainFile,
                uses[text]?.other == nil
            else { return nil }
            return (text, relation)
        }.sorted {
            let (a, b) = (uses[$0.text]?.resistorCount ?? 0, uses[$1.text]?.resistorCount ?? 0)
            return a == b
                ? $0.text.range.bytes.lowerBound < $1.text.range.bytes.lowerBound : a < b
        }
    }

    private func origin(
        _ resistor: PendingResistor, _ choice: (text: NumberText, relation: FractionalLinear)?,
        _ chosen: [NumberText: Int], _ mainFile: SourceFile
    ) -> ResistanceOrigin {
        switch resistor.source {
        case .unwritable(let reason): return .unwritable(reason: reason)
        case .literal(let text):
            guard text.range.file == mainFile else {
                return .unwritable(reason: Self.inIncludedFile(text))
            }
            return .text(text, .identity)
        case .computed(let sources):
            guard let choice else { return .unwritable(reason: reason(sources, mainFile)) }
            let rival = sources.keys.filter {
                $0 != choice.text && chosen[$0, default: 0] > 0
            }.min { $0.range.bytes.lowerBound < $1.range.bytes.lowerBound }
            if let rival {
                return .unwritable(
                    reason: "it depends on the number on line \(rival.range.start.line), through "
                        + "which another resistor is written; give it a value of its own")
            }
            return .text(choice.text, choice.relation)
        }
    }

    private static func inIncludedFile(_ text: NumberText) -> String {
        "its value is in \(text.range.file.path), which is only read; "
            + "copy it into the deck"
    }

    private func reason(_ sources: [NumberText: FractionalLinear?], _ mainFile: SourceFile)
        -> String
    {
        let texts = sources.keys.sorted { $0.range.bytes.lowerBound < $1.range.bytes.lowerBound }
        if let (text, user) = texts.lazy.compactMap({ text in
            uses[text]?.other.map { (text, $0) }
        }).first {
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

extension FractionalLinear {
    /// Whether each result comes from one x only.
    var isInvertible: Bool {
        let determinant = a * d - b * c
        return determinant.isFinite && determinant != 0
    }
}
