import Foundation
import Testing

@testable import spicelearn

@Suite struct LiveTests {
    private static let deck = """
        a divider
        V1 in 0 1
        R1 in out 1k
        R2 out 0 1k
        *.learn output V(out)=0.3
        .end
        """

    /// A training that would take long: while it goes on there is a page, its numbers and news of them; other
    /// hosts' names and other requests get nothing; with the training, it ends.
    @Test func aTrainingIsShownWhileItGoesOn() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.deck, to: "d.cir")
        let port = try #require(LoopbackClient.freePort())
        var events = ""
        var answers: [String: String] = [:]
        var report: [String: Any] = [:]
        var second: ProcessResult?
        var seconds = Double.infinity
        let result = try spicelearn(
            "train", deck, "-o", "t.cir", "--rate", "1e-20", "--steps", "1000000000",
            "--engine", "sparse", "--live", "--live-port", "\(port)", in: folder.url
        ) { process in
            let end = Date() + 60
            while LoopbackClient.get("/", port: port) == nil, process.isRunning, Date() < end {
                usleep(50_000)
            }
            answers["page"] = LoopbackClient.get("/", port: port)
            answers["host"] = LoopbackClient.get("/", port: port, host: "example.org")
            answers["port"] = LoopbackClient.get("/", port: port, host: "127.0.0.1")
            answers["post"] = LoopbackClient.get("/", port: port, method: "POST")
            answers["other"] = LoopbackClient.get("/d.cir", port: port)
            let began = Date()
            second = try? spicelearn(
                "train", deck, "-o", "u.cir", "--live", "--live-port", "\(port)", in: folder.url)
            seconds = Date().timeIntervalSince(began)
            guard let listener = LoopbackClient(port: port) else { return }
            listener.send("GET /events HTTP/1.1\r\nHost: localhost:\(port)\r\n\r\n")
            events = listener.read(until: "data: 1")
            if let json = LoopbackClient.get("/report.json", port: port)?
                .components(separatedBy: "\r\n\r\n").last
            {
                report =
                    (try? JSONSerialization.jsonObject(with: Data(json.utf8))) as? [String: Any]
                    ?? [:]
            }
            kill(process.processIdentifier, SIGINT)
            events += listener.read(until: "event: end")
        }
        #expect(result.status == 130, "\(result.errors)")
        #expect(result.errors.contains("the training is shown at http://127.0.0.1:\(port)/"))
        let page = try #require(answers["page"])
        #expect(page.hasPrefix("HTTP/1.1 200"))
        #expect(page.contains("connect-src 'self'") && page.contains("<h1>a divider</h1>"))
        #expect(page.contains("new EventSource"))
        #expect(answers["host"]?.hasPrefix("HTTP/1.1 403") == true)
        #expect(answers["host"]?.contains("divider") == false)
        #expect(answers["port"]?.hasPrefix("HTTP/1.1 403") == true)
        #expect(answers["post"]?.hasPrefix("HTTP/1.1 404") == true)
        #expect(answers["other"]?.hasPrefix("HTTP/1.1 404") == true)
        #expect(second?.status == 64 && second?.errors.contains("is it taken?") == true)
        #expect(seconds < 5)
        #expect(events.contains("text/event-stream") && events.contains("data: 1"))
        #expect(events.contains("event: end"))
        // (0.5 − 0.3)²/2, which steps as small as these do not change.
        let training = (report["states"] as? [String: Any])?["training"] as? [String: Any]
        #expect(abs((training?["loss"] as? Double ?? 0) - 0.02) < 1e-6)
        #expect(((report["history"] as? [String: Any])?["rows"] as? [Any])?.isEmpty == false)
        #expect(LoopbackClient.get("/", port: port) == nil)
    }

    /// Port 80 goes without saying.
    @Test func namesOfThisMachine() {
        #expect(LiveServer.hosts(at: 8000) == ["127.0.0.1:8000", "localhost:8000"])
        #expect(Set(LiveServer.hosts(at: 80)).isSuperset(of: ["127.0.0.1", "localhost:80"]))
    }

    /// What opens a browser may wait until that is closed.
    @Test(arguments: [("exec sleep 30", false), ("exit 3", true)])
    func theBrowserIsOpened(opener: String, fails: Bool) throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.deck, to: "d.cir")
        for name in ["open", "xdg-open"] {
            let path = try folder.write("#!/bin/sh\n\(opener)\n", to: name)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let result = try spicelearn(
            "train", deck, "-o", "t.cir", "--live", "--open", in: folder.url,
            path: "\(folder.url.path):\(path)")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("no browser could be started") == fails)
    }

    @Test func wrongUseSaysWhatIsWrong() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.deck, to: "d.cir")
        for (arguments, words) in [
            (["--open"], "--open is of the page of --live"),
            (["--live-port", "8000"], "--live-port is of the page of --live"),
            (["--live", "--seeds", "1..2"], "--live"),
        ] {
            let result = try spicelearn(
                ["train", deck, "-o", "t.cir"] + arguments, in: folder.url)
            #expect(result.status == 64, "\(arguments): \(result.errors)")
            #expect(result.errors.contains(words), "\(arguments): \(result.errors)")
        }
    }
}
