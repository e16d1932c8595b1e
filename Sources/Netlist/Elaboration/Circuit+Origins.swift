extension Circuit {
    /// Through which text each resistor is written when these are trained.
    ///
    /// Of several texts a trained resistor takes the one that feeds the fewest resistors, at best only
    /// itself, and of these one for which its value can be solved; but where another of its texts is written
    /// for another trained resistor's sake, it takes that one, because both would change it. It takes none that sets a source, too. Resistors that
    /// depend on a chosen text change with it, whether they were asked for or not.
    ///
    /// - Parameters:
    ///   - indices: the resistors to train.
    ///   - written: texts that are written in any case.
    /// - Returns: for each resistor, where it is written or why it can't be; nil for one that stays as
    ///   it is.
    /// - Complexity: linear in the resistors and the texts on which they depend.
    public func origins(
        training indices: some Sequence<Int>, alsoWriting written: Set<NumberText> = []
    ) -> [ResistanceOrigin?] {
        var resolver = OriginResolver(self, written: written)
        return resolver.resolve(Set(indices))
    }

    /// The texts on which a value of this circuit depends.
    public func texts(of origin: ValueOrigin) -> [NumberText] { tape.texts(of: origin) }

    /// How a value follows from one text with the others held; nil where that has no closed form that can be
    /// inverted.
    public func relation(of origin: ValueOrigin, to text: NumberText) -> FractionalLinear? {
        switch origin {
        case .constant: return nil
        case .text(let own): return own == text ? .identity : nil
        case .node(let node):
            guard let relation = tape.relation(of: node, to: text), relation.isInvertible else {
                return nil
            }
            return relation
        }
    }

    /// The numbers of these origins as functions of texts; all other texts stay as they are.
    ///
    /// - Parameter origins: with the values in the deck.
    public func program(
        computing origins: [(origin: ValueOrigin, value: Double)], from texts: [NumberText]
    ) -> ValueProgram {
        ValueProgram(tape, computing: origins, from: texts)
    }

    /// Why a number in the text can't be written, with the way out, as a clause that follows
    /// "R1 can't be trained: "; nil where it can.
    ///
    /// - Parameter what: the thing that gets a value of its own, as in "give the resistor a value of its own".
    public func whyUnwritable(_ text: NumberText, giving what: String = "the resistor") -> String? {
        if let user = textUses.users[text] {
            return "the number on line \(text.range.start.line) from which its value comes "
                + "also sets \(user); give \(what) a value of its own"
        }
        return whyReadOnly(text)
    }

    /// Why a text stays as it is, as in `whyUnwritable`, whatever else it sets.
    public func whyReadOnly(_ text: NumberText) -> String? {
        text.range.file != textUses.mainFile
            ? "its value is in \(text.range.file.path), which is only read; copy it into the deck"
            : nil
    }
}

private struct OriginResolver {
    private struct Candidate {
        let text: NumberText
        /// Nil where it can't be inverted.
        let relation: FractionalLinear?
    }

    private let circuit: Circuit
    private let written: Set<NumberText>
    /// The source, or the semiconductor or its model, that a text sets, beside resistances.
    private var sourceUsers: [NumberText: String] = [:]
    /// How many resistors depend on each text.
    private var counts: [NumberText: Int] = [:]
    private var choices: [Int: Candidate] = [:]
    /// How many trained resistors are written through each text.
    private var chosen: [NumberText: Int] = [:]

    init(_ circuit: Circuit, written: Set<NumberText>) {
        self.circuit = circuit
        self.written = written
        for resistor in circuit.resistors {
            for text in circuit.texts(of: resistor.source.origin) { counts[text, default: 0] += 1 }
        }
        for text in written { chosen[text] = 1 }
        for source in circuit.sources {
            guard case .computed(let origin) = source.source else { continue }
            for text in circuit.texts(of: origin) where sourceUsers[text] == nil {
                sourceUsers[text] = source.name
            }
        }
        for place in circuit.cardPlaces {
            guard case .computed(let origin) = circuit[place].source else { continue }
            for text in circuit.texts(of: origin) where sourceUsers[text] == nil {
                sourceUsers[text] = circuit.owner(of: place)
            }
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
        let several = order.filter {
            if case .computed(.node) = circuit.resistors[$0].source { true } else { false }
        }
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

    private func candidates(_ index: Int) -> [Candidate] {
        let resistor = circuit.resistors[index]
        if case .literal(let text) = resistor.source {
            return circuit.whyUnwritable(text) == nil
                ? [Candidate(text: text, relation: .identity)] : []
        }
        let origin = resistor.source.origin
        return circuit.texts(of: origin).compactMap { text -> Candidate? in
            // A name of a resistor asks for no other supply.
            guard circuit.whyUnwritable(text) == nil,
                sourceUsers[text] == nil || written.contains(text)
            else { return nil }
            if let relation = circuit.relation(of: origin, to: text) {
                return Candidate(text: text, relation: relation)
            }
            let slope = circuit.program(
                computing: [(origin, resistor.resistance)], from: [text]
            ).derivatives(at: [text.value], by: 0)[0]
            return slope.isFinite && slope != 0 ? Candidate(text: text, relation: nil) : nil
        }.sorted {
            let (a, b) = (counts[$0.text] ?? 0, counts[$1.text] ?? 0)
            if ($0.relation == nil) != ($1.relation == nil) { return $1.relation == nil }
            return a == b
                ? $0.text.range.bytes.lowerBound < $1.text.range.bytes.lowerBound : a < b
        }
    }

    private func origin(_ index: Int) -> ResistanceOrigin {
        let source = circuit.resistors[index].source
        if case .unwritable(let reason) = source { return .unwritable(reason: reason) }
        guard let choice = choices[index] else { return .unwritable(reason: reason(source)) }
        return .text(choice.text, isShared(source) ? nil : choice.relation)
    }

    /// A resistor that is not trained itself, but depends on a text that is written.
    private func follow(_ index: Int) -> ResistanceOrigin? {
        let source = circuit.resistors[index].source
        guard let text = texts(writtenFor: source).first else { return nil }
        return .text(
            text, isShared(source) ? nil : circuit.relation(of: source.origin, to: text))
    }

    /// Whether it depends on several texts that are written.
    private func isShared(_ source: NumberSource) -> Bool {
        guard case .computed(.node) = source else { return false }
        return texts(writtenFor: source).count > 1
    }

    private func texts(writtenFor source: NumberSource) -> [NumberText] {
        circuit.texts(of: source.origin).filter { chosen[$0, default: 0] > 0 }
    }

    private func reason(_ source: NumberSource) -> String {
        let texts = circuit.texts(of: source.origin).sorted {
            $0.range.bytes.lowerBound < $1.range.bytes.lowerBound
        }
        let users = texts.filter { circuit.textUses.users[$0] != nil }
        if let reason = (users + texts).lazy.compactMap({ circuit.whyUnwritable($0) }).first {
            return reason
        }
        if let text = texts.first(where: { sourceUsers[$0] != nil }),
            let user = sourceUsers[text]
        {
            return "the number on line \(text.range.start.line) from which its value comes also "
                + "sets \(user); give the resistor a value of its own, or train that number by the "
                + "parameter's name"
        }
        if let text = texts.first {
            return "it doesn't change with the number on line \(text.range.start.line); "
                + "write a number for its value"
        }
        return "its value is an expression of constants; write it as one number"
    }
}
