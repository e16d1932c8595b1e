/// What an operating point owes to the points solved before it from the same matrix.
///
/// Measured with circuits of each device whose points were shuffled, and solved from fresh and used matrices.
public enum DeviceMemory: Int, Sendable, Comparable {
    /// Nothing: the point has the same bits in any company.
    ///
    /// Linear circuits, whose matrix keeps its order, and those of resistors, sources and diodes: a junction
    /// begins at a voltage of its own, and no diode can make the order of the matrix a bad one.
    case none
    /// Its last bits.
    ///
    /// At the beginning of a point, ngspice changes the order of the matrix if a pivot is below a thousandth
    /// of its column, which gains bring about, and the points after it inherit that order.
    case rounding
    /// What it is: a switch with hysteresis may stay as it was, and a behavioural expression, polynomial or
    /// table is first evaluated at the point before, where junctions begin at voltages of their own.
    case state

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension Circuit.Device {
    /// In a circuit that is not linear.
    var memory: DeviceMemory {
        switch letter {
        // One more node is a temperature, which is solved like a voltage.
        case "d": nodes.count > 2 ? .state : .none
        case "v", "i", "k": .none
        case "r", "c", "l": isLinear ? .none : .state
        case "e", "f", "g", "h": isLinear ? .rounding : .state
        case "q", "m": nodes.count > 4 ? .state : .rounding
        case "j", "z": .rounding
        default: .state
        }
    }

    /// Polynomials and tables are code models, and so are A devices.
    var needsCodeModels: Bool {
        switch letter {
        case "a": true
        case "e", "f", "g", "h": !isLinear
        default: false
        }
    }
}
