import Netlist

extension Circuit {
    /// A warning that names the controlled sources through which a nudge does not travel back.
    ///
    /// The rules descend their loss because a reciprocal circuit carries a nudge from the outputs back
    /// to every resistor as the adjoint equation would. A controlled source carries it one way only:
    /// resistors that act on the outputs through its input see nothing of the nudge, unless other
    /// devices feed a current back (Kendall et al. 2020, arXiv:2006.01981, bidirectional amplifiers).
    /// It does no harm where sources hold the controlling nodes. Whether a given circuit learns all
    /// the same can't be told from its elements alone, hence a warning and not an error.
    func reciprocityWarning(_ names: CircuitNames) -> Diagnostic? {
        let oneWay = otherDevices.filter { device in
            switch device.letter {
            case "e", "g":
                // out+, out−, control+, control−
                device.nodes.count < 4
                    || names.whyFixed(positive: device.nodes[2], negative: device.nodes[3]) == nil
            case "f", "h", "b": true
            default: false
            }
        }
        guard let first = oneWay.first else { return nil }
        let others = oneWay.count > 1 ? " and \(oneWay.count - 1) more like it" : ""
        return Diagnostic(
            "one-way-device", .warning,
            """
            signals pass one way through \(first.name)\(others): a nudge does not travel back, so \
            resistors that act through an input may learn nothing, and an update need not lower the \
            loss; feed a current back (see netlists/amplifier.cir) if training stalls
            """, at: first.range)
    }
}
