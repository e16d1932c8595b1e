/// How far a training has come, to go on from: plain numbers.
///
/// Engines may remember what they solved before (an order of elimination, a factorization, a guess), and
/// the last bits of a state depend on it. So every training starts its engine anew after each
/// `Trainer.leg` steps, and this holds the state at the last of these places: from there, a few steps are
/// repeated to the same bits.
public struct TrainingProgress: Sendable, Codable {
    /// Steps taken.
    public let step: Int
    /// At the start of this leg.
    let start: TrainingState
    /// V², at the deck's own conductances.
    let initialLoss: Double
    let nudging: Nudging

    /// The nudge at the start of this leg.
    var presentNudging: Nudging { start.nudging ?? nudging }

    /// The state to go on from.
    ///
    /// - Throws: `CheckpointError` where these are not numbers of such a training.
    func state(for trainer: Trainer) throws(CheckpointError) -> TrainingState {
        let leg = start.step / Trainer.leg
        guard start.fits(trainer.task), start.optimizer.optimizer == trainer.optimizer,
            start.step >= 0, start.step == leg * Trainer.leg, step / Trainer.leg == leg
        else {
            throw CheckpointError(
                "this checkpoint is of another training: its numbers do not fit this one")
        }
        return start
    }
}
