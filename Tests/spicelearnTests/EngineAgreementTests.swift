import Foundation
import Testing

/// Trainings by the engine that `auto` chooses, by the native one and by ngspice.
@Suite struct EngineAgreementTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "netlists")

    /// Those that train within seconds.
    static let decks = ["", "circuits/"].flatMap { part in
        ((try? FileManager.default.contentsOfDirectory(
            atPath: folder.appending(path: part).path)) ?? [])
            .filter { name in
                name.hasSuffix(".cir")
                    && !["digits", "breast", "iris"].contains { name.hasPrefix($0) }
            }.sorted().map { part + $0 }
    }

    @Test static func thereAreFifty() { #expect(decks.count >= 50) }

    /// The same end, and the same numbers: outputs are within their decks' tolerances, 1e-6 V for most. Behind gains of
    /// 1e5, where ratios of resistances alone count, ngspice's rounding moves what they have in common by 5e-5.
    @Test("engines end a training at the same netlist", arguments: decks)
    func sameNetlist(name: String) throws {
        try expectSameNetlist(Self.folder.appending(path: name))
    }

    /// Expressions of every kind that the native engine has.
    @Test func behaviouralSources() throws {
        let folder = try TemporaryFolder()
        let deck = folder / "behaviour.cir"
        try Data(
            """
            behavioural sources
            .param k=0.8
            V1 s 0 1.2
            VM s m 0
            RS m n1 300
            R1 n1 n2 1k
            R2 n2 0 2k
            B1 n2 0 i={k}*0.2m*tanh(v(n1))*v(n2)^2
            B2 c 0 v=50*i(VM)
            RC c n2 5k
            E1 e 0 vol='0.5*tanh(v(n1,n2))'
            RE e n2 2k
            G1 n1 0 cur='0.1m*exp(v(n2))'
            D1 n1 0 dm
            .model dm d is=1e-12 rs=3
            *.learn trainable R1 R2 RS RE
            *.learn output V(n2)=0.45 V(n1)=0.6
            .end

            """.utf8
        ).write(to: deck)
        try expectSameNetlist(deck, byNative: true)
    }

    private func expectSameNetlist(_ deck: URL, byNative: Bool = false) throws {
        let folder = try TemporaryFolder()
        func train(_ engine: String) throws -> (result: ProcessResult, netlist: URL) {
            let netlist = folder / "\(engine).cir"
            return (
                try spicelearn(
                    "train", deck.path, "-o", netlist.path, "--engine", engine, "--json"), netlist
            )
        }
        let expected = try train("ngspice")
        for engine in ["auto", "native"] {
            let found = try train(engine)
            // What the native engine doesn't know it declines.
            if engine == "native", !byNative, found.result.status == 65 { continue }
            #expect(found.result.status == expected.result.status, "\(found.result.errors)")
            if byNative { #expect(try found.result.json()["engine"] as? String == "native") }
            let comparison = try spicelearn(
                "compare", expected.netlist.path, found.netlist.path, "--rtol", "1e-4")
            #expect(comparison.status == 0, "\(engine): \(comparison.output)")
        }
    }

    /// An amplifier at its rail, of which Newton's method finds no operating point by itself.
    @Test("where the native engine finds no point, ngspice also has the limit of small nudges")
    func limitByNgspice() throws {
        let deck = packageFolder.appending(path: "netlists/circuits/railed-amplifier.cir").path
        for engine in ["native", "ngspice"] {
            let result = try spicelearn(
                "solve", deck, "--engine", engine, "--nudging", "limit", "--json")
            #expect(result.status == 0, "\(engine): \(result.errors)")
        }
    }

    /// 20,604 resistors.
    @Test(
        "of a large circuit ngspice confirms one sample at the end, or a warning says that it didn't"
    )
    func largeCircuits() throws {
        let folder = try TemporaryFolder()
        let made = try spicelearn(
            "generate", "lattice", "--rows", "102", "--columns", "102", "-o", "deck.cir",
            in: folder.url)
        #expect(made.status == 0, "\(made.errors)")
        func train(_ seconds: String) throws -> ProcessResult {
            try spicelearn(
                "train", "deck.cir", "-o", "out.cir", "--engine", "sparse", "--steps", "1",
                "--time-limit", seconds, in: folder.url)
        }
        let confirmed = try train("100")
        #expect(confirmed.status == 2, "\(confirmed.errors)")
        #expect(confirmed.output.contains("3 of its states, solved again by ngspice"))
        #expect(!confirmed.errors.contains("warning"), "\(confirmed.errors)")
        let hurried = try train("0.1")
        #expect(hurried.status == 2, "\(hurried.errors)")
        #expect(hurried.errors.contains("has not confirmed the sparse engine's states"))
    }
}
