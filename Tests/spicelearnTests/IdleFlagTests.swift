import Testing

/// A flag that was given and changes nothing is told of; one that does something is not.
@Suite struct IdleFlagTests {
    @Test(
        "flags without effect",
        arguments: [
            ("train d.cir -o o.cir --seed 3", "--seed: nothing is drawn at random here"),
            ("train d.cir -o o.cir --order given", "--order: all samples are in each step"),
            ("train d.cir -o o.cir --optimizer auto --rate 0.1", "--rate: the optimizer auto"),
            ("train d.cir -o o.cir --rule gradient --nudge 0.1", "--nudge: the rule gradient"),
            ("train d.cir -o o.cir --set-options", "--set-options: a linear circuit"),
            ("train d.cir -o o.cir --engine sparse --workers 2", "--workers: the sparse engine"),
            ("solve d.cir --rate 0.1 --epochs 3", "--rate, --epochs: solve makes no step"),
            ("solve d.cir --seed 3", "--seed: nothing is drawn"),
            ("analyze d.cir --steps 3", "--steps: analyze makes no step"),
            ("analyze d.cir --rule gradient --nudging one-sided", "--nudging: the rule gradient"),
            ("check d.cir --nudge 0.1 --steps 3", "--nudge, --steps: check solves free states"),
            ("predict d.cir --tolerance 1m", "--tolerance: predict solves free states"),
        ])
    func idle(command: String, warning: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(TrainTests.deck, to: "d.cir")
        let result = try spicelearn(command.split(separator: " ").map(String.init), in: folder.url)
        #expect([0, 1, 2].contains(result.status), "\(result.errors)")
        #expect(result.errors.contains("spicelearn: warning: \(warning)"), "\(result.errors)")
    }

    @Test(
        "flags with an effect",
        arguments: [
            "train d.cir -o o.cir --start random --seed 3",
            "train d.cir -o o.cir --probability 0.5 --seed 3 --rate 0.01 --steps 50",
            "train d.cir -o o.cir --optimizer adam --rate 0.05 --steps 50",
            "train d.cir -o o.cir --rule cl --nudge 0.1", "train d.cir -o o.cir --epochs 3",
            "solve d.cir --nudge 0.001 --nudging one-sided", "check d.cir --tolerance 1m",
            "check d.cir --start random --seed 3", "predict d.cir",
        ])
    func effective(command: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(TrainTests.deck, to: "d.cir")
        let result = try spicelearn(command.split(separator: " ").map(String.init), in: folder.url)
        #expect([0, 1, 2].contains(result.status), "\(result.errors)")
        #expect(!result.errors.contains("warning"), "\(result.errors)")
    }
}
