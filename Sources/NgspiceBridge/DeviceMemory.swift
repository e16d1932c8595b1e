/// What an operating point owes to the points solved before it from the same matrix.
///
/// Measured with circuits of each device whose points were shuffled, and solved from fresh and used matrices.
enum DeviceMemory: Int, Comparable {
    /// Nothing: the point has the same bits in any company.
    ///
    /// Linear circuits, whose matrix keeps its order, and those of resistors, sources and diodes: a junction
    /// begins at a voltage of its own, and no diode can make the order of the matrix a bad one.
    case none
    /// Its last bits.
    ///
    /// At the beginning of a point, ngspice changes the order of the matrix if a pivot is below a thousandth
    /// of its column, which gains bring about, and the points after it inherit that order. Behavioural
    /// expressions are first evaluated at the point before.
    case rounding
    /// What it is: a switch with hysteresis may stay as it was.
    case state

    /// How many points are solved from a freshly set up matrix, so that each depends at most on those
    /// before it in this run; nil for any number.
    ///
    /// Setting up takes as long as three points of a small circuit, or one of a large one.
    var pointsPerStart: Int? {
        switch self {
        case .none: nil
        case .rounding: 32
        case .state: 1
        }
    }

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
