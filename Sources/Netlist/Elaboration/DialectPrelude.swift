/// What ngspice puts before a deck, or before a file that it includes, to read it as another simulator's.
enum DialectPrelude {
    /// Functions and parameters of LTspice and PSpice, as ngspice 39 to 46 write them.
    static func statements(for modes: Compatibility) -> [Statement] {
        var lines = ["ngspice's own definitions"]
        if modes.contains(.ltspice) { lines += ltspice }
        if modes.contains(.pspice) { lines += pspice + thermal }
        return read(lines)
    }

    /// Those within each subcircuit of PSpice's.
    static let inSubcircuits: [Statement] = read(["ngspice's own definitions"] + thermal)

    private static func read(_ lines: [String]) -> [Statement] {
        let text = lines.joined(separator: "\n") + "\n"
        return Deck.parse(path: "ngspice", bytes: Array(text.utf8), includes: .none).statements
    }

    private static let ltspice = [
        ".func uplim(x, pos, z) { min(x, pos - z) + (1 - "
            + "(min(max(0, x - pos + z), 2 * z) / 2 / z - 1)**2)*z }",
        ".func dnlim(x, neg, z) { max(x, neg + z) - (1 - "
            + "(min(max(0, -x + neg + z), 2 * z) / 2 / z - 1)**2)*z }",
        ".func uplim_tanh(x, pos, z) { min(x, pos - z) + tanh(max(0, x - pos + z) / z)*z }",
        ".func dnlim_tanh(x, neg, z) { max(x, neg + z) - tanh(max(0, neg + z - x) / z)*z }",
    ]

    private static let pspice = [
        ".param gmin = 1e-12",
        ".func limit(x, a, b) { ternary_fcn(a > b, max(min(x, a), b), max(min(x, b), a)) }",
        ".func pwr(x, a) { pow(x, a) }",
        ".func pwrs(x, a) { sgn(x) * pow(x, a) }",
        ".func stp(x) { u(x) }",
        ".func if(a, b, c) {ternary_fcn( a , b , c )}",
        ".func int(x) { sign(x)*floor(abs(x)) }",
    ]

    private static let thermal = [
        ".param temp = 'temper'", ".param vt = '(temper + 273.15) * 8.6173303e-5'",
    ]
}
