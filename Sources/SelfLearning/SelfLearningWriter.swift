import LearningRules
import LearningTasks
import Netlist

/// Writes the text of a self-learning deck, part by part in the order of the file.
struct SelfLearningWriter {
    let deck: Deck
    let task: LearningTask
    let method: LearningMethod
    let timing: SelfLearningDeck.Timing
    let presentation: SelfLearningDeck.Presentation
    let unit: Double
    let names: SelfLearningNames
    /// Where the copies begin; nil: at zero volts.
    let start: LearningStates?

    func lines() throws(DiagnosticsError) -> [String] {
        try header() + circuit() + section("the training", options + analysis(copySets)) + [".end"]
    }

    /// See `SelfLearningDeck.circuitLines(pausingAt:)`.
    func circuitLines(pausingAt times: [Double]) throws(DiagnosticsError) -> [String] {
        let corners = times.map { "\(number($0)) 0" }.joined(separator: " ")
        let pauses =
            times.isEmpty
            ? [] : ["Vspicelearn_pauses spicelearn_pauses 0 PWL(0 0 \(corners))"]
        return try ["self-learning circuit"] + circuit() + options + pauses + [".end"]
    }

    private func circuit() throws(DiagnosticsError) -> [String] {
        let parts = try circuitParts()
        var lines: [String] = []
        lines += section("parameters, models and subcircuits of the deck", parts.cards)
        lines += section(
            "the circuit, but for its trained resistors",
            [([".subckt", Self.subcircuit, Self.port] + parameterNames).joined(separator: " ")]
                + parts.devices + [".ends " + Self.subcircuit])
        let sets = copySets
        if case .inTurn(let period) = presentation {
            lines += section("what the copies should show, sample by sample", targets(period))
        }
        for set in sets {
            let title = set.sample.map { sets.count > 1 ? "sample \($0 + 1)" : "the sample" }
            lines += section(
                "copies for " + (title ?? "all samples in turn"),
                copies(set) + startingVoltages(set))
        }
        lines += section("conductances, and the rule that charges them", conductances(sets))
        return lines + section("outputs, for reading", observers(sets))
    }

    private func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["*", "* " + title, "*"] + lines
    }

    func node(_ index: Int, _ copy: Copy) -> String {
        index == 0 ? "0" : copy.instance + "." + task.circuit.nodes[index].ngspiceName
    }

    func drop(_ positive: Int, _ negative: Int, _ copy: Copy) -> String {
        "V(\(node(positive, copy)),\(node(negative, copy)))"
    }

    /// `x*`, or nothing for 1.
    func factor(_ x: Double) -> String { x == 1 ? "" : "(\(number(x)))*" }

    func number(_ x: Double) -> String { SpiceNumber.shortest(x) }
}
