/// A command that solves a netlist with an engine of the user's choice.
protocol EngineCommand: NgspiceCommand {
    var netlist: String { get }
    var engine: EngineOptions { get }
    /// Whether it may come to the sparse engine.
    var maySolveSparse: Bool { get }
}

extension EngineCommand {
    var simulator: NgspiceOptions { engine.simulator }

    var maySolveSparse: Bool { engine.engine == .sparse }
}
