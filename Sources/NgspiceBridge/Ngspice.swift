import CNgspice
import Netlist

/// The simulator: one instance, on a thread of its own.
///
/// ```swift
/// let voltages = try Ngspice.withInstance { ngspice in
///     let circuit = try ngspice.load(["divider", "V1 in 0 1", "R1 in out 1k", "R2 out 0 1k"])
///     return try circuit.operatingPoint()  // in the order of circuit.vectorNames
/// }
/// ```
///
/// The handle and the circuits it loads exist only inside the closure, where all calls are plain and
/// synchronous.
public final class Ngspice {
    /// Tighter than ngspice's own, so that a nonlinear circuit's voltages are good for differences.
    /// A linear circuit is solved to rounding whatever they are. Still tighter ones are below the
    /// rounding of currents into nodes that transistors leave nearly free, and don't converge.
    public static let tightTolerances: [String: Double] = [
        "reltol": 1e-9, "abstol": 1e-15, "vntol": 1e-12,
    ]
    /// What ngspice uses if not told otherwise.
    static let defaultTolerances: [String: Double] = [
        "reltol": 1e-3, "abstol": 1e-12, "vntol": 1e-6,
    ]

    private var isPerforming = false

    /// Runs a job, or a part of the one under way.
    func perform<R>(_ body: (Ngspice) throws -> R) throws -> R {
        guard !isPerforming else { return try body(self) }
        isPerforming = true
        defer {
            isPerforming = false
            // Before the caller goes on, perhaps to the end of the process.
            folder = nil
        }
        return try body(self)
    }

    // MARK: The image

    private var library: NgspiceLibrary?
    /// From the first use of the library in a job to the job's end.
    private var folder: PrivateFolder?
    /// Of the circuit that is loaded.
    private var dataFiles = DataFiles()
    /// Linear devices write nothing once they are loaded, and a step of training has some twenty commands.
    private var mayWriteFiles = true
    /// ngspice asked for its process to end.
    var isDead = false
    var messages = Messages()
    /// Given what ngspice says when it says it.
    var onMessage: ((String) -> Void)?
    /// Counts loads: a circuit is current while its number is this one.
    private(set) var generation = 0
    private var hasCircuit = false
    private var hasCodeModels = false
    /// Paths of those that this image has loaded.
    private var compiledModels: Set<String> = []
    /// The modes in which ngspice reads decks now.
    private var behaviour: String?
    private var version: NgspiceVersion?
    var pausedSweep: Sweep?

    // MARK: What ngspice sends and asks for

    /// What ngspice's callbacks are given.
    struct Callbacks: ~Copyable {
        unowned(unsafe) let ngspice: Ngspice
        var sources = ExternalSources()
    }

    let callbacks = UnsafeMutablePointer<Callbacks>.allocate(capacity: 1)
    /// The vectors that ngspice announced first since `begin`, in its own order.
    var announced: [String]?
    // To check these for exclusive access, which one thread alone has, would cost as much again as what
    // is done with them.
    @exclusivity(unchecked) var solutions = 0
    /// All announced vectors at the last solution; nil where nobody asks for them.
    @exclusivity(unchecked) var latest: [Double]?
    @exclusivity(unchecked) var order: [Int] = []
    @exclusivity(unchecked) var values = UnsafeMutableBufferPointer<Double>(
        start: nil, count: 0)
    @exclusivity(unchecked) var onSolution: (() -> Void)?

    init() {
        callbacks.initialize(to: Callbacks(ngspice: self))
    }

    deinit {
        callbacks.deinitialize(count: 1)
        callbacks.deallocate()
    }

    /// Sends one command line.
    ///
    /// - Throws: `died` if ngspice gave up.
    func command(_ line: UnsafeMutablePointer<CChar>) throws(NgspiceError) {
        guard let library, !isDead else { throw deathError() }
        try enterFolder()
        _ = library.command(line)
        leaveFolder()
        if isDead { throw deathError() }
    }

