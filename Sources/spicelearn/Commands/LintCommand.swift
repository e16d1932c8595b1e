import ArgumentParser
import Netlist

/// `spicelearn lint`: what other tools will stumble over in a netlist.
struct LintCommand: ParsableCommand, NgspiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Say what other tools stumble over in a netlist, and mend it.",
        discussion: """
            Looks at the netlist's own text; what it includes is read, but not looked at. Each finding \
            says which tool stumbles and what to write. --fix mends what can be mended without changing \
            the circuit: the mended text is read again and compared, and every other byte stays.

              spicelearn lint deck.cir
              spicelearn lint deck.cir --fix -o portable.cir
              spicelearn lint deck.cir --fix -o deck.cir

            Beside what the netlist's reader warns of, it looks for:

            \(rules)

            (*: mended by --fix.)

            Exit codes: 0 nothing is found or left, 1 something is, 65 or 66 where the \
            netlist can't be read.
            """)

    private static var rules: String {
        PortabilityRules.all.map { rule in
            "  \(rule.id)\(rule.fix == nil ? "" : " *")\n      \(rule.summary)"
                + (rule.fix.map { ": \($0)" } ?? "")
        }.joined(separator: "\n")
    }

    @Argument(help: "The netlist, or - for standard input.")
    var netlist: String

    @Flag(help: "Mend what can be mended without changing the circuit, and write that to -o.")
    var fix = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where --fix writes the mended netlist; the netlist itself to mend it in place.",
            valueName: "file"))
    var out: String?

    @OptionGroup(title: EngineOptions.title) var simulator: NgspiceOptions

    @OptionGroup(title: TrustOptions.title) var trust: TrustOptions

    @Flag(help: "Print one JSON array.")
    var json = false

    private struct Entry: Encodable {
        let file: String?
        let line: Int?
        let column: Int?
        let id: String
        let message: String
        let fixable: Bool
    }

    func validate() throws {
        guard fix || out == nil else {
            throw ValidationError("-o says where --fix writes: give that flag too")
        }
        guard !fix || out != nil else {
            throw ValidationError(
                "-o says where to write the mended netlist: name that file, or the netlist itself")
        }
        try requireOneUser(
            ofStandardOutput: [
                ("--json", json), ("-o \(out ?? "")", OutputPath.isStandardOutput(out ?? "")),
            ])
    }

    func run() throws {
        let dialect = Dialect.installed
        let deck = try trust.deck(netlist, dialect: dialect)
        let found = try Self.findings(of: deck)
        guard let out else {
            try report(found, of: deck.file.path, mended: nil)
            return
        }
        var claims = FileClaims(refusesLinks: trust.untrusted)
        for file in deck.files.dropFirst() {
            claims.read(file.path, as: "a file that the netlist includes")
        }
        try claims.write(out, as: "-o")
        let output = try OutputFile(path: out)
        let includes = trust.includes(of: netlist)
        let text = deck.mendingPortability(includes: includes)
        let mended = Deck.parse(
            path: deck.file.path, bytes: text, includes: includes, dialect: dialect)
        let left = try Self.findings(of: mended)
        // What is as it should be keeps its date.
        if text != deck.file.bytes || !FileClaims.areSame(netlist, out) { try output.write(text) }
        let name = output.path.kind == .file ? out : deck.file.path
        let written = SourceFile(path: name, bytes: text)
        let shown = left.map { finding in
            let place = finding.diagnostic.range
            return (
                Diagnostic(
                    finding.diagnostic.id, finding.diagnostic.severity, finding.diagnostic.message,
                    at: place.map {
                        $0.file == mended.file ? SourceRange(file: written, bytes: $0.bytes) : $0
                    }), finding.isFixable
            )
        }
        try report(shown, of: name, mended: max(0, found.count - left.count))
    }

    private static func findings(of deck: Deck) throws -> [PortabilityFinding] {
        let elaboration = deck.elaborate(for: .operatingPoint)
        guard !elaboration.hasErrors else { throw DiagnosticsError(elaboration.diagnostics) }
        return deck.portabilityFindings(elaboration)
    }

    private func report(
        _ findings: [PortabilityFinding], of name: String, mended: Int?
    ) throws {
        try report(findings.map { ($0.diagnostic, $0.isFixable) }, of: name, mended: mended)
    }

    /// - Parameter mended: how many findings are gone; nil without `--fix`.
    private func report(
        _ findings: [(diagnostic: Diagnostic, isFixable: Bool)], of name: String, mended: Int?
    ) throws {
        if json {
            try printJSON(
                findings.map { diagnostic, isFixable in
                    let place = diagnostic.range?.start
                    return Entry(
                        file: diagnostic.range?.file.path, line: place?.line, column: place?.column,
                        id: diagnostic.id, message: diagnostic.message, fixable: isFixable)
                })
        } else {
            let formatter = DiagnosticFormatter()
            let lines = findings.map { diagnostic, _ in
                formatter.format(
                    Diagnostic(
                        diagnostic.id, diagnostic.severity,
                        "\(diagnostic.message) [\(diagnostic.id)]", at: diagnostic.range))
            }
            let count = findings.count
            let fixable = findings.count(where: \.isFixable)
            var summary = "\(count) finding\(count == 1 ? "" : "s") in \(name)"
            if let mended {
                summary = "\(mended) mended, \(count) left in \(name)"
            } else if fixable > 0 {
                summary +=
                    count == fixable
                    ? ", which --fix may mend" : ", of which --fix may mend \(fixable)"
            }
            let text = (lines + [summary]).joined(separator: "\n")
            // The netlist goes to standard output then.
            if OutputPath.isStandardOutput(out ?? "") {
                printError(text)
            } else {
                try printOutput(text)
            }
        }
        if !findings.isEmpty { throw ExitCode(ExitStatus.difference) }
    }
}
