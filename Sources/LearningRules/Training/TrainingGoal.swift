/// What a training is to reach.
public enum TrainingGoal: Sendable, Equatable {
    /// Every error of every sample within the tolerance.
    case tolerance
    /// A loss below this.
    case loss(Double)
    /// At least this share of samples taken for what they are, of those for testing where there are some.
    case accuracy(Double)
    /// That more steps would not lower the loss: with batches, that it fell by less than a thousandth in ten
    /// epochs.
    case plateau
}
