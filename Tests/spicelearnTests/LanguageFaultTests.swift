import Foundation
import Testing

/// What a deck says in ngspice's language, and what the commands make of it.
@Suite struct LanguageFaultTests {
    /// R1 lies between the global node and o: 5 V to 2.5 V, of which V(o) = 2 leaves an error of 0.5 V,
    /// which a current pushes down by way of both resistors.
    @Test func aPortWithTheNameOfAGlobalNodeIsTheGlobalNode() throws {
        let result = try spicelearn(
            "solve", "-", "--output", "V(o)=2", "--json",
            input: """
                t
                .global vdd
                Vdd vdd 0 5
                V2 b 0 2
                X1 b o s
                .subckt s vdd out
                R1 vdd out 1k
                R2 out 0 1k
                .ends
                """)
        #expect(result.status == 0, "\(result.errors)")
        let update = try #require(try result.json()["update"] as? [String: Double])
        #expect(abs(try #require(update["X1.R1"]) + 625) < 1e-6)
        #expect(abs(try #require(update["X1.R2"]) - 625) < 1e-6)
        #expect(result.errors.contains("hidden-port") || result.errors.contains("vdd"))
    }

    @Test(arguments: [
        ".backanno", ".hb 1k", ".sens2 v(out)", ".step param x list 1\n+ 2 3", ".savebias a",
    ])
    func aWrittenDeckWithAForeignCardIsOneThatNgspiceReads(card: String) throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            "t\nV1 in 0 1\nR1 in out 1k\nR2 out 0 1k\n\(card)\n*.learn output V(out)=0.4\n.op\n.end\n",
            to: "deck.cir")
        let result = try spicelearn(
            "train", deck, "-o", (folder / "out.cir").path, "--tolerance", "1e-12")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("deck.cir:5:1: warning:"))
        let plain = try run(
            URL(filePath: "/usr/bin/env"), ["ngspice", "-n", "-b", "out.cir"], in: folder.url)
        #expect(plain.status == 0, "\(plain.output)\n\(plain.errors)")
        #expect(plain.output.contains("out                              4.000000e-01"))
    }

    @Test func aPercentageIsNoTolerance() throws {
        let result = try spicelearn(
            "solve", "-", "--output", "V(a)=1", "--tolerance", "0.1%",
            input: "t\nV1 in 0 1\nR1 in a 1\nR2 a 0 1\n")
        #expect(result.status == 64)
        #expect(result.errors.contains("--tolerance 0.1%: tolerance is no percentage"))
    }

    @Test func utf16IsOneSentence() throws {
        let folder = try TemporaryFolder()
        let url = folder / "deck.cir"
        try Data("t\nV1 a 0 1\nR1 a 0 1k\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
            .write(to: url)
        let result = try spicelearn("solve", url.path)
        #expect(result.status == 65)
        #expect(result.errors.split(separator: "\n").filter { $0.contains("error:") }.count == 1)
        #expect(result.errors.contains("UTF-16"))
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }

    /// Drawn at random, of the temperature, or of a voltage that a source holds: no signal passes there.
    @Test(arguments: [
        "R1 in b {agauss(1k,0,1)}", "R1 in b r={1k*(1+0.01*(temper-27))}",
        "R1 in b r={1k*(1+0.01*v(t))}\nVt t 0 5", "R1 in b r={1k+abs(v(in,b))}",
        "E1 c 0 in 0 2\nE2 d 0 c 0 2\nG1 0 b d c 1m", "B1 in b i={1e-3*v(in,b)}",
        "B1 in b i={1e-3*v(in,b)*v(t)}\nVt t 0 1",
    ])
    func whatHasNoInputPassesNoSignal(devices: String) throws {
        let text = "t\nV1 in 0 1\n\(devices)\nR2 b 0 1k\n*.learn output V(b)=0.4\n"
        let result = try spicelearn("solve", "-", input: text)
        #expect(result.status == 0, "\(result.errors)")
        #expect(!result.errors.contains("signals pass one way"), "\(result.errors)")
    }

    /// Behind a divider that is not trained, and that no nudge reaches, or as far as one does.
    @Test(arguments: [
        ("E1 c 0 d 0 2", "V(b)=0.4", "R1 R2", false), ("E1 c 0 d 0 2", "V(b)=0.4", "R1 R3", true),
        ("E1 c 0 d 0 2", "V(b)=0.4 V(d)=0.3", "R1 R2", true),
        ("B1 c 0 v={v(d)+v(d)**2}", "V(b)=0.4", "R1 R2", false),
        ("G1 0 c d 0 1m\nR5 c 0 1k", "V(b)=0.4", "R1 R2", false),
        ("E1 c 0 d 0 2\nR5 b d 10k", "V(b)=0.4", "R1 R2", true),
        ("E2 e 0 d 0 1\nR5 e f 1k\nE1 c 0 f 0 2", "V(b)=0.4", "R1 R2", false),
        ("E2 e 0 d 0 1\nR5 e f 1k\nE1 c 0 f 0 2", "V(b)=0.4", "R1 R2 R5", true),
        ("F1 0 c V1 0.5\nR5 c 0 1k", "V(b)=0.4", "R1 R2", true),
    ])
    func whatNothingTrainedActsOnPassesNoSignal(
        device: String, outputs: String, trained: String, isOneWay: Bool
    ) throws {
        let text = """
            t
            V1 in 0 1
            R3 in d 1k
            R4 d 0 1k
            \(device)
            R1 c b 1k
            R2 b 0 1k
            *.learn output \(outputs)
            *.learn trainable \(trained)

            """
        let result = try spicelearn("solve", "-", input: text)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("signals pass one way") == isOneWay, "\(result.errors)")
        if !isOneWay {
            #expect(result.output.contains(/the update makes (0|.*e-\d+)° with the exact gradient/))
        }
    }

    @Test(arguments: [
        "R1 in b r={1k+v(c)*100}\nR3 in c 1k\nR4 c 0 1k",
        "B1 0 b i={1e-3*v(c)}\nR3 in c 1k\nR4 c 0 1k",
        "E1 b c poly(1) in c 0 1\nR3 in c 1k\nR4 c 0 1k", "B1 0 b i={i(V1)}",
    ])
    func whatHasAnInputPassesASignal(devices: String) throws {
        let text = "t\nV1 in 0 1\n\(devices)\nR2 b 0 1k\n*.learn output V(b)=0.4\n"
        let result = try spicelearn("solve", "-", input: text)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("signals pass one way"), "\(result.errors)")
    }

    @Test func errorsHaveOneForm() throws {
        for (arguments, status) in [
            (["solve", "nowhere.cir"], 66), (["solve"], 64), (["solve", "-", "--rate", "x"], 64),
            (["solve", "-", "--foo"], 64), (["train", "-"], 64),
            (["solve", "-", "--output", "V(q)"], 65),
        ] as [([String], Int32)] {
            let result = try spicelearn(arguments, input: "t\nV1 in 0 1\nR1 in 0 1k\n")
            #expect(result.status == status, "\(result.errors)")
            let first = result.errors.split(separator: "\n").first ?? ""
            #expect(
                first.hasPrefix("spicelearn: error: ") || first.hasPrefix("command line:1:"),
                "\(first)")
        }
    }

    /// Our own elements at the outputs are called by the outputs' names.
    @Test func messagesNameOutputs() throws {
        let text = "t\nV1 in 0 1\nR1 in b 1k\nR2 b 0 1k\nV2 b 0 0.5\n"
        let result = try spicelearn(
            "solve", "-", "--output", "V(b)=0.4", "--rule", "cl", input: text)
        #expect(result.status != 0)
        #expect(!result.errors.contains("spicelearn_"), "\(result.errors)")
    }
}
