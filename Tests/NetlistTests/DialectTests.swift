import Foundation
import Testing

@testable import Netlist

/// What differs between versions of ngspice is read as the one at hand reads it.
struct DialectTests {
    private func elaborate(_ text: String, version: Int) -> Elaboration {
        Deck.parse(
            path: "deck.cir", bytes: Array(text.utf8), includes: .none,
            dialect: Dialect(version: NgspiceVersion(version))
        ).elaborate(for: .operatingPoint)
    }

    @Test(arguments: [(39, 1.0), (40, 1e-18), (47, 1e-18)])
    func theSuffixA(version: Int, value: Double) {
        let deck = "t\n.param x=1a\nI1 0 a 1A\nR1 a 0 {1a*1e9}\nR2 a 0 {x*1e9}\nR3 a 0 1e9a\n"
        let circuit = elaborate(deck, version: version).understood
        #expect(circuit.sources.map(\.dcValue) == [value])
        for resistor in circuit.resistors { expectClose(resistor.resistance, value * 1e9) }
        #expect(circuit.resistors.count == 3)
    }

    @Test(
        "sound files are read from version 47 on",
        arguments: [
            (44, "file tone.wav snd(0 0 1 0 0 1)", ["sound-file"]),
            (47, "file tone.wav snd(0 0 1 0 0 1)", []),
            (47, "file=\"a tone.wav\" snd 0 0 1 0 0 1", []),
            (47, "dc 2 file(tone.wav) snd(5 {k} 1 0 0 256)", []),
            (47, "snd(0 0 1 0 0 1)", ["sound-file"]),
            (47, "file tone.wav snd(6 0 1 0 0 1)", ["sound-file"]),
            (47, "file tone.wav snd(0 0 1 0 0)", ["sound-file"]),
            (47, "file tone.wav snd(0 0 1 0 0 0)", ["sound-file"]),
            (47, "file", ["missing-value"]),
        ])
    func soundFiles(version: Int, function: String, errors: [String]) {
        let deck = "t\n.param k=1\nV1 a 0 \(function)\nR1 a 0 1\n"
        let elaboration = elaborate(deck, version: version)
        #expect(elaboration.errorIDs == errors)
        guard errors.isEmpty else { return }
        // Without a value that comes first, only ngspice knows with what the sound begins.
        let sources = elaboration.understood.sources
        #expect(sources.map(\.dcValue) == (function.hasPrefix("dc") ? [2] : []))
    }

