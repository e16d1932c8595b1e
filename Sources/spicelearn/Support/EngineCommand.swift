/// A command that solves a netlist with an engine of the user's choice.
protocol EngineCommand: NgspiceCommand {
    var engine: EngineOptions { get }
}

extension EngineCommand {
    var simulator: NgspiceOptions { engine.simulator }
}
