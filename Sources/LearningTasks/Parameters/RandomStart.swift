import Foundation
import Netlist

extension TrainedValues {
    /// A start drawn for each trained number on its own: log-uniform between the bounds that the task gives its
    /// resistance; on a side without one, down to a tenth or up to ten times the deck's own value. A number that
    /// may be zero or negative is drawn uniformly, on a side without a bound as far as its scale.
    ///
    /// - Parameter seed: the same start for the same seed, on every machine.
    public init(random seed: UInt64, of task: LearningTask) {
        var random = SplitMix64(seed: seed)
        self.init(
            values: task.parameters.map { parameter in
                let share = Double(random.next() >> 11) * 0x1p-53
                guard parameter.isConductance else {
                    let (low, high) = (
                        parameter.startRange.lowerBound, parameter.startRange.upperBound
                    )
                    return parameter.scale == nil
                        ? low * pow(high / low, share) : low + share * (high - low)
                }
                let own = parameter.initialValue(in: task.circuit)
                let (low, high) = parameter.startRange(around: own)
                return low * pow(high / low, share)
            })
    }
}

extension TrainableParameter {
    /// Siemens.
    fileprivate func startRange(around own: Double) -> (low: Double, high: Double) {
        // As ohm of the first member, with which default bounds compare.
        let widest = Self.defaultResistances
        let least = firstFactor / bounds.upperBound, most = firstFactor / bounds.lowerBound
        let ohm = firstFactor / own
        let low = least > widest.lowerBound * (1 + 1e-9) ? least : max(least, ohm / 10)
        let high = most < widest.upperBound * (1 - 1e-9) ? most : min(most, ohm * 10)
        return (
            max(firstFactor / max(high, low), bounds.lowerBound),
            min(firstFactor / min(high, low), bounds.upperBound)
        )
    }
}
