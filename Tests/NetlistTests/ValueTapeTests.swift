import Testing

@testable import Netlist

/// Numbers as functions of the text: values for other texts, and derivatives.
struct ValueTapeTests {
    private func circuit(_ cards: String) throws -> Circuit {
        try Deck.of("t\nV1 a 0 1\n\(cards)\n.end\n").elaborate().get()
    }

    /// The deck with another number in a text's place, elaborated again.
    private func resistance(_ deck: Deck, _ text: NumberText, _ value: Double) throws -> Double {
        let bytes = deck.rewriting([text: value])
        return try Deck.of(String(decoding: bytes, as: UTF8.self)).elaborate().get()
            .resistors[0].resistance
    }

    static let decks = [
        "R1 a 0 {p}\n.param p=1.5k", "R1 a 0 {p+50}\n.param p=2", "R1 a 0 {1k*w*w}\n.param w=1.25",
        "R1 a 0 {(1-k)*10k}\n.param k=0.25",
        "R1 a 0 {rpar*2}\n.param Rb=3k rpar='Rb*2.2k/(Rb+2.2k)'",
        "R1 a 0 {p > 2 ? p*p : 1/p}\n.param p=3", "R1 a 0 {p > 5 ? p*p : 1/p}\n.param p=3",
        "R1 a 0 {f(p, 2)+f(3,p)}\n.param p=1.7\n.func f(x,y) {x**y+max(x,y)*min(x,2*y)}",
        "R1 a 0 {sqrt(p)+exp(p)*ln(p)+log10(p)+sin(p)*cos(p)/tan(p)}\n.param p=1.3",
        "R1 a 0 {2+asin(p)+acos(p)*atan(p)+sinh(p)+cosh(p)*tanh(p)+asinh(p)+atanh(p)}\n.param p=0.4",
        "R1 a 0 {acosh(p)+abs(-p)+sqr(p)+pow(p,3)+pwr(p,0.5)+arctan(p)}\n.param p=2.5",
        "R1 a 0 {5+p%2+int(p)+nint(p)+floor(p)*ceil(p)+sgn(p)}\n.param p=2.75",
        "R1 a 0 {3-(-p)*2**p}\n.param p=0.5",
        "X1 a 0 s w=2\n.subckt s x y w=1 l={w*w}\nR1 x y {1k*l/w+q*w}\n.ends\n.param q=7",
    ]

    @Test(arguments: decks)
    func valuesAndDerivativesAreThoseOfTheRewrittenDeck(_ cards: String) throws {
        let deck = Deck.of("t\nV1 a 0 1\n\(cards)\n.end\n")
        let circuit = try deck.elaborate().get()
        let resistor = circuit.resistors[0]
        let texts = circuit.texts(of: resistor.source.origin)
        #expect(!texts.isEmpty)
        let program = circuit.program(
            computing: [(resistor.source.origin, resistor.resistance)], from: texts)
        let here = texts.map(\.value)
        #expect(program.values(at: here) == [resistor.resistance])
        let gradient = program.gradient(at: here, weights: [1])
        for (index, text) in texts.enumerated() {
            for factor in [1.01, 0.97, 1.2] {
                var moved = here
                moved[index] *= factor
                let expected = try resistance(deck, text, moved[index])
                let value = program.values(at: moved)[0]
                #expect(abs(value - expected) <= 1e-12 * abs(expected), "\(cards)")
            }
            let h = 1e-5 * text.value
            var (up, down) = (here, here)
            up[index] += h
            down[index] -= h
            let difference = (program.values(at: up)[0] - program.values(at: down)[0]) / (2 * h)
            let slope = program.derivatives(at: here, by: index)[0]
            #expect(abs(slope - difference) <= 1e-8 * max(abs(slope), 1e-3), "\(cards)")
            #expect(abs(gradient[index] - slope) <= 1e-13 * abs(slope), "\(cards)")
        }
    }

    /// Through powers of two ways at each level, the tape grows by the text and not by the ways.
    @Test func sharedExpressionsAreRecordedOnce() throws {
        let chain = (1...60).map { ".param p\($0)={p\($0 - 1)*0.25+p\($0 - 1)*0.75}" }
        let circuit = try circuit("R1 a 0 {p60}\n.param p0=5\n" + chain.joined(separator: "\n"))
        let resistor = circuit.resistors[0]
        let texts = circuit.texts(of: resistor.source.origin)
        #expect(texts.map(\.value) == [5])
        let program = circuit.program(
            computing: [(resistor.source.origin, resistor.resistance)], from: texts)
        #expect(abs(program.derivatives(at: [5], by: 0)[0] - 1) < 1e-12)
        #expect(circuit.relation(of: resistor.source.origin, to: texts[0]) != nil)
    }

    @Test func parametersAreListed() throws {
        let circuit = try circuit(
            "X1 a 0 s w=2\nR2 a 0 {Rtop}\n.subckt s x y w=1 l={2*w}\nR1 x y {l}\n.ends\n"
                + ".param Rtop=5k both={Rtop*2} seven={3+4}")
        #expect(Set(circuit.parameters.map(\.name)) == ["both", "Rtop", "seven", "X1.l", "X1.w"])
        let values = Dictionary(
            circuit.parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        #expect(values == ["both": 10_000, "Rtop": 5000, "seven": 7, "X1.w": 2, "X1.l": 4])
    }

    @Test func sourcesSayWhereTheirValueComesFrom() throws {
        let circuit = try Deck.of(
            "t\nV1 a 0 dc 1.5 ac 1\nV2 b 0 {2*v}\nV3 c 0 sin(0 1 1k)\nV4 d 0\nI1 a 0 {v}\n"
                + "R1 a b 1\nR2 b c 1\nR3 c d 1\n.param v=3\n.end\n"
        ).elaborate().get()
        let kinds = circuit.sources.map { source in
            switch source.source {
            case .literal(let text): "literal \(text.value)"
            case .computed(let origin): "computed \(circuit.texts(of: origin).map(\.value))"
            case .unwritable: "none"
            }
        }
        #expect(
            kinds == ["literal 1.5", "computed [3.0]", "none", "none", "computed [3.0]"])
    }
}
