import ArgumentParser
import Netlist

/// `spicelearn compare`: for CI, whether two netlists are the same circuit.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two netlists: structure and values, not spelling.",
        discussion: """
            1k, 1000 and 1e3 are equal; comments, spacing, case and line breaks do not count. Two \
            numbers are equal if |expected − actual| ≤ atol + rtol·max(|expected|, |actual|).

              spicelearn compare golden/lattice.cir trained.cir --rtol 1e-6

            Exit codes: 0 equal, 1 different.
            """)

    @Argument(help: "The netlist that is known to be right.")
    var expected: String

    @Argument(help: "The netlist to check.")
    var actual: String

    @Option(help: "Relative tolerance.")
    var rtol: Double = 1e-9

    @Option(help: "Absolute tolerance.")
    var atol: Double = 0

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard rtol >= 0, atol >= 0, rtol.isFinite, atol.isFinite else {
            throw ValidationError("--rtol and --atol must not be negative")
        }
    }

    private struct Report: Encodable {
        struct Place: Encodable {
            let file: String
            let line: Int
            let column: Int
        }

        struct Difference: Encodable {
            let message: String
            let expected: Place?
            let actual: Place?
        }

        let equal: Bool
        let differences: [Difference]
    }

    func run() throws {
        let decks = try [expected, actual].map {
            try InputFile.deck($0, includes: Self.includesByName)
        }
        let faults = decks.flatMap(\.diagnostics).filter { $0.severity == .error }
        guard faults.isEmpty else { throw DiagnosticsError(faults) }
        let differences = compare(
            expected: decks[0], actual: decks[1], relativeTolerance: rtol, absoluteTolerance: atol)
        if json {
            try printJSON(
                Report(
                    equal: differences.isEmpty,
                    differences: differences.map {
                        .init(
                            message: $0.message, expected: place($0.expected),
                            actual: place($0.actual))
                    }))
        } else {
            for difference in differences { print(line(difference)) }
            print(
                differences.isEmpty
                    ? "equal"
                    : "\(differences.count) difference\(differences.count == 1 ? "" : "s")")
        }
        if !differences.isEmpty { throw ExitCode(ExitStatus.difference) }
    }

    /// Included files need not be there: an include is compared as the line that it is.
    private static let includesByName = IncludeReader { path, _ in
        IncludeReader.File(path: path, bytes: Array(".file \"\(path)\"\n".utf8))
    }

    /// `golden.cir:4:8 trained.cir:4:8: R2 has 5k, not 3k`
    private func line(_ difference: Difference) -> String {
        let places = [difference.expected, difference.actual].compactMap(place).map {
            "\($0.file):\($0.line):\($0.column)"
        }
        return places.joined(separator: " ") + ": " + difference.message
    }

    private func place(_ range: SourceRange?) -> Report.Place? {
        range.map {
            .init(file: $0.file.path, line: $0.start.line, column: $0.start.column)
        }
    }
}
