import Foundation
import Testing

@testable import Netlist

struct SanitisingTests {
    private let malicious = """
        shell touch title
        V1 a 0 1
        *#shell touch star
        ;#shell touch semicolon
          *#shell touch indented
        .control
        shell touch control
        .endc
        .include evil.inc
        X1 a 0 s
        .subckt s p q
        *#shell touch subcircuit
        R1 p q 1k ; *#shell touch comment
        +*#shell touch continuation
        .ends
        .options rawfile=/tmp/x reltol=1e-4 noacct
        .save all
        .print op v(a) > printed
        .plot op v(a)
        .csparam x={1}
        .meas op y find v(a) at=0
        .op
        .tran 1 2
        .end
        *#shell touch end
        """

    /// ngspice puts texts wherever the names of parameters stand on a model's card.
    @Test(arguments: [
        ".param t=\"file\" u=\"/etc/hostname\"\nR9 a 0 1\n.model m filesource({t}={u})",
        ".param t=\"file\" u=\"/etc/hostname\"\n.model m filesource('t'='u')",
        ".param u=\"sub/hostname\"\n.model m filesource({t} {u})\n.param t=\"file\"",
        ".param u=name\"/etc/hostname\"",
        ".param u=\"etc\"\"/hostname \" v=\"a b\"",
        "X1 a s u=\"/etc/hostname\" t=\"file\"\n.subckt s a t=\"\" u=\"\"\n.model m filesource({t}={u})\n.ends",
        "X1 a s\n.subckt s a u=\"..\\hostname\"\nR1 a 0 1\n.ends",
    ])
    func textsAreNoPaths(lines: String) throws {
        let deck = Deck.of(
            "t\nV1 a 0 1\nA1 %v[a] m\n\(lines)\n.end\n",
            dialect: Dialect(version: NgspiceVersion(44)))
        let error = #expect(throws: DiagnosticsError.self) { try deck.ngspiceLines() }
        #expect(error?.diagnostics.map(\.id) == ["hidden-file"])
    }

