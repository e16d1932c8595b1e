import ArgumentParser
import LearningRules

/// `spicelearn generate`: ready learning decks, deterministic by seed.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write a ready learning deck: lattice, random, layered or kite.",
        discussion: """
            The task can be learned: its targets are the answers of a hidden network of the same \
            shape. The same seed gives the same deck, byte for byte.

              spicelearn generate lattice --rows 8 --columns 8 --outputs 4 -o lattice.cir
              spicelearn generate layered --layers 4,3,2 --samples 16 -o layered.cir
            """,
        subcommands: [Lattice.self, Random.self, Layered.self, Kite.self])

    /// What every family needs.
    struct Destination: ParsableArguments {
        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("The deck to write; - is standard output.", valueName: "deck"))
        var out: String

        @Option(help: "Seed of all that is random.")
        var seed: UInt64 = 1

        func write(_ family: some NetworkFamily, samples: Int) throws {
            guard samples >= 1 else { throw ValidationError("--samples must be at least 1") }
            guard samples == 1 || out != "-" else {
                throw ValidationError(
                    "several samples need a CSV file beside the deck: give -o a name")
            }
            let output = try OutputFile(path: out)
            let stem =
                out.split(separator: ".").count > 1 && out.contains(".")
                ? String(out[..<(out.lastIndex(of: ".") ?? out.endIndex)]) : out
            let dataPath = stem + ".csv"
            let dataName = dataPath.split(separator: "/").last.map(String.init)
            let made = try GeneratedDeck.make(
                family, seed: seed, samples: samples, dataName: dataName)
            if let data = made.data { try OutputFile(path: dataPath).write(Array(data.utf8)) }
            try output.write(Array(made.deck.utf8))
        }
    }

    struct Lattice: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "A square lattice of resistors, driven at opposite corners.")

        @Option(help: "Rows of nodes.")
        var rows: Int = 8

        @Option(help: "Columns of nodes.")
        var columns: Int = 8

        @Option(help: "Outputs.")
        var outputs: Int = 4

        @OptionGroup var destination: Destination

        func run() throws {
            try destination.write(
                LatticeFamily(rows: rows, columns: columns, outputs: outputs), samples: 1)
        }
    }

    struct Random: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A connected random network.")

        @Option(help: "Nodes, ground included.")
        var nodes: Int = 64

        @Option(help: "Resistors. (default: twice the nodes)")
        var edges: Int?

        @Option(help: "Voltage inputs.")
        var inputs: Int = 2

        @Option(help: "Outputs.")
        var outputs: Int = 4

        @Option(help: "Samples; more than one are written to a CSV file beside the deck.")
        var samples: Int = 1

        @OptionGroup var destination: Destination

        func run() throws {
            try destination.write(
                RandomFamily(
                    nodes: nodes, edges: edges ?? 2 * nodes, inputs: inputs, outputs: outputs),
                samples: samples)
        }
    }

    struct Layered: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Layers of nodes, each connected to all of the next.")

        @Option(help: "Nodes in each layer, inputs first.")
        var layers: String = "4,3,2"

        @Option(help: "Samples; more than one are written to a CSV file beside the deck.")
        var samples: Int = 1

        @OptionGroup var destination: Destination

        func run() throws {
            let sizes = layers.split(separator: ",").map { Int($0) }
            guard !sizes.contains(nil) else {
                throw ValidationError("--layers takes numbers with commas, like 4,3,2")
            }
            try destination.write(
                LayeredFamily(layers: sizes.compactMap { $0 }), samples: samples)
        }
    }

    struct Kite: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The kite, degenerate at delta = 0.")

        @Option(help: "Distance from the degenerate targets, V.")
        var delta: Double = 0.1

        @OptionGroup var destination: Destination

        func run() throws {
            try destination.write(KiteFamily(delta: delta), samples: 1)
        }
    }
}
