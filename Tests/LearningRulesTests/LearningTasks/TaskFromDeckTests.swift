import LearningTasks
import Netlist
import Testing

/// What is wrong with a task is said all at once, each at its place.
@Suite struct TaskFromDeckTests {
    private func make(_ directives: String, data: String? = nil) throws
        -> (task: LearningTask?, diagnostics: [Diagnostic])
    {
        let text = """
            bridge
            V1 in 0 1
            I1 0 c 1m
            R1 in b 1k
            R2 b 0 2k
            R3 b c 3k
            R4 c 0 4k
            D1 c 0 dx
            .model dx d
            \(directives)
            .end
            """
        let deck = Deck.parse(path: "t.cir", bytes: Array(text.utf8), includes: .none)
        let elaboration = deck.elaborate()
        let circuit = try #require(elaboration.circuit)
        let table = data.flatMap {
            SampleTable.parse(SourceFile(path: "t.csv", bytes: Array($0.utf8))).table
        }
        let made = LearningTask.make(
            circuit: circuit, directives: deck.directives, data: table)
        return (made.task, made.diagnostics)
    }

    private func text(_ diagnostic: Diagnostic) -> String {
        guard let range = diagnostic.range else { return "" }
        return String(decoding: range.file.bytes[range.bytes], as: UTF8.self)
    }

    @Test(
        "each fault has its name and place",
        arguments: [
            ("*.learn output V(bb)=1", "unknown-node", "bb"),
            ("*.learn output V(in)=1", "fixed-output", "in"),
            ("*.learn output V(0)=1", "fixed-output", "0"),
            ("*.learn output V(b,b)=1", "fixed-output", "V(b,b)"),
            ("*.learn output V(b)", "no-target", "V(b)"),
            ("*.learn output V(b)=1 V(B,0)=2", "conflicting-target", "2"),
            ("*.learn output V(b)=1\n*.learn trainable R9", "unknown-resistor", "R9"),
            ("*.learn output V(b)=1\n*.learn trainable X*", "unknown-resistor", "X*"),
            ("*.learn output V(b)=1\n*.learn trainable D1", "untrainable", "D1"),
            ("*.learn output V(b)=1\n*.learn trainable R1 vary=foo", "unknown-variable", "foo"),
            ("*.learn output V(b)=1\n*.learn trainable V1 vary=root", "unknown-variable", "root"),
            ("*.learn output V(b)=1\n*.learn input R1", "unknown-source", "R1"),
            ("*.learn output V(b)=1\n*.learn input V2", "unknown-source", "V2"),
            ("*.learn output V(b)=1\n*.learn trainable R1 min=2k", "outside-bounds", "1k"),
            (
                "*.learn output V(b)=1\n*.learn trainable R1 max=2k\n*.learn trainable R* max=9k",
                "conflicting-bounds", "9k"
            ),
        ])
    func fault(directives: String, id: String, place: String) throws {
        let (task, diagnostics) = try make(directives)
        #expect(task == nil)
        let found = try #require(diagnostics.first { $0.id == id }, "\(diagnostics.map(\.id))")
        #expect(text(found) == place)
    }

    @Test(
        "columns",
        arguments: [
            ("V1,V(c)\n1,2\n", "unknown-column", "V(c)"),
            ("V1,V2,V(b)\n1,1,2\n", "unknown-column", "V2"),
            ("V1,v1,V(b)\n1,1,2\n", "duplicate-column", "v1"),
            ("V1,v( B ),V(b)\n1,1,2\n", "duplicate-column", "V(b)"),
        ])
    func columns(data: String, id: String, place: String) throws {
        let (task, diagnostics) = try make("*.learn output V(b)", data: data)
        #expect(task == nil)
        let found = try #require(diagnostics.first { $0.id == id }, "\(diagnostics.map(\.id))")
        #expect(text(found) == place)
    }

    @Test func allFaultsInOneRun() throws {
        let (_, diagnostics) = try make(
            "*.learn output V(x)=1 V(in)=2 V(c)\n*.learn input R1\n*.learn trainable Q*")
        #expect(
            diagnostics.map(\.id) == [
                "unknown-node", "fixed-output", "unknown-source", "no-target", "unknown-resistor",
            ])
    }

    @Test func dataWinsOverTheDeck() throws {
        let (task, _) = try make(
            "*.learn input V1 I1\n*.learn output V(b)=0.7 V(b,c)=0.1",
            data: "\"v(b,c)\",i1\n0.2,2e-3\n0.3,3e-3\n")
        let samples = try #require(task?.samples)
        #expect(samples.map(\.inputs) == [[1, 2e-3], [1, 3e-3]])
        #expect(samples.map(\.targets) == [[0.7, 0.2], [0.7, 0.3]])
    }

    @Test func inputsAreThoseOfTheData() throws {
        let (task, _) = try make("*.learn output V(b)", data: "V(B),i1\n0.2,2e-3\n")
        #expect(task?.inputs.map(\.name) == ["I1"])
        #expect(task?.parameters.count == 4)
    }
}
