import CSystem
import Foundation

/// A program of someone else's that reads its standard input and answers on its standard output: no shell, and no
/// files with names.
struct ExternalProgram {
    let path: String

    struct Answer {
        /// Whether it ended by itself, with exit code 0.
        let succeeded: Bool
        /// Whether it had not ended in time.
        var isLate = false
        let output: [UInt8]
        /// What it complained of, without blanks around it.
        let errors: String
    }

    /// The first program of this name on the user's path.
    static func find(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// - Parameters:
    ///   - seconds: after which it is killed; nil to wait for as long as it takes.
    ///   - goesOn: whether it is left alone instead, as long as this program runs.
    /// - Throws: `Failure` where it does not start.
    func run(
        _ arguments: [String] = [], input: [UInt8], seconds: Double? = nil, goesOn: Bool = false
    ) throws(Failure) -> Answer {
        // Files without names instead of pipes: neither side can block the other, or die of it.
        let files = (0..<3).compactMap { _ in tmpfile() }
        defer { for file in files { fclose(file) } }
        guard files.count == 3, fwrite(input, 1, input.count, files[0]) == input.count else {
            throw Failure("there can be no temporary file", status: ExitStatus.cannotCreate)
        }
        rewind(files[0])
        let words = ([path] + arguments).map { strdup($0) } + [nil]
        let variables =
            ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + variables { free(text) } }
        let process = csystem_start(path, words, variables, files.map { fileno($0) })
        guard process > 0 else {
            throw Failure(
                "\(path.fileName) does not start: \(String(cString: strerror(errno)))",
                status: ExitStatus.software)
        }
        var status: Int32 = 0
        if csystem_wait(process, seconds.map { Int32(1000 * $0) } ?? -1, &status) == 0 {
            if !goesOn {
                kill(process, SIGKILL)
                csystem_wait(process, -1, &status)
            }
            return Answer(
                succeeded: false, isLate: true, output: [],
                errors: "it took more than \(readable(seconds ?? 0)) s")
        }
        func content(_ file: UnsafeMutablePointer<FILE>) -> Data {
            rewind(file)
            return FileHandle(fileDescriptor: fileno(file)).readDataToEndOfFile()
        }
        return Answer(
            succeeded: status == 0, output: Array(content(files[1])),
            errors: String(decoding: content(files[2]), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
