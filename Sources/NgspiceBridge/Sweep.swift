/// An endless DC sweep of sources that drive nothing, which solves one operating point after another
/// and pauses in between.
///
/// Compared with an analysis for each point, the matrix is set up once, nothing is allocated, and
/// between points any value can be altered. The last swept source starts at 0 and advances by 1e-30 V
/// towards a stop that it never reaches, because ngspice tests for it with a margin of 2e-13 V.
/// The values are so small that `time` in an expression, which in a sweep is the swept value, stays
/// what it is at an operating point.
struct Sweep {
    /// The source that paces points.
    static let pace = "vspicelearnsweep"
    /// The source that solves a point a second time.
    static let again = "vspicelearnagain"
    /// What no deck may contain; the sources' nodes have these names.
    static let reservedNames = ["spicelearnsweep", "spicelearnagain"]

    /// The lines of the deck that a sweep needs.
    static func cards(isLinear: Bool) -> [String] {
        ["\(pace) spicelearnsweep 0 0"] + (isLinear ? [] : ["\(again) spicelearnagain 0 0"])
    }

    /// The vectors that belong to the sweep.
    static let vectors: Set = [
        "v-sweep", "spicelearnsweep", "spicelearnagain", pace + "#branch", again + "#branch",
    ]

    /// One solution after another, each starting from the one before, with the matrix ordered once.
    static let warm = Sweep(command: "dc \(pace) 0 1e-30 1e-30", solutions: 1)
    /// Each point anew from ngspice's own initial guess, as `op` does, and once more from there.
    ///
    /// An inner sweep starts over for each step of an outer one. Its second point solves the same
    /// equations again: with the first it shows whether Newton's iteration has really ended, which
    /// the limiting of steps inside transistor models can hide, and it delivers what is then exact to
    /// rounding.
    static let cold = Sweep(
        command: "dc \(again) 0 1e-12 1e-12 \(pace) 0 1e-30 1e-30", solutions: 2)

    let command: String
    /// How often each point is solved.
    let solutions: Int
    private(set) var isPaused = false

    private init(command: String, solutions: Int) {
        self.command = command
        self.solutions = solutions
    }

    /// Solves the next `count` times, the first time after a start from a freshly ordered matrix.
    ///
    /// The sweep is paused afterwards, or has failed: then fewer solutions were delivered.
    mutating func solve(_ count: Int, in ngspice: Ngspice) throws(NgspiceError) {
        defer { ngspice.pausedSweep = isPaused ? self : nil }
        var left = count
        if !isPaused {
            let before = ngspice.solutions
            // Vectors then keep their last value only, instead of growing.
            try ngspice.command("save none")
            try ngspice.command("stop after 1")
            try ngspice.command(command)
            try ngspice.command("delete all")
            isPaused = ngspice.solutions > before
            left -= 1
        }
        guard isPaused, left > 0 else { return }
        let before = ngspice.solutions
        try ngspice.command("step \(left)")
        isPaused = ngspice.solutions == before + left
        if !isPaused { try Self.forgetSteps(in: ngspice) }
    }

    /// Sets to none the steps after which ngspice pauses, and goes on if it is paused.
    ///
    /// ngspice counts the steps of a `step` that failed, or found the sweep at its end, in the next
    /// analysis, which would pause where it should not.
    private static func forgetSteps(in ngspice: Ngspice) throws(NgspiceError) {
        try ngspice.command("step 0")
    }

    /// Solves so many points as `cold` does, from a freshly set up matrix, and leaves nothing behind.
    static func run(_ points: Int, in ngspice: Ngspice) throws(NgspiceError) {
        try ngspice.command("save none")
        try ngspice.command("dc \(again) 0 1e-12 1e-12 \(pace) 0 \(points - 1) 1")
        try ngspice.command("delete all")
        try ngspice.command("destroy all")
    }

    /// Ends the sweep and gives back what it holds.
    mutating func end(in ngspice: Ngspice) throws(NgspiceError) {
        if isPaused {
            isPaused = false
            ngspice.pausedSweep = nil
            // Beyond their stops, it ends without solving anything.
            try ngspice.command("alter \(Self.pace) dc=1")
            if solutions > 1 { try ngspice.command("alter \(Self.again) dc=1") }
            try Self.forgetSteps(in: ngspice)
        }
        try ngspice.command("destroy all")
        ngspice.forgetCommands()
    }
}
