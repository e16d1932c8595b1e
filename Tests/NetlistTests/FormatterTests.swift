import Testing

@testable import Netlist

struct FormatterTests {
    private func format(_ text: String, _ range: Range<Int>, width: Int = 100) -> String {
        let file = SourceFile(path: "deck.cir", bytes: Array(text.utf8))
        return DiagnosticFormatter(width: width).format(
            Diagnostic("x", .error, "message", at: SourceRange(file: file, bytes: range)))
    }

    @Test func theCaretStandsUnderWhatIsToBlame() {
        #expect(
            format("t\nR1 a {zz} 1\r\n", 8..<10)
                == "deck.cir:2:7: error: message\nR1 a {zz} 1\n      ^~")
    }

    @Test func tabsAreKept() {
        #expect(
            format("\tR1\ta\tzz", 6..<8) == "deck.cir:1:7: error: message\n\tR1\ta\tzz\n\t  \t \t^~"
        )
    }

    @Test func charactersCountNotBytes() {
        #expect(format("é zz", 3..<5) == "deck.cir:1:3: error: message\né zz\n  ^~")
    }

    @Test func longLinesAreCutAroundTheCaret() {
        let text = String(repeating: "a", count: 5000) + "X" + String(repeating: "b", count: 5000)
        let lines = format(text, 5000..<5001, width: 40).split(separator: "\n")
        #expect(lines[0] == "deck.cir:1:5001: error: message")
        #expect(lines[1].count <= 42 && lines[1].contains("X"))
        let caret = lines[2].count - 1
        #expect(Array(lines[1])[caret] == "X")
    }

    @Test func controlCharactersDoNotReachTheTerminal() {
        #expect(!format("a\u{1b}[31m b", 6..<7).contains("\u{1b}"))
    }

    @Test func theEndOfTheTextCanBeToBlame() {
        #expect(format("t\nR1", 4..<4) == "deck.cir:2:3: error: message\nR1\n  ^")
        #expect(format("", 0..<0) == "deck.cir:1:1: error: message")
    }

    @Test func namesAreSuggestedWithinReason() {
        #expect(nearestName(to: "R21", in: ["R12", "Rload"]) == "R12")
        #expect(nearestName(to: "toleranse", in: ["rate", "tolerance"]) == "tolerance")
        #expect(nearestName(to: "xyz", in: ["rate", "tolerance"]) == nil)
        #expect(nearestName(to: "", in: ["a"]) == nil)
    }
}
