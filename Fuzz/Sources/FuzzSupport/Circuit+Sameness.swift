import Netlist

extension Elaboration {
    /// Whether two elaborations of the same deck agree to the last bit and the last word.
    public func isSame(as other: Elaboration) -> Bool {
        diagnostics == other.diagnostics && (circuit == nil) == (other.circuit == nil)
            && understood.isSame(as: other.understood)
    }
}

extension Circuit {
    fileprivate func isSame(as other: Circuit) -> Bool {
        title == other.title && nodes == other.nodes
            && resistors.elementsEqual(other.resistors) { a, b in
                a.name == b.name && a.ngspiceName == b.ngspiceName && a.range == b.range
                    && a.positive == b.positive && a.negative == b.negative
                    && a.resistance.bitPattern == b.resistance.bitPattern
                    && a.conductanceFactor.bitPattern == b.conductanceFactor.bitPattern
            }
            && sources.elementsEqual(other.sources) { a, b in
                a.name == b.name && a.ngspiceName == b.ngspiceName && a.range == b.range
                    && a.positive == b.positive && a.negative == b.negative
                    && a.dcValue.bitPattern == b.dcValue.bitPattern
                    && a.multiplicity.bitPattern == b.multiplicity.bitPattern
            }
            && otherDevices.elementsEqual(other.otherDevices) { a, b in
                a.name == b.name && a.ngspiceName == b.ngspiceName && a.range == b.range
                    && a.letter == b.letter && a.nodes == b.nodes && a.isLinear == b.isLinear
            }
    }
}
