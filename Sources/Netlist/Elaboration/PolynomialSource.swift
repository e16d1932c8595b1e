extension Statement {
    /// What is missing on the line of a controlled source with `POLY(n)`: ngspice needs n pairs of nodes, or n
    /// voltage sources, and one coefficient at least, and loads no deck without them.
    ///
    /// - Parameters:
    ///   - letter: of the device: `e` and `g` are controlled by voltages, `f` and `h` by currents.
    ///   - name: as messages have it.
    func polynomialFault(_ letter: UInt8, _ name: String) -> Diagnostic? {
        let values = tokens.dropFirst().filter(\.isValue)
        guard let poly = values.dropFirst(2).firstIndex(where: { token($0, is: "poly") }),
            poly + 1 < values.count, values[poly + 1].kind == .word
        else { return nil }
        // As far as there are digits; an expression has become a number before.
        let word = text(of: values[poly + 1])
        let digits = word.drop { $0 == "+" }.prefix { "0123456789".contains($0) }
        guard !digits.isEmpty || word.hasPrefix("-") else {
            return Diagnostic(
                "missing-source",
                "ngspice reads the number of controls behind POLY, and \(word) is none; write POLY(1)",
                at: range(of: values[poly + 1]))
        }
        let dimension = digits.isEmpty ? 0 : Int(digits) ?? .max
        let isByVoltage = letter == UInt8(ascii: "e") || letter == UInt8(ascii: "g")
        guard dimension > 0 else {
            return Diagnostic(
                "missing-source", "a polynomial has one control at least; write POLY(1)",
                at: range(of: values[poly + 1]))
        }
        if let key = tokens.indices.dropLast().first(where: {
            token(tokens[$0], is: "m") && tokens[$0 + 1].kind == .equals
        }) {
            return Diagnostic(
                "unknown-device-parameter",
                "ngspice takes no m= behind a POLY; multiply the coefficients",
                at: range(of: tokens[key]))
        }
        let given = values.count - poly - 2
        let nodes = dimension.multipliedReportingOverflow(by: 2)
        let wanted = !isByVoltage ? dimension : nodes.overflow ? .max : nodes.partialValue
        guard given <= wanted else { return nil }
        let controls =
            isByVoltage
            ? dimension == 1 ? "two nodes" : "\(wanted) nodes, two for each variable,"
            : dimension == 1
                ? "the name of a voltage source" : "the names of \(wanted) voltage sources"
        return Diagnostic(
            given < wanted ? "missing-source" : "missing-gain",
            given < wanted
                ? "\(name) needs \(controls) behind POLY(\(dimension)), and then its coefficients"
                : "\(name) has no coefficients: put them behind what controls it, such as 0 2 for twice the "
                    + (isByVoltage ? "voltage" : "current"),
            at: range(of: tokens.last ?? self.name))
    }
}
