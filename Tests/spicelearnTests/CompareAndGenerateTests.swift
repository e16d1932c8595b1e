import Foundation
import Testing

@Suite struct CompareTests {
    @Test func spellingDoesNotCount() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write("t\nV1 a 0 1\nR1 a 0 1k\n.end\n", to: "a.cir")
        let b = try folder.write(
            "other\n* note\nv1 A 0\n+ 1.0\nr1  a 0 1e3 ; same\n.end\n", to: "b.cir")
        let result = try spicelearn("compare", a, b)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test func differencesNameBothPlaces() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write("t\nV1 a 0 1\nR1 a 0 1k\nR2 a 0 5\n.end\n", to: "a.cir")
        let b = try folder.write("t\nV1 a 0 1\n\nR1 a 0 1001\nR3 a 0 5\n.end\n", to: "b.cir")
        let result = try spicelearn("compare", a, b)
        #expect(result.status == 1)
        #expect(result.output.contains("a.cir:3:8"))
        #expect(result.output.contains("b.cir:4:8"))
        #expect(result.output.lowercased().contains("r2"))
        #expect(result.output.lowercased().contains("r3"))
        #expect(try spicelearn("compare", a, a).status == 0)
        let json = try spicelearn("compare", a, b, "--json").json()
        #expect(json["equal"] as? Bool == false)
        #expect((json["differences"] as? [Any])?.count == 3)
    }

    @Test func tolerances() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write("t\nV1 a 0 1\nR1 a 0 1k\n.end\n", to: "a.cir")
        let b = try folder.write("t\nV1 a 0 1\nR1 a 0 1000.1\n.end\n", to: "b.cir")
        #expect(try spicelearn("compare", a, b).status == 1)
        #expect(try spicelearn("compare", a, b, "--rtol", "2e-4").status == 0)
        #expect(try spicelearn("compare", a, b, "--atol", "0.2").status == 0)
        #expect(try spicelearn("compare", a, b, "--atol", "-1").status == 64)
    }
}

@Suite struct GenerateTests {
    @Test(
        "a generated deck trains as it is",
        arguments: [
            ["lattice", "--rows", "4", "--columns", "4", "--outputs", "2"],
            ["random", "--nodes", "12", "--outputs", "2"],
            ["layered", "--layers", "3,2,1", "--samples", "6"],
            ["kite", "--delta", "0.2"],
        ])
    func trains(arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let deck = (folder / "net.cir").path
        let made = try spicelearn(["generate"] + arguments + ["--seed", "5", "-o", deck])
        #expect(made.status == 0, "\(made.errors)")
        let again = try spicelearn(
            ["generate"] + arguments + ["--seed", "5", "-o", (folder / "net2.cir").path])
        #expect(again.status == 0)
        #expect(
            try folder.read("net.cir").replacing("net.csv", with: "")
                == folder.read("net2.cir").replacing("net2.csv", with: ""))
        let result = try spicelearn("train", deck, "-o", (folder / "out.cir").path)
        #expect(result.status == 0, "\(result.errors)")
    }
}
