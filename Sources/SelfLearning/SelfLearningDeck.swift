import Foundation
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge

/// A deck in which a circuit trains itself: `ngspice -b` on it is the training.
///
/// For each sample there are copies of the circuit, one free and one (one-sided) or two (centered)
/// nudged. A trained resistor is in each of them a current source that all copies steer by one voltage,
///
///     I = k V(a,b),        k = V(k_r1) · unit        or k = exp(V(k_r1)) with the logarithm trained
///
/// and that voltage is a capacitor's of 1 F, charged by the rule (docs/theory.md, "A circuit that trains
/// itself")
///
///     dk/dt = rate/(2 s) Σ cᵢ [ (Δv_ref)² − (Δv_nudged)² ]   mean over samples, sum over tied resistors
///
/// with s = h and the free state for reference one-sided, s = 2h and the state at −h centered. The
/// charging current fades to nothing where it would push k out of its bounds. The nudge is whatever
/// `LearningRule.nudge` answers: a current, a clamp or a branch whose value is affine in the outputs and
/// the targets, made with behavioural sources that read the free copy.
///
/// Two copies side by side that share their adjustable resistors are how laboratories build such
/// machines (Dillavou, Stern, Liu & Durian 2022, DOI 10.1103/PhysRevApplied.18.014040).
///
/// ```swift
/// let deck = try SelfLearningDeck(
///     deck: source, task: task, method: method, timing: .init(duration: 200, resolution: 0.1),
///     start: states)
/// try Data(deck.text.utf8).write(to: file)
/// ```
public struct SelfLearningDeck: Sendable {
    /// How long the circuit learns, and how finely that is followed.
    public struct Timing: Sendable {
        /// Factor on dk/dt: S²/V² a second for EP and AL, S/V² a second for CL.
        public var rate: Double
        /// Seconds.
        public var duration: Double
        /// `.tran`'s first argument, s: well below the time constant of the fastest change.
        public var resolution: Double
        /// ngspice's reltol: the error of a step relative to each conductance.
        public var relativeTolerance: Double
        /// Whether a conductance may come to a bound, where the current that charges it fades within a
        /// thousandth of its value at the start.
        public var meetsBounds: Bool

        public init(
            rate: Double = 1, duration: Double, resolution: Double,
            relativeTolerance: Double = TransientTrainer.defaultRelativeTolerance,
            meetsBounds: Bool = true
        ) {
            (self.rate, self.duration, self.resolution) = (rate, duration, resolution)
            self.relativeTolerance = relativeTolerance
            self.meetsBounds = meetsBounds
        }

        /// As `.tran` describes it. ngspice's least step is 10⁻¹¹ of the largest, and should stay well
        /// below the fastest change, however long the duration: at a bound that is some 10⁻³ of the fastest
        /// time constant, which is ten times the resolution.
        var analysis: TransientAnalysis {
            TransientAnalysis(
                step: resolution, duration: duration,
                largestStep: min(duration / 50, (meetsBounds ? 1e5 : 1e6) * resolution))
        }

        /// s: the time in which updates are counted. See `SelfLearningWriter.updateScale`.
        var updateTime: Double { min(duration, 1e7 * resolution) }
    }

    /// How the samples are shown to the circuit.
    public enum Presentation: Sendable, Equatable {
        /// Each to copies of its own, all the time.
        case together
        /// All to the same copies, one after another, each for an equal part of the period (s).
        case inTurn(period: Double)
    }

    public let task: LearningTask
    public let method: LearningMethod
    public let timing: Timing
    public let presentation: Presentation
    /// S: what 1 V at the node of a trained conductance means.
    public let unit: Double
    /// The deck, ready to be written.
    public let lines: [String]
    let names: SelfLearningNames
    private let writer: SelfLearningWriter

    public var text: String { lines.joined(separator: "\n") + "\n" }

    /// - Parameters:
    ///   - deck: the text from which the task was made; its devices are copied.
    ///   - method: the rule and a settled nudge (`Trainer.resolveMethod(in:)`).
    ///   - start: the states at the deck's own conductances, from which a nonlinear circuit begins: without
    ///     them ngspice looks for its first point from zero, and may not find one.
    /// - Throws: `DiagnosticsError` for what can't be copied, at its place in the deck: global nodes,
    ///   time functions and inputs within subcircuits.
    /// - Complexity: O(samples · copies · devices), in time and in text.
    public init(
        deck: Deck, task: LearningTask, method: LearningMethod, timing: Timing,
        presentation: Presentation = .together, start: LearningStates? = nil
    ) throws(DiagnosticsError) {
        try Self.requireLearnable(task)
        self.task = task
        self.method = method
        self.timing = timing
        self.presentation = presentation
        unit = Self.unit(of: task)
        names = SelfLearningNames(task)
        writer = SelfLearningWriter(
            deck: deck, task: task, method: method, timing: timing, presentation: presentation,
            unit: unit, names: names, start: task.circuit.isLinear ? nil : start)
        lines = try writer.lines()
    }

    /// - Throws: for a loss without voltages to reach, and where something else than conductances is trained.
    public static func requireLearnable(_ task: LearningTask) throws(DiagnosticsError) {
        guard task.loss.isSquared else {
            throw DiagnosticsError([
                Diagnostic(
                    "no-goals",
                    """
                    a circuit that trains itself has voltages to reach, and \
                    \(task.loss.name) has none: take the loss squared
                    """, at: nil)
            ])
        }
        let others = task.parameters.filter {
            ![.conductance, .logConductance].contains($0.variable)
        }
        guard others.isEmpty else {
            throw DiagnosticsError(
                others.map {
                    Diagnostic(
                        "not-a-conductance",
                        """
                        a circuit that trains itself adjusts conductances or their logarithms: leave \
                        \($0.name) out, or train it with vary=conductance or log
                        """, at: $0.text.range)
                })
        }
    }

    /// The deck without its analysis and output, with a source whose corners make ngspice put a point
    /// at each of these times (s, ascending).
    func circuitLines(pausingAt times: [Double]) throws(DiagnosticsError) -> [String] {
        try writer.circuitLines(pausingAt: times)
    }

    /// Where its conductances and states are found.
    var layout: SelfLearningLayout { SelfLearningLayout(writer) }

    /// A power of a thousand near the geometric mean of the trained conductances, so that the voltages
    /// that stand for them are of the order of all others and one tolerance serves them all.
    private static func unit(of task: LearningTask) -> Double {
        let values = task.parameters.map { $0.initialValue(in: task.circuit) }
            .filter { $0 > 0 && $0.isFinite }
        guard !values.isEmpty else { return 1 }
        let mean = values.reduce(0) { $0 + log10($1) } / Double(values.count)
        let thousands = (mean / 3).rounded()
        // 10⁻³ is not a product of tenths: read it as the text that is written.
        return Double("1e\(Int(3 * thousands))") ?? 1
    }
}
