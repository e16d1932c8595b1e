import Testing

@testable import Netlist

struct ComparisonTests {
    private func differences(
        _ a: String, _ b: String, relative: Double = 0, absolute: Double = 0
    ) -> [Difference] {
        compare(
            expected: Deck.of(a), actual: Deck.of(b), relativeTolerance: relative,
            absoluteTolerance: absolute)
    }

    @Test func spellingMakesNoDifference() {
        let a = "One\nV1 a 0 dc 1\nR1 a b 1k\nR2 b 0 {2*p} tc1 = 1m\n.param p=1k\n.end\n"
        let b =
            "Another\n* c\nr2 B 0 ; d\n+ { 2 * P }\n+ TC1=0.001\nV1 A,0 DC 1.0\n.PARAM p = 1e3\nr1 a b 1000\n.end\n"
        #expect(differences(a, b).isEmpty, "\(differences(a, b).map(\.message))")
        #expect(differences(a, a).isEmpty)
    }

    @Test func numbersDifferByMoreThanTheTolerances() {
        let a = "t\nR1 a 0 1k\n"
        let b = "t\nR1 a 0 1001\n"
        #expect(differences(a, b).map(\.message) == ["R1 has 1001, not 1k"])
        #expect(differences(a, b).map(\.kind) == [.value])
        #expect(differences(a, b, relative: 1e-3).isEmpty)
        #expect(differences(a, b, relative: 0.9e-3).count == 1)
        #expect(differences(a, b, absolute: 1).isEmpty)
        let difference = differences(a, b)[0]
        #expect(difference.expected?.start.line == 2 && difference.actual?.start.column == 8)
    }

    @Test func nodesAreNamesEvenIfTheyLookLikeNumbers() {
        #expect(
            differences("t\nR1 1 0 1k\n", "t\nR1 1.0 0 1k\n", relative: 1).map(\.kind) == [
                .structure
            ])
    }

    @Test func missingAndExtraDevicesAreNamed() {
        let a = "t\nR1 a 0 1\n.subckt s p q\nR1 p q 1\nR2 p q 2\n.ends\n"
        let b = "t\nR1 a 0 1\n.subckt s p q\nR1 p q 1\n.ends\nR3 a 0 1\n"
        #expect(differences(a, b).map(\.message) == ["s/R2 is missing", "R3 is not expected"])
        #expect(differences(a, b).map(\.kind) == [.missing, .extra])
    }

    @Test func valuesMayBeMissing() {
        #expect(differences("t\nR1 a 0 1 m=2\n", "t\nR1 a 0 1\n").map(\.message) == ["R1 lacks m"])
        #expect(
            differences("t\nR1 a 0 1\n", "t\nR1 a 0 1 m=2\n").map(\.message) == [
                "R1 has m in addition"
            ])
    }
}
