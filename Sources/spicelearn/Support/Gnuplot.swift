import Figures

/// Draws figures with the gnuplot program, which reads its script from standard input and answers on
/// standard output: no shell, no files.
enum Gnuplot {
    /// The picture.
    ///
    /// - Throws: `Failure` 70 where gnuplot is missing or fails.
    static func draw(_ figure: Figure, as format: Figure.Format) throws -> [UInt8] {
        guard let program = ExternalProgram.find("gnuplot") else {
            throw Failure(
                """
                gnuplot draws the figure and is not installed: apt-get install gnuplot-nox, or brew \
                install gnuplot, then run this again
                """, status: ExitStatus.software)
        }
        // Without the user's own settings, which would be drawn too.
        let answer = try ExternalProgram(path: program).run(
            ["-d"], input: Array(figure.gnuplotScript(format).utf8))
        guard answer.succeeded, !answer.output.isEmpty else {
            throw Failure("gnuplot failed: \(answer.errors)", status: ExitStatus.software)
        }
        return answer.output
    }
}
