import LearningTasks

/// The kite, whose symmetry makes the coercivity constant vanish at δ = 0 (after McGinnis, Li & Mori,
/// arXiv:2606.15443; the labels are ours).
///
/// 1 V at A, ground at D; targets (B, M, C) = (½, ½ + δ/3, ½ + δ). The constant falls as δ².
public struct KiteFamily: NetworkFamily {
    public let delta: Double

    public init(delta: Double) { self.delta = delta }

    public var title: String { "Kite, delta = \(delta)" }

    public func network(using random: inout SplitMix64) -> Network {
        let edges: [(String, String, Double)] = [
            ("A", "B", 1), ("A", "C", 1.25), ("0", "B", 0.8), ("0", "C", 1.6), ("B", "M", 0.5),
            ("C", "M", 2),
        ]
        return Network(
            edges: edges.map { Network.Edge(a: $0.0, b: $0.1, resistance: $0.2) },
            inputs: [Network.Input(node: "A", voltage: 1)],
            outputs: [("B", nil), ("M", nil), ("C", nil)],
            targets: [0.5, 0.5 + delta / 3, 0.5 + delta])
    }
}
