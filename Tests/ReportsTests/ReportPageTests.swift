import Engines
import Foundation
import LearningTasks
import Testing

@testable import Reports

/// The page: its numbers are those of the JSON, and nothing that a netlist says is more than text.
@Suite struct ReportPageTests {
    private func report() throws -> Report {
        let task = try task(divider)
        let start = TrainedValues(initial: task)
        let end = TrainedValues(values: start.values.map { 2 * $0 })
        let changes = Changes(of: task, at: end, since: start)
        let drawing = CircuitDrawing(of: task, changes)
        var outputs = OutputTable(samples: 1, outputs: 1)
        outputs.values = [3.25]
        var states = States(of: task, outputs: outputs)
        states.setVoltages(
            [OperatingPoint(voltages: task.circuit.nodes.indices.map { Double($0) })], at: drawing)
        return Report(
            title: task.circuit.title,
            origin: Report.Origin(
                command: ["spicelearn", "report", "a deck.cir", "it's"], deck: "a deck.cir",
                programs: ["spicelearn 0"]),
            solver: Report.Solver(engine: "ngspice"), states: states, changes: changes,
            network: drawing, notes: ["<img src=x onerror=alert(2)>"])
    }

    private func page() throws -> String { String(decoding: try report().page(), as: UTF8.self) }

    /// What stands between two texts that occur once.
    private func part(_ page: String, from start: String, to end: String) throws -> Substring {
        let first = try #require(page.range(of: start))
        let last = try #require(page.range(of: end, range: first.upperBound..<page.endIndex))
        return page[first.upperBound..<last.lowerBound]
    }

    @Test("the numbers in the page are those of the JSON")
    func numbers() throws {
        let report = try report()
        let page = String(decoding: try report.page(), as: UTF8.self)
        let data = try part(page, from: #"id="data">"#, to: "</script>")
        let embedded = try JSONDecoder().decode(JSONValue.self, from: Data(data.utf8))
        #expect(try embedded == JSONDecoder().decode(JSONValue.self, from: Data(report.json())))
        #expect(embedded["title"]?.text == report.title)
        guard case .array(let after)? = embedded["changes"]?["after"] else {
            Issue.record("no values")
            return
        }
        #expect(after.map(\.double) == [500, 1000])
    }

    @Test("a page that is drawn again keeps what was opened and chosen, and says where it stops")
    func redrawing() throws {
        let page = String(decoding: try report().page(isLive: true), as: UTF8.self)
        let opened = page.matches(of: /html\('details', \{ (\w+):/)
        #expect(opened.count == 3 && opened.allSatisfy { $0.1 == "id" })
        #expect(page.contains("\nconst scales = "))
        #expect(page.contains("catch { lose(); }") && page.contains("onerror = lose;"))
    }

    @Test("a netlist's text opens no element and ends none")
    func markup() throws {
        let page = try page()
        // One script with the data, one that draws them; the netlist's own is neither.
        #expect(page.ranges(of: "<script").count == 2)
        #expect(page.ranges(of: "</script>").count == 2)
        #expect(!page.contains("<img") && !page.contains("<b>out"))
        #expect(page.contains("<title>A &amp; B &lt;/script&gt;"))
    }

    @Test("the policy lets this script run, and nothing be loaded")
    func policy() throws {
        let page = try page()
        let policy = try part(page, from: #"Content-Security-Policy" content=""#, to: "\"")
        let script = try part(page, from: "<script>", to: "</script>")
        let style = try part(page, from: "<style>", to: "</style>")
        func hash(_ text: Substring) -> String {
            "'sha256-\(Data(SHA256.hash(Array(text.utf8))).base64EncodedString())'"
        }
        #expect(policy.contains("default-src 'none'; script-src \(hash(script));"))
        #expect(policy.contains("style-src \(hash(style));"))
        #expect(!policy.contains("unsafe"))
        // The namespace of SVG is a name, not an address that is asked for.
        let addresses = page.replacing("http://www.w3.org/2000/svg", with: "")
        #expect(!addresses.contains("http:") && !addresses.contains("https:"))
        // A style in an attribute would be refused.
        #expect(!page.contains("style=\""))
    }

    @Test(
        "words of the command in the quotes of a shell",
        arguments: [
            ("deck.cir", "deck.cir"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"),
            ("V(b)=0.2", "'V(b)=0.2'"), ("../Größe.cir", "../Größe.cir"), ("$HOME", "'$HOME'"),
        ])
    func quotes(word: String, quoted: String) {
        #expect(Report.Origin.quoted(word) == quoted)
    }

    /// FIPS 180-4's examples, and one whose padding needs a block of its own.
    @Test(
        "SHA-256",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func hash(text: String, hash: String) {
        let bytes = SHA256.hash(Array(text.utf8))
        #expect(bytes.map { String(format: "%02x", $0) }.joined() == hash)
    }
}
