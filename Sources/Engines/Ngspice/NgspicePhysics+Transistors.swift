import Netlist
import NgspiceBridge

/// What ngspice can be asked of transistors, beside `gm`.
struct TransistorParameters {
    /// Whether `vds` says which terminal is the source, and `gds`, `gmbs` are there.
    let hasMode: Bool
    /// Whether there are `rs` and `rd`.
    let hasSeriesResistances: Bool
}

extension NgspicePhysics {
    /// ∂I/∂V of the current from drain to source by the gate's voltage, S, the terminals' voltages held, for
    /// each of `transistors`, at the point that was solved last.
    ///
    /// ngspice's `gm` of a MOSFET is that of the channel between its inner nodes, as a magnitude where drain
    /// and source have changed places (`vds` < 0, in the transistor's own sign). Resistances r_s and r_d in
    /// series with the channel make of it
    ///
    ///     g_m / (1 + (g_m + g_mbs) r_s + g_ds (r_s + r_d))
    ///
    /// with r_d in the place of r_s where they have. That of a JFET has its sign.
    ///
    /// - Throws: `NgspiceError` where ngspice knows no `gm` of a device.
    func transconductances() throws -> [Double] {
        guard !transistors.isEmpty else { return [] }
        let names = transistors.map(\.ngspiceName)
        var result = try loaded.parameters(of: names, "gm")
        let channels = names.indices.filter { transistors[$0].letter == "m" }
        guard !channels.isEmpty else { return result }
        let mosfets = channels.map { names[$0] }
        let known =
            transistorParameters
            ?? {
                func has(_ parameters: [String]) -> Bool {
                    parameters.allSatisfy { (try? loaded.parameters(of: mosfets, $0)) != nil }
                }
                return TransistorParameters(
                    hasMode: has(["vds", "gds", "gmbs"]), hasSeriesResistances: has(["rs", "rd"]))
            }()
        transistorParameters = known
        guard known.hasMode else { return result }
        let vds = try loaded.parameters(of: mosfets, "vds")
        let gds = try loaded.parameters(of: mosfets, "gds")
        let gmbs = try loaded.parameters(of: mosfets, "gmbs")
        let none = mosfets.map { _ in 0.0 }
        let rs = known.hasSeriesResistances ? try loaded.parameters(of: mosfets, "rs") : none
        let rd = known.hasSeriesResistances ? try loaded.parameters(of: mosfets, "rd") : none
        for (place, index) in channels.enumerated() {
            let gm = result[index]
            let isForward = vds[place] >= 0
            let inSource = isForward ? rs[place] : rd[place]
            let whole =
                1 + (gm + gmbs[place]) * inSource + gds[place] * (rs[place] + rd[place])
            result[index] = (isForward ? gm : -gm) / whole
        }
        return result
    }
}
