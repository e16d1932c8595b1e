import CSystem
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
        let files = (0..<3).compactMap { _ in tmpfile() }
        defer { for file in files { fclose(file) } }
        guard files.count == 3 else {
            throw Failure("there can be no temporary file", status: ExitStatus.cannotCreate)
        }
        fputs(figure.gnuplotScript(format), files[0])
        rewind(files[0])
        let arguments = [strdup(program), nil]
        let variables =
            ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        let process = csystem_start(program, arguments, variables, files.map { fileno($0) })
        guard process > 0 else {
            throw Failure(
                "gnuplot does not start: \(String(cString: strerror(errno)))",
                status: ExitStatus.software)
        }
        var status: Int32 = 0
        csystem_wait(process, -1, &status)
        func content(_ file: UnsafeMutablePointer<FILE>) -> Data {
            rewind(file)
            return FileHandle(fileDescriptor: fileno(file)).readDataToEndOfFile()
        }
        let picture = content(files[1])
        guard status == 0, !picture.isEmpty else {
            throw Failure(
                "gnuplot failed: "
                    + String(decoding: content(files[2]), as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines), status: ExitStatus.software)
        }
        return Array(picture)
    }

    private static func find() -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { $0 + "/gnuplot" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
