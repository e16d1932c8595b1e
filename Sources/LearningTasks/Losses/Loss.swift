/// What a training lowers: a function ℓ of the outputs v of one sample and of what the data says of them.
///
/// The loss of a task is its mean over samples. Rules receive its pull ∂ℓ/∂v, and neither targets nor
/// classes: a new loss is one file and its line in `Losses`.
public protocol Loss: Sendable {
    /// As in `cross-entropy`.
    var name: String { get }
    /// Of ℓ, as it is printed; empty for a pure number.
    var unit: String { get }
    /// Of `errors`; empty for pure numbers.
    var errorUnit: String { get }
    /// Whether the data's word on each output is a voltage to be reached. Otherwise it is the share of a class,
    /// and the class of a sample is the largest of them.
    var hasGoals: Bool { get }
    /// Whether it is ½ |e|² of its errors e, which is what the theory of convergence is about.
    var isSquared: Bool { get }

    /// By which a pull is multiplied to be of the size of an error in volts: 1 for one in volts.
    var pullScale: Double { get }

    /// ℓ.
    ///
    /// - Parameters:
    ///   - outputs: v, V.
    ///   - targets: what the data says of each.
    func value(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> Double

    /// ∂ℓ/∂v, in the unit of ℓ per volt; at a kink any slope between those beside it.
    func pull(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> [Double]

    /// How far each output is from what would leave nothing to learn: the sample is learned where all are at most
    /// the tolerance.
    func errors(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> [Double]

    /// How likely each class is by the outputs; nil for a loss that has no such reading.
    func probabilities(_ outputs: ArraySlice<Double>) -> [Double]?

    /// All that it says of the outputs of several samples.
    ///
    /// - Parameters:
    ///   - outputs: a row for each sample.
    ///   - targets: as many.
    func assess(_ outputs: OutputTable, _ targets: OutputTable) -> Assessment
}

/// What a loss says of the outputs of several samples.
public struct Assessment: Sendable {
    /// `Loss.errors` of each sample.
    public let errors: OutputTable
    /// `Loss.pull` of each sample.
    public let pulls: OutputTable
    /// The mean of `Loss.value`.
    public let loss: Double
}

/// A loss that a deck may name.
public protocol NamedLoss: Loss {
    /// As in `*.learn loss cross-entropy`.
    static var name: String { get }
    /// What its users may set, with what holds where they don't.
    static var settings: [LossSetting] { get }

    /// - Parameter settings: by name; every one of `settings`, at a positive value.
    init(settings: [String: Double])
}

/// A number that a loss depends on.
public struct LossSetting: Sendable, Equatable {
    /// As in `temperature=20m`.
    public let name: String
    /// What it is measured in.
    public let unit: String
    public let standard: Double
}

/// All losses, by name.
public enum Losses {
    public static let all: [any NamedLoss.Type] = [
        SquaredError.self, CrossEntropy.self, HingeLoss.self,
    ]

    public static func named(_ name: String) -> (any NamedLoss.Type)? {
        all.first { $0.name == name }
    }
}

extension Loss {
    public var isSquared: Bool { false }

    public func probabilities(_ outputs: ArraySlice<Double>) -> [Double]? { nil }

    public func assess(_ outputs: OutputTable, _ targets: OutputTable) -> Assessment {
        let samples = 0..<outputs.samples
        func table(_ row: (Int) -> [Double]) -> OutputTable {
            OutputTable(rows: samples.map(row), outputs: outputs.outputs)
        }
        return Assessment(
            errors: table { errors(outputs.row($0), targets.row($0)) },
            pulls: table { pull(outputs.row($0), targets.row($0)) },
            loss: samples.reduce(0) { $0 + value(outputs.row($1), targets.row($1)) }
                / Double(max(outputs.samples, 1)))
    }

}

extension NamedLoss {
    public var name: String { Self.name }

    /// With the standard settings.
    public init() {
        self.init(
            settings: Dictionary(
                Self.settings.map { ($0.name, $0.standard) }, uniquingKeysWith: { $1 }))
    }
}
