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
