import Foundation
import Testing

@testable import Netlist

@Suite struct SpiceNumberTests {
    static let readings: [(String, Double)] = [
        ("1", 1), ("+5", 5), ("-5", -5), (".5", 0.5), ("5.", 5), ("+.5", 0.5), ("-.5", -0.5),
        ("00012", 12), ("1t", 1e12), ("1g", 1e9), ("1meg", 1e6), ("1MEG", 1e6), ("1k", 1e3),
        ("1m", 1e-3), ("1M", 1e-3), ("1u", 1e-6), ("1µ", 1e-6), ("2.2µohm", 2.2e-6), ("1n", 1e-9),
        ("1p", 1e-12), ("1f", 1e-15), ("1F", 1e-15), ("1mil", 25.4e-6), ("1a", 1), ("1x", 1),
        ("1kohm", 1e3), ("1km", 1e3), ("1Ω", 1), ("1kΩ", 1e3), ("1e3", 1e3), ("1E3", 1e3),
        ("1d3", 1e3), ("1D3", 1e3), ("1e+16", 1e16), ("5e-05", 5e-5), ("1e22", 1e22), ("1e3k", 1e6),
        ("1ek", 1e3), ("1e", 1), ("1e-", 1), ("1e+k", 1e3), ("1d", 1), ("1.1eV", 1.1), ("5%", 5),
        ("5#", 5), ("1_000", 1), ("1k:", 1e3),
        ("4.7k", 4700), ("123456.789", 123456.789), ("0.1", 0.1), ("0.3m", 0.3e-3),
    ]

    @Test(arguments: readings)
    func reads(_ text: String, _ value: Double) throws {
        #expect(try #require(SpiceNumber.parse(text)).value == value)
        #expect(try #require(SpiceNumber.parse(utf8: Array(text.utf8))).value == value)
    }

    @Test(
        arguments: [
            "", "k", "+", "-", "+k", ".", "..5", "1 k", " 1", "1,000", "5-3", "1k-3", "1d-3",
            "1d+3",
            "--5", "+-5", "2*3", "1/2", "2^3", "1=2", "(1)", "{1}", "'1'", "1e-3-4", "inf", "nan",
        ])
    func refuses(_ text: String) {
        #expect(SpiceNumber.parse(text) == nil)
    }

    @Test(
        arguments: [
            ("4k7", 4000, "ngspice reads 4k7 as 4000 and ignores the rest: write 4.7k"),
            ("4R7", 4, "ngspice reads 4R7 as 4 and ignores the rest: write 4.7"),
            ("2meg2", 2e6, "ngspice reads 2meg2 as 2000000 and ignores the rest: write 2.2meg"),
            ("1.2.3", 1.2, "ngspice reads 1.2.3 as 1.2 and ignores the rest: write 1.23"),
            ("1.5.2k", 1.5, "ngspice reads 1.5.2k as 1.5 and ignores the rest: write 1.52k"),
            ("2M2", 2e-3, "ngspice reads 2M2 as 0.002 and ignores the rest: write 2.2Meg"),
            ("2m2", 2e-3, "ngspice reads 2m2 as 0.002 and ignores the rest: write 2.2m"),
            (
                "1M", 1e-3,
                "ngspice reads 1M as 0.001, for M is a thousandth like m: write 1Meg for a million, or 1m"
            ),
            (
                "5%", 5,
                "ngspice reads 5% as 5, and takes no notice of the %: write 0.05, or leave a tolerance out"
            ),
            (
                "2A", 2,
                "ngspice reads 2A as 2, but from version 40 on as 2e-18: leave the letter out"
            ),
            ("1e3e3", 1e3, "ngspice reads 1e3e3 as 1000 and ignores the rest: write it in full"),
            ("1e", 1, "ngspice reads 1e as 1, for no digits follow the e: write 1"),
            ("5E-", 5, "ngspice reads 5E- as 5, for no digits follow the E: write 5"),
            ("1e+k", 1e3, "ngspice reads 1e+k as 1000, for no digits follow the e: write 1000"),
            ("2ek", 2e3, "ngspice reads 2ek as 2000, for no digits follow the e: write 2000"),
            ("1d", 1, "ngspice reads 1d as 1, for no digits follow the d: write 1"),
            ("1ee3", 1, "ngspice reads 1ee3 as 1 and ignores the rest: write it in full"),
            ("0x10", 0, "ngspice reads 0x10 as 0 and ignores the rest: write it in full"),
            ("1μ", 1, "ngspice reads 1μ as 1, for it doesn't know the Greek letter mu: write u"),
        ] as [(String, Double, String)])
    func warns(_ text: String, _ value: Double, _ warning: String) throws {
        let parsed = try #require(SpiceNumber.parse(text))
        #expect(parsed.value == value)
        #expect(parsed.warning == warning)
    }

