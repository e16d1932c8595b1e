extension Elaborator {
    /// Of a MOS transistor of level 1 with a sheet resistance and no squares of it at the drain (nrd=0),
    /// ngspice divides by zero, and finds no operating point.
    func checkDrain(_ statement: Statement, nodeCount: Int, _ frame: Frame) {
        let pairs = statement.loosePairs(from: 1)
        guard let squares = pairs.last(where: { $0.name == "nrd" })?.value,
            let name = statement.tokens.dropFirst().filter(\.isValue).dropFirst(nodeCount).first,
            let (card, owner) = model(named: statement.lowercasedText(of: name), frame),
            ["nmos", "pmos"].contains(card.type)
        else { return }
        let values = card.statement.loosePairs(from: card.firstParameter)
        func value(_ key: String) -> Double? {
            guard let text = values.last(where: { $0.name == key })?.value,
                case .number(let value) = evaluate(text, owner)
            else { return nil }
            return value.number
        }
        guard value("level") ?? 1 == 1, let sheet = value("rsh"), sheet != 0, value("rd") == nil,
            case .number(let count) = evaluate(squares, frame), count.number == 0
        else { return }
        diagnostics.error(
            "no-squares",
            "with the model's rsh, nrd=0 makes ngspice divide by zero; leave nrd out, or give the "
                + "model rd=0", at: squares.source)
    }
}
