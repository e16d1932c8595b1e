extension Circuit {
    /// What a linear controlled source (E, F, G or H) does: the voltage V(n+) − V(n−) or the current from n+
    /// through the device to n− is `gain` times what controls it.
    public struct Transfer: Sendable, Hashable {
        public enum Control: Sendable, Hashable {
            /// V(positive) − V(negative), by indices into the circuit's nodes (E, G).
            case voltage(positive: Int, negative: Int)
            /// The current through a voltage source from its positive node to its negative one (F, H), by
            /// ngspice's name of that source: a V, or an E or H device.
            case current(through: String)
        }

        /// V/V, A/A, S or Ω, times the number of such devices in parallel.
        public let gain: Double
        public let control: Control

        public init(gain: Double, control: Control) {
            self.gain = gain
            self.control = control
        }
    }
}
