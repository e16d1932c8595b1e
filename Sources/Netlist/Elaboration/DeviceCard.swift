extension Circuit {
    /// A number with a name, on a semiconductor's line or in its model: `w=10u`.
    public struct CardNumber: Sendable {
        /// Lower case.
        public let name: String
        public let value: Double
        public let source: NumberSource
        /// The value's place in the text.
        public let range: SourceRange
    }

    /// A `.model` as devices use it, evaluated: one for each instance of a subcircuit that defines it.
    public struct Model: Sendable {
        /// As first spelled in the deck, flattened with dots: `X1.dm`.
        public let name: String
        /// Lower case: `d`, `nmos`.
        public let type: String
        /// In the order of the text; no name twice.
        public let numbers: [CardNumber]
        /// The model's name in the deck.
        public let range: SourceRange
    }

    /// What a semiconductor's own line says, and its model.
    public struct Card: Sendable {
        /// Index into `Circuit.models`.
        public let model: Int
        /// In the order of the text; no name twice. The multiplicity that ngspice appends within a subcircuit
        /// that is called with `m=` stands here as `m`.
        public let numbers: [CardNumber]
    }

    /// What holds for all semiconductors.
    public struct Conditions: Sendable, Hashable {
        /// °C.
        public var temperature = 27.0
        /// °C, at which models' parameters hold that name no other.
        public var nominalTemperature = 27.0
        /// Siemens, in parallel with every junction.
        public var gmin = 1e-12

        public init() {}
    }
}

extension Circuit {
    /// Where a number of a card stands.
    public struct CardPlace: Sendable, Hashable {
        public enum Owner: Sendable, Hashable {
            /// Index into `otherDevices`.
            case device(Int)
            /// Index into `models`.
            case model(Int)
        }

        public let owner: Owner
        /// Index into the owner's numbers.
        public let number: Int

        public init(owner: Owner, number: Int) {
            (self.owner, self.number) = (owner, number)
        }
    }

    /// The numbers on semiconductors' lines, in the devices' order, then those of models.
    public var cardPlaces: [CardPlace] {
        var places: [CardPlace] = []
        for (index, device) in otherDevices.enumerated() {
            for number in (device.card?.numbers ?? []).indices {
                places.append(CardPlace(owner: .device(index), number: number))
            }
        }
        for (index, model) in models.enumerated() {
            for number in model.numbers.indices {
                places.append(CardPlace(owner: .model(index), number: number))
            }
        }
        return places
    }

    public subscript(place: CardPlace) -> CardNumber {
        switch place.owner {
        case .device(let index): otherDevices[index].card!.numbers[place.number]
        case .model(let index): models[index].numbers[place.number]
        }
    }

    /// The first device on which a number acts; nil for a model without devices.
    public func firstDevice(of place: CardPlace) -> Device? {
        switch place.owner {
        case .device(let index): otherDevices[index]
        case .model(let index): otherDevices.first { $0.card?.model == index }
        }
    }

    /// `M1`, `dm`.
    public func ownerName(of place: CardPlace) -> String {
        switch place.owner {
        case .device(let index): otherDevices[index].name
        case .model(let index): models[index].name
        }
    }

    /// Whose number it is, in words: `M1`, `the model dm`.
    public func owner(of place: CardPlace) -> String {
        switch place.owner {
        case .device(let index): otherDevices[index].name
        case .model(let index): "the model \(models[index].name)"
        }
    }
}

/// Reads semiconductors' lines and models as numbers by name.
///
/// Whatever has another form is left to ngspice: a binned model, one that is a kind of another, texts, random
/// numbers, names without a value, dialects that ngspice translates.
extension Elaborator {
    /// - Parameter nodeCount: how many values stand before the model's name.
    /// - Returns: nil for any other form.
    func readCard(_ statement: Statement, _ letter: UInt8, nodeCount: Int, _ frame: Frame)
        -> Circuit.Card?
    {
        guard deck.compatibility.isEmpty, "dmqj".utf8.contains(letter) else { return nil }
        let start = Self.tokenIndex(statement, afterValues: nodeCount)
        guard start < statement.tokens.count,
            let (card, owner) = model(
                named: statement.lowercasedText(of: statement.tokens[start]), frame),
            let model = readModel(card, owner)
        else { return nil }
        var numbers: [Circuit.CardNumber] = []
        var first = start + 1
        // A bipolar transistor's or a JFET's area may stand by itself.
        if "qj".utf8.contains(letter), first < statement.tokens.count,
            first + 1 == statement.tokens.count || statement.tokens[first + 1].kind != .equals
        {
            guard
                let area = cardNumber("area", statement.tokens[first], statement, frame)
            else { return nil }
            numbers.append(area)
            first += 1
        }
        guard let pairs = cardNumbers(statement, from: first, frame) else { return nil }
        numbers += pairs
        if frame.scope.isMultiplied, let m = frame.values["m"] {
            numbers.removeAll { $0.name == "m" }
            let place = statement.range(of: statement.name)
            numbers.append(
                Circuit.CardNumber(
                    name: "m", value: m.number, source: NumberSource(m.origin, at: place),
                    range: place))
        }
        return Circuit.Card(model: model, numbers: numbers)
    }

    /// The index among `models` of a card as one scope uses it; nil for any other form.
    private func readModel(_ card: Scope.ModelCard, _ owner: Frame) -> Int? {
        if let known = owner.cardModels[card.name] { return known }
        var index: Int?
        if card.base == nil,
            let numbers = cardNumbers(card.statement, from: card.firstParameter, owner)
        {
            let words = card.statement.tokens.filter(\.isValue)
            index = models.count
            models.append(
                Circuit.Model(
                    name: owner.prefix + card.statement.text(of: words[1]), type: card.type,
                    numbers: numbers, range: card.statement.range(of: words[1])))
        }
        owner.cardModels[card.name] = .some(index)
        return index
    }

    /// The pairs `name = number` from a token on, parentheses and commas aside; nil where anything else is there.
    private func cardNumbers(_ statement: Statement, from start: Int, _ frame: Frame)
        -> [Circuit.CardNumber]?
    {
        let tokens = statement.tokens.dropFirst(start).filter {
            ![.leftParenthesis, .rightParenthesis, .comma].contains($0.kind)
        }
        guard tokens.count.isMultiple(of: 3) else { return nil }
        var numbers: [Circuit.CardNumber] = []
        for index in stride(from: 0, to: tokens.count, by: 3) {
            guard tokens[index].kind == .word, tokens[index + 1].kind == .equals,
                let number = cardNumber(
                    statement.lowercasedText(of: tokens[index]), tokens[index + 2], statement, frame
                ),
                !numbers.contains(where: { $0.name == number.name })
            else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    private func cardNumber(
        _ name: String, _ token: Token, _ statement: Statement, _ frame: Frame
    ) -> Circuit.CardNumber? {
        // A version, 3.2.4, is text for ngspice.
        guard name != "version" else { return nil }
        let text = ValueText(token, in: statement)
        guard token.kind == .expression || literal(text) != nil,
            case .number(let value) = evaluate(text, frame), value.number.isFinite
        else { return nil }
        return Circuit.CardNumber(
            name: name, value: value.number,
            source: NumberSource(value.origin, at: text.source), range: text.source)
    }
}