    func command(_ line: String) throws(NgspiceError) {
        var bytes = Array(line.utf8CString)
        guard bytes.count <= 1024 else {
            throw NgspiceError(.name, "a command is too long for ngspice: \(line)")
        }
        try bytes.withUnsafeMutableBufferPointer { buffer throws(NgspiceError) in
            if let start = buffer.baseAddress { try command(start) }
        }
    }

    /// Makes the private folder current, for the time of a call of the library that could write files.
    private func enterFolder() throws(NgspiceError) {
        guard mayWriteFiles else { return }
        if folder == nil {
            folder = try PrivateFolder()
            folder?.link(dataFiles)
        }
        folder?.enter()
    }

    private func leaveFolder() {
        if mayWriteFiles { folder?.leave() }
    }

    /// Frees the command lines that ngspice keeps.
    func forgetCommands() {
        if !isDead { _ = library?.command(nil) }
    }

    func forgetMessages() {
        messages.forget()
    }

    /// The value behind a name such as `@r1[resistance]`; nil where there is none.
    func vectorValue(_ name: String) throws(NgspiceError) -> Double? {
        guard let library, !isDead else { throw deathError() }
        var bytes = Array(name.utf8CString)
        return bytes.withUnsafeMutableBufferPointer { buffer in
            guard let info = library.vector(buffer.baseAddress)?.pointee, info.v_length > 0,
                let data = info.v_realdata
            else { return nil }
            return data[0]
        }
    }

    private func deathError() -> NgspiceError {
        NgspiceError(.died, NgspiceError.gaveUp, ngspiceMessages: messages.lines)
    }

    /// A living image; a dead one is replaced.
    private func openImage() throws(NgspiceError) {
        if isDead {
            library?.close()
            library = nil
            pausedSweep = nil
        }
        if library == nil {
            let library = try NgspiceLibrary()
            isDead = false
            hasCircuit = false
            hasCodeModels = false
            compiledModels = []
            behaviour = nil
            messages.forget()
            mayWriteFiles = true
            try enterFolder()
            defer { leaveFolder() }
            startListening(to: library)
            self.library = library
            // Seen at the start, and not again.
            version = messages.lines.lazy.compactMap { NgspiceVersion(banner: $0) }.first
            // Without the ladder of gmin, source and pseudo-transient stepping, a circuit without a
            // unique solution is an error and not some arbitrary voltage.
            try command("optran 1 0 0 0 0 0")
            // Two threads, which the newer transistor models would use, wait for each other in busy loops:
            // on a busy machine points take many times as long. Processes use more cores (`IsolatedNgspice`).
            try command("set num_threads=1")
        }
    }

    /// Which ngspice this is.
    func identity() throws(NgspiceError) -> InstalledNgspice {
        try openImage()
        guard let library, let version else {
            throw NgspiceError(
                .libraryMissing, "the library doesn't say which version of ngspice it is",
                ngspiceMessages: messages.lines)
        }
        return InstalledNgspice(
            version: version, path: library.path ?? "libngspice", codeModels: library.codeModels)
    }

    /// A living image with no circuit in it.
    private func prepare() throws(NgspiceError) {
        mayWriteFiles = true
        try openImage()
        if hasCircuit {
            // Left alone, it would lose what it holds.
            if var sweep = pausedSweep { try sweep.end(in: self) }
            try command("remcirc")
            hasCircuit = false
        }
        try command("destroy all")
        forgetCommands()
        messages.forget()
    }

    // MARK: Loading

