import Reports

/// Lays networks out with the programs of Graphviz, which are told no name of the netlist.
enum Graphviz {
    /// The longest that a program may take, seconds; the networks that are drawn take a few.
    private static let limit = 20.0

    /// Gives the network's nodes better places than those on a circle.
    ///
    /// - Returns: why they stay there; nil where they don't.
    static func place(_ network: inout CircuitDrawing) -> String? {
        guard !network.devices.isEmpty else { return nil }
        let circle = "the network's nodes are drawn on a circle"
        var fault = ""
        for layout in network.suitedLayouts {
            guard let program = ExternalProgram.find(layout.rawValue) else {
                return """
                    \(circle): Graphviz, which lays networks out, is not installed (apt-get install \
                    graphviz, or brew install graphviz)
                    """
            }
            do throws(Failure) {
                let answer = try ExternalProgram(path: program).run(
                    ["-Tplain"], input: Array(network.graphvizText(for: layout).utf8),
                    seconds: limit)
                let places = String(decoding: answer.output, as: UTF8.self)
                if answer.succeeded, network.place(places, by: layout) { return nil }
                fault = "\(layout.rawValue) failed: \(answer.errors)"
            } catch {
                fault = error.message
            }
        }
        return "\(circle): \(fault)"
    }
}
