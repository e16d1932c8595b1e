import LearningTasks
import Netlist

extension SelfLearningWriter {
    /// The title, and what somebody needs to know who opens the file.
    func header() -> [String] {
        let title = String(
            decoding: task.circuit.title.utf8.map { $0 < 0x20 || $0 > 0x7E ? 0x20 : $0 },
            as: UTF8.self)
        let count = task.samples.count
        let unitOfRate = type(of: method.rule).strengthUnit == .siemens ? "S^2/V^2" : "S/V^2"
        var comments = [
            "A circuit that trains itself: run it with  ngspice -b  and no other program.",
            "",
            "Rule       \(type(of: method.rule).title), "
                + (method.nudging.sides == .centered ? "centered" : "one-sided")
                + ", nudge \(number(method.nudging.strength))"
                + (type(of: method.rule).strengthUnit == .siemens ? " S" : ""),
            "Copies     xfree is the circuit itself; "
                + (method.nudging.sides == .centered
                    ? "xplus and xminus are nudged towards and away from"
                    : "xnudged is nudged towards"),
            "           the targets. Node a of the circuit is xfree.a, xplus.a and so on.",
        ]
        switch presentation {
        case .together where count > 1:
            comments.append("Samples    \(count), each with copies of its own: xfree1, xfree2 ...")
        case .together: break
        case .inTurn(let period):
            comments.append("Samples    \(count), shown in turn every \(number(period)) s")
        }
        comments += [
            "Learning   dk/dt = rate/(2s) * (squared drop in the reference - squared drop, nudged),",
            "           s = \(number(method.nudging.span)), rate = \(number(timing.rate)) "
                + "\(unitOfRate) a second, for \(number(timing.duration)) s",
            "Watch      the outputs v(v_...) reach their targets:",
        ]
        for (m, sample) in task.samples.enumerated().prefix(8) {
            let goals = zip(task.outputs, sample.targets).prefix(8).map { output, target in
                "\(plain(output.name))=\(number(target))"
            }
            comments.append(
                "           " + (count > 1 ? "sample \(m + 1): " : "")
                    + goals.joined(separator: " ")
                    + (task.outputs.count > 8 ? " ..." : ""))
        }
        if count > 8 { comments.append("           ...") }
        let usesLogarithm = task.parameters.contains { $0.variable == .logConductance }
        let usesConductance = task.parameters.contains { $0.variable == .conductance }
        if usesConductance {
            comments.append(
                "Read       v(k_r1) is the conductance of R1: 1 V means \(number(unit)) S.")
        }
        if usesLogarithm {
            comments.append(
                "Read       v(k_r1)"
                    + (usesConductance ? ", for those marked below with exp()," : "")
                    + " is the natural logarithm of the conductance of R1 in S.")
        }
        comments.append(
            "           At the end ngspice prints r1 = ..., the trained resistances in ohm.")
        return ["Self-learning circuit: \(title)"]
            + comments.map { $0.isEmpty ? "*" : "* " + $0 }
    }

    func plain(_ name: String) -> String {
        String(decoding: name.utf8.map { $0 < 0x20 || $0 > 0x7E ? 0x5F : $0 }, as: UTF8.self)
    }
}
