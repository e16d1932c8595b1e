import Foundation
import Testing

@testable import Generators
@testable import Engines
@testable import LearningTasks
@testable import Theory

@testable import LearningRules

@Suite struct CoercivityTests {
    static func analyze(
        _ deck: String, data: String? = nil, rule: any LearningRule = AdjointCoupledLearning(),
        sides: Nudging.Sides = .centered, rankTolerance: Double? = nil
    ) throws -> (Coercivity, LearningTask) {
        let parsed = try ParsedDeck(deck, data: data)
        let sensitivity = try SensitivityTests.sensitivity(parsed)
        return (
            try Coercivity(
                of: sensitivity, rule: rule, sides: sides, rankTolerance: rankTolerance),
            parsed.task
        )
    }

    /// A kite from conductances of A–B, A–C, D–B, D–C, B–M, C–M; outputs in order B, M, C.
    static func kite(
        _ k: [Double], targets: [Double] = [0.5, 0.5, 0.5], more: String = ""
    ) -> String {
        let edges = ["a b", "a c", "b 0", "c 0", "b m", "c m"]
        let names = ["Rab", "Rac", "Rbd", "Rcd", "Rbm", "Rcm"]
        let resistors = k.indices.map { "\(names[$0]) \(edges[$0]) \(1 / k[$0])" }
        return
            (["kite", "V1 a 0 1"] + resistors + [
                "*.learn output V(b)=\(targets[0]) V(m)=\(targets[1]) V(c)=\(targets[2])", more,
                ".end",
            ]).joined(separator: "\n")
    }

    // MARK: Reference numbers

    @Test func referenceCircuit() throws {
        let (analysis, _) = try Self.analyze(referenceDeck)
        #expect(analysis.singularValues.count == 2)
        #expect(abs(analysis.singularValues[0] - 0.623425014416) < 0.51e-12)
        #expect(abs(analysis.singularValues[1] - 0.266408046296) < 0.51e-12)
        let adjoint = try #require(analysis.spectrum(of: AdjointCoupledLearning()))
        #expect(abs(adjoint.constant - 0.070973247131) < 0.51e-12)
        #expect(analysis.spectrum(of: EquilibriumPropagation()) == adjoint)
        let coupled = try #require(analysis.spectrum(of: CoupledLearning()))
        #expect(abs(coupled.constant - 0.110533017348) < 0.51e-12)
        #expect(analysis.isCoercive)
        #expect(analysis.solutionDimension == 4)
        #expect(analysis.shortfalls.isEmpty && analysis.degeneracies.isEmpty)
        #expect(adjoint.decayRate == 2 * adjoint.constant)
        let largest = analysis.singularValues[0] * analysis.singularValues[0]
        #expect(abs(try #require(adjoint.stepLimit) * largest - 2) < 1e-14)
        #expect(abs(try #require(adjoint.bestStep) * (largest + adjoint.constant) - 2) < 1e-14)
    }

