import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge
import LinearAlgebra

/// What is wrong with a request, or went wrong with it, as an answer has it.
struct ServeError: Error {
    enum Kind: String {
        /// The line is no JSON object.
        case json
        /// What it asks for, or with what, is not there to be asked for.
        case request
        /// A value outside its bounds, or one with which the circuit is none.
        case value
        /// What this deck or rule can't do.
        case unsupported
        /// A file that can't be written.
        case output
        /// The engine found no operating point, or is gone.
        case engine
    }

    let kind: Kind
    let message: String
    /// What went wrong in ngspice, as `NgspiceError.Kind` has it.
    var cause: String?

    init(_ kind: Kind, _ message: String, cause: String? = nil) {
        (self.kind, self.message, self.cause) = (kind, message, cause)
    }

    /// Any error as an answer; it is the counterpart of `Failure.exit(for:)`.
    init(_ error: any Error) {
        switch error {
        case let error as ServeError: self = error
        case let error as Failure:
            self.init(
                [ExitStatus.cannotCreate, ExitStatus.inputOutput].contains(error.status)
                    ? .output : .request, error.message)
        case let error as DiagnosticsError:
            self.init(.request, error.diagnostics.map(\.message).joined(separator: "; "))
        case let error as TaskError: self.init(.unsupported, error.message)
        case let error as NgspiceError:
            self.init(.engine, error.description, cause: error.kind.rawValue)
        case let error as DecodingError: self.init(.request, Self.message(error))
        case let error as SingularNudge: self.init(.value, error.description)
        default: self.init(.engine, "\(error)")
        }
    }

    private static func message(_ error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String {
            let names = path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
            return names.isEmpty ? "" : names.joined() + ": "
        }
        return switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            place(context.codingPath) + context.debugDescription
        case .keyNotFound(let key, let context):
            place(context.codingPath) + "\(key.stringValue) is missing"
        @unknown default: "\(error)"
        }
    }

    var json: JSONLine {
        var line = JSONLine()
        line.add("kind", kind.rawValue)
        line.add("message", message)
        if let cause { line.add("cause", cause) }
        return line
    }
}
