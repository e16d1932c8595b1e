import Netlist
import NgspiceBridge
import Testing

@testable import LearningRules

/// The full equations of a linear circuit against ngspice.
@Suite struct ModifiedNodalSystemTests {
    static func circuit(_ text: String) throws -> Circuit {
        try Deck.parse(path: "test.cir", bytes: Array(text.utf8), includes: .none).elaborate().get()
    }

    static func operatingPoint(_ system: ModifiedNodalSystem, _ circuit: Circuit) throws
        -> [Double]
    {
        try system.factor()
        return try system.solve([.init(sources: circuit.sources.map(\.dcValue))])
    }

    @Test func probe() throws {
        var worst: [(Double, UInt64)] = []
        for seed in UInt64(0)..<400 {
            let text = RandomLinearCircuit(seed: seed).text
            let circuit: Circuit
            do { circuit = try Self.circuit(text) } catch { print(seed, error, text); continue }
            do {
                let system = try ModifiedNodalSystem(circuit)
                let found = try Self.operatingPoint(system, circuit)
                let expected = try Ngspice.withInstance { ngspice in
                    let loaded = try ngspice.load(text.split(separator: "\n").map(String.init))
                    let point = try loaded.operatingPoint()
                    let values = Dictionary(uniqueKeysWithValues: zip(loaded.vectorNames, point))
                    return circuit.nodes.map { values[$0.ngspiceName] ?? 0 }
                }
                worst.append((differenceOverNorm(found, expected), seed))
            } catch { print(seed, error) }
        }
        worst.sort { $0.0 < $1.0 }
        print("N", worst.count, worst[worst.count/2], worst.suffix(10))
    }
}
