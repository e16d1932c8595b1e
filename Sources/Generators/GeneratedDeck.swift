import Engines
import LearningTasks
import Netlist
import NgspiceBridge

/// A ready learning deck and, for several samples, its data.
public struct GeneratedDeck: Sendable {
    public let deck: String
    /// CSV; nil where one sample stands in the deck itself.
    public let data: String?

    /// Draws a network and gives it a task that it can learn: the targets are what a hidden network of
    /// the same shape and other values answers to the same inputs.
    ///
    /// The sparse engine solves the hidden network where it is linear, and ngspice where it is not.
    ///
    /// - Parameters:
    ///   - samples: more than one gives data, with inputs drawn for each from the family's range. A linear
    ///     circuit whose inputs are fewer than its samples can still meet them all, since a hidden one
    ///     does.
    ///   - dataName: the file that the deck will name, needed for more than one sample.
    /// - Throws: `SparseError` or `NgspiceError` if the hidden network can't be solved.
    public static func make(
        _ family: some NetworkFamily, seed: UInt64, samples: Int = 1, dataName: String? = nil
    ) throws -> GeneratedDeck {
        var random = SplitMix64(seed: seed)
        let network = family.network(using: &random)
        var inputs = [network.inputs.map(\.voltage)]
        if samples > 1 {
            inputs = (0..<samples).map { _ in
                network.inputs.map { _ in random.voltage(in: family.inputRange) }
            }
        }
        var targets = network.targets.map { [$0] } ?? []
        if targets.isEmpty || samples > 1 {
            var hidden = network
            for index in hidden.edges.indices {
                hidden.edges[index].resistance = random.resistance(
                    around: hidden.edges[index].resistance)
            }
            for index in hidden.channels.indices {
                hidden.channels[index].gate = random.voltage(in: ChannelLatticeFamily.gates)
            }
            targets = try answers(of: hidden, to: inputs)
        }
        let outputNames = network.outputs.indices.map(network.outputName)
        var directives = network.trainable.map { ["*.learn trainable \($0)"] } ?? []
        var data: String?
        if samples > 1, let dataName {
            let columns = columns(of: network, &directives)
            directives.append("*.learn output " + outputNames.joined(separator: " "))
            directives.append("*.learn data \(quoted(dataName))")
            let rows = zip(inputs, targets).map { x, d in
                (x + d).map { "\($0)" }.joined(separator: ",")
            }
            let header = (columns + outputNames).map { $0.contains(",") ? "\"\($0)\"" : $0 }
            data = ([header.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
        } else {
            directives.append(
                "*.learn input " + network.sourceNames.joined().joined(separator: " "))
            for (name, target) in zip(outputNames, targets[0]) {
                directives.append("*.learn output \(name)=\(SpiceNumber.shortest(target))")
            }
        }
        // With curved elements the last digits take long, and plain ngspice does not have them.
        directives.append(
            network.isLinear
                ? "*.learn train tolerance=1e-6 steps=200000"
                : "*.learn train tolerance=1m steps=5000")
        return GeneratedDeck(
            deck: text(
                family.title, seed: seed, "targets from a hidden network of the same shape",
                network, directives),
            data: data)
    }

    /// Draws a network for data that is there, whose rows have classes: an output for each class, learned by
    /// cross-entropy.
    ///
    /// - Parameters:
    ///   - family: one with as many inputs as the data has, and an output for each class.
    ///   - volts: where the range of an input's column goes to.
    ///   - accuracy: the share of the samples for testing at which training ends.
    ///   - dataName: the file that the deck will name.
    public static func make(
        _ family: some NetworkFamily, seed: UInt64, classes: ClassData,
        volts: ClosedRange<Double>, accuracy: Double, dataName: String
    ) -> GeneratedDeck {
        var random = SplitMix64(seed: seed)
        var network = family.network(using: &random)
        // The data gives them.
        for index in network.inputs.indices { network.inputs[index].voltage = 0 }
        let outputNames = network.outputs.indices.map(network.outputName)
        var directives = ["*.learn trainable \(network.edgePrefix)* vary=log"]
        directives.append("*.learn loss cross-entropy temperature=20m")
        directives.append("*.learn output " + outputNames.joined(separator: " "))
        directives.append(
            "*.learn class \(quoted(classes.column)) names="
                + classes.names.map(quoted).joined(separator: ","))
        func numbers(_ range: ClosedRange<Double>) -> String {
            "\(SpiceNumber.shortest(range.lowerBound))..\(SpiceNumber.shortest(range.upperBound))"
        }
        for (input, sources) in zip(classes.inputs, network.sourceNames) {
            directives.append(
                """
                *.learn encode \(quoted(input.name)) \(sources.joined(separator: " ")) \
                from=\(numbers(input.range)) to=\(numbers(volts))
                """)
        }
        if !classes.ignored.isEmpty {
            directives.append(
                "*.learn ignore " + classes.ignored.map(quoted).joined(separator: " "))
        }
        directives.append("*.learn data \(quoted(dataName))")
        directives.append("*.learn test split=0.3")
        directives.append(
            """
            *.learn train optimizer=adam rate=0.05 schedule=cosine batch=32 \
            epochs=\(max(20, 32_000 / classes.samples)) seed=\(seed) until=accuracy>=\(accuracy)
            """)
        return GeneratedDeck(
            deck: text(family.title, seed: seed, "for data with classes", network, directives),
            data: nil)
    }

    private static func text(
        _ title: String, seed: UInt64, _ note: String, _ network: Network, _ directives: [String]
    ) -> String {
        let header = ["* \(title)", "* spicelearn generate, seed \(seed): \(note)"]
        // At its own tolerances ngspice stops short of what a nonlinear circuit has learned.
        let options = network.isLinear ? [] : [".options reltol=1e-6 vntol=1e-9"]
        let lines = header + network.deviceLines() + directives + options + [".op", ".end"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// The columns of inputs, and which sources they set.
    private static func columns(of network: Network, _ directives: inout [String]) -> [String] {
        let names = network.sourceNames
        guard names.contains(where: { $0.count > 1 }) else {
            directives.append("*.learn input " + names.joined().joined(separator: " "))
            return Array(names.joined())
        }
        directives.append("*.learn encode x* Vp* Vn*")
        return names.indices.map { "x\($0 + 1)" }
    }

    /// The outputs of a network for each row of inputs, in volts: to ten digits where it is linear, and to a
    /// tenth of a microvolt where it is not, at which every ngspice should arrive.
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
        let drives = inputs.map(network.sourceVoltages)
        let task = try LearningTask(
            circuit: circuit, parameters: [],
            inputs: Array(network.sourceNames.joined()), outputs: outputs,
            samples: drives.map {
                LearningTask.Sample(inputs: $0, targets: outputs.map { _ in 0 })
            })
        guard network.isLinear else {
            return try Ngspice.withInstance { ngspice in
                let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
                return try answers(of: task, in: physics, to: drives)
            }.map { $0.map { ($0 * 1e7).rounded() / 1e7 } }
        }
        return try answers(of: task, in: SparsePhysics(task: task), to: drives)
            .map { $0.map { rounded($0, digits: 10) } }
    }

    private static func answers(
        of task: LearningTask, in physics: some Physics, to drives: [[Double]]
    ) throws -> [[Double]] {
        var answers: [[Double]] = []
        // A point holds every node's voltage: in parts, these need not all be there at once.
        for start in stride(from: 0, to: drives.count, by: 256) {
            let part = drives[start..<min(start + 256, drives.count)]
            answers += try physics.operatingPoints(part.map { Drive(inputs: $0) }).map { point in
                task.outputs.map { point.voltage($0) }
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
