import ArgumentParser

/// Whether, where and how often a training is kept.
struct CheckpointOptions: ParsableArguments {
    static let title = "Checkpoints, to go on to the same bits after whatever may happen"

    @Option(
        help: ArgumentHelp(
            """
            Keep the training in this file: replaced in one move now and then, when training ends, and \
            when it is interrupted.
            """, valueName: "file"), completion: .file())
    var checkpoint: String?

    @Option(
        help: ArgumentHelp(
            "How often: after so many steps, or a time like 30s, 5m or 2h. (default: 1m)",
            valueName: "steps|time"))
    var every: CheckpointInterval?

    @Option(
        help: ArgumentHelp(
            """
            Go on from this checkpoint, with what was asked for then: only --steps and --tolerance may \
            differ, and the files that are written. Checkpoints go on in the same file.
            """, valueName: "file"), completion: .file())
    var resume: String?

    func validate() throws {
        if every != nil, checkpoint == nil, resume == nil {
            throw ValidationError(
                "--every says how often to write --checkpoint: name that file too")
        }
        for (flag, path) in [("checkpoint", checkpoint), ("resume", resume)] {
            if let path, OutputPath.isStandardOutput(path) {
                throw ValidationError("--\(flag) \(path): a checkpoint is a file")
            }
        }
    }
}

/// The distance of checkpoints.
struct CheckpointInterval: Sendable, ExpressibleByArgument {
    private enum Distance: Sendable {
        case steps(Int)
        case time(Duration)
    }

    /// As it was typed.
    let argument: String
    private let distance: Distance

    /// - Parameter argument: `100`, `30s`, `5m`, `1.5h`.
    init?(argument: String) {
        self.argument = argument
        if let steps = Int(argument) {
            guard steps > 0 else { return nil }
            distance = .steps(steps)
            return
        }
        let seconds: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = argument.last.flatMap({ seconds[$0] }),
            let number = Double(argument.dropLast()), number > 0, number * unit < 1e9
        else { return nil }
        distance = .time(.seconds(number * unit))
    }

    /// A minute: what a crash may cost, while a checkpoint takes milliseconds.
    static let standard = Self(argument: "1m", .time(.seconds(60)))

    private init(argument: String, _ distance: Distance) {
        (self.argument, self.distance) = (argument, distance)
    }

    /// - Parameter elapsed: since the last checkpoint.
    func isDue(step: Int, elapsed: Duration) -> Bool {
        switch distance {
        case .steps(let count): step > 0 && step.isMultiple(of: count)
        case .time(let time): elapsed >= time
        }
    }
}
