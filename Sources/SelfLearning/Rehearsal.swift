import LearningTasks
import NgspiceBridge

/// What ngspice makes of a self-learning deck, run once after it is made.
public struct Rehearsal: Sendable {
    public enum End: Sendable, Equatable {
        /// The analysis came to its end.
        case finished
        /// ngspice gave up, with its own words where it has any.
        case failed(String)
        /// The time for it was over before the analysis was.
        case outOfTime
    }

    public let end: End
    /// s: how far the analysis came.
    public let time: Double
    /// V: the largest error of the free copies there. Nil where samples are shown in turn, since none of the
    /// copies then shows all of them, and where there was no point at all.
    public let largestError: Double?
}

extension SelfLearningDeck {
    /// Runs the deck's analysis as `ngspice -b` would, and keeps nothing of it but where it ends.
    ///
    /// A transient analysis may fail where the differential equation has a solution: ngspice's Newton iteration
    /// and its least time step know limits that CVODE does not. So nobody should be handed a deck that was not
    /// run.
    ///
    /// - Parameters:
    ///   - ngspice: whatever circuit it holds is gone.
    ///   - goesOn: asked at each of ngspice's points; false ends the run as out of time.
    /// - Throws: `NgspiceError` for a deck that ngspice does not load, and what is thrown on a cancelled run.
    public func rehearsal(in ngspice: Ngspice, while goesOn: () -> Bool) throws -> Rehearsal {
        let layout = layout
        var time = 0.0
        var largestError: Double?
        var stopped = false
        func rehearsed(_ end: Rehearsal.End) -> Rehearsal {
            Rehearsal(end: end, time: time, largestError: largestError)
        }
        do {
            try ngspice.transient(
                circuitLines(pausingAt: []), timing.analysis, vectors: layout.vectors
            ) { now, values in
                time = now
                if presentation == .together {
                    largestError = layout.states(in: values).largestError
                }
                stopped = !goesOn()
                return !stopped
            }
        } catch let error as NgspiceError where [.convergence, .singular].contains(error.kind) {
            return rehearsed(.failed(error.message))
        }
        return rehearsed(stopped ? .outOfTime : .finished)
    }
}
