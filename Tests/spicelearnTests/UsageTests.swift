import Foundation
import Testing

/// Wrong usage is exit code 64, with a message that names the flag.
@Suite struct UsageTests {
    @Test(
        "wrong usage",
        arguments: [
            ("trian d.cir -o o.cir", "did you mean train?"),
            ("generate latice -o o.cir", "did you mean lattice?"),
            ("help trian", "did you mean train?"),
            ("help generate latice", "did you mean lattice?"),
            ("-- train d.cir -o o.cir", "SUBCOMMANDS"),
            ("simulate d.cir", "there are solve, analyze, train"),
            ("train d.cir -o o.cir --learning-rate 0.1", "here it is --rate"),
            ("train d.cir -o o.cir --lr 0.1", "here it is --rate"),
            ("train d.cir -o o.cir --targets 1", "here it is --output 'V(node)=target'"),
            ("train d.cir -o o.cir --optimiser adam", "Did you mean '--optimizer'?"),
            ("analyze d.cir --threads 2", "here it is --workers"),
            ("compare d.cir d.cir --lr 1", "Unknown option '--lr'"),
            ("train d.cir -o o.cir --outfile y", "here it is -o"),
            ("train d.cir -o o.cir --vary foo", "conductance, value, log"),
            ("train d.cir -o o.cir --rate -5", "--rate -5"),
            ("train d.cir -o o.cir --min low", "--min low"),
            ("train d.cir -o o.cir --steps -1", "--steps -1"),
            ("train d.cir -o o.cir --seed -1", "--seed -1"),
            ("train d.cir -o o.cir --nudge -0.1", "Usage: spicelearn train"),
            ("train d.cir -o o.cir --tolerance -1", "--tolerance -1"),
            ("train d.cir -o o.cir --time continuous", "--duration"),
            ("train d.cir -o o.cir --time continuous --duration -1", "--duration -1"),
            ("train d.cir -o o.cir --time continuous --duration 1 --rtol -1", "--rtol -1"),
            ("train d.cir -o o.cir --time continuous --duration 1 --atol -1", "--atol -1"),
            ("analyze d.cir --rank-tolerance -1", "--rank-tolerance"),
            ("export d.cir --self-learning -o o.cir --duration -1", "--duration -1"),
            ("export d.cir --self-learning -o o.cir --period -1", "--period -1"),
            ("train d.cir -o o.cir --max 1,5k", "1.5k"),
            ("train d.cir -o o.cir --rate 0,5", "0.5"),
            ("train d.cir -o o.cir --steps 1,5", "1.5"),
            ("train d.cir -o o.cir --output V(b)=0,25", "0.25"),
            ("train d.cir -o o.cir --time-limit 1,5", "1.5"),
            ("compare d.cir d.cir --atol 1,5", "1.5"),
            ("compare d.cir d.cir --rtol -1", "--rtol -1"),
            ("compare d.cir d.cir --rtol 1", "--rtol 1"),
            ("compare d.cir d.cir --rtol nan", "--rtol nan"),
            ("compare - -", "standard input"),
            ("generate lattice --rows 0 -o o.cir", "--rows 0"),
            ("generate lattice --rows 9223372036854775807 -o o.cir", "1000000 resistors"),
            ("generate lattice --rows 2 --columns 2 --outputs 3 -o o.cir", "--outputs 3"),
            ("generate random --nodes 2 -o o.cir", "--nodes 2"),
            ("generate random --nodes 9223372036854775807 -o o.cir", "1000000 resistors"),
            ("generate random --nodes 5 --edges 99 -o o.cir", "--edges 99"),
            ("generate random --samples -1 -o o.cir", "--samples -1"),
            ("generate random --samples 2 -o -", "--samples 2"),
            ("generate random --samples 2 -o o.csv", "overwrite"),
            ("generate layered --layers 4,,2 -o o.cir", "--layers 4,,2"),
            ("generate layered --layers -1,2 -o o.cir", "--layers -1,2"),
            ("generate layered --layers 100000,100000 -o o.cir", "1000000 resistors"),
            ("generate kite --delta 0.5 -o o.cir", "--delta 0.5"),
            ("generate kite --delta nan -o o.cir", "--delta nan"),
        ])
    func wrongUsage(command: String, message: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(TrainTests.deck, to: "d.cir")
        let result = try spicelearn(command.split(separator: " ").map(String.init), in: folder.url)
        #expect(result.status == 64, "\(result.errors)")
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["d.cir"])
    }

    @Test(arguments: ["generate", "study", "train", "generate kite"])
    func helpIsNoError(command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        let result = try spicelearn(["help"] + words)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(result.output.contains("USAGE: spicelearn \(command)"), "\(result.output)")
    }

    /// `analyze` has no `-o`, though its `--output` begins like one.
    @Test func onlyFlagsThatThereAreAreSuggested() throws {
        let result = try spicelearn("analyze", "d.cir", "--outfile", "y")
        #expect(result.status == 64, "\(result.errors)")
        #expect(result.errors.contains("Unknown option '--outfile'"), "\(result.errors)")
        #expect(!result.errors.contains("here it is"), "\(result.errors)")
    }

    @Test func negativeNumbersAreValues() throws {
        let folder = try TemporaryFolder()
        let made = try spicelearn("generate", "kite", "--delta", "-0.1", "-o", "-")
        #expect(made.status == 0 && made.output.contains("V(C)=0.4"), "\(made.errors)")
        let deck = try folder.write(TrainTests.deck, to: "d.cir")
        let solved = try spicelearn("solve", deck, "--output", "V(b)=-0.25", "--json").json()
        #expect(solved["loss"] as? Double == 0.5 * 0.75 * 0.75)
    }

    @Test(arguments: [
        "train nowhere.cir -o o.cir", "train d.cir -o o.cir --data nowhere.csv",
        "train d.cir -o o.cir --osdi nowhere.osdi", "train d.cir --resume nowhere.ckpt",
        "train d.cir -o o.cir --ngspice nowhere.so", "compare d.cir nowhere.cir",
        "compare d.cir d.cir --ngspice nowhere.so",
    ])
    func namedFilesThatAreMissing(command: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(TrainTests.deck, to: "d.cir")
        let result = try spicelearn(command.split(separator: " ").map(String.init), in: folder.url)
        #expect(result.status == 66, "\(result.errors)")
        #expect(result.errors.contains("nowhere"), "\(result.errors)")
    }

    /// Bounds that came from different places contradict each other as much as those of one line.
    @Test func boundsWithoutARoom() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(TrainTests.deck, to: "d.cir")
        let flags = try spicelearn("solve", deck, "--min", "10k", "--max", "10")
        #expect(flags.status == 65 && flags.errors.contains("below min=10000"), "\(flags.errors)")
        let lines = "\n*.learn trainable min=10k\n*.learn trainable max=10\n"
        let other = try folder.write(TrainTests.deck + lines, to: "e.cir")
        let said = try spicelearn("solve", other)
        #expect(said.status == 65 && said.errors.contains("e.cir:"), "\(said.errors)")
    }

    @Test func manyErrorsOfAKindAreSummedUp() throws {
        let folder = try TemporaryFolder()
        let lines = (1...50).map { "?\($0)" }.joined(separator: "\n")
        let deck = try folder.write("t\n" + lines + "\n1\n", to: "d.cir")
        let result = try spicelearn("solve", deck)
        #expect(result.errors.split(separator: "\n").count < 100, "\(result.errors)")
    }

    @Test func emptyDecksAreNoCircuitsToCompare() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write("title only\n", to: "d.cir")
        let result = try spicelearn("compare", deck, deck)
        #expect(result.status == 65 && result.errors.contains("no circuit"))
    }

    @Test func namesWithSpaces() throws {
        let folder = try TemporaryFolder()
        let deck = (folder / "my net.v1.cir").path
        let made = try spicelearn("generate", "layered", "--samples", "3", "-o", deck)
        #expect(made.status == 0, "\(made.errors)")
        let solved = try spicelearn("solve", deck, "--json")
        #expect(solved.status == 0, "\(solved.errors)")
        #expect((try solved.json()["samples"] as? [Any])?.count == 3)
    }
}
