/// How a point is found that Newton's iteration from ngspice's initial guess does not reach.
extension LoadedCircuit {
    /// Tries harder for a point that failed, and leaves it in `values`.
    func recover(_ point: Int) throws(NgspiceError) {
        if traits.isLinear {
            let overflows = ngspice.messages.singular == nil && !areFinite
            throw error(
                .singular,
                overflows
                    ? "a voltage or current became infinite: what the sources give is too large"
                    : Self.singularMessage(ngspice.messages.singular), at: point)
        }
        // The next point must not depend on how hard this one was.
        defer {
            try? removeShunts()
            try? settle()
        }
        if try solveRepeatedly() { return }
        try allowStepping()
        if try solveRepeatedly() { return }
        try removeShunts()
        try allowStepping()
        try loosen()
        if !defaultTolerances.isEmpty, try solveRepeatedly() {
            warnOfDefaultTolerances()
            return
        }
        ngspice.forgetMessages()
        guard try solveByOp() else { throw failure(at: point) }
        let doubt = ngspice.messages.singular.map {
            $0.isEmpty ? "" : ", and found no unique voltage at \($0) on the way"
        }
        warn(
            """
            an operating point was found only by ngspice's own search with its default tolerances, \
            which stops where a step changes less than a thousandth\(doubt ?? "")
            """)
    }

    private func failure(at point: Int) -> NgspiceError {
        if let check = ngspice.messages.singular {
            return error(.singular, Self.singularMessage(check), at: point)
        }
        return error(.convergence, "the operating point does not converge", at: point)
    }

    private func warn(_ text: String) {
        if !warnings.contains(text) { warnings.append(text) }
    }

    /// Solves one point by `op` in the circuit as loaded anew: as tightly as asked, then with gmin and
    /// source stepping, then with ngspice's default tolerances as well.
    func solveAnew(_ point: Int) throws(NgspiceError) {
        defer { try? settle() }
        for attempt in 0...2 {
            try ngspice.reload(deck.lines)
            ngspice.forgetMessages()
            try sendAltered()
            if attempt > 0 { try allowStepping() }
            if attempt > 1 { try loosen() }
            if try solveByOp() {
                if attempt > 1 { warnOfDefaultTolerances() }
                return
            }
        }
        throw failure(at: point)
    }

    /// Loads the circuit again if source stepping has left gmin between each node and ground.
    private func removeShunts() throws(NgspiceError) {
        guard ngspice.messages.hasSteppedSources else { return }
        try ngspice.reload(deck.lines)
        try sendAltered()
    }

    private func allowStepping() throws(NgspiceError) {
        try ngspice.command("optran 1 1 1 0 0 0")
    }

    /// Those tolerances that ngspice would have by itself in place of the ones given to `load`.
    private var defaultTolerances: [String: Double] {
        Ngspice.defaultTolerances.filter {
            options[$0.key] != nil && !traits.options.given.contains($0.key)
        }
    }

    private func loosen() throws(NgspiceError) { try setOptions(defaultTolerances) }

    /// Takes back what was allowed for one point.
    private func settle() throws(NgspiceError) {
        try ngspice.command("optran 1 0 0 0 0 0")
        try setOptions(options.filter { defaultTolerances[$0.key] != nil })
    }

    private func setOptions(_ options: [String: Double]) throws(NgspiceError) {
        if !options.isEmpty { try ngspice.command("option \(Self.text(of: options))") }
    }

    private static func text(of options: [String: Double]) -> String {
        options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    private func warnOfDefaultTolerances() {
        guard !defaultTolerances.isEmpty else { return }
        warn(
            """
            an operating point converged only with ngspice's default \
            \(Self.text(of: defaultTolerances))
            """)
    }

    /// Solves by ngspice's own `op`, and leaves the point in `values`.
    private func solveByOp() throws(NgspiceError) -> Bool {
        let before = ngspice.solutions
        try ngspice.command("save none")
        try ngspice.command("op")
        let isSolved = ngspice.solutions == before + 1 && areFinite
        try ngspice.command("destroy all")
        return isSolved
    }

    /// From ngspice's initial guess, solves until the solution stays.
    ///
    /// What source stepping found is exact, and only confirmed by the next solution, which has gmin at each node.
    private func solveRepeatedly() throws(NgspiceError) -> Bool {
        var repeated = Sweep.warm
        var hasConverged = false
        try repeated.solve(1, in: ngspice)
        for repetition in 0..<20 where repeated.isPaused && !hasConverged {
            _ = earlier.update(fromContentsOf: values)
            try repeated.solve(1, in: ngspice)
            hasConverged = repeated.isPaused && areFinite && haveConverged
            if hasConverged, repetition == 0, ngspice.messages.hasSteppedSources {
                _ = values.update(fromContentsOf: earlier)
            }
        }
        try repeated.end(in: ngspice)
        return hasConverged
    }
}
