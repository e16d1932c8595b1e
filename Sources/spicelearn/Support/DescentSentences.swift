import LearningRules
import LearningTasks
import Netlist
import Theory

/// What the exact gradient says of a point, in the same words in `train`, `solve` and `analyze`.
struct DescentSentences {
    let task: LearningTask
    let rule: any LearningRule
    let conductances: TrainedValues
    let states: LearningStates
    let diagnosis: DescentDiagnosis

    private func names(_ parameters: [Int]) -> String {
        let names = parameters.map { task.parameters[$0].name }
        guard names.count > 1, let last = names.last else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }

    private var isGradient: Bool { !type(of: rule).isLocal }

    /// `the update makes 12.3° with the exact gradient of the loss; R1 and R2 differ most`.
    var angle: String? {
        guard !isGradient else { return nil }
        if diagnosis.isRounding {
            return
                "the errors are within the solver's accuracy, and so are the update and the exact gradient of the loss"
        }
        if diagnosis.updateIsZero {
            return diagnosis.isStationary || task.samples.count > 1
                ? nil
                : "no nudge reaches a trained resistor, but the loss depends on \(names(diagnosis.strongest))"
        }
        guard let degrees = diagnosis.angle.degrees, states.loss > 0 else { return nil }
        let most = diagnosis.angle.differingMost
        let differing = most.isEmpty || degrees < 0.1 ? "" : "; they differ most in \(names(most))"
        return
            "the update makes \(readable(degrees, digits: 3))° with the exact gradient of the loss\(differing)"
    }

    /// Why a training ended here without reaching its targets, and what helps.
    var whyNoFurther: String {
        if diagnosis.isRounding {
            return
                "The errors are within the solver's accuracy, below which no step surely leads: ask for a larger tolerance"
        }
        if diagnosis.isStationary { return stationary }
        let share = "\(readable(100 * diagnosis.share, digits: 3)) %"
        let helps = "use --rule gradient, which is not local, or another start (--start random)"
        if isGradient {
            return
                "A step along the exact gradient of the loss still lowers it by \(share): try another start (--start random), or --time continuous, which follows it to its end"
        }
        if diagnosis.updateIsZero, task.oneWayDevices.isEmpty, let equal = equalStart {
            return
                "The update is zero. \(equal) began with equal values, a symmetric start, from which equal ones may never part: use --start random --seed 1, or unequal values"
        }
        if diagnosis.updateIsZero {
            let why =
                task.samples.count == 1
                ? "No nudge reaches a trained resistor"
                : "The update is zero: no nudge reaches a trained resistor, or the samples cancel"
            return
                "\(why)\(oneWay), but the loss depends on \(names(diagnosis.strongest)): \(helps)"
        }
        guard let degrees = diagnosis.angle.degrees, degrees >= 5 else {
            return
                "The update is the exact gradient of the loss, to \(readable(diagnosis.angle.degrees ?? 0, digits: 2))°, and a step along it still lowers the loss by \(share): --time continuous follows it to its end; or try another start (--start random)"
        }
        return
            "The update makes \(readable(degrees, digits: 3))° with the exact gradient of the loss, along which the loss still falls\(differing)\(oneWay): \(helps)"
    }

    private var differing: String {
        let most = diagnosis.angle.differingMost
        return most.isEmpty ? "" : "; they differ most in \(names(most))"
    }

    private var oneWay: String {
        let names = task.oneWayDevices
        guard let first = names.first else { return "" }
        let others = names.count > 1 ? " and \(names.count - 1) more" : ""
        return " (signals pass one way through \(first)\(others))"
    }

    private var stationary: String {
        let rows = task.samples.count * task.outputs.count
        let independent = task.outputs.count * min(task.samples.count, max(task.inputs.count, 1))
        if task.circuit.isLinear, rows > independent || rows > task.parameters.count {
            return
                "The data ask for \(rows) values, more than this circuit can meet at once, and no step along the exact gradient of the loss lowers it by a millionth of itself: a least-squares fit"
        }
        let zero = "No step along the exact gradient of the loss lowers it by a millionth of itself"
        let bounded = zip(task.parameters, conductances.values).filter { parameter, g in
            g <= parameter.bounds.lowerBound || g >= parameter.bounds.upperBound
        }
        if let first = bounded.first {
            let name = first.0.name
            let others = bounded.count > 1 ? " and \(bounded.count - 1) more" : ""
            return
                "\(zero) within the bounds (\(name)\(others) at a bound): widen the bounds, or try another start (--start random)"
        }
        if let equal = equalStart {
            return
                "\(zero). \(equal) began with equal values, a symmetric start, from which equal ones may never part: use --start random --seed 1, or unequal values"
        }
        if diagnosis.strongest.isEmpty {
            return
                "\(zero): no output depends on a trained resistor, or all that they do cancels in the loss; try another start (--start random)"
        }
        return
            "\(zero): it has a minimum here, or is very flat; try another start (--start random), or --time continuous, which follows it on"
    }

    /// The largest group of trained resistors that began with one value, if that is most of several.
    private var equalStart: String? {
        let values = task.parameters.map { $0.initialValue(in: task.circuit) }
        guard values.count > 2 else { return nil }
        let groups = Dictionary(grouping: values.indices) { values[$0] }
        guard let most = groups.values.max(by: { $0.count < $1.count }),
            2 * most.count > values.count,
            // They have not parted.
            2 * Set(most.map { Float(conductances.values[$0]) }).count <= most.count
        else { return nil }
        return most.count == values.count
            ? "All trained resistors" : "\(most.count) of \(values.count) trained resistors"
    }
}
