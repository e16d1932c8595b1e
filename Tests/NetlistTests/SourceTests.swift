import Testing

@testable import Netlist

/// Every form of an independent source against the operating point that ngspice finds.
struct SourceTests {
    @Test(arguments: [
        "5", "dc 5", "dc=5", "ac 1", "dc 5 ac 1", "5 ac 1 sin(1 2 3)", "pulse(1 2 0 1n 1n 1u 2u)",
        "pulse 1 2 0 1n 1n 1u 2u", "sin(1 2 1k)", "sin(1 2 1k 0 0 90)", "sin(1 2 1k 1m 0 90)",
        "pwl(0 3 1 4)", "pwl(1 3 2 4)", "pwl(-1 3 1 5)", "pwl(-2 1 -1 2 1 4 2 9)", "exp(1 2 1u 1u)",
        "sffm(1 2 3 4 5)", "sffm(1 2 3 4 5 30 60)", "sffm(1 2 3 1 5 30 60)",
        "sffm(1 2 5 4 3 30)", "sffm(1 2 3 -4 5 0 60)", "sffm(1 2 -3 4 5 30 60)", "am(1 2 3 4)",
        "dc 7 pulse(1 2)",
        "pulse(1 2) dc 7", "", "{2*3}", "'2*3'", "dc {2*3}", "p", "dc p", "dc=p",
        "pulse({p+1} 2 0)", "trnoise(1 1 0 0)", "-5", "5V", "5 dc 2", "dc 2 dc 4", "sin 1 2", "(5)",
        "pulse(1,2,0)", "\"5\"", "ac=1 dc=2", "sin (3 4 5)", "SINE(4 1)", "pwl(0 3 1 4) r=0 td=1",
        "= 5", "sin(2 1 100k -2.5u 0 -90)", "sin(2 1 100k -2.5u 1e5)", "exp(1 3 -1u 2u 5u 1u)",
        "exp(1 3 -4u 2u -2u 1u)", "pulse(1 3 -1u 2u 1u 5u 10u)", "pulse(1 3 -4u 2u 1u 5u 10u)",
        "pulse(1 3 -7.5u 2u 1u 5u 10u)", "pulse(1 3 -19u 2u 1u 5u 10u)",
    ])
    func hasThatValueAtDC(_ value: String) throws {
        for (line, factor) in [
            ("V1 a 0 \(value)", 1.0), ("I1 0 a \(value)", 1.0), ("I1 0 a \(value) m=2", 2),
        ] {
            // A current source's PWL takes neither r= nor td=.
            if line.hasPrefix("I"), value.contains("td=") { continue }
            let text = "t\n\(line)\nR1 a 0 1\n.param p=5\n.end\n"
            let dialect = try #require(NgspiceProcess.dialect)
            let circuit = try Deck.of(text, dialect: dialect).elaborate().get()
            let source = try #require(circuit.sources.first)
            #expect(source.multiplicity == factor)
            let point = try NgspiceProcess.operatingPoint(text, ["v(a)"])
            expectClose(source.dcValue * source.multiplicity, point["v(a)"], "\(text)")
        }
    }

    @Test func mistakesAreErrorsWithTheirPlace() {
        let end = "R1 a 0 1\n"
        expectErrors("t\nV1 a 0 «foo 3\n\(end)", ["unknown-device-parameter"])
        expectErrors("t\nV1 a 0 5 «6\n\(end)", ["two-values"])
        expectErrors("t\nV1 a 0 «sin(1)\n\(end)", ["missing-value"])
        expectErrors("t\nV1 a 0 {«q}\n\(end)", ["unknown-parameter"])
        expectErrors("t\nV1 «a\n\(end)", ["missing-node"])
    }
}
