import Foundation
import Testing

/// The ngspice program, as anyone would run it, to confirm what spicelearn says.
enum PlainNgspice {
    /// Values of vectors at operating points of a deck, one row for each change of sources.
    ///
    /// - Parameters:
    ///   - deck: its text, of which only the circuit is kept (`OperatingPointDeck`).
    ///   - settings: for each point, sources by name and the values that they take.
    ///   - expressions: what to print: `v(b)`, `v(a)-v(c)`.
    static func operatingPoints(
        _ deck: URL, settings: [[(source: String, value: Double)]] = [[]], expressions: [String]
    ) throws -> [[Double]] {
        var control = ["set numdgt=16"]
        for point in settings {
            control += point.map { "alter \($0.source) = \($0.value)" }
            control.append("op")
            control += expressions.map { "print \($0)" }
            // Each command walks the vectors of all plots that are kept.
            control.append("destroy all")
        }
        let lines = OperatingPointDeck.lines(of: try Data(contentsOf: deck), running: control)
        let text = lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        let folder = try TemporaryFolder()
        let copy = try folder.write(text.replacing("\r\n", with: "\n"), to: "deck.cir")
        // Includes are relative to the folder of the deck.
        let result = try run(
            URL(filePath: "/usr/bin/env"), ["ngspice", "-n", "-b", copy],
            in: deck.deletingLastPathComponent())
        let names = Set(expressions)
        let values = result.output.split(separator: "\n").compactMap { line -> Double? in
            let parts = line.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, names.contains(parts[0]) else { return nil }
            return Double(parts[1])
        }
        let count = expressions.count
        try #require(
            values.count == settings.count * count,
            "ngspice printed \(values.count) values: \(result.output) \(result.errors)")
        return settings.indices.map { Array(values[$0 * count..<($0 + 1) * count]) }
    }
}