    /// Where only the name of a file is meant, it is named by its whole path.
    @Test func textsThatNameFiles() throws {
        let file = #filePath
        let lines = try Deck.of(
            """
            t
            V1 "a/b" 0 1
            X1 "a/b" s data="\(file)" note="any text"
            X2 "a/b" s data={other}
            .param other="\(file)" last="0110"
            .subckt s a data="\(file)" note="none"
            A1 %v[a] m
            .model m filesource(file=data amploffset=[0])
            .ends
            .end
            """, dialect: Dialect(version: NgspiceVersion(44))
        ).ngspiceLines()
        #expect(lines.contains("X1 \"a/b\" s data=\"\(file)\" note=\"any text\""), "\(lines)")
        #expect(lines.contains(".param other=\"\(file)\" last=\"0110\""))
        #expect(throws: DiagnosticsError.self) {
            try Deck.of(
                "t\n.param u=\"nowhere.txt\"\nA1 %v[a] m\nR1 a 0 1\n.model m filesource(file=u)\n"
            ).ngspiceLines()
        }
        // There is no such parameter.
        #expect(throws: DiagnosticsError.self) {
            try Deck.of("t\nA1 %v[a] m\nR1 a 0 1\n.model m filesource(file=u)\n").ngspiceLines()
        }
    }

    @Test func soundsAreNamedByTheirWholePath() throws {
        let dialect = Dialect(version: NgspiceVersion(47))
        let lines = try Deck.of(
            "t\nV1 a 0 file \(#filePath) snd(0 0 1 0 0 1)\nR1 a 0 1\n", dialect: dialect
        ).ngspiceLines()
        #expect(lines.contains("V1 a 0 file =\"\(#filePath)\" snd(0 0 1 0 0 1)"), "\(lines)")
        let error = #expect(throws: DiagnosticsError.self) {
            try Deck.of("t\nV1 a 0 file=\"no.wav\" snd(0 0 1 0 0 1)\nR1 a 0 1\n", dialect: dialect)
                .ngspiceLines()
        }
        #expect(error?.diagnostics.map(\.id) == ["missing-file"])
    }

    /// To ngspice they are blanks there.
    @Test(arguments: [
        ("V1 a 0 SIN(0 1 1k", "V1 a 0 SIN(0 1 1k)"), ("V1 a 0) {x} )", "V1 a 0  {x}  "),
        ("I1 0 a PWL((0 2) (1 {(3)}", "I1 0 a PWL((0 2) (1 {(3)}))"),
    ])
    func bracketsOfSources(line: String, handed: String) throws {
        let deck = Deck.of("t\n.param x=1\n\(line)\nR1 a 0 1\n.end\n")
        let elaboration = deck.elaborate(for: .operatingPoint)
        #expect(elaboration.errorIDs.isEmpty)
        #expect(elaboration.warningIDs == ["unbalanced-delimiter"])
        let lines = try deck.ngspiceLines()
        #expect(lines.contains(handed), "\(lines)")
        let parts = try deck.circuitParts()
        #expect(parts.devices.contains(handed), "\(parts)")
    }

    /// ngspice 39 crashes where it evaluates `temper` in a model while an analysis is paused.
    @Test(
        "temper is the deck's temperature",
        arguments: [
            ("", "(27)"), (".temp 50", "(50)"), (".options temp={20+15}", "(20+15)"),
        ])
    func temper(card: String, value: String) throws {
        let lines = try Deck.of(
            """
            t
            V1 a 0 1
            D1 a 0 dx
            C1 a 0 c='1u*TEMPER'
            B1 a 0 i='temper*v(a)'
            R1 a 0 r='temper_r'
            .param temper_r=1k
            C2 temper 0 '1u*temper'
            temper a 0 temper 0 z0=50 td=1n
            .model dx d is='(temper+1)*1e-15'
            \(card)
            .end
            """
        ).ngspiceLines()
        #expect(lines.contains(".model dx d is='(\(value)+1)*1e-15'"), "\(lines)")
        #expect(lines.contains("C1 a 0 c='1u*\(value)'"))
        #expect(lines.contains("B1 a 0 i='temper*v(a)'"))
        #expect(lines.contains("R1 a 0 r='temper_r'"))
        #expect(lines.contains("C2 temper 0 '1u*\(value)'"), "a node may have this name")
        #expect(lines.contains("temper a 0 temper 0 z0=50 td=1n"), "and a line, too")
    }

    @Test func onlyTheCircuitIsHandedOver() throws {
        let lines = try Deck.of(
            malicious,
            files: ["evil.inc": "*#shell touch included\n.control\nquit\n.endc\nR9 a 0 1\n"]
        ).ngspiceLines()
        #expect(
            lines == [
                "spicelearn", "V1 a 0 1", "R9 a 0 1", "X1 a 0 s", ".subckt s p q",
                "R1 p q 1k *#shell touch continuation", ".ends",
                ".options reltol=1e-4", ".end",
            ])
    }

    @Test func everyLineBeginsAsADeviceOrAKnownCard() throws {
        var generator = SplitMix(state: 3)
        let alphabet = Array("*#;$\\`>.rvx+ \n\n\"'{}()=a0".utf8)
        for _ in 0..<300 {
            var bytes = Array("t\n".utf8)
            for _ in 0..<80 {
                bytes.append(alphabet[Int(generator.next() % UInt64(alphabet.count))])
            }
            let lines = try Deck.parse(path: "d", bytes: bytes, includes: .none).ngspiceLines()
            for line in lines {
                let first = try #require(line.utf8.first)
                #expect(first.isLetter || first == UInt8(ascii: "."))
                #expect(!line.contains("\n") && !line.lowercased().hasPrefix(".control"))
            }
        }
    }

    @Test func sourcesCanBeExternal() throws {
        let deck = Deck.of(
            "t\nV1 In 0 dc 1 ac 2\n+ sin(1 2)\nI2 0 (b) 3\nR1 in b 1\n.subckt s p q\nV1 p q 1\n.ends\n.end\n"
        )
        let lines = try deck.ngspiceLines(external: ["v1", "i2"], extraLines: ["Vdum dum 0 0"])
        #expect(
            lines == [
                "spicelearn", "V1 In 0 external", "I2 0 b external", "R1 in b 1", ".subckt s p q",
                "V1 p q 1",
                ".ends", "Vdum dum 0 0", ".end",
            ])
        #expect(throws: DiagnosticsError.self) { try deck.ngspiceLines(external: ["x1.v1"]) }
        #expect(throws: DiagnosticsError.self) { try deck.ngspiceLines(external: ["v7"]) }
    }

    @Test func nothingRuns() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let names = ["title", "star", "semicolon", "indented", "control", "included"]
        let text = malicious.replacing("touch ", with: "touch \(folder)/spicelearn-")
        let lines = try Deck.of(
            text, files: ["evil.inc": "*#shell touch \(folder)/spicelearn-included\n"]
        ).ngspiceLines()
        _ = try NgspiceProcess.run(lines.joined(separator: "\n") + "\n")
        for name in names {
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/spicelearn-\(name)"))
        }
    }

    @Test func modelsAsNgspiceReadsThem() throws {
        let lines = try Deck.of(
            """
            t
            V1 a 0 1
            D1 a 0 dn
            D2 a 0 dx
            .model dx d is=1e-15 )
            .model dn numd level=1
            + options defa=1p
            + x.mesh loc=0.0 n=1
            .end
            """
        ).ngspiceLines()
        #expect(lines.contains(".model dx d is=1e-15"), "\(lines)")
        // Each of these lines is a card of its own to ngspice.
        let first = try #require(lines.firstIndex(of: ".model dn numd level=1"))
        #expect(
            lines[first...].dropFirst().prefix(2) == ["+ options defa=1p", "+ x.mesh loc=0.0 n=1"])
    }

    @Test func aDataFileThatIsNotThere() throws {
        let deck = Deck.of(
            "t\nA1 %v[a] m\nR1 a 0 1\n.model m filesource(file=\"nowhere.txt\")\n.end\n")
        let error = #expect(throws: DiagnosticsError.self) { _ = try deck.ngspiceLines() }
        #expect(error?.diagnostics.map(\.id) == ["missing-file"])
        #expect(error?.diagnostics.first?.range?.start.line == 4)
    }

    /// ngspice 39 writes outside its memory, in batch mode too.
    @Test func aDelayOfUnknownLength() throws {
        func ids(_ model: String) -> [String] {
            let deck = Deck.of("t\nV1 a 0 1\nA1 a b c m\nR1 b 0 1\nR2 c 0 1\n\(model)\n.end\n")
            do {
                _ = try deck.ngspiceLines()
                return []
            } catch {
                return error.diagnostics.map(\.id)
            }
        }
        #expect(ids(".model m delay(delay=1m)") == ["delay-buffer"])
        #expect(ids(".model m delay(delay=1m buffer_size=100)") == [])
    }
}
