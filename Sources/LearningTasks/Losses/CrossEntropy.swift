import Foundation

/// ℓ = −Σ yᵢ ln pᵢ with p = softmax(v/T), in nats: an output for each class, of which the largest is the answer.
///
/// y are the shares of the classes, 1 for that of the sample and 0 for the others, or probabilities. The pull
/// is (Y p − y)/T with Y = Σ y, which as a current into the outputs is the nudge of Scellier (*A deep learning
/// theory for neural networks grounded in physics*, 2021, arXiv:2103.09985, section 2.4) in the limit of
/// small nudges. The temperature T [V] says which difference of two outputs is a large one: e to 1 for T.
public struct CrossEntropy: NamedLoss {
    public static let name = "cross-entropy"
    public static let settings = [
        LossSetting(name: "temperature", unit: "V", standard: 0.02)
    ]
    public var unit: String { "" }
    public var errorUnit: String { "" }
    public var hasGoals: Bool { false }

    /// T, V.
    public let temperature: Double

    public init(settings: [String: Double]) {
        temperature = settings["temperature"] ?? Self.settings[0].standard
    }

    public init(temperature: Double) { self.temperature = temperature }

    /// T²: pulls of 1/T for a V of T.
    public var pullScale: Double { temperature * temperature }

    /// p.
    public func probabilities(_ outputs: ArraySlice<Double>) -> [Double]? { softmax(outputs) }

    private func softmax(_ outputs: ArraySlice<Double>) -> [Double] {
        let largest = outputs.max() ?? 0
        let weights = outputs.map { exp(($0 - largest) / temperature) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    public func value(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> Double {
        let largest = outputs.max() ?? 0
        let sum = outputs.reduce(0) { $0 + exp(($1 - largest) / temperature) }
        return zip(outputs, targets).reduce(0) { value, pair in
            pair.1 == 0 ? value : value + pair.1 * (log(sum) - (pair.0 - largest) / temperature)
        }
    }

    public func pull(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> [Double] {
        errors(outputs, targets).map { $0 / temperature }
    }

    /// Y p − y, pure numbers.
    public func errors(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> [Double] {
        let whole = targets.reduce(0, +)
        return zip(softmax(outputs), targets).map { whole * $0 - $1 }
    }
}
