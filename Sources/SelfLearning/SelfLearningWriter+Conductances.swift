import Foundation
import LearningTasks
import Netlist

/// The capacitors that hold the conductances, and the rule that charges them.
extension SelfLearningWriter {
    /// s: the update is counted in kV per duration. A difference of nearly equal states, it has noise
    /// that ngspice must not take for a failure to converge; the conductance, its integral, is what has
    /// to converge. For the same reason the duration counts only up to 10⁶ fastest time constants.
    ///
    /// It is a voltage from behavioural sources of voltage throughout, and a linear source makes it the
    /// current: from version 47 on, ngspice wants each behavioural source to have come to rest, voltages
    /// within vntol but currents within abstol, which the noise exceeds.
    private var updateScale: Double { 1e-3 * timing.updateTime }

    /// For each parameter: the rule's update as the sum of voltages in series, one for each sample and
    /// resistor; the update within the bounds; the source that makes it a current, and the capacitor that
    /// this charges.
    func conductances(_ sets: [CopySet]) -> [String] {
        let initial = TrainedValues(initial: task).values
        return task.parameters.enumerated().flatMap { index, parameter in
            let name = names.parameters[index]
            let k = names.conductanceNode(index)
            let (u, gated) = ("u_" + name, "g_" + name)
            let termCount = sets.count * parameter.members.count
            var terms = 0
            var scale = timing.rate * updateScale / (2 * method.nudging.span)
            scale /= Double(sets.count)
            var speed = ""
            if parameter.variable == .logConductance {
                speed = "exp(V(\(k)))*"
            } else {
                scale /= unit
            }
            var lines: [String] = []
            for set in sets {
                for member in parameter.members {
                    let resistor = task.circuit.resistors[member.resistor]
                    func across(_ copy: Copy) -> String {
                        drop(resistor.positive, resistor.negative, copy)
                    }
                    let first = across(set.nudged[0])
                    let reference = across(set.nudged.count > 1 ? set.nudged[1] : set.free)
                    let device =
                        "Bu\(set.sample.map { "\($0 + 1)" } ?? "")_\(names.resistors[member.resistor])"
                    let top = terms == 0 ? u : "t\(terms)_\(name)"
                    terms += 1
                    let bottom = terms == termCount ? "0" : "t\(terms)_\(name)"
                    lines.append(
                        "\(device) \(top) \(bottom) V=\(factor(scale * member.proportion))\(speed)"
                            + "(\(reference)-\(first))*(\(reference)+\(first))")
                }
            }
            let bounds = Bounds(parameter, initial: initial[index], unit: unit)
            lines.append("B\(gated) \(gated) 0 V=V(\(u))*\(bounds.gate(of: k, by: u))")
            lines.append("G\(k) 0 \(k) \(gated) 0 \(number(1 / updateScale))")
            lines.append("C\(k) \(k) 0 1")
            lines.append(".ic v(\(k))=\(number(bounds.start))")
            return lines
        }
    }

    /// Bounds on the voltage that stands for a conductance.
    private struct Bounds {
        let start: Double
        private let lower: Double
        private let upper: Double
        /// Within this distance of a bound the current towards it fades: a step would make the time
        /// step vanish.
        private let margin: Double

        init(_ parameter: TrainableParameter, initial g: Double, unit: Double) {
            let range = parameter.bounds
            let within = min(max(g, range.lowerBound), range.upperBound)
            if parameter.variable == .logConductance {
                (lower, upper) = (log(range.lowerBound), log(range.upperBound))
                start = log(within)
                margin = min(1e-3, (upper - lower) / 10)
            } else {
                (lower, upper) = (range.lowerBound / unit, range.upperBound / unit)
                start = within / unit
                margin = min(1e-3 * start, (upper - lower) / 10)
            }
        }

        /// 1 within the bounds; 0 where the update u pushes k out of them.
        func gate(of k: String, by u: String) -> String {
            guard margin > 0 else { return "0" }
            let perMargin = SpiceNumber.shortest(1 / margin)
            let (lowest, highest) = (SpiceNumber.shortest(lower), SpiceNumber.shortest(upper))
            return "(V(\(u))<0 ? min(1,max(0,(V(\(k))-(\(lowest)))*\(perMargin))) : "
                + "min(1,max(0,(\(highest)-V(\(k)))*\(perMargin))))"
        }
    }
}
