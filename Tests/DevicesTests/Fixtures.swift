import Foundation
import NgspiceBridge
import Testing

@testable import Devices

/// Numbers that are the same in every run (Knuth's MMIX generator).
struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493 }

    /// In 0 ..< 1.
    mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) * 0x1p-53
    }

    mutating func isTrue(_ probability: Double = 0.5) -> Bool { next() < probability }

    /// With five digits, so that ngspice reads the very same number.
    mutating func uniform(_ low: Double, _ high: Double) -> Double {
        rounded(low + (high - low) * next())
    }

    mutating func logarithmic(_ low: Double, _ high: Double) -> Double {
        rounded(low * Foundation.pow(high / low, next()))
    }

    private func rounded(_ value: Double) -> Double { Double(String(format: "%.4e", value))! }
}

/// A parameter and the values that it is given.
struct ParameterRange: Sendable {
    let name: String
    let low: Double
    let high: Double
    /// Of being given.
    var probability = 0.5

    init(_ name: String, _ low: Double, _ high: Double, _ probability: Double = 0.5) {
        self.name = name
        self.low = low
        self.high = high
        self.probability = probability
    }

    func value(_ numbers: inout SeededNumbers) -> Double {
        low > 0 && high / low > 100 ? numbers.logarithmic(low, high) : numbers.uniform(low, high)
    }
}

/// A device with a voltage source at each terminal.
struct DeviceSample: Sendable {
    var card: DeviceCard
    /// V.
    var voltages: [Double]

    var letter: String {
        switch card.type {
        case "d": "d"
        case "npn", "pnp": "q"
        case "njf", "pjf": "j"
        default: "m"
        }
    }

    func lines(_ number: Int) -> [String] {
        func text(_ values: [String: Double]) -> String {
            values.sorted { $0.key < $1.key }
                .map { $0.key == "off" ? " off" : " \($0.key)=\($0.value)" }.joined()
        }
        let nodes = voltages.indices.map { "n\(number)_\($0)" }
        return zip(nodes, voltages).enumerated().map { terminal, source in
            "v\(number)_\(terminal) \(source.0) 0 dc \(source.1)"
        } + [
            "\(letter)\(number) \(nodes.joined(separator: " ")) model\(number)"
                + text(card.instance),
            ".model model\(number) \(card.type)(" + text(card.model) + ")",
        ]
    }
}

enum Fixtures {
    /// The currents into each sample's terminals, A, all samples being solved in one circuit.
    ///
    /// Where ngspice can't solve it at these tolerances, each half is a circuit.
    ///
    /// - Returns: nil for a sample that ngspice can't even solve alone.
    static func measure(
        _ samples: [DeviceSample], _ conditions: DeviceConditions = DeviceConditions()
    ) throws -> [[Double]?] {
        if let currents = try solvedTogether(samples, conditions) { return currents }
        guard samples.count > 1 else { return [nil] }
        let (first, second) = (
            samples.prefix(samples.count / 2), samples.dropFirst(samples.count / 2)
        )
        return try measure(Array(first), conditions) + measure(Array(second), conditions)
    }