    /// Before, ngspice drops the quotes, looks for a parameter of that name and stops.
    @Test(arguments: [(39, ["unknown-parameter"]), (43, ["unknown-parameter"]), (44, []), (47, [])])
    func textsOfCalls(version: Int, errors: [String]) {
        let deck = """
            t
            V1 a 0 1
            X1 a s note="north" r=2k
            .subckt s p note="none" r=1k
            R1 p 0 {r}
            .ends
            """
        let elaboration = elaborate(deck, version: version)
        #expect(elaboration.errorIDs == errors)
        if errors.isEmpty { #expect(elaboration.understood.resistors.map(\.resistance) == [2e3]) }
    }

    /// A text where a resistance stands may be the name of a model, which ngspice looks for.
    @Test(arguments: [(39, [3e3]), (44, [])])
    func quotedValuesOfCallsAreParametersOrTexts(version: Int, resistances: [Double]) {
        let deck = """
            t
            .param q=3k
            V1 a 0 1
            X1 a s r="q"
            .subckt s p r=1k
            R1 p 0 {r}
            .ends
            """
        let circuit = elaborate(deck, version: version).understood
        #expect(circuit.resistors.map(\.resistance) == resistances)
    }

    @Test(
        "FREQ is read from version 42 on, as far as ngspice reads it",
        arguments: [
            (39, "{V(a)} DB ( 1k, 0, 0)", ["frequency-table"]),
            (41, "{V(a)} DB ( 1k, 0, 0)", ["frequency-table"]),
            (42, "{V(a)} DB ( 1k, 0, 0)", []),
            (44, "{V(a)}= DB ( 1k, 0, 0) (2k,1,1)", []),
            (44, "{V(a)} = mag rad ( 1k, {k}, k) (2k,1,1)", []),
            (44, "{a} R_I 1k 1 0", []),
            (44, "{V(a)} 1k, 1, 0", []),
            (44, "{V(a)} 1.0k, 1, 0", ["frequency-table"]),
            (44, "{V(a)} DB (1k,0,0)", ["frequency-table"]),
            (44, "{V(a)} 1000 0 0", ["frequency-table"]),
            (44, "{V(a)} = ( 1k,0,0)", ["frequency-table"]),
            (44, "{V(a)} DB", ["frequency-table"]),
            (44, "{V(a)} DB ( 1k, 0)", ["frequency-table"]),
            (44, "{V(a)} DB ( 2k, 0, 0) (1k,0,0)", ["frequency-table"]),
            (44, "{V(a)} DB ( 2k, 0, 0) delay=3", ["unknown-parameter"]),
            (44, "{V(a)} XY ( 2k, 0, 0)", ["unknown-parameter"]),
            (44, "{b} DB ( 2k, 0, 0)", ["unknown-node"]),
        ])
    func frequencyTables(version: Int, table: String, errors: [String]) {
        let deck = "t\n.param k=1\nV1 a 0 1\nR1 a 0 1\nE1 c 0 FREQ \(table)\nR2 c 0 1\n"
        #expect(elaborate(deck, version: version).errorIDs == errors)
    }

    @Test(arguments: [(39, 1e-3), (42, 1e-3), (44, 1e-12)])
    func zeroOhms(version: Int, value: Double) {
        let elaboration = elaborate("t\nV1 a 0 1\nR1 a b 0\nR2 b 0 1k\n", version: version)
        #expect(elaboration.understood.resistors.first?.resistance == value)
        #expect(elaboration.warningIDs == ["zero-resistance"])
    }

    @Test(arguments: [1.0, -1.0])
    func resistancesTooSmallForNgspice(sign: Double) {
        for (version, value) in [(39, 1e-13), (43, 1e-13), (44, 1e-12), (47, 1e-12)] {
            let deck = "t\nV1 a 0 1\nR1 a b \(sign * 1e-13)\nR2 b 0 1k\n"
            let elaboration = elaborate(deck, version: version)
            #expect(elaboration.understood.resistors.first?.resistance == sign * value)
            #expect(elaboration.warningIDs == (version < 44 ? [] : ["small-resistance"]))
        }
    }

    /// A model's `r` counts from 1 mΩ on, and from version 42 on where it is positive.
    @Test func resistancesOfModels() {
        for (version, parameters, value) in [
            (39, "r=1e-4", 1e-3), (42, "r=1e-4", 1e-4), (47, "r=1e-15", 1e-15),
            (39, "r=-5", 1e-3), (47, "r=-5", 1e-3), (47, "r=0", 1e-3), (47, "", 1e-3),
            (39, "resistance=-1e-13", -1e-13), (47, "resistance=-1e-13", -1e-12),
            (39, "resistance=0", 1e-3), (47, "resistance=0", 1e-12),
        ] {
            let deck = "t\nV1 a 0 1\nR1 a b rm\nR2 b 0 1k\n.model rm r \(parameters)\n"
            let found = elaborate(deck, version: version).understood.resistors.first?.resistance
            #expect(found == value, "\(version): \(parameters)")
        }
    }

    /// What ngspice makes of these, of all that is said here of resistances.
    @Test(arguments: [
        "0", "-0", "1e-13", "-1e-13", "1e-12", "-1e-12", "{1e-20}", "rm", "ra", "rb", "rc", "rd",
        "re", "rf", "rg", "rh",
    ])
    func extremeResistancesAreThoseOfNgspice(value: String) throws {
        let deck = """
            t
            V1 a 0 1
            R1 a b \(value)
            R2 b 0 1k
            .model rm r
            .model ra r(r=1e-4)
            .model rb r(r=1e-15)
            .model rc r(r=-5)
            .model rd r(r=0 rsh=3)
            .model re r(resistance=1e-13)
            .model rf r(resistance=-1e-13)
            .model rg r(resistance=0)
            .model rh r(r=1e-3)
            .end

            """
        let dialect = try #require(NgspiceProcess.dialect)
        let elaboration = Deck.of(deck, dialect: dialect).elaborate(for: .operatingPoint)
        let vector = "@r1[resistance]"
        expectClose(
            elaboration.understood.resistors.first?.resistance,
            try NgspiceProcess.operatingPoint(deck, [vector])[vector], "\(value)")
    }

    /// 1 mΩ up to version 41; later no resistor at all.
    @Test(arguments: [(39, 2), (41, 2), (42, 1), (47, 1)])
    func noValue(version: Int, count: Int) {
        let elaboration = elaborate("t\nV1 a 0 1\nR1 a 0\nR2 a 0 1k\n", version: version)
        #expect(elaboration.understood.resistors.count == count)
        #expect(elaboration.warningIDs == ["missing-value"])
        let message = elaboration.warnings.first?.message ?? ""
        #expect(message.contains(count == 2 ? "0.001 Ohm" : "leaves it out"))
    }

    @Test(arguments: [39, 42, 43, 47])
    func frequencyModulationAtDC(version: Int) throws {
        let deck = "t\nV1 a 0 sffm(1 2 1k 0.5 1k)\nI1 a 0 sffm(1 2 1k 0.5 1k)\nR1 a 0 1k\n"
        let sources = elaborate(deck, version: version).understood.sources
        #expect(sources.map(\.dcValue) == [version < 43 ? 1 : 0, version < 47 ? 1 : 0])
        #expect(sources.allSatisfy { $0.variesWithTime })
    }

    /// Carrier and signal change places with 46, and the current source's value at time zero goes with 47.
    @Test func indexOfFrequencyModulation() throws {
        let deck = "t\nI1 0 a sffm(1 2 4 3 2 90)\nR1 a 0 1k\n"
        for (version, value) in [(39, 3.0), (43, 1 + 2 * sin(0.5)), (46, 1 + 2 * sin(2)), (47, 0)] {
            let source = elaborate(deck, version: version).understood.sources.first
            expectClose(source?.dcValue, value, "\(version)")
        }
    }

    @Test func parametersWithTheNamesOfFunctions() {
        let deck = "t\n.param var=3 vec=2\nV1 a 0 1\nR1 a 0 {var*vec}\n"
        #expect(elaborate(deck, version: 45).errorIDs.isEmpty)
        #expect(elaborate(deck, version: 45).warningIDs == ["function-name", "function-name"])
        #expect(elaborate(deck, version: 46).errorIDs == ["bad-expression"])
    }

    @Test func cardsInTheTitle() {
        let circuit = "\nV1 a 0 1\nR1 a 0 1 tc1=0.1\n"
        for (version, factor) in [(39, 0.5), (40, 0.5), (41, 1), (47, 1)] {
            let temperature = elaborate(".temp 37" + circuit, version: version)
            #expect(temperature.understood.resistors.first?.conductanceFactor == factor)
            #expect(temperature.warningIDs == ["title-card"])
            let parameter = elaborate(".param x=1" + circuit, version: version)
            #expect(parameter.hasErrors == (version < 41))
        }
    }

    @Test func oddPowersOfWhatMayBeNegative() {
        for (expression, isWarnedOf) in [
            ("v(a)**3", true), ("v(a)^3", true), ("v(a) ^ 3.0", true), ("pow(v(a), 3)", true),
            ("(v(a)-1)**3", true), ("i(V1)**(3)", true), ("2*v(a,0)**n", true), ("m**3", true),
            ("sin(v(a))^5", true), ("V (a)**3", true),
            ("v(a)**2", false), ("abs(v(a))**3", false), ("pwr(v(a),3)", false), ("2**3", false),
            ("v(a)*v(a)*v(a)", false), ("v(a)**1.5", false), ("n**3", false),
            ("exp(v(a))^3", false), ("v(a)**(2*n-3)", true), ("v(a)^(n+1)", false),
            ("cube(v(a))", true), ("p(v(a),3)", true), ("p(v(a),n)", true),
            ("2 + outer( v(a) )", true),
            ("p(v(a),2)", false), ("p(abs(v(a)),3)", false), ("cube(2)", false), ("cube(-2)", true),
            ("outer(v(a)*v(a))", false), ("square(v(a))^3", false), ("cube(v(a))^2", true),
            ("(v(a)*v(a))^3", false), ("(v(a)*v(b)*v(a))^3", true), ("(v(a)^2+1e-3)^3", false),
            ("(v(a)^2-1e-3)^3", true), ("(v(a)*v(a)/abs(v(b)))**3", false),
            ("(2*V(a)* v(a)+3)**3", false),
            ("(v(a)>0)**3", true),
        ] {
            let deck =
                "t\n.param n=3 m=-2\n.func cube(x) {x**3}\n.func p(x,n) {x^n}\n.func square(x) {x*x}\n"
                + ".func outer(x) {1+cube(x)}\nV1 a 0 1\nB1 b 0 v=\(expression)\nR1 b 0 1\n"
            let warnings = elaborate(deck, version: 39).warningIDs
            #expect(warnings == (isWarnedOf ? ["odd-power"] : []), "\(expression)")
        }
        for device in ["E1 b 0 value={v(a)**3}", "G1 b 0 cur='v(a)^3'", "R2 b 0 r={9+v(a)**3}"] {
            let deck = "t\nV1 a 0 1\n\(device)\nR1 b 0 1\n"
            #expect(elaborate(deck, version: 39).warningIDs == ["odd-power"], "\(device)")
        }
    }

    /// Comments from 44 on, and errors before.
    @Test func hashLines() {
        let deck = "t\n# a comment\nV1 a 0 1\n  #R2 a 0 1\nR1 a 0 1k\n"
        let circuit = elaborate(deck, version: 44)
        #expect(circuit.diagnostics.isEmpty)
        #expect(circuit.understood.resistors.map(\.name) == ["R1"])
        #expect(elaborate(deck, version: 43).errors.count == 2)
    }

    /// `$NAME/` at the beginning of a file's name, from 44 on: seen with 44.2, where `${NAME}` and a
    /// variable that is not set end ngspice.
    @Test func variablesInIncludes() {
        let home = "t\nV1 a 0 1\n.include $HOME/no/such.inc\n.include $SPICELEARN_UNSET/x.inc\n"
        func messages(_ version: Int) -> [String] {
            Deck.parse(
                path: "deck.cir", bytes: Array(home.utf8),
                includes: IncludeReader { path, _ in throw IncludeReader.Failure("is \(path)") },
                dialect: Dialect(version: NgspiceVersion(version))
            ).diagnostics.map(\.message)
        }
        let folder = ProcessInfo.processInfo.environment["HOME"] ?? ""
        #expect(
            messages(44) == [
                "\(folder)/no/such.inc is \(folder)/no/such.inc",
                "$SPICELEARN_UNSET/x.inc begins with an environment variable that is not set; "
                    + "set SPICELEARN_UNSET",
            ])
        // Before, the `$` begins a comment.
        let nothing = "a file name must follow; write .include \"name\""
        #expect(messages(43) == [nothing, nothing])
    }

