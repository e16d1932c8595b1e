/// ℓ = Σ max(0, m − (v_c − vⱼ)) over the classes j ≠ c, V: the output of the sample's class c is to be larger
/// than each other one by the margin m (Weston & Watkins, *Support vector machines for multi-class pattern
/// recognition*, ESANN 1999).
///
/// Its pull is a whole number: on each output that comes too close it is 1, on that of the class minus their
/// number, and nothing where the margins are kept. So a sample that has been learned is left alone.
public struct HingeLoss: NamedLoss {
    public static let name = "hinge"
    public static let settings = [LossSetting(name: "margin", unit: "V", standard: 0.02)]
    public var unit: String { "V" }
    public var errorUnit: String { "V" }
    public var hasGoals: Bool { false }

    /// m, V.
    public let margin: Double

    public init(settings: [String: Double]) {
        margin = settings["margin"] ?? Self.settings[0].standard
    }

    public init(margin: Double) { self.margin = margin }

    public var pullScale: Double { margin }

    public func value(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> Double {
        shortfalls(outputs, targets).reduce(0, +)
    }

    public func pull(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> [Double] {
        var pull = shortfalls(outputs, targets).map { $0 > 0 ? 1.0 : 0 }
        if let own = largestIndex(targets) { pull[own] = -pull.reduce(0, +) }
        return pull
    }

    /// By how much each output comes too close to that of the class, V.
    public func errors(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> [Double] {
        shortfalls(outputs, targets)
    }

    private func shortfalls(
        _ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>
    ) -> [Double] {
        guard let own = largestIndex(targets) else { return outputs.map { _ in 0 } }
        let height = outputs[outputs.startIndex + own]
        return outputs.enumerated().map { index, v in
            index == own ? 0 : max(0, margin - (height - v))
        }
    }
}

/// The place of the largest value, the first of equal ones; nil of none.
package func largestIndex(_ values: ArraySlice<Double>) -> Int? {
    values.indices.max { values[$0] < values[$1] || values[$0] == values[$1] && $0 > $1 }
        .map { $0 - values.startIndex }
}
