import LearningRules
import Netlist

/// What `ngspice -b` makes of the trained deck of a nonlinear circuit, and the deck that is written.
struct TrainConfirmation: Sendable {
    /// At the deck's own tolerances, but for options that were added.
    let atOwnTolerances: PlainConfirmation
    let passed: Bool
    /// Samples in all.
    let samples: Int
    /// Options with which ngspice -b confirms the training; nil where none are needed, or none help.
    let options: String?
    /// Whether they are in the deck.
    let areWritten: Bool
    /// What `ngspice -b` runs of the deck beside the operating point that was checked, in words.
    let unchecked: [String]
    /// Whether a `.control` section makes another circuit of the deck: it is left out of the check.
    let controlChangesCircuit: Bool

    /// Tolerances to offer, the loosest first; the last are those of the training.
    private static let ladder: [[(name: String, value: String)]] = [
        [("reltol", "1e-6"), ("vntol", "1e-9")],
        [("reltol", "1e-9"), ("abstol", "1e-15"), ("vntol", "1e-12")],
    ]

    /// - Parameters:
    ///   - text: the trained deck.
    ///   - setsOptions: whether options that are needed are to be written.
    /// - Returns: nil where nothing is to be confirmed, since linear circuits are solved exactly at any
    ///   tolerance; and the deck to write.
    static func of(
        _ result: TrainingResult, text: [UInt8], tolerance: Double, setsOptions: Bool,
        deck: LearningDeck, in session: EngineSession
    ) throws -> (confirmation: TrainConfirmation?, text: [UInt8]) {
        guard result.reason == .tolerance, deck.task.loss.hasGoals, !deck.task.circuit.isLinear,
            !deck.task.hasCorners
        else { return (nil, text) }
        let trained = deck.reading(text)
        let plain = try session.plainConfirmation(of: trained, result.states)
        var options: String?
        var written = text
        let passed = plain.largestError <= tolerance
        if !passed {
            for step in ladder {
                let text = trained.setting(options: step)
                let tight = try session.plainConfirmation(of: deck.reading(text), result.states)
                guard tight.largestError <= tolerance else { continue }
                options = ".options " + step.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
                if setsOptions { written = text }
                break
            }
        }
        return (
            TrainConfirmation(
                atOwnTolerances: plain, passed: passed, samples: deck.task.samples.count,
                options: options, areWritten: setsOptions && options != nil,
                unchecked: deck.deck.runsBesideOperatingPoint,
                controlChangesCircuit: deck.deck.controlChangesCircuit), written
        )
    }

    /// What follows "every output within 1e-06 V".
    var condition: String {
        passed || areWritten ? "" : ", solved at reltol=1e-9"
    }

    /// One sentence, without a full stop.
    var sentence: String {
        let share =
            atOwnTolerances.samples < samples
            ? " on \(atOwnTolerances.samples) of \(samples) samples" : ""
        if passed { return "\(referee) confirms this\(share)\(limits)" }
        let fault =
            atOwnTolerances.largestError.isFinite
            ? "is up to \(readable(atOwnTolerances.largestError, digits: 3)) V off\(share)"
            : "finds no operating point\(share)"
        guard let options else {
            return
                "\(referee), at its own tolerances, \(fault), and tighter ones do not help\(limits)"
        }
        return areWritten
            ? "\(referee) confirms this\(share) by the line \(options), which was added: without it, it \(fault)\(limits)"
            : """
            \(referee), at the deck's own tolerances, \(fault): add the line \(options), or train with \
            --set-options\(limits)
            """
    }

    private var referee: String {
        (unchecked.isEmpty ? "ngspice -b" : "the .op of ngspice -b")
            + (controlChangesCircuit
                ? " (without the .control section, which changes the circuit)" : "")
    }

    /// What the check says nothing of.
    private var limits: String {
        let unchecked = unchecked.filter { $0 != ".control" || !controlChangesCircuit }
        guard let last = unchecked.last else { return "" }
        let others = unchecked.dropLast().joined(separator: ", ")
        return "; nothing is said of \(others.isEmpty ? "" : others + " and ")\(last) in the deck"
    }

    struct JSON: Encodable, Sendable {
        let passed: Bool
        /// Samples solved again.
        let samples: Int
        /// V; nil where ngspice finds no operating point.
        let largestError: Double?
        let options: String?
        let optionsWritten: Bool
    }

    var json: JSON {
        let error = atOwnTolerances.largestError
        return JSON(
            passed: passed, samples: atOwnTolerances.samples,
            largestError: error.isFinite ? error : nil, options: options,
            optionsWritten: areWritten)
    }
}