    /// ngspice looks for an a wherever it stands, and needs it beside ps and lt only.
    @Test func modesThatNgspiceTakes() throws {
        for (text, behaviour) in [
            ("hsa", "hsa"), ("hs,a", "hsa"), ("all", "all"), ("ki,a", "kia"),
            ("spea", "spea"),
            ("lt,all", "ltall"), ("psa", "psa"), ("ltps", "ltps"),
        ] {
            #expect(try Compatibility(text).ngbehavior == behaviour)
        }
        #expect(try Compatibility("ltall").contains(.whole))
        #expect(throws: Compatibility.Failure.self) { try Compatibility("hsps") }
        #expect(throws: Compatibility.Failure.self) { try Compatibility("xyz") }
    }

    /// The line that says the mode is not among those that ngspice counts, nor are included ones.
    @Test func linesAreCountedAsNgspiceCountsThem() throws {
        let text = "t\n*.learn compat lt\nV1 a 0 1\n.include x.inc\nR1 a 0 1k\n"
        let deck = Deck.of(text, files: ["x.inc": "R2 a 0 1k\nR3 a 0 1k\n"])
        let names = (1...5).map { number in
            deck.statement(ofNgspiceLine: number).map { $0.text(of: $0.name) }
        }
        #expect(names == [nil, "V1", nil, "R1", nil])
    }

    @Test func derivedModels() {
        let text = "t\nV1 a 0 1\nD1 a 0 d2\nD2 a 0 d2\n.model dd d\n.model d2 «ako:dd d(n=2)\n"
        expectErrors(text, ["derived-model"])
        let deck = Deck.of(
            "t\n*.learn compat ps,a\n" + text.dropFirst(2).filter { $0 != "«" })
        #expect(!deck.elaborate().errorIDs.contains("derived-model"))
    }

    @Test func functionsThatAreMadeOfOthers() {
        let text = "t\n*.learn compat ps,a\nV1 a 0 1\nR1 a 0 {int(2.6)}\n"
        #expect(
            Deck.of(text).elaborate().errors.map(\.message) == [
                "int is made of a function sign, which ngspice doesn't have before the simulation; "
                    + "write this in another way, such as floor(x)"
            ])
    }
}
