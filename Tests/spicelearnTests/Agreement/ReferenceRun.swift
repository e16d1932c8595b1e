import Foundation

/// The operating point of a deck as the ngspice program itself finds it.
///
/// The deck is read from a copy beside it, so that its includes are found, without what would run in it
/// (`.control` sections, analyses, output) and with one `op` whose vectors ngspice writes to a file.
struct ReferenceRun {
    /// Volt, by ngspice's names of the nodes in lower case; nil where ngspice found no solution.
    let voltages: [String: Double]?
    /// It had not ended in time.
    let timedOut: Bool

    /// - Parameter behaviour: ngspice's `ngbehavior`; nil for its own language.
    init(of deck: URL, limit: Double, behaviour: String? = nil) throws {
        let folder = deck.deletingLastPathComponent()
        let scratch = try TemporaryFolder()
        let raw = scratch / "op.raw"
        let copy = folder.appending(path: ".agreement-\(UUID()).cir")
        defer { try? FileManager.default.removeItem(at: copy) }
        try Self.prepared(try Data(contentsOf: deck), writing: raw.path).write(to: copy)
        let process = try run(
            URL(filePath: "/usr/bin/env"),
            ["ngspice", "-n"] + (behaviour.map { ["-D", "ngbehavior=\($0)"] } ?? [])
                + ["-b", copy.path], in: scratch.url,
            limit: limit, hangIsFailure: false)
        timedOut = process.timedOut
        voltages = (try? Data(contentsOf: raw)).flatMap(Self.voltages)
    }

    private static func prepared(_ deck: Data, writing raw: String) -> Data {
        let control = ["set filetype=ascii", "save all", "op", "write \(raw) all"]
        let lines = OperatingPointDeck.lines(of: deck, running: control)
        return Data(lines.joined(separator: Data("\n".utf8)))
    }

    /// The voltages in an ASCII raw file of one point.
    private static func voltages(_ raw: Data) -> [String: Double]? {
        let lines = String(decoding: raw, as: UTF8.self).split(separator: "\n").map(String.init)
        guard let header = lines.firstIndex(where: { $0.hasPrefix("Variables:") }),
            let values = lines.firstIndex(where: { $0.hasPrefix("Values:") })
        else { return nil }
        let names = lines[(header + 1)..<values].map {
            $0.split(separator: "\t", omittingEmptySubsequences: true).map(String.init)
        }
        // The first number is the point's.
        let numbers = lines[(values + 1)...].flatMap { $0.split(whereSeparator: \.isWhitespace) }
            .dropFirst().map { Double($0) ?? .nan }
        guard numbers.count >= names.count else { return nil }
        var voltages: [String: Double] = [:]
        for (name, value) in zip(names, numbers) where name.count > 2 && name[2] == "voltage" {
            voltages[node(name[1])] = value
        }
        // Where `op` fails, ngspice writes what it has of another plot.
        return voltages.isEmpty ? nil : voltages
    }

    /// `v(1)` and even `v(v(1))` stand for `1`.
    private static func node(_ vector: String) -> String {
        var name = vector.lowercased()
        while name.hasPrefix("v("), name.hasSuffix(")") {
            name = String(name.dropFirst(2).dropLast())
        }
        return name
    }

    /// How ngspice spells a node of a deck.
    static func node(spelled name: String) -> String {
        // Of Net-(R1-Pad2), ngspice leaves the last character out.
        let name = name.contains("(") ? name.replacing(")", with: "") : name
        let letters = name.replacing("µ", with: "u").utf8.map { byte -> UInt8 in
            byte < 0x80 ? byte : UInt8(ascii: "_")
        }
        return String(decoding: letters, as: UTF8.self).lowercased()
    }
}
