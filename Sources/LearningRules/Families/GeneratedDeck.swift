import Netlist

/// A ready learning deck and, for several samples, its data.
public struct GeneratedDeck: Sendable {
    public let deck: String
    /// CSV; nil where one sample stands in the deck itself.
    public let data: String?

    /// Draws a network and gives it a task that it can learn: the targets are what a hidden network of
    /// the same shape and other resistances, solved by the sparse engine, answers to the same inputs.
    ///
    /// - Parameters:
    ///   - samples: more than one gives data, with inputs drawn for each from −1 V to 1 V. A linear
    ///     circuit whose inputs are fewer than its samples can still meet them all, since a hidden one
    ///     does.
    ///   - dataName: the file that the deck will name, needed for more than one sample.
    /// - Throws: `SparseError` if the hidden network can't be solved.
    public static func make(
        _ family: some NetworkFamily, seed: UInt64, samples: Int = 1, dataName: String? = nil
    ) throws -> GeneratedDeck {
        var random = SplitMix64(seed: seed)
        let network = family.network(using: &random)
        var inputs = [network.inputs.map(\.voltage)]
        if samples > 1 {
            inputs = (0..<samples).map { _ in
                network.inputs.map { _ in random.voltage(in: -1...1) }
            }
        }
        var targets = network.targets.map { [$0] } ?? []
        if targets.isEmpty || samples > 1 {
            var hidden = network
            for index in hidden.edges.indices {
                hidden.edges[index].resistance = random.resistance(
                    around: hidden.edges[index].resistance)
            }
            targets = try answers(of: hidden, to: inputs)
        }
        let header = [
            family.title,
            "* spicelearn generate, seed \(seed): targets from a hidden network of the same shape",
        ]
        let devices = network.deviceLines()
        let sourceNames = network.inputs.indices.map { "V\($0 + 1)" }
        let outputNames = network.outputs.indices.map(network.outputName)
        var directives = ["*.learn input " + sourceNames.joined(separator: " ")]
        var data: String?
        if samples > 1, let dataName {
            directives.append("*.learn output " + outputNames.joined(separator: " "))
            directives.append("*.learn data \(Self.quoted(dataName))")
            let rows = zip(inputs, targets).map { x, d in
                (x + d).map { "\($0)" }.joined(separator: ",")
            }
            let columns = (sourceNames + outputNames).map { $0.contains(",") ? "\"\($0)\"" : $0 }
            data = ([columns.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
        } else {
            for (name, target) in zip(outputNames, targets[0]) {
                directives.append("*.learn output \(name)=\(SpiceNumber.shortest(target))")
            }
        }
        directives.append("*.learn train tolerance=1e-6 steps=200000")
        let lines = header + devices + directives + [".op", ".end"]
        return GeneratedDeck(deck: lines.joined(separator: "\n") + "\n", data: data)
    }

    /// The outputs of a network for each row of inputs, to ten digits.
    private static func answers(of network: Network, to inputs: [[Double]]) throws -> [[Double]] {
        let text = (["hidden"] + network.deviceLines() + [".end"]).joined(separator: "\n")
        let deck = Deck.parse(path: "hidden network", bytes: Array(text.utf8), includes: .none)
        let elaboration = deck.elaborate()
        guard let circuit = elaboration.circuit else {
            throw DiagnosticsError(elaboration.diagnostics)
        }
        let names = CircuitNames(circuit)
        let outputs = network.outputs.enumerated().compactMap { index, output in
            names.node(output.positive).map { positive in
                LearningTask.Output(
                    name: network.outputName(index), positive: positive,
                    negative: output.negative.flatMap(names.node) ?? 0)
            }
        }
        let task = try LearningTask(
            circuit: circuit, parameters: [],
            inputs: network.inputs.indices.map { "V\($0 + 1)" }, outputs: outputs,
            samples: inputs.map {
                LearningTask.Sample(inputs: $0, targets: outputs.map { _ in 0 })
            })
        let physics = try SparsePhysics(task: task)
        var answers: [[Double]] = []
        // A point holds every node's voltage: in parts, these need not all be there at once.
        for start in stride(from: 0, to: inputs.count, by: 256) {
            let part = inputs[start..<min(start + 256, inputs.count)]
            answers += try physics.operatingPoints(part.map { Drive(inputs: $0) }).map { point in
                outputs.map { rounded(point.voltage($0), digits: 10) }
            }
        }
        return answers
    }

    /// In double quotes where a directive would end the name too early.
    private static func quoted(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 || "0123456789-_.".utf8.contains($0)
        }
        return isPlain ? name : "\"\(name)\""
    }
}