    private static func solvedTogether(
        _ samples: [DeviceSample], _ conditions: DeviceConditions
    ) throws -> [[Double]]? {
        let deck =
            [
                "devices",
                ".options temp=\(conditions.temperature) tnom=\(conditions.nominalTemperature)"
                    + " gmin=\(conditions.gmin) defl=\(conditions.defaultLength)"
                    + " defw=\(conditions.defaultWidth)",
            ] + samples.enumerated().flatMap { $1.lines($0) }
        let reltol = conditions.relativeTolerance
        let found = try Ngspice.withInstance { ngspice -> [String: Double]? in
            do {
                let circuit = try ngspice.load(
                    deck, options: ["reltol": reltol, "abstol": 1e-20, "vntol": 1e-13])
                let point = try circuit.operatingPoint()
                // A warning tells of an answer to looser tolerances.
                guard circuit.warnings.isEmpty else { return nil }
                return Dictionary(uniqueKeysWithValues: zip(circuit.vectorNames, point))
            } catch let error as NgspiceError where error.kind == .convergence {
                return nil
            }
        }
        guard let found else { return nil }
        return try samples.enumerated().map { number, sample in
            try sample.voltages.indices.map {
                -(try #require(found["v\(number)_\($0)#branch"]))
            }
        }
    }

    /// The voltages of all nodes: the internal ones by Newton's method from their terminals' voltages.
    static func solve(_ device: any NonlinearDevice, terminals: [Double]) -> [Double] {
        var voltages = terminals + device.internalNodeTerminals.map { terminals[$0] }
        let (outer, count) = (terminals.count, device.nodeCount)
        var left = count == outer ? 0 : 1000
        while left > 0 {
            left -= 1
            let (currents, jacobian) = device.evaluate(voltages)
            var rows = (outer..<count).map { row in
                (outer..<count).map { jacobian[row * count + $0] } + [-currents[row]]
            }
            let size = rows.count
            for pivot in 0..<size {
                let best = (pivot..<size).max { abs(rows[$0][pivot]) < abs(rows[$1][pivot]) }!
                rows.swapAt(pivot, best)
                for row in 0..<size where row != pivot {
                    let factor = rows[row][pivot] / rows[pivot][pivot]
                    for column in pivot...size {
                        rows[row][column] -= factor * rows[pivot][column]
                    }
                }
            }
            let steps = (0..<size).map { rows[$0][size] / rows[$0][$0] }
            for (row, step) in steps.enumerated() {
                voltages[outer + row] += max(-0.5, min(0.5, step))
            }
            // Then twice more, down to rounding.
            if left > 2, steps.allSatisfy({ abs($0) < 1e-9 }) { left = 2 }
        }
        return voltages
    }

    /// Checks the currents of samples against ngspice's.
    ///
    /// Each terminal's current agrees to 10⁻¹¹ of itself, ten times what ngspice's own solution is good to at
    /// reltol = 10⁻¹². Two more parts of the tolerance are for currents that are differences: 10⁻¹² of the
    /// device's largest, and what rounding the voltages by eight units in the last place makes of them, which
    /// is all of a small current behind a series resistance. 5·10⁻²⁰ A is ngspice's abstol.
    static func checkCurrents(
        _ samples: [DeviceSample], _ conditions: DeviceConditions = DeviceConditions(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var conditions = conditions
        conditions.relativeTolerance = 1e-12
        let measured = try measure(samples, conditions)
        #expect(
            20 * measured.count { $0 == nil } <= samples.count,
            "nearly all can be solved", sourceLocation: sourceLocation)
        for case (let sample, let measured?) in zip(samples, measured) {
            let device = try makeDevice(sample.card, conditions)
            let voltages = solve(device, terminals: sample.voltages)
            let (currents, jacobian) = device.evaluate(voltages)
            let largest = currents.prefix(device.terminalCount).map(abs).max()!
            for terminal in sample.voltages.indices {
                let (here, there) = (currents[terminal], measured[terminal])
                let rounding = voltages.indices.reduce(0) {
                    $0 + abs(jacobian[terminal * device.nodeCount + $1] * voltages[$1])
                }
                let tolerance =
                    1e-11 * abs(there) + 1e-12 * largest + 8 * .ulpOfOne * rounding + 5e-20
                #expect(
                    abs(here - there) <= tolerance,
                    "\(sample.card), \(sample.voltages), terminal \(terminal): \(here), \(there)",
                    sourceLocation: sourceLocation)
            }
        }
    }

    /// Whether two rows agree to 10⁻⁶ of the largest number, or to what rounding leaves.
    private static func agree(_ exact: [Double], _ estimate: [Double], rounding: Double) -> Bool {
        let largest = exact.map(abs).max() ?? 0
        return zip(exact, estimate).allSatisfy { abs($0 - $1) <= 1e-6 * largest + rounding }
    }

