import ArgumentParser
import Foundation
import Generators
import LearningTasks
import Netlist

/// A table of the user's own, for families that can tell its classes apart.
struct ClassOptions: ParsableArguments {
    static let title = "Data with classes"

    @Option(
        help: ArgumentHelp(
            """
            A CSV file with a row for each sample: its columns are the inputs, but for that of the class. \
            3 in 10 rows are for testing.
            """, valueName: "csv"), completion: .table)
    var data: String?

    @Option(
        name: .customLong("class"),
        help: ArgumentHelp("The column that names the class of a sample.", valueName: "column"))
    var column: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The range of every column. (default: of each its own)", valueName: "low..high"))
    var from: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The voltages of this range. (default: from minus --voltage to it)",
            valueName: "low..high"))
    var to: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A column that is not read, or a glob of such; may be repeated.", valueName: "column"))
    var ignore: [String] = []

    @Option(
        parsing: .unconditional,
        help: "The share of the samples for testing at which training ends.")
    var accuracy: Double = 0.9

    func validate() throws {
        guard (data == nil) == (column == nil) else {
            throw ValidationError("--data and --class belong together")
        }
        guard data != nil || from == nil && to == nil && ignore.isEmpty else {
            throw ValidationError("--from, --to and --ignore are for --data")
        }
        guard accuracy > 0, accuracy <= 1 else {
            throw ValidationError("--accuracy \(accuracy): a share above 0, up to 1")
        }
        _ = try (range(from, "--from"), range(to, "--to"))
    }

    /// What a range says.
    func range(_ text: String?, _ flag: String) throws -> ClosedRange<Double>? {
        guard let text else { return nil }
        let numbers = text.split(separator: "..", omittingEmptySubsequences: false)
            .compactMap { Double($0) }.filter(\.isFinite)
        guard numbers.count == 2, numbers[0] < numbers[1] else {
            throw ValidationError(
                "\(flag) \(text): two numbers with .. between, the lesser first, like 0..1")
        }
        return numbers[0]...numbers[1]
    }
}

/// A subcommand of `generate` that also takes data with classes.
protocol ClassFamilyCommand: FamilyCommand {
    var inputs: Int? { get }
    var outputs: Int? { get }
    var voltage: Double { get }
    var classes: ClassOptions { get }

    /// - Parameters:
    ///   - inputs: as many as the data has; nil for what the flags say.
    ///   - outputs: one for each class; nil for what the flags say.
    func family(inputs: Int?, outputs: Int?) throws(TaskError) -> Family
}

extension ClassFamilyCommand {
    func family() throws(TaskError) -> Family { try family(inputs: nil, outputs: nil) }

    func validate() throws {
        try validateSizes()
        guard classes.data != nil else { return }
        guard inputs == nil, outputs == nil, samples == 1 else {
            throw ValidationError("--inputs, --outputs and --samples come from --data")
        }
    }

    func run() throws {
        guard let path = classes.data, let column = classes.column else {
            return try writeHiddenTask()
        }
        let out = destination.out
        let output = try OutputFile(path: out)
        let file = try InputFile.read(path)
        var claims = FileClaims()
        claims.read(path, as: "--data")
        try claims.write(out, as: "-o")
        let data: ClassData
        let family: Family
        do {
            // First of all: without it, classes would pass for numbers that are none.
            if let table = SampleTable.parse(file, kind: { _ in .ignored }).table {
                try ClassData.place(of: column, in: table)
            }
            let parsed = SampleTable.parse(file) {
                ClassData.kind(of: $0, classColumn: column, ignoring: classes.ignore)
            }
            guard let table = parsed.table else { throw DiagnosticsError(parsed.diagnostics) }
            data = try ClassData(
                table, classColumn: column,
                range: classes.range(classes.from, "--from"), ignoring: classes.ignore)
            family = try self.family(inputs: data.inputs.count, outputs: data.names.count)
        } catch let error as TaskError {
            throw Failure("\(path): \(error.message)", status: ExitStatus.badData)
        }
        let made = GeneratedDeck.make(
            family, seed: destination.seed, classes: data,
            volts: try classes.range(classes.to, "--to") ?? -voltage...voltage,
            accuracy: classes.accuracy, dataName: dataName(path, for: output))
        try write(made.deck, to: output)
    }

    /// How the deck names the data: decks and their data may move together.
    private func dataName(_ path: String, for output: OutputFile) -> String {
        guard output.path.kind == .file else { return path }
        let data = URL(filePath: path).standardizedFileURL
        let folder = URL(filePath: destination.out).standardizedFileURL.deletingLastPathComponent()
        // Links may lead elsewhere than `..` says: a way through them is not gone back.
        let (own, other) = (folder.pathComponents, data.pathComponents)
        let shared = zip(own, other).prefix { $0 == $1 }.count
        let isStraight = folder.resolvingSymlinksInPath().path == folder.path
        guard shared > 1 || own.count == shared, isStraight else { return data.path }
        return (own.dropFirst(shared).map { _ in ".." } + other.dropFirst(shared))
            .joined(separator: "/")
    }
}
