import Foundation
import Testing

/// The ngspice program, as anyone would run it, to confirm what spicelearn says.
enum PlainNgspice {
    /// Values of vectors at operating points of a deck, one row for each change of sources.
    ///
    /// - Parameters:
    ///   - deck: the whole text; a `.control` section is put before its `.end`.
    ///   - settings: for each point, sources by name and the values that they take.
    ///   - expressions: what to print: `v(b)`, `v(a)-v(c)`.
    static func operatingPoints(
        _ deck: URL, settings: [[(source: String, value: Double)]] = [[]], expressions: [String]
    ) throws -> [[Double]] {
        var control = ["", ".control", "set numdgt=16"]
        for point in settings {
            control += point.map { "alter \($0.source) = \($0.value)" }
            control.append("op")
            control += expressions.enumerated().map { "print \($1)" }
        }
        control += [".endc", ""]
        let bytes = [UInt8](try Data(contentsOf: deck))
        var lines = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let end = lines.firstIndex {
            $0.lowercased().hasPrefix(".end") && !$0.lowercased().hasPrefix(".ends")
        }
        lines.insert(contentsOf: control, at: end ?? lines.count)
        let folder = try TemporaryFolder()
        let copy = try folder.write(lines.joined(separator: "\n"), to: "deck.cir")
        // Includes are relative to the folder of the deck.
        let result = try run(
            URL(filePath: "/usr/bin/env"), ["ngspice", "-n", "-b", copy],
            in: deck.deletingLastPathComponent())
        let values = result.output.split(separator: "\n").compactMap { line -> Double? in
            let parts = line.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, expressions.contains(parts[0]) else { return nil }
            return Double(parts[1])
        }
        let count = expressions.count
        try #require(
            values.count == settings.count * count,
            "ngspice printed \(values.count) values: \(result.output) \(result.errors)")
        return settings.indices.map { Array(values[$0 * count..<($0 + 1) * count]) }
    }
}