    /// Loads a circuit in place of the one before.
    ///
    /// - Parameters:
    ///   - deck: a title and the lines after it, without anything that reads files or runs commands.
    ///     `.end` is not needed.
    ///   - traits: what the lines are, as elaboration says. Left out, the lines are elaborated for it.
    ///   - external: the names of the independent sources that their lines declare `external`; each
    ///     operating point asks for their values in this order.
    ///   - options: ngspice options. Those that the deck sets itself are left to it.
    /// - Returns: the circuit, of which ngspice has solved the equations once, with all external
    ///   sources at zero.
    /// - Throws: `refusedLine`, `load`, `singular`, `name` for a source that is not external or not
    ///   listed, `died`, `libraryMissing`. There is then no circuit: the one before doesn't answer.
    public func load(
        _ deck: [String], traits: CircuitTraits, external: [String] = [],
        options: [String: Double] = Ngspice.tightTolerances
    ) throws(NgspiceError) -> LoadedCircuit {
        let deck = try install(deck, traits: traits, options: options)
        let circuit = try LoadedCircuit(self, deck: deck, external: external, options: options)
        mayWriteFiles = !traits.isLinear
        return circuit
    }

    /// Hands a deck to a living image, in place of the circuit before, and analyses nothing yet.
    func install(
        _ deck: [String], traits: CircuitTraits, options: [String: Double], isSwept: Bool = true
    ) throws(NgspiceError) -> Deck {
        generation += 1
        var traits = traits
        if deck.contains(where: { $0.hasPrefix(DialectMarks.mode) }) {
            // Of diodes and switches in the dialects of others, ngspice makes code models.
            traits.needsCodeModels = true
            if !traits.isLinear { traits.memory = .state }
        }
        let deck = try Deck(deck, traits: traits, options: options, isSwept: isSwept)
        try prepare()
        guard let library else { throw deathError() }
        dataFiles = deck.dataFiles
        folder?.link(dataFiles)
        if traits.needsCodeModels, !hasCodeModels {
            hasCodeModels = true
            for file in library.codeModels { try command("codemodel \(file)") }
        }
        for (name, path) in deck.compiledModels where !compiledModels.contains(path) {
            try loadCompiledModel(name, path)
        }
        try read(deck.lines)
        return deck
    }

    private func loadCompiledModel(_ name: String, _ path: String) throws(NgspiceError) {
        try command("osdi \(name)")
        if messages.lines.contains(where: { $0.contains("no such command") }) {
            throw NgspiceError(
                .compiledModel,
                "this ngspice has no OSDI, and can't load compiled Verilog-A models such as \(path); "
                    + "versions from 42 on may have it")
        }
        if messages.hasError {
            throw NgspiceError(
                .compiledModel,
                "\(path) is no compiled Verilog-A model (OSDI) that this ngspice can load",
                ngspiceMessages: messages.lines.map { $0.replacing(name, with: path) })
        }
        compiledModels.insert(path)
    }

    /// Loads the circuit's own lines again: all that was altered is forgotten, and so is all that
    /// devices remember.
    func reload(_ lines: [String]) throws(NgspiceError) {
        try command("remcirc")
        hasCircuit = false
        try command("destroy all")
        forgetCommands()
        try read(lines)
    }

    private func read(_ deck: [String]) throws(NgspiceError) {
        guard let library, !isDead else { throw deathError() }
        hasCircuit = true
        messages.forgetCircuit()
        callbacks.pointee.sources.forgetPointers()
        let dialect = DialectLines(deck)
        if dialect.behaviour != behaviour {
            try command(dialect.command)
            behaviour = dialect.behaviour
        }
        var lines: [UnsafeMutablePointer<CChar>?] = dialect.lines.map { line in
            let bytes = line.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (index, byte) in bytes.enumerated() { copy[index] = byte }
            return copy
        }
        lines.append(nil)
        defer { for line in lines { line?.deallocate() } }
        // Files that it includes lie in the private folder.
        let mayWrite = mayWriteFiles
        mayWriteFiles = mayWrite || !dialect.files.isEmpty
        try enterFolder()
        folder?.write(dialect.files)
        LoadLimit.watching(lines: lines.count) { _ = library.circuit(&lines) }
        leaveFolder()
        mayWriteFiles = mayWrite
        if isDead { throw deathError() }
        if messages.hasError {
            throw NgspiceError(
                .load, "ngspice can't load this deck", ngspiceMessages: messages.lines)
        }
    }
}
