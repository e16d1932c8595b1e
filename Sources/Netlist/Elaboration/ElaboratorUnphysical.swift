/// A value by which ngspice divides, or of which it takes a root or a logarithm: where it is too small, ngspice
/// goes on with what is no number, and doesn't say why it finds no operating point.
///
/// Measured with ngspice 39.3: beyond these bounds voltages are NaN, or above the supply.
private struct LowerBound {
    let name: String
    var value = 0.0
    /// Whether the value may be the bound itself.
    var isAllowed = false

    func holds(_ number: Double) -> Bool { isAllowed ? number >= value : number > value }

    var wayOut: String {
        guard value == 0 else { return "write more than \(SpiceNumber.shortest(value))" }
        return isAllowed ? "write 0 or more" : "write a positive number"
    }

    static func ofModel(_ type: String) -> [LowerBound] {
        let tnom = LowerBound(name: "tnom", value: -Settings.zeroCelsius)
        switch type {
        case "d", "vdmos", "vdmosn", "vdmosp": return [LowerBound(name: "n"), tnom]
        case "npn", "pnp":
            return ["bf", "br", "nf", "nr", "ne", "nc"].map { LowerBound(name: $0) } + [tnom]
        case "nmos", "pmos", "njf", "pjf": return [tnom]
        default: return []
        }
    }

    static func ofDevice(_ letter: UInt8) -> [LowerBound] {
        let temperature = LowerBound(name: "temp", value: -Settings.zeroCelsius)
        let count = LowerBound(name: "m", isAllowed: true)
        switch letter {
        case UInt8(ascii: "d"):
            return [LowerBound(name: "area", isAllowed: true), count, temperature]
        case UInt8(ascii: "q"): return [LowerBound(name: "area"), count, temperature]
        case UInt8(ascii: "m"): return [LowerBound(name: "l"), count, temperature]
        case UInt8(ascii: "j"): return [temperature]
        case UInt8(ascii: "t"): return [LowerBound(name: "z0")]
        default: return []
        }
    }
}

extension Elaborator {
    /// Refuses values on a device's line with which ngspice finds no operating point.
    func checkBounds(_ statement: Statement, _ letter: UInt8, _ name: String, _ frame: Frame) {
        let pairs = statement.loosePairs(from: 1)
        check(LowerBound.ofDevice(letter), in: pairs, of: name, frame)
        // Of those with a gain, it is read as a number.
        if !"efgh".utf8.contains(letter) { refuseInfinite(pairs, of: name) }
    }

    /// The same in a model that a device uses.
    func checkBounds(_ card: Scope.ModelCard, _ owner: Frame) {
        let pairs = card.statement.loosePairs(from: card.firstParameter)
        let name = "the model \(card.name)"
        check(LowerBound.ofModel(card.type), in: pairs, of: name, owner)
        refuseInfinite(pairs, of: name)
    }

    private func refuseInfinite(_ pairs: [(name: String, value: ValueText)], of owner: String) {
        for pair in pairs { refuseInfinite(pair.value, "\(pair.name) of \(owner)") }
    }

    /// Refuses a number beyond those that a computer has.
    func refuseInfinite(_ text: ValueText, _ what: String) {
        guard
            let number = SpiceNumber.parse(utf8: text.file.bytes[text.range], in: deck.dialect),
            !number.value.isFinite
        else { return }
        diagnostics.error(
            "not-finite", "\(what) is infinite, which ngspice can't read", at: text.source)
    }

    private func check(
        _ bounds: [LowerBound], in pairs: [(name: String, value: ValueText)], of owner: String,
        _ frame: Frame
    ) {
        for pair in pairs {
            guard let bound = bounds.first(where: { $0.name == pair.name }),
                case .number(let value) = evaluate(pair.value, frame), !bound.holds(value.number)
            else { continue }
            diagnostics.error(
                "unphysical-value",
                "\(pair.name) of \(owner) is \(SpiceNumber.shortest(value.number)), with which ngspice "
                    + "finds no operating point or a meaningless one; \(bound.wayOut)",
                at: pair.value.source)
        }
    }
}
