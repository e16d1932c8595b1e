import ArgumentParser
import NgspiceBridge

/// What `--version` prints: this program, and the ngspice that it would use.
enum VersionText {
    static let own = "0.1.0"

    /// Whether the user asked for it.
    static func isWanted(by error: any Error) -> Bool {
        Spicelearn.exitCode(for: error) == .success && Spicelearn.message(for: error) == own
    }

    /// - Parameter arguments: the command line, on which `--ngspice` may choose another library.
    static func text(_ arguments: [String]) -> String {
        "spicelearn \(own)\n" + simulator(arguments)
    }

    private static func simulator(_ arguments: [String]) -> String {
        var options = NgspiceOptions()
        // The parser stopped at --version, and read no other argument.
        options.ngspice =
            arguments.enumerated().lazy.compactMap { index, argument in
                let equation = "--ngspice="
                if argument.hasPrefix(equation) {
                    return String(argument.dropFirst(equation.count))
                }
                return argument == "--ngspice" ? arguments.dropFirst(index + 1).first : nil
            }.first
        do {
            try options.choose()
            let installed = try Ngspice.installed()
            let models = installed.codeModels.isEmpty ? ", without code models" : ""
            return "ngspice \(installed.version), \(installed.path)\(models)"
        } catch let failure as Failure {
            return "ngspice not found: \(failure.message)"
        } catch {
            return "ngspice not found: \(error)"
        }
    }
}
