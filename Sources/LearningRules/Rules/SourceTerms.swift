import Engines
import LearningTasks

extension LearningTask {
    /// Adds to an update what two states say of the trained sources.
    ///
    /// With a = −(v_N − v_F)/h the field of the errors at the outputs (−(v₊ − v₋)/(2h) centered), a current
    /// source has İ = m (a₊ − a₋) between its terminals, a voltage source V̇ = −(its current in that field)
    /// and, for the channels whose gates it holds, Σ g_m (a_drain − a_source).
    ///
    /// - Parameters:
    ///   - free: where the transconductances are known.
    ///   - span: as of `accumulateUpdate`.
    func accumulateSources(
        nudged: OperatingPoint, reference: OperatingPoint, free: OperatingPoint, span: Double,
        scale: Double, into update: inout [Double]
    ) {
        for (number, place) in numbers.sourcePlaces.enumerated() {
            func change(_ a: Int, _ b: Int) -> Double {
                (nudged.voltages[a] - reference.voltages[a])
                    - (nudged.voltages[b] - reference.voltages[b])
            }
            var term = 0.0
            switch (place.kind, place.localTerm) {
            case (.current, _):
                term = -place.multiplicity * change(place.positive, place.negative) / span
            case (.voltage, .adjoint):
                if number < nudged.sourceCurrents.count, number < reference.sourceCurrents.count {
                    term = (nudged.sourceCurrents[number] - reference.sourceCurrents[number]) / span
                }
                for (channel, index) in zip(place.channels, place.transconductances)
                where index < free.transconductances.count {
                    term -=
                        channel.sign * free.transconductances[index]
                        * change(channel.drain, channel.source) / span
                }
            case (.voltage, .drops):
                for channel in place.channels {
                    let (d, s) = (channel.drain, channel.source)
                    let sum =
                        (nudged.voltages[d] + reference.voltages[d])
                        - (nudged.voltages[s] + reference.voltages[s])
                    term -= channel.sign * change(d, s) * sum / (2 * span)
                }
            }
            update[numbers.ends.count + number] += scale * term
        }
    }
}
