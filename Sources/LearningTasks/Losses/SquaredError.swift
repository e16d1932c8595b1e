/// ℓ = ½ |v − d|², V²: the outputs v are to reach the voltages d.
public struct SquaredError: NamedLoss {
    public static let name = "squared"
    public static let settings: [LossSetting] = []
    public var unit: String { "V²" }
    public var errorUnit: String { "V" }
    public var hasGoals: Bool { true }
    public var isSquared: Bool { true }

    public init(settings: [String: Double]) {}

    public var pullScale: Double { 1 }

    public func value(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> Double {
        halfSquare(errors(outputs, targets))
    }

    /// v − d, V.
    public func pull(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> [Double] {
        errors(outputs, targets)
    }

    public func assess(_ outputs: OutputTable, _ targets: OutputTable) -> Assessment {
        var errors = outputs
        errors.subtract(targets)
        return Assessment(
            errors: errors, pulls: errors,
            loss: halfSquare(errors.values) / Double(max(errors.samples, 1)))
    }

    /// v − d, V.
    public func errors(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> [Double] {
        zip(outputs, targets).map { $0 - $1 }
    }
}

/// ½ |e|².
func halfSquare(_ error: some Collection<Double>) -> Double {
    0.5 * error.reduce(0) { $0 + $1 * $1 }
}
