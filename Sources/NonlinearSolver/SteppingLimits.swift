import Devices
import Foundation

/// Limits on a step of Newton's method across semiconductors' junctions and gates.
///
/// A device is evaluated at voltages of its own, moved less far than its nodes', and its tangent there stands
/// for it: after Nagel, "SPICE2: A Computer Program to Simulate Semiconductor Circuits" (1975).
struct SteppingLimits {
    /// Two nodes, and which of them is moved to change the voltage between them.
    private struct MovedPair {
        let nodes: NodePair
        let moved: Int
    }

    private let junctions: [(pair: MovedPair, limit: JunctionLimit)]
    private let gates: [(source: MovedPair, drain: MovedPair, limit: GateLimit)]
    private let starts: [(pair: MovedPair, voltage: Double)]

    var isEmpty: Bool { junctions.isEmpty && gates.isEmpty }

    init(_ device: any NonlinearDevice) {
        let pairs = device.junctionLimits.map(\.nodes)
        let gate = device.gateLimits.first
        // The base of a bipolar transistor, a JFET's gate, a MOSFET's bulk.
        let shared = pairs.first.flatMap { first in
            [first.negative, first.positive].first { node in
                pairs.allSatisfy { $0.positive == node || $0.negative == node }
            }
        }
        let isMOSFET = gate?.limitsDrain ?? false
        func other(_ pair: NodePair, than node: Int?) -> Int {
            let found = pair.positive == node ? pair.negative : pair.positive
            return found < 0 ? pair.positive + pair.negative - found : found
        }
        func common(_ a: NodePair, _ b: NodePair) -> Int {
            [b.positive, b.negative].contains(a.positive) ? a.positive : a.negative
        }
        // Of a MOSFET the source stays, gate, drain and bulk move; otherwise what all share stays.
        junctions = device.junctionLimits.map { limit in
            let moved = isMOSFET ? shared ?? limit.nodes.positive : other(limit.nodes, than: shared)
            return (MovedPair(nodes: limit.nodes, moved: moved), limit)
        }
        gates = device.gateLimits.map { limit in
            let gate = common(limit.gateSource, limit.gateDrain)
            let source = other(limit.gateSource, than: gate)
            return (
                MovedPair(nodes: limit.gateSource, moved: isMOSFET ? gate : source),
                MovedPair(nodes: limit.gateDrain, moved: other(limit.gateDrain, than: gate)), limit
            )
        }
        let anchor =
            isMOSFET
            ? gate.map { other($0.gateSource, than: common($0.gateSource, $0.gateDrain)) } : shared
        starts = device.startingVoltages.map {
            (MovedPair(nodes: $0.nodes, moved: other($0.nodes, than: anchor)), $0.voltage)
        }
    }

    /// The voltages from which to start, one for each of the device's nodes.
    func starting(_ voltages: inout ArraySlice<Double>) {
        for index in voltages.indices { voltages[index] = 0 }
        for start in starts { set(start.pair, to: start.voltage, in: &voltages) }
    }

    private func voltage(_ pair: NodePair, _ voltages: ArraySlice<Double>) -> Double {
        func at(_ node: Int) -> Double { node < 0 ? 0 : voltages[voltages.startIndex + node] }
        return at(pair.positive) - at(pair.negative)
    }

    private func set(_ pair: MovedPair, to value: Double, in voltages: inout ArraySlice<Double>) {
        let change = value - voltage(pair.nodes, voltages)
        voltages[voltages.startIndex + pair.moved] +=
            pair.moved == pair.nodes.positive ? change : -change
    }

    /// Moves a device's voltages from those of the last iteration towards the nodes'.
    ///
    /// - Parameters:
    ///   - voltages: the nodes'; on return, where to evaluate the device.
    ///   - last: where it was evaluated last.
    /// - Returns: whether they were held back.
    func limit(_ voltages: inout ArraySlice<Double>, after last: ArraySlice<Double>) -> Bool {
        var isLimited = false
        func move(_ pair: MovedPair, _ new: Double, _ limited: Double) {
            guard limited != new else { return }
            set(pair, to: limited, in: &voltages)
            isLimited = true
        }
        for (source, drain, limit) in gates {
            let old = (source: voltage(source.nodes, last), drain: voltage(drain.nodes, last))
            let new = (
                source: voltage(source.nodes, voltages), drain: voltage(drain.nodes, voltages)
            )
            guard limit.limitsDrain else {
                move(source, new.source, Self.gateStep(new.source, old.source, limit.threshold))
                move(drain, new.drain, Self.gateStep(new.drain, old.drain, limit.threshold))
                continue
            }
            // Drain and source change places where the voltage between them is negative.
            let isForward = old.source >= old.drain
            let near =
                isForward
                ? Self.gateStep(new.source, old.source, limit.threshold)
                : Self.gateStep(new.drain, old.drain, limit.threshold)
            let span = near - (isForward ? new.drain : new.source)
            let far = near - Self.drainStep(span, abs(old.source - old.drain))
            let limited = isForward ? (source: near, drain: far) : (source: far, drain: near)
            // To the rounding of differences.
            if abs(limited.source - new.source) + abs(limited.drain - new.drain)
                > 1e-13 * (1 + abs(new.source) + abs(new.drain))
            {
                set(source, to: limited.source, in: &voltages)
                set(drain, to: limited.drain, in: &voltages)
                isLimited = true
            }
        }
        for (pair, limit) in junctions {
            let (old, new) = (voltage(pair.nodes, last), voltage(pair.nodes, voltages))
            move(pair, new, Self.junctionStep(new, old, limit))
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
