import Testing

@testable import Netlist

/// What a number in a deck is hardly meant to be is read as ngspice reads it, and warned of with the
/// right spelling.
struct WrittenNumberTests {
    private struct Row {
        let line: String
        let ids: [String]
        let words: [String]

        init(_ line: String, _ ids: [String], _ words: String...) {
            (self.line, self.ids, self.words) = (line, ids, words)
        }
    }

    @Test func everySuspiciousNumberIsWarnedOf() {
        for row in [
            Row(
                "R1 a 0 10k 1%", ["suspicious-number", "two-values"],
                "make this one a comment: ; 1%"),
            Row("R1 a 0 10k 2", ["two-values"], "ngspice takes 2 for the resistance, not 10k"),
            Row("R1 a 0 1,5k", ["two-values"], "for a decimal comma write 1.5k"),
            Row("R1 a 0 1,500", ["two-values"], "comma write 1.500, or 1500 for thousands"),
            Row("R1 a 0 1e3.5", ["suspicious-number"], "write it in full"),
            Row("R1 a 0 1e", ["suspicious-number"], "no digits follow the e: write 1"),
            Row("R1 a 0 1e-", ["suspicious-number"], "no digits follow the e: write 1"),
            Row("R1 a 0 1k\nI1 0 a 2e+", ["suspicious-number"], "write 2"),
            Row("R1 a 0 {2.5d-3+1}", ["suspicious-number"], "write 2.5e-3 for a power of ten"),
            Row("R1 a 0 1M", ["suspicious-number"], "write 1Meg for a million, or 1m"),
            Row("R1 a 0 1Mohm", ["suspicious-number"], "1Meg"),
            Row("R1 a 0 2M2", ["suspicious-number"], "write 2.2Meg"),
            Row("R1 a 0 1.5.2k", ["suspicious-number"], "write 1.52k"),
            Row("R1 a 0 {2*1M}", ["suspicious-number"], "1Meg"),
            Row("R1 a 0 {x}\n.param x=1M", ["suspicious-number"], "1Meg"),
            Row("R1 a 0 1k\nV2 b 0 1M\nR2 b 0 1k", ["suspicious-number"], "1Meg"),
            Row("R1 a 0 1k\nE1 b 0 a 0 1k5\nR2 b 0 1k", ["suspicious-number"], "1.5k"),
            Row("R1 a 0 1k\nE1 b 0 a 0 1,5\nR2 b 0 1k", ["two-values"], "1 + 5*x"),
            Row("R1 a 0 1k\nC1 a 0 4u7", ["suspicious-number"], "4.7u"),
            Row("R1 a 0 1k\nB1 b 0 v=v(a)*1M\nR2 b 0 1k", ["suspicious-number"], "1Meg"),
        ] {
            let elaboration = Deck.of("t\nV1 a 0 1\n\(row.line)\n").elaborate()
            #expect(elaboration.errors.isEmpty, "\(row.line): \(elaboration.errors)")
            #expect(elaboration.warningIDs == row.ids, "\(row.line)")
            let messages = elaboration.warnings.map(\.message).joined(separator: "\n")
            for word in row.words {
                #expect(messages.contains(word), "\(row.line): \(messages)")
            }
        }
    }

    @Test func whatNgspiceStopsAtIsAnErrorThere() {
        let deck = "t\nV1 a 0 1\nR1 a 0 1k\n"
        expectErrors(deck + "R2 a 0 {1k«5}\n", ["bad-expression"])
        expectErrors(deck + "R2 a 0 {1d«3}\n", ["bad-expression"])
        expectErrors(deck + ".param x=1k«5\n", ["bad-expression"])
        expectErrors(deck + ".param x=1d«3\n", ["bad-expression"])
        expectErrors(deck + "R2 a 0 '2*1k«5'\n", ["bad-expression"])
        expectErrors(deck + "B1 b 0 v=v(a)*«1k5\nR2 b 0 1\n", ["bad-number"])
        expectErrors(deck + "E1 b 0 value={v(a)*«1k5}\nR2 b 0 1\n", ["bad-number"])
        expectErrors(deck + "R2 a 0 r={1+v(a)*«1.5.2}\n", ["bad-number"])
        expectErrors(deck + "R2 a 0 1k «TC=0,0\n", ["unexpected-text"])
        expectErrors(deck + "V2 b 0 1,«5\nR2 b 0 1\n", ["two-values"])
    }

