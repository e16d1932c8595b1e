import ArgumentParser
import Netlist
import NgspiceBridge

/// The command line: every subcommand parses its options, calls the libraries and prints.
struct Spicelearn: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spicelearn",
        abstract: "Train the resistors of a SPICE netlist by local learning rules.",
        discussion: """
            ngspice solves the free and the nudged state of the circuit; each resistor changes by a \
            rule that sees only its own voltage drops; the trained netlist is written back for \
            anyone to open in ngspice. What to learn is said in the deck itself:

              *.learn input V1
              *.learn output V(b)=0.2 V(a,c)=0.3

            A first run:

              spicelearn generate lattice --rows 4 --columns 4 -o lattice.cir
              spicelearn solve lattice.cir
              spicelearn analyze lattice.cir
              spicelearn train lattice.cir -o trained.cir
            """,
        version: VersionText.own,
        subcommands: [
            SolveCommand.self, AnalyzeCommand.self, TrainCommand.self, PredictCommand.self,
            CheckCommand.self, ServeCommand.self, ReportCommand.self, PlotCommand.self,
            CompareCommand.self, LintCommand.self, GenerateCommand.self, ExportCommand.self,
            StudyCommand.self, WorkerCommand.self, ManualPagesCommand.self,
        ])
}

@main
enum Main {
    static func main() {
        StandardStreams.prepare()
        let words = CommandLine.words
        // A worker stays until the process that started it is gone.
        if words.first != WorkerCommand.name { Interruption.prepare() }
        Ngspice.useMainThread()
        do {
            try requireKnownCommand(words[...])
            var command = try Spicelearn.parseAsRoot(words)
            if let command = command as? any NgspiceCommand { try command.simulator.choose() }
            LoadLimit.enable(seconds: (command as? any EngineCommand)?.engine.timeLimit)
            try command.run()
        } catch  where VersionText.isWanted(by: error) {
            print(VersionText.text(words))
        } catch {
            Failure.exit(for: error)
        }
    }

    /// The parser of arguments would complain about the flags of a misspelt command instead, and take a missing
    /// one for a question.
    private static func requireKnownCommand(_ arguments: ArraySlice<String>) throws {
        var (command, words) = (Spicelearn.self as any ParsableCommand.Type, arguments)
        let asksForHelp = words.first == "help"
        while !command.configuration.subcommands.isEmpty {
            // Behind `--` there are no flags, and no command either.
            guard let word = words.popFirst(), word != "--" else {
                if asksForHelp { return }
                throw MissingCommand(help: Spicelearn.helpMessage(for: command))
            }
            if word == "help", let asked = words.first, !asked.hasPrefix("-") { continue }
            guard !word.hasPrefix("-"), word != "help" else { return }
            let known = command.configuration.subcommands
            let names = known.map { $0._commandName }
            guard let next = known.first(where: { $0._commandName == word }) else {
                let shown = known.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
                let hint =
                    nearestName(to: word, in: names).map { "; did you mean \($0)?" }
                    ?? "; there are \(shown.joined(separator: ", "))"
                throw Failure("there is no command \(word)\(hint)", status: ExitStatus.usage)
            }
            command = next
        }
    }
}
