import Netlist

/// What is kept of a training so that it can go on in another process, to the same bits.
public struct Checkpoint: Sendable, Codable {
    /// How the training was asked for, as it was typed.
    public struct Request: Sendable, Equatable, Codable {
        /// Values of the learning flags that were given, by name.
        public var flags: [String: [String]]
        public var engine: String
        public var superposition: String
        /// What solved ngspice's equations; nil with another engine.
        public var matrixSolver: String?
        /// The folder to which paths are relative.
        public var folder: String
        public var output: String
        public var history: String?
        /// The page at the end; nil for none.
        public var report: String?
        public var every: String?
        /// Whether options that the trained deck needs are written into it; nil for no.
        public var setsOptions: Bool?

        public init(
            flags: [String: [String]], engine: String, superposition: String,
            matrixSolver: String? = nil, folder: String, output: String, history: String?,
            report: String? = nil, every: String?, setsOptions: Bool? = nil
        ) {
            self.flags = flags
            self.engine = engine
            self.superposition = superposition
            self.matrixSolver = matrixSolver
            self.folder = folder
            self.output = output
            self.history = history
            self.report = report
            self.every = every
            self.setsOptions = setsOptions
        }
    }

    /// What solved ngspice's equations. Checkpoints that don't say were made before there was a choice.
    public var matrixSolver: SimulatorOptions.MatrixSolver {
        request.matrixSolver.flatMap { SimulatorOptions.MatrixSolver(rawValue: $0) } ?? .sparse
    }

    /// How much of the history belongs to this point.
    public struct HistoryPosition: Sendable, Equatable, Codable {
        public var bytes: Int
        public var rows: Int
        /// Of these bytes, so that a file which merely is long enough is not taken for this one.
        public var content: Fingerprint

        public init(bytes: Int, rows: Int, content: Fingerprint) {
            (self.bytes, self.rows, self.content) = (bytes, rows, content)
        }
    }

    /// Of the netlist and all that it includes.
    public var deck: Fingerprint
    /// Of the training data; nil where the deck has its only sample.
    public var data: Fingerprint?
    public var request: Request
    public var history: HistoryPosition?
    public var progress: TrainingProgress

    public init(
        deck: Fingerprint, data: Fingerprint?, request: Request, history: HistoryPosition?,
        progress: TrainingProgress
    ) {
        self.deck = deck
        self.data = data
        self.request = request
        self.history = history
        self.progress = progress
    }
}
