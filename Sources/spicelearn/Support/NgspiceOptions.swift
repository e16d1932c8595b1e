import ArgumentParser
import Foundation
import Netlist
import NgspiceBridge

/// Which ngspice solves.
struct NgspiceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The shared library of another ngspice, such as /opt/ngspice-44/lib/libngspice.so.0. \
            (default: SPICELEARN_NGSPICE, or the installed one)
            """, valueName: "file"), completion: .file())
    var ngspice: String?

    /// Makes this the ngspice of the process and of its workers.
    ///
    /// - Throws: `Failure` 66 where the file can't be read.
    func choose() throws(Failure) {
        if let ngspice { Ngspice.useLibrary(at: ngspice) }
        guard let path = Ngspice.chosenLibrary, access(path, R_OK) != 0 else { return }
        let reason = String(cString: strerror(errno))
        let origin = ngspice.map { "--ngspice \($0)" } ?? "SPICELEARN_NGSPICE"
        throw Failure("\(origin): \(path): \(reason)", status: ExitStatus.noInput)
    }
}

extension Dialect {
    /// That of the ngspice that solves; of the oldest where there is none, which is an error only when it
    /// is to solve something.
    static var installed: Dialect {
        (try? Ngspice.installed()).map { Dialect(version: $0.version) } ?? Dialect()
    }
}

/// A command that runs ngspice.
protocol NgspiceCommand {
    var simulator: NgspiceOptions { get }
}
