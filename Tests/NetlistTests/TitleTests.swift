import Testing

@testable import Netlist

/// The first line is the title, but for what ngspice does with a card there.
struct TitleTests {
    private let circuit = "\nV1 in 0 1\nR1 in out 1k tc1=0.1\nR2 out 0 1k\n"

    @Test func cardsWithAnEffectAreWarnedOf() {
        let files = ["a.inc": "R3 out 0 3k\n", "a.lib": ".lib s\nR3 out 0 3k\n.endl\n"]
        for (title, count) in [
            (".include a.inc", 3), (".INC \"a.inc\"", 3), (".lib a.lib s", 3), (".temp 37", 2),
            (".model m r r=5", 2), (".options temp=37", 2), (".op", 2), (".lib a.inc", 2),
            ("  .include a.inc", 2), (" .temp 37", 2), (".backanno", 2), (" .param x=5", 2),
        ] {
            let elaboration = Deck.of(title + circuit, files: files).elaborate()
            #expect(elaboration.errors.isEmpty, "\(title)")
            #expect(elaboration.warningIDs == ["title-card"], "\(title)")
            #expect(elaboration.understood.resistors.count == count, "\(title)")
            let factor = elaboration.understood.resistors.first?.conductanceFactor
            #expect(factor == (title == ".temp 37" ? 0.5 : 1), "\(title)")
        }
    }

    @Test func cardsThatEndNgspiceAreErrors() {
        for title in [
            ".param x=5", ".params x=5", ".para x=5", ".meas tran x find v(1)", ".subckt a b c",
            ".ends",
        ] {
            expectErrors("«" + title + circuit, ["title-card"])
        }
        expectErrors("«.temp {x}" + circuit + ".param x=5\n", ["title-card"])
        expectErrors("«*.learn output V(out)=0.2" + circuit, ["directive-in-title"])
    }

    @Test func othersAreTitles() {
        for title in ["", "divider", "* .temp 37", "..", ".learn more", "R5 in 0 1k"] {
            let elaboration = Deck.of(title + circuit).elaborate()
            #expect(!elaboration.warningIDs.contains("title-card"), "\(title)")
        }
    }
}
