import Foundation
import Testing

@testable import Netlist

/// Runs the installed `ngspice -b`, to ask what a deck really means.
enum NgspiceProcess {
    static let path = ["/usr/bin/ngspice", "/usr/local/bin/ngspice", "/opt/homebrew/bin/ngspice"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// The language of the installed `ngspice`, in which a deck has to be read to be compared with it.
    static let dialect: Dialect? = {
        guard let path, let output = try? output(of: path, ["--version"]) else { return nil }
        return NgspiceVersion(banner: output).map { Dialect(version: $0) }
    }()

    /// The values of these vectors at the operating point of a deck; nil for those it doesn't have.
    static func operatingPoint(_ deck: String, _ vectors: [String]) throws -> [String: Double] {
        let prints = vectors.map { "print \($0)" }.joined(separator: "\n")
        let control = ".control\nset numdgt=17\noptran 1 0 0 0 0 0\nop\n\(prints)\n.endc\n"
        guard let end = deck.firstIndex(of: "\n") else { return [:] }
        let title = deck[...end]
        let output = try run(String(title) + control + deck[deck.index(after: end)...])
        var values: [String: Double] = [:]
        for line in output.split(separator: "\n") {
            let sides = line.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
            if sides.count == 2, vectors.contains(sides[0]), let value = Double(sides[1]) {
                values[sides[0]] = value
            }
        }
        return values
    }

    /// What ngspice makes of these texts as values of resistors, below these cards.
    static func resistances(_ texts: [String], after cards: [String] = []) throws -> [Double] {
        let devices = texts.enumerated().map { "rv\($0) 1 0 \($1)" }
        let deck = ["* values", "i0 0 1 1", "r0 1 0 1"] + cards + devices + [".end", ""]
        let names = texts.indices.map { "@rv\($0)[resistance]" }
        let values = try operatingPoint(deck.joined(separator: "\n"), names)
        return try names.map { try #require(values[$0], "ngspice does not know \($0)") }
    }

    /// What ngspice prints for a deck.
    static func run(_ deck: String) throws -> String {
        let path = try #require(path, "ngspice is not installed: run make deps")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "netlist-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("deck.cir")
        try Data(deck.utf8).write(to: file)
        return try output(of: path, ["-n", "-b", file.path], in: folder)
    }

    private static func output(
        of path: String, _ arguments: [String], in folder: URL? = nil
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        // Another test may be starting the library just now, for which SPICE_SCRIPTS is empty: the program
        // would do without its code models.
        process.environment = ProcessInfo.processInfo.environment.filter {
            $0.key != "SPICE_SCRIPTS"
        }
        let pipe = Pipe()
        process.standardOutput = pipe
        // In one stream with the values its messages could land in the middle of them.
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
