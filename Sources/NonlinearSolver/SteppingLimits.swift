import Devices
import Foundation

/// Limits on a step of Newton's method across semiconductors' junctions and gates.
///
/// A device is evaluated at voltages of its own, moved less far than its nodes', and its tangent there stands
/// for it: after Nagel, "SPICE2: A Computer Program to Simulate Semiconductor Circuits" (1975).
struct SteppingLimits {
    private let junctions: [JunctionLimit]
    private let gates: [GateLimit]
    private let starts: [StartingVoltage]
    /// The node that stays where it is.
    private let anchor: Int

    var isEmpty: Bool { junctions.isEmpty && gates.isEmpty }

    init(_ device: any NonlinearDevice) {
        junctions = device.junctionLimits
        gates = device.gateLimits
        starts = device.startingVoltages
        // A node that all voltages share: the base, a JFET's gate; of a MOSFET the source.
        if let gate = gates.first, gate.limitsDrain {
            let gateNode = Set([gate.gateDrain.positive, gate.gateDrain.negative])
            let ends = [gate.gateSource.positive, gate.gateSource.negative]
            anchor = ends.first { !gateNode.contains($0) } ?? ends[1]
        } else {
            let pairs = junctions.map(\.nodes)
            let shared = pairs.first.flatMap { first in
                [first.negative, first.positive].first { node in
                    pairs.allSatisfy { $0.positive == node || $0.negative == node }
                }
            }
            anchor = shared ?? 0
        }
    }

    /// The voltages from which to start, one for each of the device's nodes.
    func starting(_ voltages: inout ArraySlice<Double>) {
        for index in voltages.indices { voltages[index] = 0 }
        for start in starts { set(start.nodes, to: start.voltage, in: &voltages) }
    }

    private func voltage(_ pair: NodePair, _ voltages: ArraySlice<Double>) -> Double {
        func at(_ node: Int) -> Double { node < 0 ? 0 : voltages[voltages.startIndex + node] }
        return at(pair.positive) - at(pair.negative)
    }

    private func set(_ pair: NodePair, to value: Double, in voltages: inout ArraySlice<Double>) {
        let first = voltages.startIndex
        if pair.positive >= 0, pair.positive != anchor {
            let other = pair.negative < 0 ? 0 : voltages[first + pair.negative]
            voltages[first + pair.positive] = other + value
        } else if pair.negative >= 0 {
            let other = pair.positive < 0 ? 0 : voltages[first + pair.positive]
            voltages[first + pair.negative] = other - value
        }
    }

    /// Moves a device's voltages from those of the last iteration towards the nodes'.
    ///
    /// - Parameters:
    ///   - voltages: the nodes'; on return, where to evaluate the device.
    ///   - last: where it was evaluated last.
    /// - Returns: whether they were held back.
    func limit(_ voltages: inout ArraySlice<Double>, after last: ArraySlice<Double>) -> Bool {
        var isLimited = false
        func move(_ pair: NodePair, _ limited: Double) {
            guard limited != voltage(pair, voltages) else { return }
            set(pair, to: limited, in: &voltages)
            isLimited = true
        }
        for gate in gates {
            let (old, new) = (voltage(gate.gateSource, last), voltage(gate.gateSource, voltages))
            let oldDrain = old - voltage(gate.gateDrain, last)
            let newDrain = new - voltage(gate.gateDrain, voltages)
            if gate.limitsDrain {
                // The source stays; gate and drain are moved against it.
                let gateSource = Self.gateStep(new, old, gate.threshold)
                let drainSource = Self.drainStep(newDrain, oldDrain)
                move(gate.gateSource, gateSource)
                move(gate.gateDrain, gateSource - drainSource)
            } else {
                move(gate.gateSource, Self.gateStep(new, old, gate.threshold))
                let (oldGate, newGate) = (
                    voltage(gate.gateDrain, last), voltage(gate.gateDrain, voltages)
                )
                move(gate.gateDrain, Self.gateStep(newGate, oldGate, gate.threshold))
            }
        }
        for junction in junctions {
            let (old, new) = (voltage(junction.nodes, last), voltage(junction.nodes, voltages))
            move(junction.nodes, Self.junctionStep(new, old, junction))
        }
        return isLimited
    }

    /// A junction's voltage rises by logarithms once it conducts.
    private static func junctionStep(
        _ new: Double, _ old: Double, _ junction: JunctionLimit
    ) -> Double {
        if let breakdown = junction.breakdown,
            new < min(0, -breakdown.voltage + 10 * breakdown.thermalVoltage)
        {
            let mirrored = step(
                -(new + breakdown.voltage), -(old + breakdown.voltage), breakdown.thermalVoltage,
                junction.criticalVoltage)
            return -(mirrored + breakdown.voltage)
        }
        return step(new, old, junction.thermalVoltage, junction.criticalVoltage)
    }

    private static func step(
        _ new: Double, _ old: Double, _ thermal: Double, _ critical: Double
    ) -> Double {
        guard new > critical, abs(new - old) > 2 * thermal else { return new }
        guard old > 0 else { return thermal * log(new / thermal) }
        let ratio = (new - old) / thermal
        return ratio > 0
            ? old + thermal * (2 + log(ratio - 2)) : old - thermal * (2 + log(2 - ratio))
    }

    /// A gate's voltage moves in steps that grow with its distance from the threshold.
    private static func gateStep(_ new: Double, _ old: Double, _ threshold: Double) -> Double {
        let high = 2 * abs(old - threshold) + 2
        let low = high / 2 + 2
        let far = threshold + 3.5
        if old >= threshold {
            if old >= far {
                if new <= old {
                    return new >= far ? max(new, old - low) : max(new, threshold + 2)
                }
                return min(new, old + high)
            }
            return new <= old ? max(new, threshold - 0.5) : min(new, threshold + 4)
        }
        if new <= old { return max(new, old - high) }
        return new <= threshold + 0.5 ? min(new, old + low) : threshold + 0.5
    }

    private static func drainStep(_ new: Double, _ old: Double) -> Double {
        if old >= 3.5 {
            if new > old { return min(new, 3 * old + 2) }
            return new < 3.5 ? max(new, 2) : new
        }
        return new > old ? min(new, 4) : max(new, -0.5)
    }
}
