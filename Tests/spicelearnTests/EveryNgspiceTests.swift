import Foundation
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
}
