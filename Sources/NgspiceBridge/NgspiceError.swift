/// What went wrong in ngspice or on the way to it, with ngspice's own last words.
public struct NgspiceError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// libngspice is not installed, or lacks a function.
        case libraryMissing
        /// A line of the deck could run commands or read files, or is not one line.
        case refusedLine
        /// ngspice did not accept the deck.
        case load
        /// The circuit's equations have no unique solution.
        case singular
        /// Newton's iteration did not converge.
        case convergence
        /// ngspice gave up its process; the next load starts a fresh one.
        case died
        /// A device, parameter or source that the circuit doesn't have, or a name not safe to send.
        case name
        /// A number that ngspice would silently replace by another.
        case value
        /// The circuit is not the one loaded now, or is being solved.
        case misuse
    }

    public let kind: Kind
    public let message: String
    /// ngspice's last lines before the error, oldest first; empty where it was not asked.
    public let ngspiceMessages: [String]

    public init(_ kind: Kind, _ message: String, ngspiceMessages: [String] = []) {
        self.kind = kind
        self.message = message
        self.ngspiceMessages = ngspiceMessages
    }

    public var description: String {
        ngspiceMessages.isEmpty
            ? message
            : ([message] + ngspiceMessages.map { "  ngspice: " + $0 }).joined(separator: "\n")
    }
}
