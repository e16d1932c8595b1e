import ArgumentParser
import LearningRules

/// `spicelearn generate`: ready learning decks, deterministic by seed.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write a ready learning deck: lattice, random, layered or kite.",
        discussion: """
            The task can be learned: its targets are the answers of a hidden network of the same \
            shape (the kite's are its own). The same seed gives the same deck, byte for byte. Up to \
            a million resistors; beyond ten thousand, train them with --engine sparse.

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

        @Option(parsing: .unconditional, help: "Seed of all that is random.")
        var seed: UInt64 = 1
    }

    struct Lattice: FamilyCommand {
        static let configuration = CommandConfiguration(
            abstract: "A square lattice of resistors, driven at opposite corners.")

        @Option(parsing: .unconditional, help: "Rows of nodes.")
        var rows: Int = 8

        @Option(parsing: .unconditional, help: "Columns of nodes.")
        var columns: Int = 8

        @Option(parsing: .unconditional, help: "Outputs, at random nodes.")
        var outputs: Int = 4

        @OptionGroup var destination: Destination

        var sizes: String { "--rows \(rows) --columns \(columns) --outputs \(outputs)" }

        func family() throws(TaskError) -> LatticeFamily {
            try LatticeFamily(rows: rows, columns: columns, outputs: outputs)
        }
    }

    struct Random: FamilyCommand {
        static let configuration = CommandConfiguration(abstract: "A connected random network.")

        @Option(parsing: .unconditional, help: "Nodes, ground included.")
        var nodes: Int = 64

        @Option(
            parsing: .unconditional,
            help: "Resistors. (default: twice the nodes, or as many as there are pairs)")
        var edges: Int?

        @Option(parsing: .unconditional, help: "Voltage inputs.")
        var inputs: Int = 2

        @Option(parsing: .unconditional, help: "Outputs.")
        var outputs: Int = 4

        @Option(
            parsing: .unconditional,
            help: "Samples; more than one are written to a CSV file beside the deck.")
        var samples: Int = 1

        @OptionGroup var destination: Destination

        var sizes: String {
            let given = edges.map { " --edges \($0)" } ?? ""
            return "--nodes \(nodes)\(given) --inputs \(inputs) --outputs \(outputs)"
        }

        func family() throws(TaskError) -> RandomFamily {
            try RandomFamily(nodes: nodes, edges: edges, inputs: inputs, outputs: outputs)
        }
    }

    struct Layered: FamilyCommand {
        static let configuration = CommandConfiguration(
            abstract: "Layers of nodes, each connected to all of the next.")

        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("Nodes in each layer, inputs first.", valueName: "sizes"))
        var layers: String = "4,3,2"

        @Option(
            parsing: .unconditional,
            help: "Samples; more than one are written to a CSV file beside the deck.")
        var samples: Int = 1

        @OptionGroup var destination: Destination

        var sizes: String { "--layers \(layers)" }

        func family() throws(TaskError) -> LayeredFamily {
            let sizes = layers.split(separator: ",", omittingEmptySubsequences: false)
            let numbers = sizes.compactMap { Int($0) }
            guard numbers.count == sizes.count else {
                throw TaskError(message: "layers are numbers with commas, like 4,3,2")
            }
            return try LayeredFamily(layers: numbers)
        }
    }

    struct Kite: FamilyCommand {
        static let configuration = CommandConfiguration(
            abstract: "The kite, degenerate at delta = 0.",
            discussion: """
                1 V and ground drive it at A and D; the targets of B, M and C are ½, ½ + δ/3 and \
                ½ + δ. The coercivity constant falls as δ², so training takes as 1/δ².
                """)

        @Option(parsing: .unconditional, help: "Distance from the degenerate targets, V.")
        var delta: Double = 0.1

        @OptionGroup var destination: Destination

        var sizes: String { "--delta \(delta)" }

        func family() throws(TaskError) -> KiteFamily {
            guard abs(delta) < 0.5 else {
                throw TaskError(
                    message: "the targets ½ + δ/3 and ½ + δ lie between 0 V and 1 V for |δ| < 0.5")
            }
            return KiteFamily(delta: delta)
        }
    }
}

/// A subcommand of `generate`.
protocol FamilyCommand: ParsableCommand {
    associatedtype Family: NetworkFamily

    var destination: GenerateCommand.Destination { get }
    var samples: Int { get }
    /// The flags that say how large the network is, for errors.
    var sizes: String { get }

    func family() throws(TaskError) -> Family
}

/// More would only be a longer wait.
private let mostSamples = 100_000

extension FamilyCommand {
    var samples: Int { 1 }

    func validate() throws {
        guard (1...mostSamples).contains(samples) else {
            throw ValidationError("--samples \(samples): from 1 to \(mostSamples)")
        }
        do { _ = try family() } catch { throw ValidationError("\(sizes): \(error.message)") }
    }

    func run() throws {
        let (out, seed) = (destination.out, destination.seed)
        let family = try family()
        let output = try OutputFile(path: out)
        guard samples > 1 else {
            return try write(GeneratedDeck.make(family, seed: seed).deck, to: output)
        }
        guard output.path.kind == .file else {
            throw Failure(
                "--samples \(samples): they need a CSV file beside the deck: give -o a name",
                status: ExitStatus.usage)
        }
        let dataPath = out.withoutEnding + ".csv"
        var claims = FileClaims()
        try claims.write(dataPath, as: "--samples")
        try claims.write(out, as: "-o")
        let data = try OutputFile(path: dataPath)
        let made = try GeneratedDeck.make(
            family, seed: seed, samples: samples, dataName: dataPath.fileName)
        if let text = made.data { try write(text, to: data) }
        try write(made.deck, to: output)
    }

    private func write(_ text: String, to file: OutputFile) throws {
        try file.write(Array(text.utf8))
        if file.path.kind == .file { try printOutput("wrote \(file.path.name)") }
    }
}
