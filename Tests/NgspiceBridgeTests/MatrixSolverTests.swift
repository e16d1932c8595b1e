import Netlist
import Testing

@testable import NgspiceBridge

/// KLU where ngspice has it, Sparse 1.3 elsewhere, and the same points of both.
@Suite struct MatrixSolverTests {
    private static let deck = Fixtures.ladder(200).map {
        $0 == "V1 n0 0 1" ? "V1 n0 0 external" : $0
    }

    private static func load(
        _ solver: SimulatorOptions.MatrixSolver?, _ deck: [String], in ngspice: Ngspice
    ) throws -> LoadedCircuit {
        var traits = CircuitTraits(ofLines: deck)
        traits.options.matrixSolver = solver
        return try ngspice.load(deck, traits: traits, external: ["V1"])
    }

    private static func points(
        _ values: [Double], in circuit: LoadedCircuit
    ) throws -> [Double: [Double]] {
        var points: [Double: [Double]] = [:]
        try circuit.operatingPoints(count: values.count) { index, sources in
            sources[0] = values[index]
        } receive: { index, vector in
            points[values[index]] = Array(vector)
        }
        return points
    }

    @Test(
        "both solvers agree, and each has the same bits in any order",
        arguments: [
            [], ["D1 n100 0 dm", ".model dm d(is=1n)"], ["Q1 n50 n60 0 qm", ".model qm npn"],
        ])
    func agreement(nonlinear: [String]) throws {
        try Ngspice.withInstance { ngspice in
            let deck = Self.deck + nonlinear
            let values = [1.0, -2, 0.5, 3, 0.1, 2]
            let changes = (1...200).map { ("rp\($0)", String?.none, 9e3 + 17.5 * Double($0)) }
            var results: [[Double: [Double]]] = []
            for solver in [SimulatorOptions.MatrixSolver.sparse, .klu] {
                let circuit = try Self.load(solver, deck, in: ngspice)
                if solver == .sparse { #expect(circuit.matrixSolver == .sparse) }
                try circuit.alter(changes)
                let points = try Self.points(values, in: circuit)
                let again = try Self.load(circuit.matrixSolver, deck, in: ngspice)
                try again.alter(changes.map { ($0.0, $0.1, 50 * $0.2) })
                _ = try Self.points([7], in: again)
                try again.alter(changes)
                if circuit.pointsPerStart == nil {
                    #expect(try Self.points(values.reversed(), in: again) == points)
                } else {
                    #expect(try Self.points(values, in: again) == points)
                }
                results.append(points)
            }
            for value in values {
                let (sparse, klu) = (results[0][value] ?? [], results[1][value] ?? [])
                let worst = zip(sparse, klu).map { abs($0 - $1) }.max() ?? .nan
                #expect(worst < 1e-9, "\(worst) V at \(value) V")
            }
        }
    }

    /// Left to itself, a large circuit has KLU if any has it.
    @Test func byItself() throws {
        try Ngspice.withInstance { ngspice in
            let asked = try Self.load(.klu, Self.deck, in: ngspice).matrixSolver
            #expect(try Self.load(nil, Self.deck, in: ngspice).matrixSolver == asked)
            let small = try ngspice.load(["small", "V1 a 0 1", "R1 a 0 1k"])
            #expect(small.matrixSolver == .sparse)
            let deck = ["small", "V1 a 0 1", "R1 a 0 1k", ".options klu"]
            #expect(try ngspice.load(deck).matrixSolver == asked)
            #expect(try ngspice.load(deck + [".options sparse"]).matrixSolver == .sparse)
        }
    }
}
