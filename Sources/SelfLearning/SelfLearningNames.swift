import LearningTasks

/// Names in a self-learning deck: lower case, digits and underscores only, each once.
///
/// A dot would do for ngspice, but `v(k_x1.r3)` can't be typed at its prompt in an expression.
struct SelfLearningNames: Sendable {
    /// For each resistor of the circuit: `r1`, `x1_r3`.
    let resistors: [String]
    /// For each output: `b` for V(b); for V(a,c) both nodes with an underscore between.
    let outputs: [String]
    /// For each input: `v1`.
    let inputs: [String]
    /// For each trained parameter, that of its first resistor.
    let parameters: [String]

    init(_ task: LearningTask) {
        resistors = Self.unique(task.circuit.resistors.map(\.name))
        outputs = Self.unique(
            task.outputs.map { output in
                let nodes = task.circuit.nodes
                return output.negative == 0
                    ? nodes[output.positive].name
                    : nodes[output.positive].name + "_" + nodes[output.negative].name
            })
        inputs = Self.unique(task.inputs.map(\.name))
        let resistors = resistors
        parameters = task.parameters.map { $0.members.first.map { resistors[$0.resistor] } ?? "" }
    }

    /// The node whose voltage is a parameter's conductance, or its logarithm.
    func conductanceNode(_ parameter: Int) -> String { "k_" + parameters[parameter] }

    /// The node that shows an output; the sample is nil where there is one set of copies.
    func outputNode(_ output: Int, sample: Int?) -> String {
        "v_" + outputs[output] + (sample.map { "_sample\($0 + 1)" } ?? "")
    }

    func targetNode(_ output: Int) -> String { "target_" + outputs[output] }

    private static func unique(_ names: [String]) -> [String] {
        var taken: Set<String> = []
        return names.map { name in
            let plain = String(
                decoding: name.utf8.map { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"):
                        byte
                    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
                    default: UInt8(ascii: "_")
                    }
                }, as: UTF8.self)
            var candidate = plain
            var count = 1
            while !taken.insert(candidate).inserted {
                count += 1
                candidate = "\(plain)_no\(count)"
            }
            return candidate
        }
    }
}
