import Foundation
import Testing

@testable import spicelearn

/// The pages for man are made by the program, of what its help says.
@Suite struct ManualPageTests {
    /// As `make install` has them.
    private func pages(variables: [String: String] = [:]) throws -> [String: String] {
        let folder = try TemporaryFolder()
        let made = try run(
            spicelearnExecutable, ["manual-pages", folder.url.path], variables: variables)
        #expect(made.status == 0 && made.output.isEmpty, "\(made.errors)")
        return try folder.contents().mapValues { String(decoding: $0, as: UTF8.self) }
    }

    /// The first words of the lines below a title of the help.
    private func listed(below title: String, in help: String) -> [String] {
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { $0 != title }.dropFirst().prefix { $0.hasPrefix("  ") }
            .filter { !$0.hasPrefix("   ") }.compactMap { $0.split(separator: " ").first }
            .map(String.init)
    }

    @Test func everyCommandHasAPageWithEveryFlag() throws {
        let pages = try pages()
        let commands = listed(below: "SUBCOMMANDS:", in: try spicelearn("--help").output)
        #expect(commands.contains("train") && !commands.contains("manual-pages"))
        #expect(Set(pages.keys) == Set(commands.map { "spicelearn-\($0).1" } + ["spicelearn.1"]))
        for (name, page) in pages {
            for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "\"EXIT STATUS\"", "\"SEE ALSO\""] {
                #expect(page.contains("\n.SH \(section)\n"), "\(name) has no \(section)")
            }
        }
        for command in commands {
            let page = try #require(pages["spicelearn-\(command).1"])
            let help = try spicelearn("help", command)
            #expect(help.status == 0, "help \(command): \(help.errors)")
            for flag in help.output.matches(of: /(?m)^  (?:-\w, )?(--[-a-z]+)/) {
                let bold = Roff.bold(String(flag.1))
                #expect(page.contains(bold), "\(command) has no \(flag.1)")
            }
        }
    }

    @Test func familiesAndStudiesAreOnThePageOfTheirCommand() throws {
        let pages = try pages()
        let page = try #require(pages["spicelearn-generate.1"])
        #expect(page.contains(".SH \"SPICELEARN GENERATE LATTICE\""))
        #expect(page.contains("\\fB\\-\\-hidden\\fR"))
        #expect(pages["spicelearn-study.1"]?.contains(".SH \"SPICELEARN STUDY KITE\"") == true)
    }

    @Test func defaultsExamplesAndExitCodes() throws {
        let page = try #require(try pages()["spicelearn-train.1"])
        #expect(page.contains("default: discrete"))
        #expect(page.contains("(default: al)"))
        let examples = page.split(separator: ".SH EXAMPLES\n")
        #expect(examples.count == 2)
        #expect(examples.last?.contains("spicelearn train deck.cir \\-o trained.cir\n") == true)
        #expect(examples.first?.contains("spicelearn train deck.cir") == false)
        #expect(!page.contains("Exit codes"))
        #expect(page.contains(".TP\n\\fB2\\fR\nTraining ended"))
        #expect(!page.contains(".TP\n\\fB1\\fR\n"))
    }

    @Test func lintSaysWhatItEndsWith() throws {
        let page = try #require(try pages()["spicelearn-lint.1"])
        #expect(page.contains(".TP\n\\fB1\\fR\n") && !page.contains("Exit codes"))
        #expect(page.contains("mended by"))
    }

    @Test func whatMayBeRepeatedHasDots() throws {
        let page = try #require(try pages()["spicelearn-plot.1"])
        #expect(page.contains("\\fIruns\\fR\\ \\&... "))
    }

    @Test func theDateMayBeGiven() throws {
        let page = try #require(
            try pages(variables: ["SOURCE_DATE_EPOCH": "86400"])["spicelearn.1"])
        #expect(page.hasPrefix(".TH SPICELEARN 1 1970-01-02 \"spicelearn "))
        let folder = try TemporaryFolder()
        let wrong = try run(
            spicelearnExecutable, ["manual-pages", folder.url.path],
            variables: ["SOURCE_DATE_EPOCH": "yesterday"])
        #expect(wrong.status == 64 && wrong.errors.contains("SOURCE_DATE_EPOCH yesterday"))
        let nowhere = try spicelearn("manual-pages", (folder / "nowhere").path)
        #expect(nowhere.status == 73, "\(nowhere.errors)")
    }

    /// What would be a request, an escape or another character in a page is none.
    @Test func textIsShownAsItIs() {
        var page = Roff()
        page.line(Roff.escaped(".options a\\b 'c' -1 ½"))
        #expect(page.text == "\\&.options a\\eb \\(aqc\\(aq \\-1 \\[u00BD]\n")
        #expect(
            Roff.prose("with --steps-most or -o (--rate), not dk-dt")
                == "with \\fB\\-\\-steps\\-most\\fR or \\fB\\-o\\fR (\\fB\\-\\-rate\\fR), not dk\\-dt"
        )
    }
}
