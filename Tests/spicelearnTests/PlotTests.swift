import Foundation
import Testing

@Suite struct PlotTests {
    private static let deck = """
        two inputs
        V1 x1 0 1
        V2 x2 0 1
        R1 x1 y 1k
        R2 x2 y 1k
        R3 y 0 1k
        *.learn input V1 V2
        *.learn output V(y)
        *.learn data d.csv
        .end
        """

    /// V(y) = (V1 + V2)/3 before training; the targets are those of R1 = R2 = 1 kΩ, R3 = 2 kΩ: 0.4 (V1 + V2).
    private static let data = "V1,V2,V(y)\n0,0,0\n1,0,0.4\n0,1,0.4\n1,1,0.8\n"

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try folder.write(Self.deck, to: "d.cir")
        _ = try folder.write(Self.data, to: "d.csv")
        let trained = try spicelearn(
            "train", "d.cir", "-o", "t.cir", "--history", "run-1.csv", in: folder.url)
        #expect(trained.status == 0, "\(trained.errors)")
        return folder
    }

    @Test(arguments: ["svg", "pdf", "png"])
    func everyFigureIsDrawn(format: String) throws {
        let folder = try folder()
        for arguments in [
            ["run-1.csv"], ["run-1.csv", "--show", "error"], ["t.cir"],
            ["t.cir", "--before", "d.cir"], ["t.cir", "--show", "regions"],
            ["t.cir", "--show", "network", "--before", "d.cir"],
        ] {
            let result = try spicelearn(
                ["plot"] + arguments + ["-o", "f.\(format)"], in: folder.url)
            #expect(result.status == 0, "\(arguments): \(result.errors)")
            #expect(result.output == "wrote f.\(format)\n")
            #expect(result.errors == "")
            let bytes = try Data(contentsOf: folder / "f.\(format)")
            let magic = ["svg": "<?xml", "pdf": "%PDF-", "png": "\u{89}PNG"][format] ?? ""
            #expect(bytes.starts(with: Data(magic.unicodeScalars.map { UInt8($0.value) })))
            #expect(bytes.count > 1000)
        }
    }

    /// The user's own settings of gnuplot change nothing.
    @Test func noSettingsAreRead() throws {
        let folder = try folder()
        _ = try folder.write("set label 1 'mine' at graph 0.5,0.5\n", to: ".gnuplot")
        let result = try run(
            spicelearnExecutable, ["plot", "run-1.csv", "-o", "f.svg"], in: folder.url,
            variables: ["HOME": folder.url.path])
        #expect(result.status == 0, "\(result.errors)")
        #expect(try !folder.read("f.svg").contains("mine"))
    }

    @Test func idleFlagsAreToldOf() throws {
        let folder = try folder()
        func warnings(_ arguments: String...) throws -> String {
            let result = try spicelearn(
                ["plot"] + arguments + ["-o", "f.svg"], in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            return result.errors
        }
        #expect(
            try warnings("run-1.csv", "--rate", "1", "--engine", "sparse", "--workers", "2")
                .contains("warning: --rate, --engine, --workers: histories are drawn as they are"))
        #expect(
            try warnings("t.cir", "--rate", "1", "--steps", "3")
                .contains("warning: --rate, --steps: plot solves free states"))
        // What is not trained is drawn apart.
        #expect(try warnings("t.cir", "--split", "0.5", "--seed", "3") == "")
    }

    /// What stands in a figure: the deck's title, axes with units, and what is told apart.
    @Test func figuresSayWhatTheyShow() throws {
        let folder = try folder()
        func texts(_ arguments: String...) throws -> String {
            let result = try spicelearn(
                ["plot"] + arguments + ["-o", "f.svg"], in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            return try folder.read("f.svg")
                .replacing(/<[^>]*>/, with: "").replacing(/\s+/, with: " ")
        }
        let parity = try texts("t.cir", "--before", "d.cir")
        for words in [
            "Two inputs", "target (V)", "output (V)", "after", "before", "output = target",
        ] {
            #expect(parity.contains(words))
        }
        let regions = try texts("t.cir", "--show", "regions")
        for words in ["V1 (V)", "V2 (V)", "V(y) below 0.4 V", "V(y) above 0.4 V"] {
            #expect(regions.contains(words))
        }
        let network = try texts("t.cir", "--before", "d.cir", "--show", "network")
        for words in ["Before", "After", "x1", "x2", "y", "inputs", "outputs", "ground"] {
            #expect(network.contains(words))
        }
        #expect(try texts("run-1.csv", "--title", "a run").contains("A run"))
    }

    @Test func wrongUseSaysWhatIsWrong() throws {
        let folder = try folder()
        _ = try folder.write("a,b\n1,2\n", to: "no.csv")
        for (arguments, status, words) in [
            (["t.cir", "-o", "f.gif"], 64, ".svg, .png or .pdf"),
            (["t.cir", "d.cir", "-o", "f.svg"], 64, "one netlist"),
            (["t.cir", "--show", "loss", "-o", "f.svg"], 64, "parity, regions, network"),
            (["run-1.csv", "--show", "parity", "-o", "f.svg"], 64, "loss, error, accuracy"),
            (["run-1.csv", "--show", "accuracy", "-o", "f.svg"], 65, "no column accuracy"),
            (["run-1.csv", "--before", "d.cir", "-o", "f.svg"], 64, "--before"),
            (["no.csv", "-o", "f.svg"], 65, "no history of a training"),
            (["missing.csv", "-o", "f.svg"], 66, "missing.csv"),
            (["t.cir", "-o", "t.cir"], 64, ".svg"),
        ] {
            let result = try spicelearn(["plot"] + arguments, in: folder.url)
            #expect(result.status == Int32(status), "\(arguments): \(result.errors)")
            #expect(result.errors.contains(words), "\(arguments): \(result.errors)")
        }
        _ = try folder.write(
            Self.deck.replacing("V2 x2 0 1", with: "V2 x2 0 1\nV3 q 0 1\nR4 q y 1k")
                .replacing("input V1 V2", with: "input V1 V2 V3"), to: "three.cir")
        _ = try folder.write("V1,V2,V3,V(y)\n0,0,0,0\n1,1,1,1\n", to: "d.csv")
        let result = try spicelearn(
            "plot", "three.cir", "--show", "regions", "-o", "f.svg", in: folder.url)
        #expect(result.status == 65)
        #expect(
            result.errors.contains("over two numbers of the data, and the inputs here follow 3"))
    }
}
