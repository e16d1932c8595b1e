import Netlist
import Testing

@testable import NgspiceBridge

@Suite struct LoadingTests {
    private static let good = ["good", "V1 a 0 1", "R1 a 0 1k"]

    @Test(arguments: [
        ["unknown subcircuit", "V1 a 0 1", "X1 a 0 nothing"],
        ["unknown model", "V1 a 0 1", "D1 a 0 nothing"],
        ["no number", "V1 a 0 1", "R1 a 0 abc"],
        ["twice", "V1 a 0 1", "R1 a 0 1k", "R1 a 0 2k"],
        ["unknown directive", "V1 a 0 1", "R1 a 0 1k", ".nothing"],
        ["unclosed subcircuit", "V1 a 0 1", "R1 a 0 1k", ".subckt s a b", "R1 a b 1k"],
        ["unclosed if", "V1 a 0 1", ".param x=1", ".if (x==1)", "R1 a 0 1k"],
        ["unknown control", "V1 a 0 1", "H1 b 0 vx 1", "R1 b 0 1k"],
        ["unknown device", "V1 a 0 1", "9x a 0 1k"],
        ["only ground", "R1 0 0 1k"],
        ["nothing"],
        [],
    ])
    func aDeckThatDoesNotLoad(deck: [String]) throws {
        try Ngspice.withInstance { ngspice in
            let before = try ngspice.load(Self.good)
            #expect(try before.operatingPoint() == [1, -0.001])
            let error = #expect(throws: NgspiceError.self) { _ = try ngspice.load(deck) }
            #expect(error?.kind == .load || error?.kind == .died, "\(String(describing: error))")
            // The circuit before must not answer.
            let stale = #expect(throws: NgspiceError.self) { _ = try before.operatingPoint() }
            #expect(stale?.kind == .misuse)
            #expect(try ngspice.load(Self.good).operatingPoint() == [1, -0.001])
        }
    }

    /// 1 mΩ up to version 41, and left out from 42 on, with a warning either way.
    @Test func aResistorWithoutAValue() throws {
        let deck = ["no value", "V1 a 0 1", "R1 a 0", "R2 a 0 1k"]
        let version = try Ngspice.installed().version
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(deck)
            let isTaken = version < NgspiceVersion(42)
            let warning = isTaken ? "r1: resistance to low, set to 1 mOhm" : "r1 a 0"
            #expect(circuit.messages.contains { $0.contains(warning) })
            let point = try circuit.operatingPoint()
            let current = isTaken ? -1000.001 : -0.001
            #expect(point[0] == 1 && abs(point[1] / current - 1) < 1e-12)
        }
    }

    /// ngspice declares itself dead; a fresh image takes its place.
    @Test func aDeckThatKillsTheLibrary() throws {
        try Ngspice.withInstance { ngspice in
            for _ in 0..<5 {
                let error = #expect(throws: NgspiceError.self) {
                    _ = try ngspice.load(["undefined parameter", "V1 a 0 1", "R1 a 0 {nothing}"])
                }
                #expect(error?.kind == .died)
                #expect(error?.ngspiceMessages.contains { $0.contains("[nothing]") } == true)
                let point = try ngspice.load(Self.good).operatingPoint()
                #expect(point == [1, -0.001])
            }
        }
    }

    /// How a deck wants its operating point to be searched for is forgotten with it. The circuit has no
    /// state of its own, and so shows how it was searched for.
    @Test func searchOptionsAreTheDecksOwn() throws {
        let deck = [
            "switch", "SW1 1 0 1 0 s1", "C1 1 0 1n", "I1 0 1 100u",
            ".model s1 sw vt=2.5 vh=2.475 ron=1 roff=10meg",
        ]
        try Ngspice.withInstance { ngspice in
            let plain = try ngspice.plainOperatingPoint(deck)["1"]
            for options in ["srcsteps=0", "itl6 = 10", "gminsteps=0 srcsteps=5"] {
                let found = try ngspice.plainOperatingPoint(deck + [".options " + options])["1"]
                #expect(found != plain, "\(options)")
                #expect(try ngspice.plainOperatingPoint(deck)["1"] == plain, "after \(options)")
            }
        }
    }

    @Test(arguments: [
        ".control", "  .CONTROL", ".endc", "*# shell id", "  *#quit", ";# echo x", ".include x.cir",
        ".INC \"x.cir\"", ".lib models.lib tt", "R2 a 0 1k\n.control", "R2 a 0 1k\r", "R2 a 0 1k\0",
        "Vspicelearnsweep a 0 1", "R2 spicelearnagain 0 1k", "R2 a 0 {1+(2}", "B1 b 0 v=v(a",
        ".model dd d(is=1e-14", "R2 a 0 1k)", "*#\u{301};shell id", ".include\u{301} x.cir",
        ".includes x.cir", ".control\u{301}", "G1 0 a table {v(a))} (0,0)(1,1)",
    ])
    func aLineThatIsRefused(line: String) throws {
        try Ngspice.withInstance { ngspice in
            let before = try ngspice.load(Self.good)
            let error = #expect(throws: NgspiceError.self) {
                _ = try ngspice.load(Self.good + [line])
            }
            #expect(error?.kind == .refusedLine)
            #expect(error?.message.hasPrefix("line 4 of the deck") == true)
            let stale = #expect(throws: NgspiceError.self) { _ = try before.operatingPoint() }
            #expect(stale?.kind == .misuse)
        }
    }

    @Test func commentsAndContinuations() throws {
        let values = try Ngspice.withInstance { ngspice in
            try ngspice.load([
                "title (", "* a comment ( {", "V1 a 0", "* between", "+ 2 ; (", "R1 a 0 1k $ (", "",
            ]).operatingPoint()
        }
        #expect(values == [2, -0.002])
    }

    @Test func otherDirectivesOfADeckDoNotMatter() throws {
        let (names, values) = try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load([
                "directives", "V1 a 0 dc 1 sin(0 1 1k)", "R1 a b 1k", "R2 b 0 1k", "L1 b c 1m",
                "R3 c 0 1k", "C1 b 0 1u", ".ic v(b)=3", ".nodeset v(b)=5", ".tran 1u 1m",
                ".save v(a)", ".meas dc top max v(b)", ".print dc v(b)", ".options noacct temp=30",
            ])
            _ = try circuit.operatingPoint()
            return (circuit.vectorNames, try circuit.operatingPoint())
        }
        #expect(names == ["a", "b", "c", "l1#branch", "v1#branch"])
        let byName = Dictionary(uniqueKeysWithValues: zip(names, values))
        #expect(abs((byName["b"] ?? .nan) - 1.0 / 3) < 1e-15)
    }

    @Test func optionsOfTheDeckWin() throws {
        let deck = ["options", "V1 a 0 1", "R1 a 0 1k", ".options abstol=1e-10", "+ reltol=0.01"]
        let added = try Deck(
            deck, traits: CircuitTraits(ofLines: deck), options: Ngspice.tightTolerances
        ).lines.filter { $0.hasPrefix(".options vntol") }
        #expect(added == [".options vntol=1e-12"])
    }

    @Test func externalSourcesMustMatch() throws {
        let deck = ["external", "V1 a 0 external", "R1 a 0 1k", "V2 b 0 1", "R2 b 0 1k"]
        try Ngspice.withInstance { ngspice in
            for external in [[], ["v2"], ["v1", "v2"], ["v1", "v3"]] {
                let error = #expect(throws: NgspiceError.self) {
                    _ = try ngspice.load(deck, external: external)
                }
                #expect(error?.kind == .name)
            }
            _ = try ngspice.load(deck, external: ["V1"])
        }
    }
}
