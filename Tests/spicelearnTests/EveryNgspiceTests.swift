import Foundation
import Netlist
import NgspiceBridge
import Testing

/// What newer versions of ngspice print and decide differently, and must not show: these pass on each of them.
@Suite struct EveryNgspiceTests {
    /// Newton's iteration fails from the initial guess, and stepping finds the point. From 42 on ngspice
    /// says in between that the operating point could not be simulated.
    @Test func aCircuitThatNeedsSteppingTrains() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            """
            a limiter
            V1 in 0 1
            R1 in a 1k
            B1 a 0 i=1m*tanh(1e3*(v(a)-0.3))
            R2 a b 10k
            R3 b 0 1k
            *.learn trainable R2 R3
            *.learn output V(b)=0.03
            .end
            """, to: "d.cir")
        let result = try spicelearn(
            "train", deck, "-o", "t.cir", "--json", "--optimizer", "plain", in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try result.json()["steps"] as? Int == 10)
        let trained = try PlainNgspice.operatingPoints(folder / "t.cir", expressions: ["v(b)"])
        #expect(abs(trained[0][0] - 0.03) < 1e-6)
    }

    /// A resistance of zero, or none at all, of a resistor that isn't trained: ngspice takes its own, or leaves the
    /// resistor out, and so do training and its result.
    @Test(arguments: [
        "R4 b c 0", "R4 b c", "R4 b c rm", "R4 b c tc1=0.01", "R4 b c {0}", "X4 b c s",
    ])
    func whatIsNotTrainedMayHaveNoResistance(line: String) throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            """
            a short circuit
            V1 a 0 3
            R1 a b 1k
            R2 b 0 1k
            \(line)
            R3 c 0 5k
            R5 c b 1meg
            .model rm r(rsh=0)
            .subckt s p q
            R1 p q 0
            .ends
            *.learn trainable R1 R2
            *.learn output V(b)=1
            .end
            """, to: "d.cir")
        let solved = try spicelearn("solve", deck, "--json", in: folder.url)
        #expect(solved.status == 0, "\(solved.errors)")
        let plain = try PlainNgspice.operatingPoints(folder / "d.cir", expressions: ["v(b)"])
        let samples = try #require(try solved.json()["samples"] as? [[String: Any]])
        let free = try #require(samples.first?["free"] as? [String: Double])
        #expect(abs(try #require(free["b"]) - plain[0][0]) < 1e-9)
        // From 44 on zero is 10⁻¹² Ω, beside which no two engines agree to many digits.
        let others =
            try Ngspice.installed().version < NgspiceVersion(44) ? ["native", "sparse"] : []
        for engine in ["ngspice", "auto"] + others {
            let result = try spicelearn(
                "train", deck, "-o", "t.cir", "--engine", engine, in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            let trained = try PlainNgspice.operatingPoints(folder / "t.cir", expressions: ["v(b)"])
            #expect(abs(trained[0][0] - 1) < 1e-6)
        }
    }

    /// Where it is trained, it needs a number of its own.
    @Test func whatIsTrainedNeedsAResistance() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            "t\nV1 a 0 3\nR1 a b 1k\nR2 b c 0\nR3 c 0 1k\n*.learn trainable R1 R2\n*.learn output V(b)=1\n",
            to: "d.cir")
        let result = try spicelearn("train", deck, "-o", "t.cir", in: folder.url)
        #expect(result.status == 65)
        #expect(result.errors.contains("d.cir:4:1: error: R2 can't be trained"))
    }
}
