import Foundation
import NgspiceBridge

enum Fixtures {
    /// A ladder of series (`rs1`…) and parallel (`rp1`…) resistors behind 1 V.
    static func ladder(_ count: Int) -> [String] {
        ["ladder", "V1 n0 0 1"]
            + (1...count).flatMap { ["rs\($0) n\($0 - 1) n\($0) 1k", "rp\($0) n\($0) 0 10k"] }
    }

    static var residentKilobytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE)) / 1024
    }

    /// A sanitizer keeps freed memory for a while.
    static let isSanitized =
        dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

    static let batchSimulator = [
        "/usr/bin/ngspice", "/usr/local/bin/ngspice", "/opt/homebrew/bin/ngspice",
    ]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// The tool that was built beside these tests, as a worker; nil on macOS, where tests run in a
    /// program of the system's.
    static let workerProgram: WorkerProgram? = {
        guard let tests = Bundle.main.executableURL else { return nil }
        let path = tests.deletingLastPathComponent().appending(path: "spicelearn").path
        guard FileManager.default.isExecutableFile(atPath: path) else { return nil }
        return WorkerProgram(path: path, arguments: ["ngspice-worker"])
    }()

    /// The operating point that `ngspice -b` prints, by name.
    static func batchOperatingPoint(_ deck: [String], names: [String]) throws -> [String: Double] {
        guard let batchSimulator else { return [:] }
        let commands =
            [".options reltol=1e-9 abstol=1e-15 vntol=1e-12", ".control", "set numdgt=15", "op"]
            + names.map { "print " + ($0.contains("#") ? $0 : "v(\($0))") } + [".endc", ".end"]
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("spicelearn-\(UUID().uuidString).cir")
        try (deck + commands).joined(separator: "\n").write(
            to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: batchSimulator)
        process.arguments = ["-b", file.path]
        // Another test may be starting the library just now, for which SPICE_SCRIPTS is empty: the program
        // would do without its code models.
        process.environment = ProcessInfo.processInfo.environment.filter {
            $0.key != "SPICE_SCRIPTS"
        }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.components(separatedBy: " = ")
            guard parts.count == 2,
                let value = Double(parts[1].trimmingCharacters(in: .whitespaces))
            else { continue }
            let name =
                parts[0].hasPrefix("v(") ? String(parts[0].dropFirst(2).dropLast()) : parts[0]
            values[name] = value
        }
        return values
    }
}
