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
        expectErrors("«*.learn output V(out)=0.2" + circuit, ["directive-in-title"])
    }

    /// ngspice 39 takes a title that begins with .temp, glued to what follows or not, for the card.
    @Test(arguments: [
        ".temp=80", ".temp = 80", ".temp= 80", ".temp =80", ".TEMP=80", ".temp80", ".temp+80",
        ".temp -20",
        ".temp", ".temp=", ".temp=8k", ".temp 80 90", ".temp {80}", ".temp 80 ; x", ".temp,80",
        ".temperature of a divider",
    ])
    func temperaturesInTitles(title: String) throws {
        let text =
            title + "\nV1 in 0 1\nR1 in out 1k tc1=0.01\nR2 out 0 1k\n.options temp=50\n.end\n"
        let deck = Deck.of(text)
        let elaboration = deck.elaborate()
        #expect(elaboration.errors.isEmpty)
        #expect(elaboration.warningIDs.contains("title-card"))
        let factor = try #require(elaboration.understood.resistors.first).conductanceFactor
        guard NgspiceProcess.dialect?.readsCardsInTitle == true else { return }
        let voltage = try NgspiceProcess.operatingPoint(text, ["v(out)"])["v(out)"]
        expectClose(1 / (1 + 1 / factor), voltage, "\(title)")
        // As it is handed over it says the same without being the title.
        let lines = try deck.ngspiceLines().joined(separator: "\n") + "\n"
        let handed = try NgspiceProcess.operatingPoint(lines, ["v(out)"])["v(out)"]
        expectClose(handed, voltage, "\(title)")
        // A sample at another temperature is another deck.
        let other = String(decoding: deck.setting(temperature: 40), as: UTF8.self)
        expectClose(
            try NgspiceProcess.operatingPoint(other, ["v(out)"])["v(out)"], 1 / 2.13, "\(title)")
    }

    @Test(arguments: [".temp=80", ".temp = 80", ".temp", ".temp 8k", ".temp {40*2}", ".temp 80 90"])
    func temperaturesOnCards(card: String) throws {
        let text = "t\nV1 in 0 1\nR1 in out 1k tc1=0.01\nR2 out 0 1k\n\(card)\n.end\n"
        let elaboration = Deck.of(text).elaborate()
        #expect(elaboration.errors.isEmpty)
        let factor = try #require(elaboration.understood.resistors.first).conductanceFactor
        let voltage = try NgspiceProcess.operatingPoint(text, ["v(out)"])["v(out)"]
        expectClose(1 / (1 + 1 / factor), voltage, "\(card)")
    }

    @Test func othersAreTitles() {
        for title in ["", "divider", "* .temp 37", "..", ".learn more", "R5 in 0 1k"] {
            let elaboration = Deck.of(title + circuit).elaborate()
            #expect(!elaboration.warningIDs.contains("title-card"), "\(title)")
        }
    }
}
