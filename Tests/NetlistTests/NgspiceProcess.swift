import Foundation

@testable import Netlist

/// Runs the installed `ngspice -b`, to ask what a deck really means.
enum NgspiceProcess {
    static let path = ["/usr/bin/ngspice", "/usr/local/bin/ngspice", "/opt/homebrew/bin/ngspice"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static var isInstalled: Bool { path != nil }

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

    /// What ngspice prints for a deck.
    static func run(_ deck: String) throws -> String {
        guard let path else { return "" }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "netlist-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("deck.cir")
        try Data(deck.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-n", "-b", file.path]
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