    /// In expressions that the simulation evaluates, ngspice takes a sign after `e` or `d` for the exponent's,
    /// digits or not.
    @Test(arguments: [
        ("1d-1*v(a)", nil), ("1D+1*v(a)", nil), ("1e-1*v(a)", nil),
        ("v(a)*1e-", "1e- as 1"), ("1e-*v(a)", "1e- as 1"), ("1d-*v(a)", "1d- as 1"),
        ("v(a)+1e--1", "1e- as 1"), ("1e-p*v(a)", "1e-p as 1e-12"),
    ])
    func signsOfExponents(expression: String, warning: String?) {
        for line in ["B1 b 0 v=\(expression)", "E1 b 0 value={\(expression)}"] {
            let elaboration = Deck.of("t\nV1 a 0 1.2\nR1 a 0 1k\n\(line)\nR2 b 0 1k\n")
                .elaborate()
            #expect(elaboration.errors.isEmpty, "\(line)")
            #expect(elaboration.warnings.count == (warning == nil ? 0 : 1), "\(line)")
            let text = warning.map { String($0.prefix { $0 != " " }) }
            let marked = elaboration.warnings.first?.range.map { $0.file.bytes[$0.bytes].text }
            #expect(marked == text, "\(line)")
            if let warning {
                #expect(
                    elaboration.warnings.first?.message.contains(warning) == true, "\(line)")
            }
        }
    }

    @Test(arguments: ["«1e-v(a)", "«1d-(v(a))", "«1e- 1*v(a)", "v(a)*«1e+.5"])
    func signsOfExponentsBeforeOperands(expression: String) {
        expectErrors(
            "t\nV1 a 0 1\nR1 a 0 1k\nB1 b 0 v=\(expression)\nR2 b 0 1\n", ["bad-number"])
    }

    /// A number without a resistance's unit of measure where nobody but us reads it.
    @Test func ourOwnNumbersAreWhatTheySay() {
        let deck = "t\nV1 a 0 1\nR1 a 0 1k\nR2 a 0 1k\n"
        for line in [
            "train tolerance=«0.1%", "train rate=«1k5", "train steps=«1k5", "train steps=«10%",
            "trainable min=«1M", "trainable max=«2M2", "rule nudge=«5%", "train duration=«1.5.2",
        ] {
            expectErrors(deck + "*.learn \(line)\n", ["not-a-number"])
        }
        expectErrors(deck + "*.learn output V(a)=«10%\n", ["not-a-number"])
    }

    /// It is a name, though it begins like a number.
    @Test func modelsAreNoNumbers() {
        for (device, model) in [
            ("D1 a 0 1N4148", ".model 1N4148 d(is={foo})"),
            ("Q1 a a 0 2N3904", ".model 2N3904 npn(bf={foo})"),
        ] {
            let elaboration = Deck.of("t\nV1 a 0 1\nR1 a 0 1k\n\(device)\n\(model)\n").elaborate()
            #expect(elaboration.errorIDs == ["unknown-parameter"])
            #expect(elaboration.warningIDs.isEmpty)
        }
    }

    @Test func optionsThatAreNoCards() {
        let errors = Deck.of("t\nV1 a 0 1\nR1 a 0 1k\n.tnom 27\n.reltol\n").elaborate().errors
        #expect(
            errors.map(\.message) == [
                "ngspice has no card .tnom, but an option: .options tnom=27",
                "ngspice has no card .reltol, but an option: .options reltol",
            ])
    }
}
