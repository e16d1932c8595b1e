import Foundation
import Testing

/// Columns of the data that set parameters, resistors and the temperature: each sample in its own circuit.
@Suite struct CornerTests {
    /// What differs between samples stands in percent signs.
    private static let template = """
        corners
        .param vs=%p% half='vs/2'
        V1 in 0 {vs}
        V2 x 0 0.2
        R1 in a 1k tc=2m
        R2 a 0 %R2%
        R3 a b 2k
        R4 b x {1k*vs}
        JUNCTION
        .temp %temp%
        .end

        """
    private static let learning = """
        *.learn trainable R1 R3
        *.learn output V(a) V(b)

        """
    private static let linear = template.replacing("JUNCTION", with: "R5 b 0 5k")
    private static let junction = template.replacing(
        "JUNCTION", with: "D1 b 0 dm\n.model dm d is=1e-12 n=1.2")
    private static let rows: [[String: Double]] = [
        ["V2": 0.2, "vs": 1, "R2": 1000, "temp": 27],
        ["V2": 0.4, "vs": 1.5, "R2": 1000, "temp": 27],
        ["V2": -0.3, "vs": 1, "R2": 2200, "temp": 85],
        ["V2": 0.1, "vs": 1, "R2": 1000, "temp": 27],
        ["V2": 0.2, "vs": 2, "R2": 470, "temp": -40],
    ]

    private func deck(_ template: String, _ row: [String: Double]) -> String {
        template.replacing("%p%", with: "\(row["vs"] ?? 0)")
            .replacing("%R2%", with: "\(row["R2"] ?? 0)")
            .replacing("%temp%", with: "\(row["temp"] ?? 0)")
    }

