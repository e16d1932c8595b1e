import ArgumentParser
import NgspiceBridge

/// `spicelearn ngspice-worker`: what this program runs as to have ngspice in a process of its own.
struct WorkerCommand: ParsableCommand {
    static let name = "ngspice-worker"
    static let program = WorkerProgram.own(arguments: [name])

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Run ngspice for the process at the other end of standard input.",
        shouldDisplay: false)

    func run() {
        // How long a load takes is for the process at the other end to say.
        LoadLimit.enable(seconds: .infinity)
        NgspiceWorker.serve()
    }
}
