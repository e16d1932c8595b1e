import Foundation
import Studies

/// Draws figures with the gnuplot program, which reads its script from standard input and answers on
/// standard output: no shell, no files.
enum Gnuplot {
    /// The picture.
    ///
    /// - Throws: `Failure` 70 where gnuplot is missing or fails.
    static func draw(_ figure: Figure, as format: Figure.Format) throws -> [UInt8] {
        guard let program = find() else {
            throw Failure(
                """
                gnuplot draws the figure and is not installed: apt-get install gnuplot-nox, or brew \
                install gnuplot, then run this again
                """, status: ExitStatus.software)
        }
        // Files without names instead of pipes: neither side can block the other, or die of it.
        guard let script = tmpfile(), let errors = tmpfile() else {
            throw Failure("there is no temporary file to be had", status: ExitStatus.cannotCreate)
        }
        defer {
            fclose(script)
            fclose(errors)
        }
        fputs(figure.gnuplotScript(format), script)
        rewind(script)
        let process = Process()
        process.executableURL = program
        process.standardInput = FileHandle(fileDescriptor: fileno(script))
        process.standardError = FileHandle(fileDescriptor: fileno(errors))
        let answer = Pipe()
        process.standardOutput = answer
        do { try process.run() } catch {
            throw Failure("gnuplot does not start: \(error)", status: ExitStatus.software)
        }
        let picture = answer.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0, !picture.isEmpty else {
            rewind(errors)
            let said = FileHandle(fileDescriptor: fileno(errors)).readDataToEndOfFile()
            throw Failure(
                "gnuplot failed: "
                    + String(decoding: said, as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines), status: ExitStatus.software)
        }
        return Array(picture)
    }

    private static func find() -> URL? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map {
            URL(filePath: String($0)).appending(path: "gnuplot")
        }.first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }
}