    /// Checks the Jacobian and the sensitivities against centred differences.
    ///
    /// Of four steps one must agree: the largest is good where rounding is large, the smallest beside a
    /// kink.
    static func checkDerivatives(
        _ sample: DeviceSample, _ conditions: DeviceConditions,
        without: Set<String> = [], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let device = try makeDevice(sample.card, conditions)
        let count = device.nodeCount
        // Behind a resistance the junction has its own voltage.
        let voltages =
            sample.voltages
            + device.internalNodeTerminals.map { sample.voltages[$0] * 0.999 + 1e-3 }
        let (currents, jacobian) = device.evaluate(voltages)
        #expect(
            values(device, voltages) == currents, "the same with and without the Jacobian",
            sourceLocation: sourceLocation)
        let largest = currents.map(abs).max()!
        let steepest = jacobian.map(abs).max()!
        let highest = voltages.map(abs).max()!
        for column in 0..<count {
            let exact = (0..<count).map { jacobian[$0 * count + column] }
            let agrees = [1e-4, 1e-5, 1e-6, 1e-7].contains { step in
                var (above, below) = (voltages, voltages)
                above[column] += step
                below[column] -= step
                let estimate = zip(values(device, above), values(device, below)).map {
                    ($0 - $1) / (above[column] - below[column])
                }
                return agree(
                    exact, estimate,
                    rounding: 8 * .ulpOfOne * (largest + steepest * highest) / step)
            }
            #expect(
                agrees, "∂I/∂V\(column) of \(sample.card) at \(voltages)",
                sourceLocation: sourceLocation)
        }
        for (isModel, parameters) in [(true, sample.card.model), (false, sample.card.instance)] {
            for (name, value) in parameters where !without.contains(name) {
                let exact = try #require(
                    device.sensitivity(of: name, isModel: isModel, at: voltages), "\(name)",
                    sourceLocation: sourceLocation)
                let agrees = try [1e-4, 1e-5, 1e-6, 1e-7].contains { relative in
                    let step =
                        max(abs(value), 1e-3) == abs(value)
                        ? relative * abs(value) : relative * (value == 0 ? 1e-3 : abs(value))
                    func moved(_ step: Double) throws -> [Double] {
                        var card = sample.card
                        if isModel {
                            card.model[name] = value + step
                        } else {
                            card.instance[name] = value + step
                        }
                        return values(try makeDevice(card, conditions), voltages)
                    }
                    let estimate = zip(try moved(step), try moved(-step)).map {
                        ($0 - $1) / (2 * step)
                    }
                    return agree(
                        exact, estimate,
                        rounding: 8 * .ulpOfOne * (largest + steepest * highest) / step)
                }
                #expect(
                    agrees, "∂I/∂\(name) (\(exact)) of \(sample.card) at \(voltages)",
                    sourceLocation: sourceLocation)
            }
        }
    }

    static func values(_ device: any NonlinearDevice, _ voltages: [Double]) -> [Double] {
        var currents = [Double](repeating: 0, count: device.nodeCount)
        voltages.withUnsafeBufferPointer { voltages in
            currents.withUnsafeMutableBufferPointer { device.evaluate(voltages, currents: $0) }
        }
        return currents
    }

    /// Checks that parameters change nothing in ngspice, at another temperature than the nominal one, and are
    /// accepted here.
    static func checkWithoutEffect(
        _ sample: DeviceSample, model: [String: Double], instance: [String: Double],
        names: (model: ParameterNames, instance: ParameterNames),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(Set(model.keys) == names.model.withoutEffect, sourceLocation: sourceLocation)
        #expect(Set(instance.keys) == names.instance.withoutEffect, sourceLocation: sourceLocation)
        var samples = [sample]
        for (name, value) in model {
            samples.append(sample)
            samples[samples.count - 1].card.model[name] = value
        }
        for (other, name) in names.model.others {
            guard let value = model[name] else { continue }
            samples.append(sample)
            samples[samples.count - 1].card.model[other] = value
        }
        for (name, value) in instance {
            samples.append(sample)
            samples[samples.count - 1].card.instance[name] = value
        }
        let conditions = DeviceConditions(temperature: 60, relativeTolerance: 1e-12)
        let measured = try measure(samples, conditions)
        let expected = try #require(measured[0])
        for (sample, found) in zip(samples, measured) {
            let found = try #require(found, "\(sample.card)")
            let largest = expected.map(abs).max()!
            #expect(largest > 1e-9, sourceLocation: sourceLocation)
            #expect(
                zip(expected, found).allSatisfy {
                    abs($0 - $1) <= 1e-12 * largest
                },
                "\(sample.card): \(expected), \(found)", sourceLocation: sourceLocation)
            _ = try makeDevice(sample.card, conditions)
        }
    }

    /// Checks that each of these parameters, added to a card, declines it by its name.
    static func checkDeclined(
        _ card: DeviceCard, model: [(String, Double)] = [], instance: [(String, Double)] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        _ = try makeDevice(card)
        for (isModel, parameters) in [(true, model), (false, instance)] {
            for (name, value) in parameters {
                var card = card
                if isModel { card.model[name] = value } else { card.instance[name] = value }
                let error = #expect(
                    throws: DeclinedDevice.self, "\(name)", sourceLocation: sourceLocation
                ) { _ = try makeDevice(card) }
                #expect(error?.name == name, sourceLocation: sourceLocation)
                #expect(
                    error?.reason.contains(name) == true, "\(error?.reason ?? "")",
                    sourceLocation: sourceLocation)
            }
        }
    }

    /// Checks that samples give all parameters that have a derivative.
    static func checkComplete(
        _ samples: [DeviceSample], model: ParameterNames, instance: ParameterNames,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let choices: Set<String> = ["level", "tlev", "tpg", "subs"]
        let models = Set(samples.flatMap(\.card.model.keys))
        let instances = Set(samples.flatMap(\.card.instance.keys))
        #expect(
            model.used.subtracting(choices).subtracting(models) == [],
            sourceLocation: sourceLocation)
        #expect(instance.used.subtracting(instances) == [], sourceLocation: sourceLocation)
    }

    /// The same samples under ngspice's other names for their parameters.
    static func renamed(_ samples: [DeviceSample], _ names: ParameterNames) -> [DeviceSample] {
        samples.map { sample in
            var sample = sample
            for (other, name) in names.others {
                if let value = sample.card.model.removeValue(forKey: name) {
                    sample.card.model[other] = value
                }
            }
            return sample
        }
    }

    static func values(
        _ ranges: [ParameterRange], _ numbers: inout SeededNumbers
    ) -> [String: Double] {
        var result: [String: Double] = [:]
        for range in ranges where numbers.isTrue(range.probability) {
            result[range.name] = range.value(&numbers)
        }
        return result
    }
}
