import FuzzSupport
import LearningTasks
import Netlist

/// Reading, elaborating, sanitising and rewriting a deck of any bytes.
@main enum FuzzDeck {
    static func main() { Fuzzing.run { Fuzzing.test($0, $1, FuzzDeck.test) } }

    /// A few bytes can make many devices, which are as slow to fuzz as they are dull.
    private static let deviceLimit = 2000

    static func test(_ bytes: [UInt8]) {
        let deck = Deck.parse(path: "fuzz.cir", bytes: bytes, includes: .none)
        require(deck.rewriting([:]) == bytes, "the text is not written as it was read")

        let elaboration = deck.elaborate(deviceLimit: deviceLimit)
        require(
            elaboration.isSame(as: deck.elaborate(deviceLimit: deviceLimit)),
            "elaborating twice differs")
        _ = DiagnosticFormatter().format(Array(elaboration.diagnostics.prefix(3)))
        for case let range? in elaboration.diagnostics.map(\.range) {
            require(
                range.bytes.upperBound <= range.file.bytes.count, "a diagnostic points outside")
        }

        let made = LearningTask.make(
            circuit: elaboration.understood, directives: deck.directives, data: nil)
        _ = DiagnosticFormatter().format(made.diagnostics)

        if let lines = try? deck.ngspiceLines() {
            require(
                SafeLines.firstUnsafe(lines.dropFirst()) == nil,
                "ngspice would be handed \(SafeLines.firstUnsafe(lines.dropFirst())!)")
        }
        if let parts = try? deck.circuitParts() {
            let line = SafeLines.firstUnsafe(parts.cards + parts.devices)
            require(line == nil, "ngspice would be handed \(line!)")
        }
        if let circuit = elaboration.circuit { testRewriting(deck, circuit) }
    }

    /// A resistance that is written must be the one that is read back.
    private static func testRewriting(_ deck: Deck, _ circuit: Circuit) {
        let origins = circuit.origins(training: circuit.resistors.indices)
        var texts: [NumberText: Double] = [:]
        var expected: [Int: Double] = [:]
        for (index, origin) in origins.enumerated() {
            guard case .text(let text, let relation?)? = origin else { continue }
            let value = texts[text] ?? relation.inverse(2 * circuit.resistors[index].resistance)
            guard value.isFinite else { continue }
            texts[text] = value
            expected[index] = relation(value)
        }
        guard !texts.isEmpty else { return }
        let written = Deck.parse(
            path: "fuzz.cir", bytes: deck.rewriting(texts), includes: .none
        ).elaborate(deviceLimit: deviceLimit).understood
        for (index, resistance) in expected where resistance.isFinite && resistance != 0 {
            guard index < written.resistors.count else { continue }
            let read = written.resistors[index].resistance
            require(
                abs(read - resistance) <= 1e-6 * abs(resistance),
                "\(circuit.resistors[index].name) was written as \(resistance) and reads \(read)")
        }
    }
}
