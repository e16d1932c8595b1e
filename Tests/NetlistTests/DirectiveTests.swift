import Testing

@testable import Netlist

struct DirectiveTests {
    private func parse(_ text: String) -> (LearningDirectives, [Diagnostic]) {
        LearningDirectives.parse(SourceFile(path: "command line", bytes: Array(text.utf8)))
    }

    @Test func everySettingIsRead() {
        let deck = Deck.of(
            """
            t
            V1 in 0 1
            R1 in 0 1k
            *.learn rule al nudge=0.1 nudging=centered
            *.LEARN Trainable R1 R2 X1.R* min=10 max=10meg vary=log ; more
            *.learn input V1, V2
            *.learn output V(b)=0.2 V(a,c) = 0.3
            *.learn output v( d , e ) V(f)=-1m
            *.learn data train.csv
            *.learn train rate=auto steps=1k tolerance=1e-9 seed=1
            *.learn train duration=5 optimizer=Momentum
            *.learned this is a comment
            * .learn so is this
            """)
        let directives = deck.directives
        #expect(deck.diagnostics.isEmpty, "\(deck.diagnostics.map(\.message))")
        #expect(directives.rule?.value == "al")
        #expect(directives.nudge?.value == 0.1)
        #expect(directives.nudging?.value == .centered)
        #expect(directives.trainable.map { $0.patterns.map(\.value) } == [["R1", "R2", "X1.R*"]])
        #expect(directives.trainable.first?.min?.value == 10)
        #expect(directives.trainable.first?.max?.value == 1e7)
        #expect(directives.trainable.first?.vary?.value == "log")
        #expect(directives.inputs.map(\.value) == ["V1", "V2"])
        #expect(directives.outputs.map(\.name.value) == ["V(b)", "V(a,c)", "v(d,e)", "V(f)"])
        #expect(directives.outputs.map { $0.target?.value } == [0.2, 0.3, nil, -1e-3])
        #expect(directives.outputs.map { $0.quantity.nodes.last } == ["b", "c", "e", "f"])
        #expect(directives.data?.value == "train.csv")
        #expect(directives.rate?.value == .automatic)
        #expect(directives.steps?.value == 1000)
        #expect(directives.tolerance?.value == 1e-9)
        #expect(directives.seed?.value == 1)
        #expect(directives.duration?.value == 5)
        #expect(directives.optimizer?.value == .momentum)
    }

    @Test(arguments: ["centered", "Centered", "one-sided", "onesided"])
    func nudgingHasSeveralSpellings(_ spelling: String) {
        let (directives, diagnostics) = parse("rule ep nudging=\(spelling)")
        #expect(diagnostics.isEmpty)
        #expect(directives.nudging?.value == (spelling.hasPrefix("one") ? .onesided : .centered))
    }

    @Test func mistakesAreErrorsWithTheirPlace() {
        let deck = "t\nV1 a 0 1\nR1 a 0 1\n"
        expectErrors(deck + "*.learn «ruel al\n", ["unknown-keyword"])
        expectErrors(deck + "«*.learn\n", ["missing-keyword"])
        expectErrors(deck + "*.learn rule al nudge=«x\n", ["not-a-number"])
        expectErrors(deck + "*.learn rule al nudge=«-1\n", ["bad-value"])
        expectErrors(deck + "*.learn rule al «nugde=1\n", ["unknown-setting"])
        expectErrors(
            deck + "*.learn train rate=1\n*.learn train rate=«2\n", ["contradicting-setting"])
        expectErrors(deck + "*.learn train rate=1\n*.learn train rate=1.0\n", [])
        expectErrors(deck + "*.learn train steps=«1.5\n", ["not-a-whole-number"])
        expectErrors(deck + "*.learn train «min=1\n", ["unknown-setting"])
        expectErrors(deck + "*.learn train «rate\n", ["unexpected-text"])
        expectErrors(deck + "*.learn train «rate=\n", ["missing-value"])
        expectErrors(deck + "*.learn trainable R1 min=2 max=«1\n", ["empty-bounds"])
        expectErrors(deck + "*.learn output «P(b) V(a)=1\n", ["not-an-output"])
        expectErrors(
            deck + "*.learn output «V(a,b,c)=1 V(a)=«x\n", ["not-an-output", "not-a-number"])
        expectErrors(deck + "*.learn output V(a)=1 V(A)=«2\n", ["contradicting-setting"])
        expectErrors(
            deck
                + "*.learn data «\n".replacing("«\n", with: "a «b.csv\n").replacing(
                    "a «", with: "a« "), ["unexpected-text"])
        expectErrors(deck + "«.learn rule al\n", ["unknown-card"])
        expectErrors(
            deck + ".subckt s p q\n«*.learn rule al\nR1 p q 1\n.ends\n", ["directive-in-subcircuit"]
        )
    }

