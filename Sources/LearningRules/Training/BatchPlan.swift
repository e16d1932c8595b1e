import Foundation
import LearningTasks

/// Which samples each step sees, and which elements take part in it.
public struct BatchPlan: Sendable, Equatable {
    public enum Order: String, Sendable { case given, shuffled }

    /// Samples of a step; nil for all.
    public var size: Int?
    /// How often training goes through the samples at most; nil where steps are counted instead.
    public var epochs: Int?
    /// Steps at most, where epochs are counted.
    public var steps: Int?
    public var order: Order
    /// Of the order, and of what takes part.
    public var seed: UInt64
    /// With which each parameter takes part in a step, as where elements update without a common clock
    /// (desynchronous learning, Wycoff et al., J. Chem. Phys. 156, 2022, doi:10.1063/5.0084631).
    public var probability: Double

    public init(
        size: Int? = nil, epochs: Int? = nil, steps: Int? = nil, order: Order = .shuffled,
        seed: UInt64 = 0,
        probability: Double = 1
    ) {
        self.size = size
        self.epochs = epochs
        self.steps = steps
        self.order = order
        self.seed = seed
        self.probability = probability
    }

    /// Whether a step sees only a part of the loss, or goes only a part of its way: then it is taken, whether the
    /// loss falls or not.
    public var isStochastic: Bool { size != nil || probability < 1 }

    func stepsPerEpoch(_ samples: Int) -> Int {
        let size = min(size ?? samples, samples)
        return size > 0 ? (samples + size - 1) / size : 1
    }

    /// All samples in the order of an epoch, from 0 on.
    func order(epoch: Int, samples: Int) -> [Int] {
        let all = Array(0..<samples)
        guard order == .shuffled, size != nil else { return all }
        var random = SplitMix64(seed: seed &+ 0x5EED_0001 &* UInt64(epoch + 1))
        return random.shuffled(all)
    }

    /// Whether each parameter takes part in a step.
    func takesPart(step: Int, parameters: Int) -> [Bool]? {
        guard probability < 1 else { return nil }
        var random = SplitMix64(seed: seed &+ 0x5EED_1000_0001 &* UInt64(step + 1))
        return (0..<parameters).map { _ in random.share() < probability }
    }
}

/// How the rate falls during a training whose length is known.
public enum RateSchedule: String, Sendable {
    case constant
    /// Half a cosine, from the whole rate to none (Loshchilov & Hutter 2017, arXiv:1608.03983, without restarts).
    case cosine
    /// A tenth after half of the steps, a hundredth after three quarters.
    case step

    /// - Parameter progress: from 0 to 1.
    public func factor(at progress: Double) -> Double {
        switch self {
        case .constant: 1
        case .cosine: 0.5 * (1 + cos(.pi * progress))
        case .step: progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01
        }
    }
}
