import ArgumentParser
import Netlist

/// `spicelearn compare`: for CI, whether two netlists are the same circuit.
struct CompareCommand: ParsableCommand, NgspiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two netlists: structure and values, not spelling.",
        discussion: """
            What ngspice reads alike is equal: numbers however written (1k, 1000, 1e3), names in any \
            case, gnd for 0, devices, models and parameters in any order, name=value pairs in any \
            order, R1 a b r=1k for R1 a b 1k, V1 a 0 dc 1 for V1 a 0 1. The title, comments and with \
            them *.learn lines, .control blocks and what follows .end do not count. Two numbers are \
            equal if |expected − actual| ≤ atol + rtol·max(|expected|, |actual|). Included files \
            count by name only; with --includes what they say counts, and not where it stands. Each \
            netlist is read as its *.learn compat line says.

              spicelearn compare golden/lattice.cir trained.cir --rtol 1e-6
              spicelearn compare golden/amplifier.cir trained.cir --includes

            Exit codes: 0 equal, 1 different, 65 or 66 if either can't be read.
            """)

    @Argument(help: "The netlist that is known to be right.", completion: .deck)
    var expected: String

    @Argument(help: "The netlist to check.", completion: .deck)
    var actual: String

    @Option(parsing: .unconditional, help: "Relative tolerance, from 0 to below 1.")
    var rtol: Double = 1e-9

    @Option(
        parsing: .unconditional,
        help: "Absolute tolerance, in the unit of whatever is compared: Ω, V, ….")
    var atol: Double = 0

    @Flag(help: "Compare what included files say, not their names.")
    var includes = false

    @OptionGroup(title: EngineOptions.title) var simulator: NgspiceOptions

    @OptionGroup(title: TrustOptions.title) var trust: TrustOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard rtol >= 0, rtol < 1 else {
            throw ValidationError("--rtol \(rtol): a fraction from 0 to below 1")
        }
        guard atol >= 0, atol.isFinite else {
            throw ValidationError("--atol \(atol): a number from 0")
        }
        guard expected != "-" || actual != "-" else {
            throw ValidationError("standard input can only be one of the two netlists")
        }
    }

    private struct Report: Encodable {
        struct Place: Encodable {
            let file: String
            let line: Int
            let column: Int
            /// The value there, as written and as a number; left out where it is none.
            var text: String?
            var value: Double?
        }

        struct Difference: Encodable {
            let message: String
            /// `R2`, or `div/R3` within a subcircuit's definition.
            let element: String
            /// `missing`, `extra`, `value` or `structure`.
            let kind: String
            let expected: Place?
            let actual: Place?
            /// |actual − expected|/|expected|, for kind `value`.
            let relativeError: Double?
        }

        let equal: Bool
        let differences: [Difference]
        /// Files that were compared by their names only.
        let includesByName: [String]
    }

    func run() throws {
        let dialect = Dialect.installed
        let decks = try [expected, actual].map {
            try trust.deck($0, includes: includes ? nil : .byName, dialect: dialect)
        }
        var faults = decks.flatMap(\.diagnostics).filter { $0.severity == .error }
        if faults.isEmpty { faults = decks.filter(\.statements.isEmpty).map(Self.emptiness) }
        guard faults.isEmpty else { throw DiagnosticsError(faults) }
        let differences = compare(
            expected: decks[0], actual: decks[1], relativeTolerance: rtol, absoluteTolerance: atol)
        let unread =
            includes ? [] : Set(decks.flatMap { $0.files.dropFirst().map(\.path) }).sorted()
        if json {
            try printJSON(
                Report(
                    equal: differences.isEmpty, differences: differences.map(entry),
                    includesByName: unread))
        } else {
            var summary =
                differences.isEmpty
                ? "equal" : "\(differences.count) difference\(differences.count == 1 ? "" : "s")"
            if !unread.isEmpty {
                summary +=
                    "; included files were compared by name only (\(unread.joined(separator: ", "))): "
                    + "--includes reads them"
            }
            try printOutput((differences.map(line) + [summary]).joined(separator: "\n"))
        }
        if !differences.isEmpty { throw ExitCode(ExitStatus.difference) }
    }

    /// Two empty files are no proof that a pipeline works.
    private static func emptiness(_ deck: Deck) -> Diagnostic {
        Diagnostic(
            "no-devices", "there is no circuit here to compare: no device and no card",
            at: SourceRange(file: deck.file, bytes: 0..<0))
    }

    /// `golden.cir:4:8 trained.cir:4:8: R2 has 5k, not 3k`
    private func line(_ difference: Difference) -> String {
        let places = [difference.expected, difference.actual].compactMap(place).map {
            "\($0.file):\($0.line):\($0.column)"
        }
        return places.joined(separator: " ") + ": " + difference.message
    }

    private func entry(_ difference: Difference) -> Report.Difference {
        let values = difference.values
        return .init(
            message: difference.message, element: difference.name, kind: difference.kind.rawValue,
            expected: place(difference.expected, values?.expected),
            actual: place(difference.actual, values?.actual), relativeError: values?.relativeError)
    }

    private func place(
        _ range: SourceRange?, _ value: Difference.Value?
    ) -> Report.Place? {
        var place = place(range)
        place?.text = value?.text
        place?.value = value?.number.flatMap { $0.isFinite ? $0 : nil }
        return place
    }

    private func place(_ range: SourceRange?) -> Report.Place? {
        range.map {
            .init(file: $0.file.path, line: $0.start.line, column: $0.start.column)
        }
    }
}
