import ArgumentParser
import Foundation
import LearningRules
import Netlist
import NgspiceBridge
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
    static let interrupted: Int32 = 130
    static let terminated: Int32 = 143
}

/// A failure with nothing to point at in a text: a file that is not there, an output that can't be
/// written.
struct Failure: Error {
    let message: String
    let status: Int32

    init(_ message: String, status: Int32) {
        self.message = message
        self.status = status
    }

    /// The one place where any error becomes text on standard error and an exit code.
    static func exit(for error: any Error) -> Never {
        switch error {
        case let failure as Failure:
            printError("spicelearn: error: \(failure.message)")
            Foundation.exit(failure.status)
        case let error as DiagnosticsError:
            printDiagnostics(error.diagnostics)
            Foundation.exit(ExitStatus.badData)
        case is TaskError, is StudyError:
            printError("spicelearn: error: \(error)")
            Foundation.exit(ExitStatus.badData)
        case let error as NgspiceError:
            printError("spicelearn: error: \(error)")
            Foundation.exit(ExitStatus.software)
        case is FactorizationError, is CVODEError, is NotFinite:
            printError("spicelearn: error: \(error)")
            Foundation.exit(ExitStatus.software)
        case is ExitCode, is CleanExit, is ValidationError:
            Spicelearn.exit(withError: error)
        default:
            Spicelearn.exit(withError: error)
        }
    }

}

func printError(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}

/// Every error; of each kind of warning the first few, and how many more there are.
func printDiagnostics(_ diagnostics: [Diagnostic]) {
    let formatter = DiagnosticFormatter()
    let shown = 3
    var counts: [String: Int] = [:]
    for diagnostic in diagnostics {
        if diagnostic.severity == .warning {
            counts[diagnostic.id, default: 0] += 1
            if counts[diagnostic.id, default: 0] > shown { continue }
        }
        printError(formatter.format(diagnostic))
    }
    for (id, count) in counts.sorted(by: { $0.key < $1.key }) where count > shown {
        let rest = count - shown
        printError("… and \(rest) more warning\(rest == 1 ? "" : "s") of this kind (\(id))")
    }
}
