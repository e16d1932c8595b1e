import Engines
import LearningTasks

extension LearningTask {
    /// Adds to an update what two states say of the trained numbers of semiconductors.
    ///
    /// With a = −(v_N − v_F)/h the field of the errors at the outputs (−(v₊ − v₋)/(2h) centered), a number p of a
    /// device has ṗ = Σ (∂I/∂p) a over its terminals, I being the current into the device there.
    ///
    /// - Parameters:
    ///   - free: where the slopes are known.
    ///   - span: as of `accumulateUpdate`.
    func accumulateDevices(
        nudged: OperatingPoint, reference: OperatingPoint, free: OperatingPoint, span: Double,
        scale: Double, into update: inout [Double]
    ) {
        let first = numbers.ends.count + numbers.sourcePlaces.count
        for (number, place) in numbers.devicePlaces.enumerated() {
            var term = 0.0
            var index = place.slopes.lowerBound
            for device in place.devices {
                for node in circuit.otherDevices[device].nodes {
                    let change = nudged.voltages[node] - reference.voltages[node]
                    term -= free.deviceSlopes[index] * change / span
                    index += 1
                }
            }
            update[first + number] += scale * term
        }
    }
}
