import LearningTasks
import Netlist
import NgspiceBridge

/// Whether `ngspice -b`, at the deck's own tolerances, confirms what a nonlinear circuit has learned.
///
/// Operating points that are to be compared are solved more tightly than ngspice does by itself
/// (`Ngspice.tightTolerances`): with its reltol of 1e-3, it stops within some 1e-3 of a junction's voltage, which
/// may be far outside of a training's tolerance. So each sample is solved once more as the program does, its
/// inputs in the deck.
public struct PlainConfirmation: Sendable {
    /// How many samples were solved again.
    public let samples: Int
    /// The largest |output − target| there, in the unit of the output; infinite where ngspice finds no operating point.
    public let largestError: Double

    /// More samples than this are not solved, in circuits of few devices; of many devices fewer.
    static let mostSamples = 1000

    /// - Parameters:
    ///   - deck: with the trained values.
    ///   - states: of the training's end: the sample with the largest error is among those solved.
    /// - Complexity: a load and an operating point for each of min(M, 1000, 100,000/devices) samples, at
    ///   least eight.
    /// - Throws: `DiagnosticsError` for a deck that can't be handed over; `NgspiceError` where ngspice dies.
    public init(
        deck: Deck, task: LearningTask, states: LearningStates, in simulator: some Simulator
    ) throws {
        let lines = try deck.ngspiceLines(external: task.inputs.map(\.ngspiceName))
        let inputs = Dictionary(
            task.inputs.enumerated().map { ($1.ngspiceName, $0) },
            uniquingKeysWith: { first, _ in first })
        // Where each input's line is.
        let places = lines.enumerated().compactMap { place, line -> (line: Int, input: Int)? in
            guard line.hasSuffix(Self.external), let name = line.split(separator: " ").first
            else { return nil }
            return inputs[name.lowercased()].map { (place, $0) }
        }
        let multiplicities = task.inputMultiplicities
        let chosen = Self.samples(of: task, states)
        var largest = 0.0
        for m in chosen {
            var lines = lines
            for place in places {
                let value = multiplicities[place.input] * task.samples[m].inputs[place.input]
                lines[place.line] =
                    lines[place.line].dropLast(Self.external.count) + " dc \(value)"
            }
            let point: [String: Double]
            do {
                point = try simulator.plainOperatingPoint(
                    lines, traits: task.circuit.traits, reading: [])
            } catch {
                guard [.convergence, .singular].contains(error.kind) else { throw error }
                largest = .infinity
                break
            }
            for (output, target) in zip(
                task.outputs[task.namedOutputs], task.samples[m].targets)
            {
                func voltage(_ node: Int) -> Double {
                    node == 0 ? 0 : point[task.circuit.nodes[node].ngspiceName] ?? .infinity
                }
                let value =
                    output.source.map {
                        point[task.circuit.sources[$0].ngspiceName + "#branch"] ?? .infinity
                    } ?? voltage(output.positive) - voltage(output.negative)
                let error = abs(value - target)
                largest = max(largest, error.isNaN ? .infinity : error)
            }
        }
        samples = chosen.count
        largestError = largest
    }

    private static let external = " external"

    /// All, or as many as there is time for: at equal distances, and the one with the largest error.
    private static func samples(of task: LearningTask, _ states: LearningStates) -> [Int] {
        let circuit = task.circuit
        let devices =
            circuit.resistors.count + circuit.sources.count + circuit.otherDevices.count
        let count = task.samples.count
        let most = max(8, min(mostSamples, 100_000 / max(devices, 1)))
        guard count > most else { return Array(0..<count) }
        let worst = (0..<count).max { largest(states, $0) < largest(states, $1) }
        return Set((0..<most).map { $0 * count / most } + [worst ?? 0]).sorted()
    }

    private static func largest(_ states: LearningStates, _ sample: Int) -> Double {
        states.errors.row(sample).reduce(0) { max($0, abs($1)) }
    }
}
