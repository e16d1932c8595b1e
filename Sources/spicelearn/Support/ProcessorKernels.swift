import Foundation
import SparseBridge

/// Dense blocks of large factorizations as fast as this processor can.
enum ProcessorKernels {
    /// Some 35,000 resistors: a factorization of so many takes less than a tenth of a second even in three
    /// dimensions, and a fifth less with the right kernels.
    private static let leastBytes = 1_000_000

    /// Starts the program anew, as the same process with the same arguments, where a command will factor
    /// large matrices and OpenBLAS has to be told which processor this is (`BLAS.remedy`).
    ///
    /// Returns where that is not so, where the user has told it, or where it can't be done.
    static func require(for command: any EngineCommand) {
        var file = stat()
        guard command.maySolveSparse, stat(command.netlist, &file) == 0,
            file.st_size >= leastBytes,
            let remedy = BLAS.remedy, getenv(remedy.variable) == nil
        else { return }
        setenv(remedy.variable, remedy.core, 1)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &arguments)
        unsetenv(remedy.variable)
        arguments.forEach { free($0) }
    }
}