    /// yᵀ is a left eigenvector of the matrix that moves errors, J Jᵀ (or J Jᵀ Λ), here from dense
    /// solutions: what the error along y does, no other error has a part in.
    @Test func slowestError() throws {
        let (analysis, task) = try Self.analyze(referenceDeck)
        let dense = DenseCircuit(task)
        let rows = [[1.0, 0], [0, 1]].map { dense.product(dense.field(currents: $0)) }
        let gram = rows.map { a in rows.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
        // Λ of the reference circuit.
        let weight = [[1.557142857143, -0.271428571429], [-0.271428571429, 0.747619047619]]
        for (spectrum, isCoupled) in [
            (analysis.squaredError, false), (try #require(analysis.coupled), true),
        ] {
            let y = spectrum.slowest
            var moved = (0..<2).map { y[0] * gram[0][$0] + y[1] * gram[1][$0] }
            if isCoupled {
                moved = (0..<2).map { moved[0] * weight[0][$0] + moved[1] * weight[1][$0] }
            }
            #expect(abs(y[0] * y[0] + y[1] * y[1] - 1) < 1e-12)
            for (a, b) in zip(moved, y) { #expect(abs(a - spectrum.smallest * b) < 1e-11) }
        }
    }

    @Test func kiteOfEqualResistors() throws {
        let (analysis, task) = try Self.analyze(Self.kite([1, 1, 1, 1, 1, 1]))
        let expected = [0.4330127018922, 0.2357022603955, 0]
        for (a, b) in zip(analysis.singularValues, expected) { #expect(abs(a - b) < 0.51e-13) }
        #expect(analysis.rank == 2 && !analysis.isCoercive)
        #expect(analysis.solutionDimension == 4)
        #expect(analysis.squaredError.constant == 0)
        #expect(analysis.coupled?.constant == 0)
        // The rate over the errors that are reached.
        #expect(abs(analysis.squaredError.decayRate - 2 / 18) < 1e-12)
        #expect(analysis.shortfalls == [.degenerate])
        let degeneracy = try #require(analysis.degeneracies.first)
        #expect(analysis.degeneracies.count == 1)
        for (a, b) in zip(degeneracy.direction, [-1, 2, -1]) {
            #expect(abs(a - Double(b) / 6.squareRoot()) < 1e-12)
        }
        #expect(degeneracy.nodes.map { task.circuit.nodes[$0].name } == ["m"])
        #expect(degeneracy.resistors.map { task.circuit.resistors[$0].name } == ["Rbm", "Rcm"])
        #expect(degeneracy.liesAtOnePotential && degeneracy.isUnfelt)
        #expect(analysis.lostErrorShare == 0)
    }

    /// The same circuit shown at several voltages is as degenerate as at one, and no more.
    @Test func kiteOfManySamples() throws {
        let deck = Self.kite([1, 1, 1, 1, 1, 1])
            .replacing("V(b)=0.5 V(m)=0.5 V(c)=0.5", with: "V(b) V(m) V(c)")
        let volts = [1, -2, 0.5, 3]
        let data = volts.map { "\($0),\($0 / 2),\($0 / 2 + 0.1),\($0 / 2)\n" }.joined()
        let (analysis, task) = try Self.analyze(deck, data: "V1,V(b),V(m),V(c)\n" + data)
        #expect(analysis.rows == 12 && analysis.rank == 2)
        #expect(analysis.shortfalls == [.samples(independentInputs: 1), .degenerate])
        let degeneracy = try #require(analysis.degeneracies.first)
        #expect(analysis.degeneracies.count == 1)
        #expect(degeneracy.nodes.map { task.circuit.nodes[$0].name } == ["m"])
        #expect(degeneracy.isUnfelt)
        // x ⊗ (−1, 2, −1), with the largest component positive.
        let norm = (volts.reduce(0) { $0 + $1 * $1 } * 6).squareRoot()
        for (m, x) in volts.enumerated() {
            for (o, w) in [-1.0, 2, -1].enumerated() {
                #expect(abs(degeneracy.direction[3 * m + o] - x * w / norm) < 1e-12)
            }
        }
        // Errors are −0.1 V at m in each sample. Only what they have in common with x ⊗ (1, 1, 1) is reached.
        let along = 0.1 * volts.reduce(0, +)
        let reached = along * along / (3 * volts.reduce(0) { $0 + $1 * $1 })
        #expect(abs(analysis.lostErrorShare - (1 - reached / 0.04).squareRoot()) < 1e-9)
    }

    @Test("the null direction of a kite is (−k_BM, k_BM + k_CM, −k_CM)")
    func kiteSolution() throws {
        let k = [1.1, 0.7, 1.1, 0.7, 2, 0.5]
        let (analysis, _) = try Self.analyze(Self.kite(k))
        #expect(analysis.rank == 2)
        let expected = [-k[4], k[4] + k[5], -k[5]]
        let size = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for (a, b) in zip(try #require(analysis.degeneracies.first).direction, expected) {
            #expect(abs(a - b / size) < 1e-9)
        }
    }

    /// A deck that training brought to 1e-9 V has full rank to rounding; a tolerance shows the kite in it.
    @Test func trainedKite() throws {
        let k = [1.1, 0.7, 1.1 * (1 + 1e-9), 0.7, 2, 0.5]
        #expect(try Self.analyze(Self.kite(k)).0.isCoercive)
        let (analysis, task) = try Self.analyze(Self.kite(k), rankTolerance: 1e-6)
        #expect(analysis.rank == 2)
        let degeneracy = try #require(analysis.degeneracies.first)
        #expect(degeneracy.nodes.map { task.circuit.nodes[$0].name } == ["m"])
        #expect(degeneracy.isUnfelt)
    }

    // MARK: The kite off its symmetry

    /// The flow of the kite in docs/theory.md, integrated by the classical Runge–Kutta method with nodal analysis
    /// of its own. All free nodes being outputs, R = L⁻¹ and Λ = L: a = L⁻¹ e for AL, u = e for CL.
    static func converged(targets d: [Double], coupled: Bool) -> [Double] {
        func velocity(_ k: [Double]) -> (dk: [Double], error: Double) {
            // Order b, m, c: tridiagonal, m between b and c.
            let (lb, lm, lc) = (k[0] + k[2] + k[4], k[4] + k[5], k[1] + k[3] + k[5])
            func solve(_ x: (Double, Double, Double)) -> (Double, Double, Double) {
                // Eliminates b and c.
                let pivot = lm - k[4] * k[4] / lb - k[5] * k[5] / lc
                let m = (x.1 + k[4] * x.0 / lb + k[5] * x.2 / lc) / pivot
                return ((x.0 + k[4] * m) / lb, m, (x.2 + k[5] * m) / lc)
            }
            let v = solve((k[0], 0, k[1]))
            let e = (v.0 - d[0], v.1 - d[1], v.2 - d[2])
            let a = coupled ? e : solve(e)
            let dk = [
                (1 - v.0) * -a.0, (1 - v.2) * -a.2, v.0 * a.0, v.2 * a.2,
                (v.0 - v.1) * (a.0 - a.1), (v.2 - v.1) * (a.2 - a.1),
            ]
            return (dk, max(abs(e.0), abs(e.1), abs(e.2)))
        }
        func moved(_ k: [Double], _ step: Double, _ dk: [Double]) -> [Double] {
            var k = k
            for index in k.indices { k[index] += step * dk[index] }
            return k
        }
        var k = [1, 0.8, 1.25, 0.625, 2, 0.5]
        // Short steps while the fast errors decay, then up to two thirds of the stability limit.
        var step = 0.02
        for _ in 0..<400_000 {
            let (k1, error) = velocity(k)
            if error < 1e-8 { break }
            let k2 = velocity(moved(k, step / 2, k1)).dk
            let k3 = velocity(moved(k, step / 2, k2)).dk
            let k4 = velocity(moved(k, step, k3)).dk
            for index in k.indices {
                k[index] += step / 6 * (k1[index] + 2 * k2[index] + 2 * k3[index] + k4[index])
            }
            step = min(step * 1.01, 6)
        }
        return k
    }

    /// Constants at the circuit to which the rule's own flow converges. Computed once more by numpy (dense
    /// equations, another program, Σ k² kept to 1e-11). AL, four times slower than CL, has to be followed
    /// to its end: at the time 120/δ², where CL has arrived, it still has errors of 3e-4 δ.
    @Test(
        "the coercivity constant falls as δ²",
        arguments: [
            (0.2, 1.8298336e-3, 7.9608881e-3),
            (0.1, 4.6326705e-4, 2.0012491e-3),
            (0.05, 1.1617928e-4, 5.0104248e-4),
            (0.025, 2.9070712e-5, 1.2531294e-4),
        ])
    func perturbedKite(delta: Double, adjoint: Double, coupled: Double) throws {
        let targets = [0.5, 0.5 + delta / 3, 0.5 + delta]
        for (expected, isCoupled) in [(adjoint, false), (coupled, true)] {
            let k = Self.converged(targets: targets, coupled: isCoupled)
            let (analysis, _) = try Self.analyze(Self.kite(k, targets: targets))
            #expect(analysis.isCoercive)
            let spectrum = isCoupled ? analysis.coupled : analysis.squaredError
            #expect(abs(try #require(spectrum).constant / expected - 1) < 1e-6)
        }
    }

    // MARK: Degenerate circuits

    @Test func groupsAreToldApart() throws {
        let (analysis, task) = try Self.analyze(
            """
            two kites
            V1 a 0 1
            R1 a b 1
            R2 b 0 1
            R3 a c 2
            R4 c 0 2
            R5 b m 1
            R6 m c 3
            R7 a p 1
            R8 p 0 3
            R9 a q 2
            R10 q 0 6
            R11 p n 4
            R12 n q 1
            *.learn output V(b)=0.5 V(m)=0.5 V(c)=0.5 V(p)=0.75 V(n)=0.75 V(q)=0.75
            .end
            """)
        #expect(analysis.rank == 4)
        #expect(
            Set(analysis.degeneracies.map { $0.nodes.map { task.circuit.nodes[$0].name } }) == [
                ["m"], ["n"],
            ])
        for degeneracy in analysis.degeneracies {
            #expect(degeneracy.resistors.count == 2)
            #expect(degeneracy.isUnfelt)
            #expect(degeneracy.direction.filter { abs($0) > 1e-9 }.count == 3)
        }
    }

    /// m is held at ½ by fixed resistors: an error there can't be corrected.
    @Test func aDegeneracyThatErrorsFeel() throws {
        let (analysis, _) = try Self.analyze(
            Self.kite(
                [1, 1, 1, 1, 2, 0.5], targets: [0.5, 0.6, 0.5],
                more: "Rf1 a m 1\nRf2 m 0 1\n*.learn trainable Rab Rac Rbd Rcd Rbm Rcm"))
        #expect(analysis.rank == 2)
        let degeneracy = try #require(analysis.degeneracies.first)
        #expect(degeneracy.liesAtOnePotential)
        #expect(!degeneracy.isUnfelt)
        // w = L a for a at m alone: (−k_BM, k_BM + k_CM + 2, −k_CM); e = (0, −0.1, 0).
        let w = [-2, 4.5, -0.5]
        let size = w.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(analysis.lostErrorShare - 4.5 / size) < 1e-9)
        for (a, b) in zip(degeneracy.direction, w) { #expect(abs(a - b / size) < 1e-9) }
    }

    /// The ratio of tied resistors can't change: J is zero but for rounding, which is not rank.
    @Test("tied resistors cancel", arguments: [1, 3, 7, 0.3])
    func tied(ratio: Double) throws {
        let (analysis, _) = try Self.analyze(
            "t\n.param rt=1.1k\nV1 a 0 1\nR1 a b {rt}\nR2 b 0 {\(ratio)*rt}\n"
                + "*.learn output V(b)=0.9\n.end\n")
        #expect(analysis.rank == 0)
        #expect(analysis.shortfalls == [.degenerate])
        #expect(analysis.degeneracies.first?.liesAtOnePotential == false)
        #expect(analysis.lostErrorShare == 1)
        #expect(analysis.conserved.isConserved)
    }

    @Test func oneVoltageTwice() throws {
        let (analysis, _) = try Self.analyze(
            "t\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\nR3 a c 1\nR4 c 0 1\n"
                + "*.learn output V(b)=0.2 V(c)=0.2 V(b,c)=0\n.end\n")
        #expect(analysis.rank == 2)
        #expect(analysis.coupled == nil)
        #expect(analysis.degeneracies.first?.nodes.isEmpty == true)
    }

    // MARK: Counting

    @Test func moreSamplesThanInputs() throws {
        let (analysis, _) = try Self.analyze(
            referenceDeck.replacing("V(b)=0.2 V(c)=0.3", with: "V(b) V(c)"),
            data: "V1,V(b),V(c)\n1,0.2,0.3\n2,0.4,0.6\n-1,-0.2,-0.3\n")
        #expect(analysis.rows == 6)
        #expect(analysis.rank == 2)
        #expect(analysis.shortfalls == [.samples(independentInputs: 1)])
        #expect(analysis.degeneracies.isEmpty)
        // Rows are 1, 2 and −1 times those of the one sample; σ is not divided by M, c is.
        #expect(abs(analysis.singularValues[1] - 6.squareRoot() * 0.266408046296) < 1e-11)
        #expect(abs(analysis.squaredError.smallest - 2 * 0.070973247131) < 1e-11)
        #expect(abs(try #require(analysis.coupled).smallest - 2 * 0.110533017348) < 1e-11)
        #expect(analysis.squaredError.constant == 0)
    }

    /// J of samples x_m of one input is x ⊗ J₁: σ = |x| σ₁, whatever their number.
    @Test func twoHundredThousandSamples() throws {
        var random = SplitMix64(seed: 11)
        var data = "V1,V(b),V(c)\n"
        var (squares, lost, size) = (0.0, 0.0, 0.0)
        var wishes: [(x: Double, b: Double, c: Double)] = []
        for _ in 0..<200_000 {
            let x = random.voltage(in: -2...2)
            let wish = (x, random.voltage(in: -1...1), random.voltage(in: -1...1))
            wishes.append(wish)
            data += "\(x),\(wish.1),\(wish.2)\n"
            squares += x * x
        }
        let (analysis, _) = try Self.analyze(
            referenceDeck.replacing("V(b)=0.2 V(c)=0.3", with: "V(b) V(c)"), data: data)
        let norm = squares.squareRoot()
        #expect(analysis.rows == 400_000 && analysis.rank == 2)
        // As many as there are resistors.
        #expect(analysis.singularValues.count == 6)
        #expect(abs(analysis.singularValues[0] / norm - 0.623425014416) < 1e-11)
        #expect(abs(analysis.singularValues[1] / norm - 0.266408046296) < 1e-11)
        #expect(analysis.singularValues[2...].allSatisfy { $0 == 0 })
        let mean = squares / 200_000
        #expect(abs(analysis.squaredError.smallest / mean - 0.070973247131) < 1e-11)
        #expect(abs(try #require(analysis.coupled).smallest / mean - 0.110533017348) < 1e-11)
        #expect(analysis.shortfalls == [.samples(independentInputs: 1)])
        // What errors have in common with x is not lost.
        let free = (b: 0.231441048035, c: 0.275109170306)
        var along = (b: 0.0, c: 0.0)
        for w in wishes {
            along.b += w.x * (free.b * w.x - w.b) / norm
            along.c += w.x * (free.c * w.x - w.c) / norm
            size += (free.b * w.x - w.b) * (free.b * w.x - w.b)
            size += (free.c * w.x - w.c) * (free.c * w.x - w.c)
        }
        lost = size - along.b * along.b - along.c * along.c
        #expect(abs(analysis.lostErrorShare - (lost / size).squareRoot()) < 1e-9)
        // The slowest error is the one sample's, in proportion to x.
        let (one, _) = try Self.analyze(referenceDeck)
        let y = analysis.squaredError.slowest
        let sign = y[0] * one.squaredError.slowest[0] * wishes[0].x > 0 ? 1.0 : -1.0
        for m in [0, 77, 199_999] {
            for o in 0..<2 {
                let expected = sign * one.squaredError.slowest[o] * wishes[m].x / norm
                #expect(abs(y[2 * m + o] - expected) < 1e-12)
            }
        }
    }

    /// More rows than columns, each sample with fields of its own as in a nonlinear circuit: the squares of the
    /// singular values are the eigenvalues of JᵀJ, found by Jacobi's rotations from rows by sums of their own.
    @Test(arguments: [7, 40, 5000])
    func tallerThanWide(samples: Int) throws {
        let data =
            "V1,V(b),V(c)\n" + String(repeating: "1,0.2,0.3\n", count: samples)
        let task = try ParsedDeck(
            referenceDeck.replacing("V(b)=0.2 V(c)=0.3", with: "V(b) V(c)"), data: data
        ).task
        var random = SplitMix64(seed: 3)
        let nodes = task.circuit.nodes.count
        func field() -> [Double] { [0] + (1..<nodes).map { _ in random.voltage(in: -1...1) } }
        let states = (0..<samples).map { _ in field() }
        let adjoint = (0..<samples).map { _ in
            var fields = task.outputs.map { _ in field() }
            // Diagonally dominant and symmetric at the outputs, as a circuit's are.
            let (b, c) = (task.outputs[0].positive, task.outputs[1].positive)
            fields[0][b] = 3
            fields[1][c] = 2
            fields[1][b] = fields[0][c]
            return fields
        }
        let sensitivity = Sensitivity(
            task: task, conductances: TrainedValues(initial: task), states: states,
            mixture: nil, adjoint: adjoint)
        let analysis = try Coercivity(of: sensitivity)
        let resistors = task.circuit.resistors
        // J, and L J with Lᵀ L = Λ by the formula for two outputs.
        var (plain, weighted): ([[Double]], [[Double]]) = ([], [])
        for m in 0..<samples {
            let rows = (0..<2).map { o in
                resistors.map { r in
                    -(states[m][r.positive] - states[m][r.negative])
                        * (adjoint[m][o][r.positive] - adjoint[m][o][r.negative])
                }
            }
            plain += rows
            let off = adjoint[m][0][task.outputs[1].positive]
            let first = 3.0.squareRoot()
            let second = (2 - off * off / 3).squareRoot()
            weighted.append(rows[0].map { $0 / first })
            weighted.append(
                zip(rows[1], rows[0]).map { ($0 - off / 3 * $1) / second })
        }
        func eigenvalues(_ rows: [[Double]]) -> [Double] {
            var a = resistors.indices.map { i in
                resistors.indices.map { j in rows.reduce(0) { $0 + $1[i] * $1[j] } }
            }
            for _ in 0..<30 {
                for p in a.indices {
                    for q in p + 1..<a.count where abs(a[p][q]) > 1e-300 {
                        let theta = 0.5 * atan2(2 * a[p][q], a[q][q] - a[p][p])
                        let (c, s) = (cos(theta), sin(theta))
                        for k in a.indices {
                            (a[k][p], a[k][q]) = (
                                c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]
                            )
                        }
                        for k in a.indices {
                            (a[p][k], a[q][k]) = (
                                c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]
                            )
                        }
                    }
                }
            }
            return a.indices.map { a[$0][$0] }.sorted(by: >)
        }
        let expected = eigenvalues(plain)
        #expect(analysis.singularValues.count == 6)
        for (sigma, square) in zip(analysis.singularValues, expected) {
            #expect(abs(sigma * sigma - square) < 1e-12 * expected[0])
        }
        #expect(analysis.shortfalls == [.samples(independentInputs: 1)])
        let coupled = try #require(analysis.coupled)
        let ofCoupled = eigenvalues(weighted)
        #expect(abs(coupled.largest * Double(samples) / ofCoupled[0] - 1) < 1e-12)
        #expect(abs(coupled.smallest * Double(samples) / ofCoupled[5] - 1) < 1e-9)
        // J Jᵀ y = σ² y.
        let y = analysis.squaredError.slowest
        let image = resistors.indices.map { p in zip(plain, y).reduce(0) { $0 + $1.0[p] * $1.1 } }
        for (row, component) in zip(plain, y) {
            let again = zip(row, image).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(again - expected[5] * component) < 1e-11 * expected[0])
        }
        // The projection of the errors by orthonormal columns: Gram and Schmidt, twice.
        var residual = sensitivity.errors
        let size = residual.reduce(0) { $0 + $1 * $1 }.squareRoot()
        var basis: [[Double]] = []
        for p in resistors.indices {
            var column = plain.map { $0[p] }
            for _ in 0..<2 {
                for other in basis {
                    let along = zip(other, column).reduce(0) { $0 + $1.0 * $1.1 }
                    for i in column.indices { column[i] -= along * other[i] }
                }
                let length = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
                for i in column.indices { column[i] /= length }
            }
            basis.append(column)
        }
        for other in basis {
            let along = zip(other, residual).reduce(0) { $0 + $1.0 * $1.1 }
            for i in residual.indices { residual[i] -= along * other[i] }
        }
        let rest = residual.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(analysis.lostErrorShare - rest / size) < 1e-10)
    }

    /// Two resistors of which nothing but the sum matters: more rows than columns, less rank than these.
    @Test func tallAndDegenerate() throws {
        let deck = """
            t
            V1 a 0 1
            R1 a b 1k
            R2 b c 1k
            R3 c d 2k
            R4 d 0 1k
            D1 b 0 dm
            .model dm d(is=1e-9)
            *.learn output V(b)
            *.learn trainable R1 R3 R4
            .end
            """
        let (analysis, task) = try Self.analyze(
            deck, data: "V1,V(b)\n1,0.2\n1.5,0.3\n2,0.4\n3,0.5\n")
        #expect(analysis.rank == 2 && analysis.singularValues.count == 3)
        #expect(
            analysis.shortfalls == [.parameters(3, outputValues: 4), .degenerate])
        #expect(analysis.degeneracies.count == 2)
        #expect(task.parameters.count == 3)
        for degeneracy in analysis.degeneracies {
            #expect(abs(degeneracy.direction.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
        }
        // Of thousands of directions none is named.
        let samples = (0..<2000).map { "\(1 + Double($0) / 1000),0.3\n" }.joined()
        let (large, _) = try Self.analyze(deck, data: "V1,V(b)\n" + samples)
        #expect(large.rank == 2 && large.shortfalls.last == .degenerate)
        #expect(large.degeneracies.isEmpty)
    }

    @Test func aConstantSourceIsAnInput() throws {
        let (analysis, _) = try Self.analyze(
            "t\nV1 a 0 1\nV2 c 0 0.7\nR1 a b 1\nR2 b c 2\nR3 b 0 3\n*.learn output V(b)\n.end\n",
            data: "V1,V(b)\n1,0.2\n2,0.4\n")
        #expect(analysis.isCoercive)
    }

    @Test func tooFewResistors() throws {
        let (analysis, _) = try Self.analyze(
            referenceDeck.replacing(".end", with: "*.learn trainable Rbc\n.end"))
        #expect(analysis.singularValues.count == 1)
        #expect(analysis.rank == 1)
        #expect(analysis.shortfalls == [.parameters(1, outputValues: 2)])
        #expect(analysis.squaredError.constant == 0)
        #expect(analysis.squaredError.smallest > 0)
        #expect(analysis.conserved.obstacles == [.fixedResistors([0, 1, 2, 3, 4])])
    }

    @Test func nothingMovesAnOutput() throws {
        let (analysis, _) = try Self.analyze(
            "t\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\nR3 a c 1\nR4 c 0 1\n"
                + "*.learn output V(b)=0.2\n*.learn trainable R3 R4\n.end\n")
        #expect(analysis.rank == 0)
        #expect(analysis.squaredError.stepLimit == nil)
        #expect(analysis.lostErrorShare == 1)
    }

    // MARK: The rest

    /// λ_max by power iteration over the rule's own nudges, to its 1e-3 in the eigenvalue's growth.
    @Test("agrees with the operator that chooses rates", arguments: 1...3)
    func likeTheOperator(seed: Int) throws {
        let parsed = try SensitivityTests.deck(seed: UInt64(seed))
        let task = parsed.task
        for rule in [AdjointCoupledLearning() as any LearningRule, CoupledLearning()] {
            let (found, expected) = try parsed.withPhysics { physics in
                let conductances = TrainedValues(initial: task)
                let sensitivity = try Sensitivity(of: task, at: conductances, in: physics)
                let analysis = try Coercivity(of: sensitivity, rule: rule)
                let method = try Trainer(task: task, rule: rule).resolveMethod(in: physics)
                let response = OutputResponse(
                    adjoint: sensitivity.adjoint,
                    nudge: try nudgeFields(
                        of: task, method: method, free: sensitivity.free, in: physics))
                let operation = LearningOperator(
                    task: task, conductances: conductances,
                    basis: sensitivity.free.map(\.voltages), coordinates: nil, response: response)
                return (
                    analysis.spectrum(of: rule)?.largest,
                    operation.largestEigenvalue(weights: task.parameters.map { _ in 1 })
                )
            }
            #expect(abs(try #require(found) / expected - 1) < 0.05)
        }
    }

    /// A large circuit with fields that are given instead of solved: J = −Δv Δa by sums of its own.
    @Test func manyResistors() throws {
        #if DEBUG
            let side = 20
        #else
            let side = 224
        #endif
        var lines = ["lattice", "V1 n0 0 1", "Rg n\(side * side - 1) 0 1"]
        for row in 0..<side {
            for column in 0..<side {
                let node = row * side + column
                if column + 1 < side { lines.append("Rh\(node) n\(node) n\(node + 1) 1") }
                if row + 1 < side { lines.append("Rv\(node) n\(node) n\(node + side) 1") }
            }
        }
        let outputs = (1...10).map { "V(n\($0 * side))" }
        lines += ["*.learn output " + outputs.joined(separator: " "), "*.learn data d.csv", ".end"]
        let rows = (1...10).map { m in
            ([Double(m)] + outputs.map { _ in 0 }).map { "\($0)" }.joined(separator: ",")
        }
        let header = (["V1"] + outputs).joined(separator: ",")
        let task = try ParsedDeck(
            lines.joined(separator: "\n"),
            data: ([header] + rows).joined(separator: "\n") + "\n"
        ).task
        let count = task.circuit.nodes.count
        var random = SplitMix64(seed: 5)
        func field() -> [Double] { (0..<count).map { _ in random.voltage(in: -1...1) } }
        let free = (0..<10).map { _ in OperatingPoint(voltages: field()) }
        // Fields that give a diagonally dominant matrix of outputs, as a circuit's do.
        var adjoint = (0..<10).map { _ in field() }
        for (o, output) in task.outputs.enumerated() { adjoint[o][output.positive] += 20 }
        let sensitivity = Sensitivity(
            task: task, conductances: TrainedValues(initial: task),
            states: free.map(\.voltages),
            mixture: nil, adjoint: [adjoint])
        let clock = ContinuousClock.now
        let analysis = try Coercivity(of: sensitivity)
        #expect(ContinuousClock.now - clock < .seconds(60))
        #expect(analysis.trainable == 2 * side * (side - 1) + 1)
        #expect(analysis.singularValues.count == 100)
        var squares = 0.0
        for r in task.circuit.resistors {
            func sum(_ fields: [[Double]]) -> Double {
                fields.reduce(0) { sum, field in
                    let drop = field[r.positive] - field[r.negative]
                    return sum + drop * drop
                }
            }
            squares += sum(free.map(\.voltages)) * sum(adjoint)
        }
        // Σ σ² = Σ J².
        let found = analysis.singularValues.reduce(0) { $0 + $1 * $1 }
        #expect(abs(found / squares - 1) < 1e-11)
    }

    @Test func parametersAtABound() throws {
        // R1 should fall to raise V(b), and can't.
        let deck = "t\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\n*.learn output V(b)=0.8\n"
        let (bounded, _) = try Self.analyze(
            deck + "*.learn trainable R1 min=1 max=5\n*.learn trainable R2\n.end\n")
        #expect(bounded.resting == [0])
        #expect(abs(bounded.singularValues[0] - 0.25) < 1e-12)
        #expect(bounded.conserved.obstacles == [.bounds])
        let (free, _) = try Self.analyze(deck + ".end\n")
        #expect(free.resting.isEmpty)
        #expect(abs(free.singularValues[0] - 0.25 * 2.squareRoot()) < 1e-12)
    }

    @Test func conservedQuantities() throws {
        let (conductances, task) = try Self.analyze(referenceDeck)
        let k = task.circuit.resistors.map(\.conductance)
        let squares = k.reduce(0) { $0 + $1 * $1 }
        #expect(conductances.conserved.isConserved)
        #expect(abs(conductances.conserved.value - squares) < 1e-14)
        let (logarithms, _) = try Self.analyze(
            referenceDeck.replacing(".end", with: "*.learn trainable R* vary=log\n.end"))
        #expect(logarithms.conserved.name == "Σ ln g")
        let sum = k.reduce(0) { $0 + log($1) }
        #expect(abs(logarithms.conserved.value - sum) < 1e-14)
        let (oneSided, _) = try Self.analyze(referenceDeck, sides: .oneSided)
        #expect(oneSided.conserved.obstacles == [.oneSidedNudging])
        let (driven, _) = try Self.analyze(
            referenceDeck.replacing("Rbc b c 5", with: "Rbc b c 5\nI1 0 a 0.1"))
        #expect(driven.conserved.obstacles == [.scale(["I1"])])
    }

    /// Σ over parameters of g² for tied resistors, ½ Σ g² + Σ ln g for mixed variables: J θ-weighted sums
    /// vanish, which is what conserves them.
    @Test("scaling all conductances moves no output", arguments: 1...3)
    func scaleInvariance(seed: Int) throws {
        let text = try SensitivityTests.deck(seed: UInt64(seed))
        let fixed = text.task.circuit.resistors.indices.filter { index in
            !text.task.parameters.contains { $0.members.contains { $0.resistor == index } }
        }
        let sensitivity = try SensitivityTests.sensitivity(text)
        var sum = [Double](repeating: 0, count: sensitivity.rows)
        var size = 0.0
        for (p, parameter) in text.task.parameters.enumerated() {
            let g = sensitivity.conductances.values[p]
            let weight = parameter.variable == .logConductance ? 1 : g
            for (row, value) in sensitivity.column(p).enumerated() {
                sum[row] += weight * value
                size = max(size, abs(weight * value))
            }
        }
        for (m, point) in sensitivity.free.enumerated() {
            for index in fixed {
                let r = text.task.circuit.resistors[index]
                let drop = point.voltages[r.positive] - point.voltages[r.negative]
                for (o, field) in sensitivity.adjoint(state: min(m, sensitivity.states.count - 1))
                    .enumerated()
                {
                    sum[m * 3 + o] -=
                        r.conductance * drop * (field[r.positive] - field[r.negative])
                }
            }
        }
        #expect(sum.allSatisfy { abs($0) < 1e-11 * size })
    }

    // MARK: Large circuits

    /// Without what isn't needed of the decomposition, the analysis is the same: in a circuit of full rank,
    /// and in one that turns out not to have it.
    @Test func largeCircuitsAreAnalyzedTheSame() throws {
        for k in [[1.0, 2, 3, 1, 2, 1], [1, 1, 1, 1, 1, 1]] {
            let sensitivity = try SensitivityTests.sensitivity(ParsedDeck(Self.kite(k)))
            let small = try Coercivity(of: sensitivity)
            let large = try Coercivity(of: sensitivity, largeSize: 1)
            #expect(large.rank == small.rank && large.isCoercive == (k[1] == 2))
            for (a, b) in zip(large.singularValues, small.singularValues) {
                #expect(abs(a - b) < 1e-14)
            }
            #expect(large.shortfalls == small.shortfalls)
            #expect(abs(large.lostErrorShare - small.lostErrorShare) < 1e-12)
            #expect(large.degeneracies.map(\.nodes) == small.degeneracies.map(\.nodes))
            for (a, b) in [
                (large.squaredError, small.squaredError),
                (try #require(large.coupled), try #require(small.coupled)),
            ] {
                #expect(abs(a.constant - b.constant) < 1e-13)
                #expect(abs(a.smallest - b.smallest) < 1e-13)
                #expect(abs(a.largest - b.largest) < 1e-13)
                let along = zip(a.slowest, b.slowest).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(abs(along) - 1) < 1e-10)
            }
        }
    }
}
