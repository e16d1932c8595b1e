extension Elaborator {
    /// `Rname n+ n- [value] [model] [value] [name=value …]`, as ngspice's own parser goes through it: of
    /// several values the last one wins.
    func elaborateResistor(_ statement: Statement, _ frame: Frame) {
        guard let (name, ngspiceName) = names(statement, UInt8(ascii: "r"), frame) else { return }
        var arguments = DeviceArguments(statement)
        guard let (positive, negative) = twoNodes(&arguments, frame) else { return }
        connections.attach(positive, negative)

        guard let line = readResistorLine(&arguments, statement, frame) else {
            // What is wrong was reported; that the nodes are connected still holds.
            connections.conduct(positive, negative)
            return
        }
        guard line.kind == .constant else {
            connections.conduct(positive, negative)
            if line.kind == .behavioural {
                readBehaviouralLine(
                    statement, from: Self.tokenIndex(statement, afterValues: 2), isAll: false,
                    by: name, frame)
            } else {
                useMentions(of: statement, after: 1, by: name, frame)
            }
            otherDevices.append(
                Circuit.Device(
                    name: name, ngspiceName: ngspiceName, letter: "r",
                    nodes: [positive, negative], isLinear: line.kind == .random, controls: [],
                    range: statement.range(of: statement.name)))
            return
        }
        guard let (resistance, source) = resistance(of: line, statement, frame) else {
            connections.conduct(positive, negative)
            return
        }
        guard let factor = conductanceFactor(of: line, statement, frame) else {
            connections.conduct(positive, negative)
            return
        }
        if factor != 0 { connections.conduct(positive, negative) }
        resistors.append(
            Circuit.Resistor(
                name: name, ngspiceName: ngspiceName, positive: positive, negative: negative,
                resistance: resistance, conductanceFactor: factor, source: source,
                range: statement.range(of: statement.name)))
    }
}
