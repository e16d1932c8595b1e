import Foundation
import Testing

/// The package's folder, from where this file lies in it.
let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

/// `make test-slow`.
let slowToo = ProcessInfo.processInfo.environment["SLOW_TESTS"] != nil

/// What a process printed and how it ended.
struct ProcessResult {
    let status: Int32
    /// It was ended by a signal, whose number is the status.
    let crashed: Bool
    /// It had not ended in time, and was killed.
    let timedOut: Bool
    let output: String
    let errors: String

    /// Standard output as one JSON object.
    func json() throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
        return try #require(object as? [String: Any])
    }

    /// Standard output without what differs from one run of a training to the next: how long it took.
    ///
    /// Nor what ngspice confirmed: a training that was resumed is looked at again.
    var outputWithoutSeconds: String {
        output.replacing(/"seconds"\s*:\s*[0-9.eE+-]+,?/, with: "")
            .replacing(/"confirmed"\s*:\s*\{[^}]*\},?/, with: "")
    }
}

/// Runs a program (with another PATH and other variables, if they are given) to its end, or kills it after `limit` seconds: a
/// hang is a failure, not a wait, unless `hangIsFailure` is false.
func run(
    _ executable: URL, _ arguments: [String], input: String? = nil, in folder: URL? = nil,
    path: String? = nil, variables: [String: String] = [:], limit: Double = 120,
    hangIsFailure: Bool = true, whileRunning: (Process) -> Void = { _ in }
) throws -> ProcessResult {
    let scratch = try TemporaryFolder()
    let (outputFile, errorFile) = (scratch / "stdout", scratch / "stderr")
    for file in [outputFile, errorFile] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Another test may be starting the library just now, for which SPICE_SCRIPTS is empty: the program
    // would do without its code models.
    var environment = ProcessInfo.processInfo.environment.filter {
        $0.key != "SPICE_SCRIPTS"
    }
    if let path { environment["PATH"] = path }
    // Its printer of crashes may keep pipes open.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    // Nothing may be left there, but by a process that was killed.
    let temporary = scratch / "temporary"
    try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: false)
    environment["TMPDIR"] = temporary.path
    environment.merge(variables) { $1 }
    process.environment = environment
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: errorFile)
    if let input {
        let file = scratch / "stdin"
        try Data(input.utf8).write(to: file)
        process.standardInput = try FileHandle(forReadingFrom: file)
    } else {
        process.standardInput = FileHandle.nullDevice
    }
    try process.run()
    whileRunning(process)
    let deadline = Date(timeIntervalSinceNow: limit)
    while process.isRunning, Date() < deadline { usleep(2000) }
    let timedOut = process.isRunning
    if timedOut {
        kill(process.processIdentifier, SIGKILL)
        if hangIsFailure {
            Issue.record("\(executable.lastPathComponent) \(arguments) did not end in \(limit) s")
        }
    }
    process.waitUntilExit()
    if process.terminationReason == .exit, executable.lastPathComponent != "env" {
        let left = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
        #expect(left.isEmpty, "left behind by \(executable.lastPathComponent) \(arguments)")
    }
    return ProcessResult(
        status: process.terminationStatus, crashed: process.terminationReason == .uncaughtSignal,
        timedOut: timedOut,
        output: String(decoding: try Data(contentsOf: outputFile), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: errorFile), as: UTF8.self))
}

/// Runs the tool as a user does.
func spicelearn(
    _ arguments: String..., input: String? = nil, in folder: URL? = nil, path: String? = nil,
    whileRunning: (Process) -> Void = { _ in }
) throws -> ProcessResult {
    try spicelearn(arguments, input: input, in: folder, path: path, whileRunning: whileRunning)
}

func spicelearn(
    _ arguments: [String], input: String? = nil, in folder: URL? = nil, path: String? = nil,
    whileRunning: (Process) -> Void = { _ in }
) throws -> ProcessResult {
    try run(
        spicelearnExecutable, arguments, input: input, in: folder, path: path,
        whileRunning: whileRunning)
}

/// The tool that was built with these tests: beside them on Linux, wherever that is.
let spicelearnExecutable: URL = {
    if let tests = Bundle.main.executableURL {
        let neighbour = tests.deletingLastPathComponent().appending(path: "spicelearn")
        if FileManager.default.isExecutableFile(atPath: neighbour.path) { return neighbour }
    }
    #if DEBUG
        let configuration = "debug"
    #else
        let configuration = "release"
    #endif
    return packageFolder.appending(path: ".build/\(configuration)/spicelearn")
}()

/// A folder of one test's own, gone when the test is.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "spicelearn-\(UUID().uuidString.lowercased())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        // A worker whose program was killed may be removing its own folder just now.
        for _ in 0..<100 {
            try? FileManager.default.removeItem(at: url)
            guard FileManager.default.fileExists(atPath: url.path) else { return }
            usleep(20_000)
        }
    }

    static func / (folder: TemporaryFolder, name: String) -> URL {
        folder.url.appending(path: name)
    }

    /// Writes a file and gives its path.
    func write(_ text: String, to name: String) throws -> String {
        let file = url.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appending(path: name)), as: UTF8.self)
    }

    /// All files by name.
    func contents() throws -> [String: Data] {
        var result: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: url.path) {
            result[name] = try Data(contentsOf: self / name)
        }
        return result
    }
}