    private func files(_ template: String, _ targets: [[Double]]? = nil) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let base = deck(template, Self.rows[0])
        _ = try folder.write(
            base.replacing(".end\n", with: Self.learning + ".end\n"), to: "d.cir")
        let names = ["V2", "vs", "R2", "temp"]
        var csv = (names + (targets == nil ? [] : ["V(a)", "V(b)"])).joined(separator: ",") + "\n"
        for (m, row) in Self.rows.enumerated() {
            let cells = names.map { row[$0] ?? 0 } + (targets?[m] ?? [])
            csv += cells.map { "\($0)" }.joined(separator: ",") + "\n"
        }
        _ = try folder.write(csv, to: "data.csv")
        return folder
    }

    /// What `ngspice -b` finds in a deck with the numbers of each row.
    private func plain(_ template: String) throws -> [[Double]] {
        try Self.rows.map { row in
            let folder = try TemporaryFolder()
            let path = try folder.write(
                deck(template, row).replacing(
                    ".end\n", with: ".options reltol=1e-9 abstol=1e-15 vntol=1e-12\n.end\n"),
                to: "plain.cir")
            return try PlainNgspice.operatingPoints(
                URL(filePath: path), settings: [[("v2", row["V2"] ?? 0)]],
                expressions: ["v(a)", "v(b)"])[0]
        }
    }

    @Test("each sample is solved in its own circuit", arguments: [linear, junction])
    func predictions(template: String) throws {
        let folder = try files(template)
        let expected = try plain(template)
        for engine in ["ngspice", "native", "auto"] {
            let run = try spicelearn(
                "predict", "d.cir", "--data", "data.csv", "--engine", engine, in: folder.url)
            #expect(run.status == 0, "\(run.errors)")
            let rows = run.output.split(separator: "\n").dropFirst().map {
                $0.split(separator: ",").compactMap { Double($0) }
            }
            #expect(rows.count == expected.count)
            for (own, plain) in zip(rows, expected) {
                for (a, b) in zip(own, plain) {
                    // Both to reltol 1e-9 in the nonlinear circuit.
                    #expect(abs(a - b) < 1e-8, "\(engine) \(own) \(plain)")
                }
            }
        }
    }

    /// The update of a resistor is the sum over circuits in which it counts differently.
    @Test("the update is the gradient over all circuits", arguments: [linear, junction])
    func gradient(template: String) throws {
        let folder = try files(template, Self.rows.map { _ in [0.4, 0.3] })
        func loss(_ name: String, _ factor: Double) throws -> Double {
            let (line, value) = name == "R1" ? ("R1 in a", 1000.0) : ("R3 a b", 2000.0)
            let old = name == "R1" ? "R1 in a 1k" : "R3 a b 2k"
            let text = try folder.read("d.cir")
            _ = try folder.write(
                text.replacing(old, with: "\(line) \(value * factor)"), to: "moved.cir")
            let run = try spicelearn(
                "solve", "moved.cir", "--data", "data.csv", "--json", "--engine", "native",
                in: folder.url)
            let json = try run.json()
            return try #require(json["loss"] as? Double)
        }
        for engine in ["native", "ngspice"] {
            let run = try spicelearn(
                "solve", "d.cir", "--data", "data.csv", "--json", "--engine", engine, in: folder.url
            )
            #expect(run.status == 0, "\(run.errors)")
            let json = try run.json()
            let update = try #require(json["update"] as? [String: Double])
            for (name, resistance) in [("R1", 1000.0), ("R3", 2000)] {
                // k̇ = −∂L/∂k, and k ∂L/∂k = −R ∂L/∂R. A centered nudge leaves 1e-6, differences 1e-8.
                let slope = (try loss(name, 1 + 1e-4) - loss(name, 1 - 1e-4)) / 2e-4
                let own = try #require(update[name])
                #expect(
                    abs(own / resistance - slope) < 1e-5 * abs(slope), "\(engine) \(name)")
            }
            let angle = try #require(json["gradientAngle"] as? Double)
            #expect(angle < 0.01)
        }
    }

    /// Targets that a hidden circuit gives are learned; `check` agrees, and so does plain ngspice.
    @Test("trains over all of them", arguments: [linear, junction], ["auto", "ngspice"])
    func training(template: String, engine: String) throws {
        let hidden = template.replacing("R3 a b 2k", with: "R3 a b 1.4k")
            .replacing("R1 in a 1k", with: "R1 in a 1.3k")
        let folder = try files(template, plain(hidden))
        let run = try spicelearn(
            "train", "d.cir", "--data", "data.csv", "-o", "t.cir", "--tolerance", "1u", "--engine",
            engine, "--json", in: folder.url)
        #expect(run.status == 0, "\(run.errors)")
        let json = try run.json()
        let resistances = try #require(json["resistances"] as? [String: Double])
        // Ten outputs fix two resistances: to the tolerance over a sensitivity of some 0.1 V per ln R.
        #expect(abs((resistances["R1"] ?? 0) / 1300 - 1) < 1e-4)
        #expect(abs((resistances["R3"] ?? 0) / 1400 - 1) < 1e-4)
        let check = try spicelearn(
            "check", "t.cir", "--data", "data.csv", "--tolerance", "2u", in: folder.url)
        #expect(check.status == 0, "\(check.output)\(check.errors)")
    }

    /// The power of a source whose value follows from a parameter that the data sets.
    @Test func powerFollowsTheCorner() throws {
        let folder = try TemporaryFolder()
        func deck(_ vdd: Int, _ more: String) -> String {
            """
            power in a corner
            .param vdd=\(vdd)
            V1 in 0 {vdd}
            I1 0 a {vdd*1m}
            R1 in a 1k
            R2 a 0 1k
            *.learn output V(a)=2
            *.learn loss squared power=20
            \(more)
            .end

            """
        }
        _ = try folder.write(deck(5, "*.learn data p.csv"), to: "corner.cir")
        _ = try folder.write("vdd,V(a)\n10,2\n5,3\n", to: "p.csv")
        _ = try folder.write(deck(10, ""), to: "ten.cir")
        _ = try folder.write(deck(5, "").replacing("V(a)=2", with: "V(a)=3"), to: "five.cir")
        func solve(_ name: String) throws -> (loss: Double, update: [String: Double]) {
            let run = try spicelearn("solve", name, "--json", in: folder.url)
            let json = try run.json()
            return (
                try #require(json["loss"] as? Double),
                try #require(json["update"] as? [String: Double])
            )
        }
        let (corner, ten, five) = (
            try solve("corner.cir"), try solve("ten.cir"), try solve("five.cir")
        )
        #expect(abs(corner.loss - (ten.loss + five.loss) / 2) < 1e-12 * corner.loss)
        let largest = ten.update.values.reduce(0) { max($0, abs($1)) }
        #expect(largest > 0)
        for (name, own) in corner.update {
            let mean = ((ten.update[name] ?? 0) + (five.update[name] ?? 0)) / 2
            #expect(abs(own - mean) <= 1e-9 * largest, "\(name)")
        }
    }

    @Test(
        "what can't be set is said",
        arguments: [
            ("half", "which is an expression in the netlist"),
            ("R4", "whose value follows from a parameter"),
            ("R3", "the data sets R3: it can't be trained as well"),
            ("Rx", "there is no source or output Rx"),
        ])
    func refusals(column: String, sentence: String) throws {
        let folder = try files(Self.linear)
        _ = try folder.write("V2,\(column),V(a),V(b)\n1,2,0,0\n", to: "bad.csv")
        let run = try spicelearn(
            "train", "d.cir", "--data", "bad.csv", "-o", "t.cir", in: folder.url)
        #expect(run.status == 65 && run.errors.contains(sentence), "\(run.errors)")
        #expect(run.errors.contains("bad.csv:1:4") || column == "R3")
    }

    @Test func oneCircuitIsAskedForByName() throws {
        let folder = try files(Self.linear, Self.rows.map { _ in [0.4, 0.3] })
        for command in [
            ["analyze", "d.cir", "--data", "data.csv"],
            ["export", "d.cir", "--self-learning", "--data", "data.csv", "-o", "s.cir"],
            [
                "train", "d.cir", "--data", "data.csv", "-o", "t.cir", "--time", "continuous",
                "--duration", "1",
            ],
            ["train", "d.cir", "--data", "data.csv", "-o", "t.cir", "--optimizer", "momentum"],
        ] {
            let run = try spicelearn(command, in: folder.url)
            #expect(run.status == 64 && run.errors.contains("vs, R2, temp"), "\(run.errors)")
        }
    }

    /// What is said of columns that can't be read as they are: which unit, which table, and the way out.
    @Test(
        "wrong columns",
        arguments: [
            (
                "V1,temp,V(b)|1,30C,0.2", "", "", "d.csv:2:3: error: column temp: 30C",
                "degrees Celsius, 30"
            ),
            ("V1,R2,V(b)|1,1k,0.2", "", "", "d.csv:2:3: error: column R2: 1k", "ohms, 1000"),
            (
                "V1,vs,V(b)|1,1k,0.2", "", "", "d.csv:2:3: error: column vs: 1k",
                "a plain number, 1000"
            ),
            ("V1,V(b)|1V,0.2", "", "", "d.csv:2:1: error: column V1: 1V", "volts or amperes, 1"),
            (
                "V1,X1.Rt,V(b)|1,1,0.2", "", "", "d.csv:1:4: error:",
                "that of X2.Rt, too: put a parameter"
            ),
            (
                "V1,t,V(b)|1,30,0.2", "", "encode t V1|ignore t", ":1:8: error:",
                "keep one of the two"
            ),
            (
                "V1,t,V(b)|1,30,0.2", "", "encode t temp from=0..1 to=0..1", "error: encode sets",
                "call the column temp"
            ),
            ("V1,t,V(b)|1,30,0.2", "", "encode t R2", "error: encode sets", "call the column R2"),
            ("V1,t,V(b)|1,30,0.2", "", "encode t vs", "error: encode sets", "call the column vs"),
            (
                "V1,vs,V(b)|1,30,0.2", "", "input vs", "error: vs is not",
                "leave it out of the inputs"
            ),
            (
                "V1,temp,V(b)|1,30,0.2", "V1,V(b)|1,0.2", "",
                "t.csv:1:1: error: the test data has no", "temp"
            ),
            ("V1,V(b)|1,0.2", "V1|1", "", "error: V(b) has no target", "to the test data"),
        ])
    func wrongColumns(
        data: String, test: String, options: String, place: String, words: String
    ) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Self.columns, to: "d.cir")
        _ = try folder.write(data.replacing("|", with: "\n") + "\n", to: "d.csv")
        var arguments = ["train", "d.cir", "-o", "o.cir", "--data", "d.csv"]
        for option in options.split(separator: "|") {
            let parts = option.split(separator: " ", maxSplits: 1).map(String.init)
            arguments += ["--" + parts[0], parts[1]]
        }
        if !test.isEmpty {
            _ = try folder.write(test.replacing("|", with: "\n") + "\n", to: "t.csv")
            arguments += ["--test", "t.csv"]
        }
        let result = try spicelearn(arguments, in: folder.url)
        #expect(result.status == 65, "\(result.errors)")
        #expect(result.errors.contains(place), "\(result.errors)")
        #expect(result.errors.contains(words), "\(result.errors)")
    }

    private static let columns = """
        columns
        .param vs=1
        V1 a 0 1
        R1 a b 1k
        R2 b 0 1k
        X1 b 0 s
        X2 b 0 s
        .subckt s p q
        Rt p q 1k tc=1m
        .ends
        *.learn trainable R1
        *.learn output V(b)
        .end

        """

    @Test("a column called as a parameter temp sets that, with a word about it")
    func parameterCalledTemp() throws {
        let folder = try TemporaryFolder()
        let deck = Self.columns.replacing(".param vs=1", with: ".param temp=1k")
            .replacing("R2 b 0 1k", with: "R2 b 0 {temp}")
        _ = try folder.write(deck, to: "d.cir")
        _ = try folder.write("V1,temp\n1,500\n", to: "d.csv")
        let result = try spicelearn("predict", "d.cir", "--data", "d.csv", in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.errors.contains(
                "d.csv:1:4: warning: this column sets the parameter temp on line 2"),
            "\(result.errors)")
        // 250 Ω below 1 kΩ.
        let last = result.output.split(separator: "\n").last.flatMap { Double($0) }
        #expect(abs(try #require(last) - 0.2) < 1e-9, "\(result.output)")
    }
}
