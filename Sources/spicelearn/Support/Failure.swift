import ArgumentParser
import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge
import LinearAlgebra
import Studies
import SundialsBridge

/// The exit codes of the contract, after BSD's sysexits where one fits.
enum ExitStatus {
    static let difference: Int32 = 1
    static let notConverged: Int32 = 2
    static let usage: Int32 = 64
    static let badData: Int32 = 65
    static let noInput: Int32 = 66
    static let software: Int32 = 70
    static let cannotCreate: Int32 = 73
    static let inputOutput: Int32 = 74

    /// What users are told of them; `commands` are those that have a code, nil for all.
    static let meanings: [(codes: String, text: String, commands: Set<String>?)] = [
        ("0", "Success.", nil),
        (
            "\(difference)",
            "compare found a difference, check an output that is off, or lint something to mend.",
            ["compare", "check", "lint"]
        ),
        (
            "\(notConverged)",
            "Training ended without reaching what was asked of it; the netlist is written all the same.",
            ["train"]
        ),
        ("\(usage)", "Wrong usage.", nil),
        ("\(badData)", "The netlist or the data is wrong.", nil),
        ("\(noInput)", "There is no such input, or it can't be read.", nil),
        ("\(software)", "ngspice failed, or this program did.", nil),
        (
            "\(cannotCreate), \(inputOutput)", "An output can't be created, or can't be written.",
            nil
        ),
        (
            "129, 130, 143",
            "Interrupted by SIGHUP, SIGINT or SIGTERM; a training has written what it had reached.",
            nil
        ),
    ]
}

/// A failure with nothing to point at in a text: a file that is not there, an output that can't be
/// written.
struct Failure: Error {
    /// What else than a fault may keep an output from being written.
    enum Cause { case other, noReader, interrupted }

    let message: String
    let status: Int32
    let cause: Cause

    init(_ message: String, status: Int32, cause: Cause = .other) {
        self.message = message
        self.status = status
        self.cause = cause
    }

    /// The one place where any error becomes text on standard error and an exit code.
    ///
    /// There are two forms, `deck.cir:12:5: error: …` with the line and a caret where a text is to blame,
    /// and `spicelearn: error: …`, after which the parser of arguments shows the usage.
    static func exit(for error: any Error) -> Never {
        switch error {
        case let failure as Failure:
            printError("spicelearn: error: \(failure.message)")
            // Not for a fault, but since the user did not want to wait.
            if failure.cause == .interrupted, let status = Interruption.exitStatus {
                printError(Interruption.lastWords)
                Foundation.exit(status)
            }
            Foundation.exit(failure.status)
        case let missing as MissingCommand:
            printError(missing.help)
            Foundation.exit(ExitStatus.usage)
        case let stop as Interruption.Stop:
            printError(Interruption.lastWords)
            Foundation.exit(stop.status)
        case let error as DiagnosticsError:
            printDiagnostics(error.diagnostics)
            Foundation.exit(ExitStatus.badData)
        case is TaskError, is StudyError:
            printError("spicelearn: error: \(error)")
            Foundation.exit(ExitStatus.badData)
        case let start as UnsolvedStart:
            printError(
                """
                spicelearn: error: there is no operating point from which to start: give the trained \
                resistors other values, or --start random, or take --rule gradient, which needs no nudge \
                (\(start.cause))
                """)
            Foundation.exit(ExitStatus.software)
        case let error as NgspiceError:
            let remedy =
                error.kind == .timeLimit
                ? "; allow each point more seconds with --time-limit" : ""
            printError("spicelearn: error: \(error)\(remedy)")
            // What is wrong may be a file that the user gave.
            Foundation.exit(
                error.kind == .compiledModel || error.isAboutNetlist
                    ? ExitStatus.badData : ExitStatus.software)
        case is FactorizationError, is CVODEError, is NotFinite, is SparseError,
            is SingularCircuit, is NoOperatingPoint, is EngineDisagreement:
            printError("spicelearn: error: \(error)")
            Foundation.exit(ExitStatus.software)
        default:
            let status = Spicelearn.exitCode(for: error)
            // Help, and what has said all that there is to say.
            guard !status.isSuccess, !(error is ExitCode) else {
                Spicelearn.exit(withError: error)
            }
            let text = Spicelearn.fullMessage(for: error)
            let message = withDecimalPoint(
                text.hasPrefix("Error: ") ? String(text.dropFirst(7)) : text)
            let help = Spicelearn.helpMessage(
                for: Spicelearn.configuration.subcommands.first {
                    $0._commandName == CommandLine.words.first
                } ?? Spicelearn.self)
            printError("spicelearn: error: \(FlagsOfOthers.suggesting(in: message, help: help))")
            Foundation.exit(status.rawValue)
        }
    }
}

/// The same message, with what to write in place of a number with a decimal comma that can't be read.
private func withDecimalPoint(_ message: String) -> String {
    guard
        let match = message.firstMatch(of: /The value '([-+]?\d*),(\d+\w*)' is invalid for '[^']*'/)
    else { return message }
    let hint = "\(match.0): a decimal fraction has a point, \(match.1).\(match.2)"
    return message.replacingCharacters(in: match.range, with: hint)
}

/// A command line that ends where a command should follow.
struct MissingCommand: Error {
    /// What there is to choose from.
    let help: String
}

/// Of each kind of error and warning the first, and how many more there are, on which lines: a binary file has
/// hundreds.
func printDiagnostics(_ diagnostics: [Diagnostic]) {
    let formatter = DiagnosticFormatter()
    var counts: [String: (severity: Diagnostic.Severity, count: Int)] = [:]
    var hidden: [String: [SourceRange]] = [:]
    for diagnostic in diagnostics {
        let count = (counts[diagnostic.id]?.count ?? 0) + 1
        counts[diagnostic.id] = (diagnostic.severity, count)
        guard count <= mostShown(diagnostic.severity) else {
            if let range = diagnostic.range { hidden[diagnostic.id, default: []].append(range) }
            continue
        }
        // What no text is to blame for reads like what went wrong elsewhere.
        printError((diagnostic.range == nil ? "spicelearn: " : "") + formatter.format(diagnostic))
    }
    for (id, (severity, count)) in counts.sorted(by: { $0.key < $1.key }) {
        let rest = count - mostShown(severity)
        guard rest > 0 else { continue }
        printError(
            "… and \(rest) more \(severity)\(rest == 1 ? "" : "s") of this kind (\(id))"
                + lines(of: hidden[id] ?? []))
    }
}

/// `, on lines 12 and 15`, file by file, as many as can be read.
private func lines(of ranges: [SourceRange]) -> String {
    let mostLines = 20
    var files: [(path: String, lines: [Int])] = []
    var count = 0
    for range in ranges {
        let line = range.start.line
        let place = files.firstIndex { $0.path == range.file.path }
        if let place, files[place].lines.contains(line) { continue }
        count += 1
        guard count <= mostLines else { continue }
        if let place {
            files[place].lines.append(line)
        } else {
            files.append((range.file.path, [line]))
        }
    }
    let isCut = count > mostLines
    let parts = files.map { path, lines in
        let texts = lines.map(String.init)
        let list =
            texts.count == 1
            ? "line \(texts[0])"
            : "lines " + texts.dropLast().joined(separator: ", ") + (isCut ? ", " : " and ")
                + texts[texts.count - 1]
        return files.count > 1 ? "\(list) of \(path)" : list
    }
    return parts.isEmpty ? "" : ", on " + parts.joined(separator: ", ") + (isCut ? " …" : "")
}

private func mostShown(_ severity: Diagnostic.Severity) -> Int { severity == .warning ? 3 : 20 }
