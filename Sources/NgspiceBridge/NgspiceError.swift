/// What went wrong in ngspice or on the way to it, with ngspice's own last words.
public struct NgspiceError: Error, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable {
        /// libngspice is not installed, or lacks a function.
        case libraryMissing
        /// A line of the deck could run commands or read files, or is not one line.
        case refusedLine
        /// A compiled Verilog-A model that ngspice can't load.
        case compiledModel
        /// ngspice did not accept the deck.
        case load
        /// The circuit's equations have no unique solution.
        case singular
        /// Newton's iteration did not converge.
        case convergence
        /// ngspice gave up its process, or ended it; the next load starts a fresh one.
        case died
        /// ngspice was not done in time (`IsolatedNgspice`).
        case timeLimit
        /// A device, parameter or source that the circuit doesn't have, or a name not safe to send.
        case name
        /// A number that ngspice would silently replace by another.
        case value
        /// The circuit is not the one loaded now, or is being solved.
        case misuse
    }

    public let kind: Kind
    /// What happened, without where.
    let event: String
    /// Which of the operating points that were to be solved failed, counted from 0.
    public let point: Int?
    /// ngspice's last lines before the error, oldest first; empty where it was not asked.
    public let ngspiceMessages: [String]

    public init(
        _ kind: Kind, _ event: String, point: Int? = nil, ngspiceMessages: [String] = []
    ) {
        self.kind = kind
        self.event = event
        self.point = point
        self.ngspiceMessages = ngspiceMessages
    }

    /// What `died` says where ngspice ended itself, and was not ended.
    static let gaveUp = "ngspice gave up on this circuit"

    /// Whether ngspice says that something is wrong with the netlist, and not with itself or its process.
    public var isAboutNetlist: Bool { kind == .load || kind == .died && event == Self.gaveUp }

    public var message: String { (point.map { "point \($0): " } ?? "") + event }

    /// The same error, with what is known better than the number of the point.
    public func at(_ place: String) -> NgspiceError {
        NgspiceError(kind, "\(place): \(event)", ngspiceMessages: ngspiceMessages)
    }

    /// The same error with other words in all its texts.
    public func rewording(_ words: (String) -> String) -> NgspiceError {
        NgspiceError(
            kind, words(event), point: point, ngspiceMessages: ngspiceMessages.map(words))
    }

    public var description: String {
        ([message] + telling.map { "  ngspice: " + $0 }).joined(separator: "\n")
    }

    /// ngspice's lines, but for those of how it looked for a point that it did not find.
    private var telling: [String] {
        guard kind == .convergence || kind == .singular else { return ngspiceMessages }
        return ngspiceMessages.filter { line in
            ["singular matrix", "trouble with", "Too many iterations", "too small"].contains {
                line.contains($0)
            }
        }
        .suffix(2)
    }
}
