/// Flags under the names that other programs, and the literature, have for them.
enum FlagsOfOthers {
    /// The other name, without dashes, and ours.
    private static let names: [(others: [String], own: String)] = [
        (["learning-rate", "lr", "step-size", "alpha"], "--rate"),
        (["beta", "eta", "nudge-strength", "nudging-strength", "amplitude"], "--nudge"),
        (["iterations", "iters", "max-steps", "max-iterations", "max-iter", "n-steps"], "--steps"),
        (["num-epochs", "n-epochs", "max-epochs"], "--epochs"),
        (["batch-size", "minibatch"], "--batch"),
        (["tol", "eps", "abstol"], "--tolerance"),
        (["threads", "jobs", "processes", "cores"], "--workers"),
        (["simulator", "solver", "backend"], "--engine"),
        (["algorithm", "method"], "--rule"),
        (["target", "targets"], "--output 'V(node)=target'"),
        (["output-file", "outfile", "save"], "-o"),
        (["random-seed", "rng"], "--seed"),
        (["dataset", "csv", "samples"], "--data"),
        (["log", "log-file", "logfile"], "--history"),
        (["html", "plot"], "--report"),
        (["params", "parameters", "train", "trained"], "--trainable"),
    ]

    /// The message of an unknown option, with what is meant by it in place of what is only spelled like it.
    ///
    /// - Parameter help: of the command, which has to know what is suggested.
    static func suggesting(in message: String, help: String) -> String {
        guard
            let match = message.firstMatch(
                of: /Unknown option '--([a-z-]+)'(?:\. Did you mean '[^']*'\?)?/),
            let own = names.first(where: { $0.others.contains(String(match.1)) })?.own,
            // Whole words: in --output there is -o.
            help.split(whereSeparator: { !($0.isLetter || $0 == "-") })
                .contains(own.split(separator: " ")[0])
        else { return message }
        return message.replacingCharacters(
            in: match.range, with: "Unknown option '--\(match.1)': here it is \(own)")
    }
}
