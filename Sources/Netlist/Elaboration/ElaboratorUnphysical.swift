/// Values by which ngspice divides, or of which it takes logarithms: zero or less leaves it with numbers that
/// are none, and without a word about why it finds no operating point.
///
/// Measured with ngspice 39.3: each of them at 0 and at −1 gives NaN, or voltages beyond the supply.
private enum PositiveValues {
    static func ofModel(_ type: String) -> [String] {
        switch type {
        case "d", "vdmos", "vdmosn", "vdmosp": ["n"]
        case "npn", "pnp": ["bf", "br", "nf", "nr", "ne", "nc"]
        default: []
        }
    }

    static func ofDevice(_ letter: UInt8) -> [String] {
        switch letter {
        case UInt8(ascii: "m"): ["l"]
        case UInt8(ascii: "q"): ["area"]
        default: []
        }
    }
}

extension Elaborator {
    /// Refuses values on a device's line that make an end of ngspice's arithmetic.
    func checkPositive(_ statement: Statement, _ letter: UInt8, _ name: String, _ frame: Frame) {
        checkPositive(
            PositiveValues.ofDevice(letter), in: statement.loosePairs(from: 1), of: name, frame)
    }

    /// The same in a model that a device uses.
    func checkPositive(_ card: Scope.ModelCard, _ owner: Frame) {
        checkPositive(
            PositiveValues.ofModel(card.type),
            in: card.statement.loosePairs(from: card.firstParameter),
            of: "the model \(card.name)", owner)
    }

    private func checkPositive(
        _ names: [String], in pairs: [(name: String, value: ValueText)], of owner: String,
        _ frame: Frame
    ) {
        for pair in pairs where names.contains(pair.name) {
            guard case .number(let value) = evaluate(pair.value, frame), !(value.number > 0)
            else { continue }
            diagnostics.error(
                "unphysical-value",
                "\(pair.name) of \(owner) is \(SpiceNumber.shortest(value.number)), with which ngspice "
                    + "finds no operating point or a meaningless one; write a positive number",
                at: pair.value.source)
        }
    }
}
