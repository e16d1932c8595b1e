import ArgumentParser
import Generators
import LearningTasks

/// `spicelearn generate`: ready learning decks, deterministic by seed.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: """
            Write a ready learning deck: lattice, random, layered, kite, crossbar, diodes or nmos.
            """,
        discussion: """
            The task can be learned: its targets are the answers of a hidden network of the same \
            shape (the kite's are its own). The same seed gives the same deck, byte for byte. Up to \
            a million resistors; beyond ten thousand, train linear ones with --engine sparse. \
            crossbar and diodes also take a table of your own whose rows have classes.

              spicelearn generate lattice --rows 8 --columns 8 --outputs 4 -o lattice.cir
              spicelearn generate layered --layers 4,3,2 --samples 16 -o layered.cir
              spicelearn generate diodes --hidden 6 --data iris.csv --class species -o iris-diodes.cir
            """,
        subcommands: [
            Lattice.self, Random.self, Layered.self, Kite.self, Crossbar.self, Diodes.self,
            NMOS.self,
        ])

    /// What every family needs.
    struct Destination: ParsableArguments {
        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("The deck to write; - is standard output.", valueName: "deck"),
            completion: .deck)
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
            try LayeredFamily(layers: layerSizes(layers, "layers"))
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

    struct Crossbar: ClassFamilyCommand {
        typealias Family = CrossbarFamily

        static let configuration = CommandConfiguration(
            abstract: "Every input joined to every output by a resistor; a load at each output.")

        @Option(
            parsing: .unconditional,
            help: "Inputs. (default: 4, or as many as the data has)")
        var inputs: Int?

        @Option(
            parsing: .unconditional,
            help: "Outputs. (default: 2, or one for each class)")
        var outputs: Int?

        @Flag(help: "Give each input a second row with its negative.")
        var paired = false

        @Flag(help: "Add a row, or a pair of rows, of the constant --voltage.")
        var bias = false

        @Option(parsing: .unconditional, help: "Resistance from each output to ground, Ω.")
        var load: Double = 1000

        @Option(parsing: .unconditional, help: "Inputs go from minus this voltage to it, V.")
        var voltage: Double = 1

        @Option(
            parsing: .unconditional,
            help: "Samples; more than one are written to a CSV file beside the deck.")
        var samples: Int = 1

        @OptionGroup(title: ClassOptions.title) var classes: ClassOptions

        @OptionGroup var destination: Destination

        var sizes: String {
            """
            --inputs \(inputs ?? 4) --outputs \(outputs ?? 2) --load \(load) --voltage \(voltage)
            """
        }

        func family(inputs: Int?, outputs: Int?) throws(TaskError) -> CrossbarFamily {
            try CrossbarFamily(
                inputs: inputs ?? self.inputs ?? 4, outputs: outputs ?? self.outputs ?? 2,
                isPaired: paired, hasBias: bias, load: load, voltage: voltage)
        }
    }

    struct Diodes: ClassFamilyCommand {
        typealias Family = DiodeFamily

        static let configuration = CommandConfiguration(
            abstract: "Layers of resistors with a diode at each hidden node; paired inputs.",
            discussion: """
                Hidden nodes are kept, alternately, from rising above the upper rail and from falling \
                below the lower one. Inputs have to drive them past the knee of a diode, some 0.5 V.
                """)

        @Option(
            parsing: .unconditional,
            help: "Pairs of inputs. (default: 2, or as many as the data has)")
        var inputs: Int?

        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("Nodes in each hidden layer.", valueName: "sizes"))
        var hidden: String = "4"

        @Option(
            parsing: .unconditional,
            help: "Outputs. (default: 1, or one for each class)")
        var outputs: Int?

        @Option(parsing: .unconditional, help: "Inputs go from minus this voltage to it, V.")
        var voltage: Double = 2

        @Option(
            parsing: .unconditional,
            help: "The upper rail, and minus the lower one; at 0 the diodes go to ground, V.")
        var rail: Double = 0

        @Option(
            parsing: .unconditional,
            help: "Samples; more than one are written to a CSV file beside the deck.")
        var samples: Int = 1

        @OptionGroup(title: ClassOptions.title) var classes: ClassOptions

        @OptionGroup var destination: Destination

        var sizes: String {
            """
            --inputs \(inputs ?? 2) --hidden \(hidden) --outputs \(outputs ?? 1) \
            --voltage \(voltage) --rail \(rail)
            """
        }

        func family(inputs: Int?, outputs: Int?) throws(TaskError) -> DiodeFamily {
            try DiodeFamily(
                inputs: inputs ?? self.inputs ?? 2, hidden: layerSizes(hidden, "hidden"),
                outputs: outputs ?? self.outputs ?? 1, voltage: voltage, rail: rail)
        }
    }

    struct NMOS: FamilyCommand {
        static let configuration = CommandConfiguration(
            commandName: "nmos",
            abstract: "A lattice of NMOS channels that learns by the voltages of their gates.",
            discussion: """
                Ground, a constant supply, inputs and outputs are at random nodes. Level 1 of \
                ngspice's models; the bulk of every transistor is ground.
                """)

        @Option(parsing: .unconditional, help: "Rows of nodes.")
        var rows: Int = 4

        @Option(parsing: .unconditional, help: "Columns of nodes.")
        var columns: Int = 4

        @Flag(help: "Join the last row to the first, and the last column to the first.")
        var periodic = false

        @Option(parsing: .unconditional, help: "Voltage inputs.")
        var inputs: Int = 1

        @Option(parsing: .unconditional, help: "Outputs.")
        var outputs: Int = 1

        @Option(parsing: .unconditional, help: "The supply, to which inputs go from 0 V, V.")
        var voltage: Double = 0.45

        @Option(
            parsing: .unconditional,
            help: "Samples; more than one are written to a CSV file beside the deck.")
        var samples: Int = 1

        @OptionGroup var destination: Destination

        var sizes: String {
            """
            --rows \(rows) --columns \(columns) --inputs \(inputs) --outputs \(outputs) \
            --voltage \(voltage)
            """
        }

        func family() throws(TaskError) -> ChannelLatticeFamily {
            try ChannelLatticeFamily(
                rows: rows, columns: columns, isPeriodic: periodic, inputs: inputs,
                outputs: outputs, voltage: voltage)
        }
    }
}

/// Sizes of layers, like 4,3,2.
private func layerSizes(_ text: String, _ name: String) throws(TaskError) -> [Int] {
    let sizes = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = sizes.compactMap { Int($0) }
    guard numbers.count == sizes.count else {
        throw TaskError(message: "\(name) are numbers with commas, like 4,3,2")
    }
    return numbers
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

    func validate() throws { try validateSizes() }

    func validateSizes() throws {
        guard (1...mostSamples).contains(samples) else {
            throw ValidationError("--samples \(samples): from 1 to \(mostSamples)")
        }
        do { _ = try family() } catch { throw ValidationError("\(sizes): \(error.message)") }
    }

    func run() throws { try writeHiddenTask() }

    func writeHiddenTask() throws {
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

    func write(_ text: String, to file: OutputFile) throws {
        try file.write(Array(text.utf8))
        if file.path.kind == .file { try printOutput("wrote \(file.path.name)") }
    }
}
