import Netlist

extension DeviceMemory {
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
}
