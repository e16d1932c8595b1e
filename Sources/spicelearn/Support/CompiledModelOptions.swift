import ArgumentParser
import Foundation

/// Compiled Verilog-A models, which only the command line can name: to load one is to run it.
struct CompiledModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            A compiled Verilog-A model (OSDI) for the netlist's N devices, which ngspice loads and runs. \
            May be repeated; not with --untrusted.
            """, valueName: "file"), completion: .file(extensions: ["osdi"]))
    var osdi: [String] = []

    /// Their whole paths.
    ///
    /// - Throws: `ValidationError` where the netlist is a stranger's, `Failure` 66 for a file that can't be
    ///   read.
    func paths(untrusted: Bool) throws -> [String] {
        if untrusted, let first = osdi.first {
            throw ValidationError(
                "--osdi \(first) runs code at the netlist's wish: leave it out, or leave out --untrusted"
            )
        }
        return try osdi.map { path in
            guard access(path, R_OK) == 0 else {
                let reason = String(cString: strerror(errno))
                throw Failure("--osdi \(path): \(reason)", status: ExitStatus.noInput)
            }
            return URL(filePath: path).standardizedFileURL.path
        }
    }
}
