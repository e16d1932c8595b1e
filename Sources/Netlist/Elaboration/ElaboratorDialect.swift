extension Deck {
    /// Whether ngspice translates a statement from one of these simulators' dialects before it reads it.
    func translates(_ statement: Statement, from modes: Compatibility) -> Bool {
        !compatibility.isDisjoint(with: modes)
            && (compatibility.contains(.whole) || statement.inclusion > 0)
    }

    /// Whether ngspice adds its definitions of a simulator's functions and parameters.
    var hasPrelude: Bool {
        compatibility.translates
            && (compatibility.contains(.whole) || statements.contains { $0.inclusion > 0 })
    }
}

extension Elaborator {
    /// The number that stands where ngspice looks for a resistor's value.
    func resistorLiteral(_ text: ValueText) -> NumberText? {
        guard deck.compatibility.contains(.ltspice), text.joined == nil, !text.isFormula else {
            return literal(text)
        }
        let bytes = text.file.bytes[text.range]
        guard let first = bytes.first,
            first.isDigit || "+-.rR".utf8.contains(first),
            let parsed = SpiceNumber.parseForLTspice(utf8: bytes)
        else { return nil }
        return NumberText(range: text.source, value: parsed.value)
    }

    /// How many devices are in parallel: what the subcircuit's X line says, which in HSPICE's mode multiplies
    /// what stands on the device's own line, and elsewhere takes its place.
    func multiplicity(_ own: Double, inherited: ParameterValue) -> Double {
        deck.compatibility.contains(.hspice) ? own * inherited.number : inherited.number
    }

    /// How numparam raises a number to a power.
    var powers: PowerRule {
        if deck.compatibility.contains(.hspice) { return .hspice }
        return deck.compatibility.contains(.ltspice) ? .ltspice : .magnitude
    }
}
