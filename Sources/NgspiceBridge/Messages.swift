import Netlist

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What ngspice says, of which the last lines are kept.
///
/// ngspice's return codes say nothing about success; this text and the data it sends do.
struct Messages {
    private(set) var lines: [String] = []
    /// True after a line that reports an error, until `forget()`.
    private(set) var hasError = false
    /// The node or nodes that a singular matrix was reported for.
    private(set) var singular: String?
    private(set) var iterationLimit = false
    /// The solver that an analysis last said it uses; nil before one, and with ngspice 39, which has only
    /// Sparse 1.3 and doesn't say so.
    private(set) var matrixSolver: SimulatorOptions.MatrixSolver?
    /// True once a point of the circuit was found by source stepping: from then on ngspice (39 to 47) solves the
    /// circuit with gmin between each node and ground.
    private(set) var hasSteppedSources = false

    /// True where an analysis failed for its numbers, not for its circuit.
    var hasFailedIteration: Bool { iterationLimit || singular != nil }

    private static let limit = 50

    /// What ngspice 42 and later print when Newton's iteration doesn't converge from the initial guess,
    /// before gmin and source stepping begin: whether a point is found shows in what follows.
    private static let beginningOfStepping = "error: the operating point could not be simulated"

    /// What ngspice prints at `.options method=7`, before it goes on with its default.
    private static let passedOption = "error: bad type given for option"

    /// What ngspice prints at every pause; not kept.
    private static let noise: [[CChar]] = [
        "stderr doAnalyses: pause requested", "stderr simulation interrupted",
        "stderr dc simulation interrupted", "stderr Stopped after ",
        "stdout Doing analysis at TEMP", "stdout No. of Data Rows", "stdout Circuit: ",
        "stdout Note: No compatibility mode selected", "stdout Note: Compatibility modes selected",
        // Where there is nothing to go on with.
        "stderr Note: run starting", "stderr Warning: No job", "stderr run simulation not started",
    ].map { $0.utf8.map(CChar.init(bitPattern:)) }

    mutating func forget() {
        // Not emptied in place: errors on other threads hold the lines, and let go of them unseen by the
        // sanitizer of threads.
        if !lines.isEmpty { lines = [] }
        hasError = false
        singular = nil
        iterationLimit = false
    }

    /// Before a circuit is loaded.
    mutating func forgetCircuit() {
        matrixSolver = nil
        hasSteppedSources = false
    }

    private static func announcedSolver(_ line: String) -> SimulatorOptions.MatrixSolver? {
        guard line.hasSuffix(" as Direct Linear Solver") else { return nil }
        return line.contains("KLU") ? .klu : .sparse
    }

    /// Takes one line as ngspice sends it: `stdout ` or `stderr `, then the text.
    ///
    /// - Returns: what is kept of it.
    mutating func append(_ text: UnsafePointer<CChar>) -> String? {
        for prefix in Self.noise where strncmp(text, prefix, prefix.count) == 0 { return nil }
        let line = String(cString: text)
        if let solver = Self.announcedSolver(line) {
            matrixSolver = solver
            return nil
        }
        let isError = line.hasPrefix("stderr ")
        let words = line.dropFirst(isError || line.hasPrefix("stdout ") ? 7 : 0)
        let trimmed = words.drop { $0 == " " || $0 == "\t" }
        guard trimmed.contains(where: { $0 != "*" }), !trimmed.contains(": condition met: stop"),
            !trimmed.hasPrefix("Reference value")
        else { return nil }
        let lower = trimmed.lowercased()
        // The sources that pace a sweep are no part of the user's circuit.
        let isOwn = Sweep.reservedNames.contains(where: lower.contains)
        if !isOwn {
            if lines.count == Self.limit { lines.removeFirst() }
            lines.append(String(trimmed))
        }
        if lower.contains("singular matrix") || lower.contains("matrix is singular") {
            if !isOwn, let check = lower.range(of: "check node") {
                singular = String(lower[check.lowerBound...].dropFirst(6))
            } else if singular == nil {
                singular = ""
            }
        }
        if lower.contains("iteration limit reached") || lower.contains("too many iterations") {
            iterationLimit = true
        }
        if lower.contains("source stepping completed") { hasSteppedSources = true }
        let kept = isOwn ? nil : lines.last
        if lower.hasPrefix(Self.beginningOfStepping) || lower.hasPrefix(Self.passedOption) {
            return kept
        }
        if lower.hasPrefix("error") || lower.hasPrefix("fatal") || lower.hasPrefix("panic") {
            hasError = true
        }
        return kept
    }
}