    @Test func messagesSayTheWayOut() {
        func message(_ text: String) -> String? { parse(text).1.first?.message }
        #expect(message("ruel al") == "*.learn has no ruel; did you mean rule?")
        #expect(
            message("train min=1")
                == "there is no setting min here; it belongs on a *.learn trainable line")
        #expect(message("train stpes=1") == "there is no setting stpes here; did you mean steps?")
        #expect(
            message("train rate=1 rate=2") == "rate is 2.0 here but 1.0 on line 1; keep one of them"
        )
    }

    @Test func theCommandLineWins() {
        let deck = parse("*.learn output V(a)=1 V(b)=2").0
        var more = parse("rule al nudge=0.1").0
        more.outputs = deck.outputs
        let merged = more.merging(parse("output V(c)=3").0).merging(parse("rule cl").0)
        #expect(merged.rule?.value == "cl")
        // A nudge belongs to its rule: siemens are no fraction of the error.
        #expect(merged.nudge == nil)
        #expect(more.merging(parse("rule al").0).nudge?.value == 0.1)
        #expect(more.merging(parse("rule cl nudge=0.5").0).nudge?.value == 0.5)
        #expect(merged.outputs.map(\.name.value) == ["V(c)"])
    }

    @Test func quotedFileNamesMayHaveSpaces() {
        #expect(parse("data \"my data.csv\"").0.data?.value == "my data.csv")
        #expect(parse("data a/b//c(1),d=2.csv").0.data?.value == "a/b//c(1),d=2.csv")
    }

    /// Numbers beside a comparison or between two dots are read like all others.
    @Test(arguments: [
        ("train until=loss<1%", "loss is no percentage; write the number itself, 0.01"),
        ("train until=accuracy>=95%", "accuracy is no percentage; write the number itself, 0.95"),
        ("train until=loss<1,5", "loss has a decimal comma; a decimal fraction has a point, 1.5"),
        (
            "train until=accuracy>=0,9",
            "accuracy has a decimal comma; a decimal fraction has a point, 0.9"
        ),
        ("train until=loss<1k5", "loss can't be 1k5; write 1.5k"),
        ("train until=loss < 1M", "loss can't be 1M; write 1Meg or 1m"),
        ("train until=loss<x", "loss needs a number, not x"),
        ("train until=loss<0", "a loss to reach must be positive"),
        ("train until=accuracy>=2", "accuracy is a share of the samples, above 0 and at most 1"),
        (
            "train until=lossy",
            "a training goes on until tolerance, loss<X, accuracy>=X or plateau, not lossy"
        ),
        ("train tolerance=1%", "tolerance is no percentage; write the number itself, 0.01"),
        (
            "encode x V1 from=0..1,5 to=0..1",
            "from has a decimal comma; a decimal fraction has a point, 1.5"
        ),
        (
            "encode x V1 from=0,5..1 to=0..1",
            "from has a decimal comma; a decimal fraction has a point, 0.5"
        ),
        ("encode x V1 from=0..100% to=0..1", "from is no percentage; write the number itself, 1"),
        ("encode x V1 from=0..1 to=0..1M", "to can't be 1M; write 1Meg or 1m"),
    ])
    func numbersThatAreNotWhatTheySay(directive: String, message: String) {
        let errors = Deck.of("t\nV1 in 0 1\nR1 in 0 1k\n*.learn \(directive)\n").elaborate().errors
        #expect(errors.map(\.message) == [message])
    }

    @Test func goalsWithBlanks() {
        let deck = Deck.of("t\nV1 in 0 1\nR1 in 0 1k\n*.learn train until = Loss < 1e-4 seed=1\n")
        #expect(deck.directives.until?.value == .loss(1e-4))
        #expect(deck.directives.seed?.value == 1)
    }
}
