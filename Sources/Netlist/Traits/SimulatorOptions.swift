/// What a deck's `.options` lines say that bears on how it is solved.
public struct SimulatorOptions: Sendable, Hashable {
    /// The matrix solvers that ngspice may have.
    public enum MatrixSolver: String, Sendable, Hashable {
        /// Sparse 1.3, which every ngspice has.
        case sparse
        /// KLU, which many have from version 42 on.
        case klu
    }

    /// The names of the options that the deck sets itself, in lower case.
    public var given: Set<String> = []
    /// Those of them, with their values, that say how ngspice searches where Newton's iteration fails:
    /// `noopiter`, `gminsteps=10`. In the order of the deck.
    public var search: [String] = []
    /// Nil where the deck doesn't say.
    public var matrixSolver: MatrixSolver?

    public init() {}
}

extension Elaborator {
    /// What the `.options` lines say, the last of each option winning.
    func simulatorOptions() -> SimulatorOptions {
        var options = SimulatorOptions()
        for statement in reader.settings where statement.cardName != ".temp" {
            let tokens = statement.tokens
            var index = 1
            while index < tokens.count {
                let token = tokens[index]
                let hasValue =
                    index + 2 < tokens.count && tokens[index + 1].kind == .equals
                    && tokens[index + 2].isValue
                defer { index += hasValue ? 3 : 1 }
                guard token.kind == .word else { continue }
                let name = statement.lowercasedText(of: token)
                options.given.insert(name)
                settings.optionPlaces[name] = statement.range(of: token)
                if !hasValue, Self.optionsWithNumbers.contains(name) {
                    diagnostics.error(
                        "missing-option-value",
                        "ngspice takes no \(name) without = and a number: write \(name)=…",
                        at: statement.range(of: token))
                }
                if hasValue { checkOption(name, tokens[index + 2], statement) }
                switch name {
                case "noopiter": options.search.append(name)
                case "gminsteps", "srcsteps", "itl6":
                    guard hasValue,
                        let value = wholeNumber(ValueText(tokens[index + 2], in: statement))
                    else { continue }
                    options.search.append("\(name)=\(value)")
                case "klu", "sparse": options.matrixSolver = .init(rawValue: name)
                default: break
                }
            }
        }
        return options
    }

    /// ngspice says of a word where a number belongs that it has a bad type, and goes on without the option.
    private func checkOption(_ name: String, _ value: Token, _ statement: Statement) {
        // Those that are read for the circuit's equations are checked there.
        guard value.kind == .word, Self.optionsWithNumbers.contains(name),
            !["temp", "tnom", "gmin", "rshunt"].contains(name),
            literal(ValueText(value, in: statement)) == nil
        else { return }
        let word = statement.text(of: value)
        let isParameter = top.values[statement.lowercasedText(of: value)] != nil
        diagnostics.error(
            "bad-option-value",
            "ngspice takes a number for \(name), and \(word) is none"
                + (isParameter
                    ? ": put the parameter in braces, \(name)={\(word)}"
                    : ": write one, or leave \(name)= out"),
            at: statement.range(of: value))
    }

    private func wholeNumber(_ text: ValueText) -> Int? {
        guard case .number(let value) = evaluate(text, top) else { return nil }
        return Int(exactly: value.number.rounded())
    }

    /// Options for which ngspice 39.3 says "bad type given" where no `=` and number follow.
    private static let optionsWithNumbers: Set<String> = [
        "abstol", "chgtol", "cshunt", "defl", "gmin", "gminsteps", "itl1", "itl2", "itl4", "maxord",
        "pivrel", "pivtol", "reltol", "rshunt", "srcsteps", "temp", "tnom", "trtol", "vntol",
    ]
}
