import LearningTasks

/// A lattice of `side` × `side` nodes with inputs at two corners, ground at a third and four outputs, as
/// the texts of a deck and of its data: what every contender of a benchmark reads.
struct Lattice {
    let side: Int
    let samples: Int

    /// The nudging strength, S: about the conductance seen at an output, so that a nudge moves a node as
    /// much as an input does. Centered AL is exact at any.
    static let nudge = 1e-3

    var edges: Int { 2 * side * (side - 1) }

    private func node(_ row: Int, _ column: Int) -> String {
        (row, column) == (side - 1, side - 1) ? "0" : "n\(row)_\(column)"
    }

    private var outputs: [String] {
        let middle = side / 2
        return [(middle, middle), (middle, 0), (0, middle), (side - 1, 0)]
            .map { "V(\(node($0.0, $0.1)))" }
    }

    /// Resistors between 500 Ω and 2 kΩ, the same for every run.
    ///
    /// - Parameter data: the name of the file that holds `data`.
    func deck(data: String) -> String {
        var lines = [
            "Square lattice, \(edges) resistors", "V1 n0_0 0 1", "V2 n0_\(side - 1) 0 0.5",
        ]
        var generator = SplitMix64(seed: 1)
        for row in 0..<side {
            for column in 0..<side {
                for (down, right) in [(0, 1), (1, 0)]
                where row + down < side && column + right < side {
                    let ohms = Double.random(in: 500...2000, using: &generator)
                    let (a, b) = (node(row, column), node(row + down, column + right))
                    lines.append("R\(lines.count - 2) \(a) \(b) \(ohms)")
                }
            }
        }
        lines += [
            "*.learn rule al nudge=\(Self.nudge) nudging=centered", "*.learn input V1 V2",
            "*.learn output " + outputs.joined(separator: " "), "*.learn data \(data)", ".end", "",
        ]
        return lines.joined(separator: "\n")
    }

    /// Inputs and targets between 0 and 1 V.
    var data: String {
        var generator = SplitMix64(seed: 2)
        let rows = (0..<samples).map { _ in
            (0..<6).map { _ in "\(Double.random(in: 0...1, using: &generator))" }
                .joined(separator: ",")
        }
        return ([(["V1", "V2"] + outputs).joined(separator: ",")] + rows + [""])
            .joined(separator: "\n")
    }
}