    /// From version 40 on `a` is atto, in ampere, too.
    @Test func readsAtto() throws {
        for text in ["1a", "1A", "1amp"] {
            #expect(SpiceNumber.parse(text, in: Dialect(version: NgspiceVersion(39)))?.value == 1)
            let parsed = try #require(
                SpiceNumber.parse(text, in: Dialect(version: NgspiceVersion(40))))
            #expect(parsed.value == 1e-18)
            #expect(parsed.warning?.contains("write 1 for amperes") == true)
        }
    }

    @Test(arguments: [
        "1k", "2.2kohm", "10uF", "3", "1m", "1mA", "5MA", "5MV", "1Meg", "1MEGOHM", "3mil",
        "1.1eV", "27deg", "3dB",
    ])
    func staysSilent(_ text: String) {
        #expect(SpiceNumber.parse(text)?.warning == nil)
    }

    @Test func readsMicroOfLatin1() throws {
        #expect(try #require(SpiceNumber.parse(utf8: [0x33, 0xB5])).value == 3e-6)
        let decoded = String(decoding: [0x33, 0xB5] as [UInt8], as: UTF8.self)
        let parsed = try #require(SpiceNumber.parse(decoded))
        #expect(parsed.value == 3e-6)
        #expect(parsed.warning != nil)
    }

    @Test func reachesTheEndsOfTheRange() {
        #expect(SpiceNumber.parse("1e400")?.value == .infinity)
        #expect(SpiceNumber.parse("-1e99999999999999999999")?.value == -.infinity)
        #expect(SpiceNumber.parse("1e-400")?.value == 0)
        #expect(SpiceNumber.parse("0e99999999999999999999")?.value == 0)
        #expect(SpiceNumber.parse("5e-324")?.value == .leastNonzeroMagnitude)
        #expect(SpiceNumber.parse("2.4703282292062327208e-324")?.value == 0)
        #expect(SpiceNumber.parse("2.4703282292062328e-324")?.value == .leastNonzeroMagnitude)
        #expect(SpiceNumber.parse("1.7976931348623157e308")?.value == .greatestFiniteMagnitude)
        #expect(SpiceNumber.parse("17976931348623157e292")?.value == .greatestFiniteMagnitude)
    }

    @Test func roundsLongNumbersCorrectly() {
        // 2⁵³ + 1 lies halfway between two doubles; a one after 1000 zeros decides.
        let zeros = String(repeating: "0", count: 1000)
        #expect(SpiceNumber.parse("9007199254740993")?.value == 9_007_199_254_740_992)
        #expect(SpiceNumber.parse("9007199254740993.\(zeros)")?.value == 9_007_199_254_740_992)
        #expect(SpiceNumber.parse("9007199254740993.\(zeros)1")?.value == 9_007_199_254_740_994)
        #expect(SpiceNumber.parse("0.\(zeros)1e1001")?.value == 1)
        let digits = String(repeating: "7", count: 1_000_000)
        #expect(SpiceNumber.parse("0.\(digits)")?.value == 7.0 / 9)
        #expect(SpiceNumber.parse(digits)?.value == .infinity)
        #expect(SpiceNumber.parse("\(digits)e-1000000")?.value == 7.0 / 9)
    }

    @Test func agreesWithTheStandardLibrary() {
        var generator = SplitMix(state: 1)
        for _ in 0..<5000 {
            let digits = generator.next() >> Int.random(in: 0...60, using: &generator)
            let exponent = Int.random(in: -330...300, using: &generator)
            let text = "\(digits)e\(exponent)"
            #expect(SpiceNumber.parse(text)?.value == Double(text))
            // The scale moves the decimal, with one rounding only.
            #expect(SpiceNumber.parse("\(text)n")?.value == Double("\(digits)e\(exponent - 9)"))
        }
    }

    @Test(
        arguments: [
            (100, "100"), (0.25, "0.25"), (123456.789, "123456.789"), (5e-5, "5e-05"),
            (1e16, "1e+16"), (1e22, "1e+22"), (-3, "-3"), (0, "0"), (0.1, "0.1"),
        ] as [(Double, String)])
    func writesTheShortestText(_ value: Double, _ text: String) {
        #expect(SpiceNumber.shortest(value) == text)
    }

    @Test func readsBackWhatItWrites() {
        var generator = SplitMix(state: 2)
        for _ in 0..<5000 {
            let x = Double(bitPattern: generator.next())
            guard !x.isNaN else { continue }
            #expect(SpiceNumber.parse(SpiceNumber.shortest(x))?.value == x)
        }
    }

    @Test func agreesWithNgspice() throws {
        var texts = Self.readings.map(\.0).filter { !$0.contains(":") }
        var generator = SplitMix(state: 3)
        for _ in 0..<200 {
            let exponent = Double.random(in: -25...25, using: &generator)
            let mantissa = Double.random(in: -10...10, using: &generator)
            texts.append(SpiceNumber.shortest(mantissa * pow(10, exponent)))
        }
        let dialect = try #require(NgspiceProcess.dialect)
        let resistances = try NgspiceProcess.resistances(texts)
        for (text, resistance) in zip(texts, resistances) {
            let value = dialect.resistance(
                try #require(SpiceNumber.parse(text, in: dialect)).value)
            #expect(abs(value - resistance) <= 1e-14 * abs(value), "\(text)")
        }
    }

    @Test func isReadInParametersAsWritten() throws {
        var values = [100, 0.25, 123456.789, 5e-5, 1e16, 1e22, -3, 0.1]
        var generator = SplitMix(state: 7)
        for _ in 0..<100 {
            let exponent = Double.random(in: -25...25, using: &generator)
            values.append(Double.random(in: -10...10, using: &generator) * pow(10, exponent))
        }
        let cards = values.enumerated().map { ".param p\($0)=\(SpiceNumber.shortest($1))" }
        let dialect = try #require(NgspiceProcess.dialect)
        let resistances = try NgspiceProcess.resistances(
            values.indices.map { "{p\($0)}" }, after: cards)
        for (value, resistance) in zip(values.map(dialect.resistance), resistances) {
            #expect(abs(value - resistance) <= 1e-14 * abs(value))
        }
    }
}
