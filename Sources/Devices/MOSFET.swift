/// A MOSFET of level 1.
///
/// Source: Shichman and Hodges 1968; ngspice 39's manual, chapter "MOSFETs", level 1, and what ngspice 39.3
/// computes where that is silent. Terminals: drain, gate, source, bulk.
struct MOSFET: FollowableDevice {
    typealias TangentCoefficients = MOSFETCoefficients<Tangent>

    static let modelNames = ParameterNames(
        used: "level vto kp gamma phi lambda rd rs rsh is js ld tox uo nsub nss tpg tnom",
        withoutEffect: "cbd cbs pb cgso cgdo cgbo cj mj cjsw mjsw fc kf af",
        others: ["vt0": "vto", "u0": "uo"])
    static let instanceNames = ParameterNames(
        used: "m l w ad as nrd nrs temp dtemp",
        withoutEffect: "pd ps off ic icvds icvgs icvbs")
    // Between no resistance and some there are nodes, and at tox = 0 it counts as not given.
    static let modelSwitches: Set<String> = ["rd", "rs", "rsh", "js", "tox"]
    static let instanceSwitches: Set<String> = ["nrs", "ad", "as"]

    let terminalCount = 4
    let internalNodeCount: Int
    let internalNodeTerminals: [Int]
    let junctionLimits: [JunctionLimit]
    let gateLimits: [GateLimit]
    let startingVoltages: [StartingVoltage]

    let parameters: DeviceParameters
    let coefficients: MOSFETCoefficients<Double>
    private let drain: Int
    private let source: Int
    private let isComplementary: Bool

    init(_ card: DeviceCard, _ conditions: DeviceConditions) throws(DeclinedDevice) {
        let parameters = try DeviceParameters(
            card, conditions, model: Self.modelNames, instance: Self.instanceNames)
        self.parameters = parameters
        guard card.terminals == 4 else {
            throw DeclinedDevice(
                card.type, "a MOSFET has 4 terminals here, not \(card.terminals)")
        }
        try parameters.checkTemperatures()
        try parameters.checkPositive("phi")
        try parameters.checkNotNegative("rd rs rsh is js tox gamma")
        try parameters.checkPositive("m l w", isModel: false)
        try parameters.checkNotNegative("ad as nrd nrs", isModel: false)
        try parameters.check(
            "tpg", { [-1, 0, 1].contains($0) }, "is none of -1, 0 and 1")
        if parameters.model["tox", default: 0] != 0 {
            try parameters.check(
                "nsub", { $0 * 1e6 > 1.45e16 }, "is below silicon's own density of carriers")
        }
        let coefficients = MOSFETCoefficients<Double>(ParameterValues(parameters))
        self.coefficients = coefficients
        guard coefficients.length > 0 else {
            throw DeclinedDevice("ld", "the length l - 2 ld of a MOSFET is not above zero")
        }
        guard coefficients.potential > 0 else {
            throw DeclinedDevice("phi", "the potential phi is not above zero at this temperature")
        }
        guard coefficients.areFinite else {
            throw DeclinedDevice(
                card.type, "a MOSFET's currents are not finite with these parameters")
        }
        isComplementary = card.type == "pmos"

        let sheet = parameters.model["rsh", default: 0]
        let drainSquares = parameters.instance["nrd", default: 1]
        if sheet != 0, drainSquares == 0, parameters.model["rd"] == nil {
            throw DeclinedDevice(
                "nrd", "ngspice finds no operating point with rsh where nrd is zero")
        }
        var terminals: [Int] = []
        func node(
            behind terminal: Int, _ resistance: String, squares: Double
        ) throws(DeclinedDevice) -> Int {
            let own = parameters.model[resistance]
            let hasSheet = sheet != 0 && squares != 0
            if own == 0, hasSheet {
                throw DeclinedDevice(
                    resistance,
                    "with \(resistance)=0 beside rsh, ngspice leaves a MOSFET's terminal open")
            }
            guard own != nil && own != 0 || own == nil && hasSheet else { return terminal }
            terminals.append(terminal)
            return 4 + terminals.count - 1
        }
        drain = try node(behind: 0, "rd", squares: drainSquares)
        source = try node(
            behind: 2, "rs", squares: parameters.instance["nrs", default: 1])
        internalNodeTerminals = terminals
        internalNodeCount = terminals.count

        let bulkDrain = NodePair(3, drain).turned(isComplementary)
        let bulkSource = NodePair(3, source).turned(isComplementary)
        let gateSource = NodePair(1, source).turned(isComplementary)
        let thermal = coefficients.thermalVoltage
        junctionLimits = [
            (bulkDrain, coefficients.drainSaturation), (bulkSource, coefficients.sourceSaturation),
        ].map { nodes, saturation in
            JunctionLimit(
                nodes: nodes, thermalVoltage: thermal,
                criticalVoltage: Semiconductor.criticalVoltage(thermal, saturation: saturation))
        }
        let threshold =
            coefficients.flatBand + coefficients.bodyEffect * coefficients.potential.squareRoot()
        gateLimits = [
            GateLimit(
                gateSource: gateSource, gateDrain: NodePair(1, drain).turned(isComplementary),
                threshold: threshold, limitsDrain: true)
        ]
        let isOff = parameters.instance["off", default: 0] != 0
        startingVoltages = [
            StartingVoltage(nodes: bulkSource, voltage: isOff ? 0 : -1),
            StartingVoltage(nodes: gateSource, voltage: isOff ? 0 : threshold),
            StartingVoltage(nodes: NodePair(drain, source).turned(isComplementary), voltage: 0),
        ]
    }

    var controlCount: Int { 3 }

    @inline(__always) func load<Sink: CurrentSink>(
        _ sink: inout Sink, _ coefficients: MOSFETCoefficients<Sink.Number.Coefficient>
    ) {
        if drain != 0 { sink.conduct(coefficients.drainConductance, NodePair(0, drain)) }
        if source != 2 { sink.conduct(coefficients.sourceConductance, NodePair(2, source)) }
        let channel = NodePair(drain, source).turned(isComplementary)
        let bulkSource = NodePair(3, source).turned(isComplementary)
        let bulkDrain = NodePair(3, drain).turned(isComplementary)
        let vgs = sink.control(0, NodePair(1, source).turned(isComplementary))
        let vds = sink.control(1, channel)
        let vbs = sink.control(2, bulkSource)
        let vbd = vbs - vds
        sink.flow(
            coefficients.junction(vbs, saturation: coefficients.sourceSaturation), bulkSource)
        sink.flow(coefficients.junction(vbd, saturation: coefficients.drainSaturation), bulkDrain)
        let gmin = Sink.Number.Coefficient(parameters.conditions.gmin)
        sink.conduct(gmin, bulkSource)
        sink.conduct(gmin, bulkDrain)
        if vds.value >= 0 {
            if let current = coefficients.channel(gate: vgs, drain: vds, bulk: vbs) {
                sink.flow(current, channel)
            }
        } else if let current = coefficients.channel(gate: vgs - vds, drain: -vds, bulk: vbd) {
            sink.flow(current, channel.turned(true))
        }
    }
}

/// What a MOSFET's equations need of its parameters, at its temperature and for its size.
struct MOSFETCoefficients<Number: ParameterNumber>: DeviceCoefficients {
    /// V.
    var thermalVoltage: Number
    /// Of all `m` transistors, A.
    var drainSaturation: Number
    var sourceSaturation: Number
    /// Between drain and source diffusion, m.
    var length: Number
    /// kp·W/L of all, A/V².
    var gain: Number
    /// 1/V.
    var modulation: Number
    /// What the threshold is without the bulk's part of it, V, in the voltages of an n-channel.
    var flatBand: Number
    /// γ, √V.
    var bodyEffect: Number
    /// φ, V.
    var potential: Number
    /// Of all, S.
    var drainConductance: Number
    var sourceConductance: Number

    init(_ values: ParameterValues<Number>) {
        let (temperature, nominal) = (values.temperature, values.nominalTemperature)
        let conditions = values.conditions
        let sign: Double = values.type == "pmos" ? -1 : 1
        thermalVoltage = Semiconductor.voltsPerKelvin * temperature
        let nominalThermal = Semiconductor.voltsPerKelvin * nominal
        let gap = Semiconductor.gap(temperature)
        let nominalGap = Semiconductor.gap(nominal)

        // What is not given follows from the oxide and the doping.
        var transconductance = values.model("kp") ?? Number(2e-5)
        var potential = values.model("phi") ?? Number(0.6)
        var bodyEffect = values.model("gamma") ?? Number(0)
        var threshold = values.model("vto") ?? Number(0)
        if let thickness = values.nonzero("tox") {
            let oxide = 3.9 * Semiconductor.vacuumPermittivity / thickness
            if values.model("kp") == nil {
                transconductance = 1e-4 * values.model("uo", default: 600) * oxide
            }
            if let density = values.model("nsub") {
                let doping = 1e6 * density
                if values.model("phi") == nil {
                    let doped = 2 * nominalThermal * Number.log(doping / 1.45e16)
                    potential = doped.value > 0.1 ? doped : Number(0.1)
                }
                let gate = values.model("tpg", default: 1).value
                let bulk = 0.5 * nominalGap + (0.5 * sign) * potential + 3.25
                let gapShare: Double = 0.5 - 0.5 * sign * gate
                let gateFunction =
                    gate == 0 ? Number(3.2) : gapShare * nominalGap + 3.25
                if values.model("gamma") == nil {
                    let permittivity = 2 * 11.7 * Semiconductor.vacuumPermittivity
                    bodyEffect =
                        Number.sqrt((permittivity * Semiconductor.charge) * doping) / oxide
                }
                if values.model("vto") == nil {
                    let states = 1e4 * values.model("nss", default: 0)
                    let interface = Semiconductor.charge * states / oxide
                    let surface = sign * (bodyEffect * Number.sqrt(potential) + potential)
                    threshold = gateFunction - bulk - interface + surface
                }
            }
        }

        let ratio = temperature / nominal
        let multiplicity = values.instance("m", default: 1)
        length =
            values.instance("l", default: conditions.defaultLength)
            - 2 * values.model("ld", default: 0)
        let width = values.instance("w", default: conditions.defaultWidth)
        gain = transconductance / (ratio * Number.sqrt(ratio)) * multiplicity * width / length
        self.bodyEffect = bodyEffect
        self.potential = Semiconductor.potential(potential, at: temperature, nominal: nominal)
        modulation = values.model("lambda", default: 0)
        flatBand =
            sign * (threshold + 0.5 * (nominalGap - gap))
            - bodyEffect * Number.sqrt(potential) + 0.5 * (self.potential - potential)

        let growth = Number.exp(nominalGap / nominalThermal - gap / thermalVoltage) * multiplicity
        let density = values.model("js", default: 0)
        let drainArea = values.instance("ad", default: 0)
        let sourceArea = values.instance("as", default: 0)
        if density.value != 0, drainArea.value != 0, sourceArea.value != 0 {
            drainSaturation = density * growth * drainArea
            sourceSaturation = density * growth * sourceArea
        } else {
            drainSaturation = values.model("is", default: 1e-14) * growth
            sourceSaturation = drainSaturation
        }

        func conductance(_ resistance: String, _ squares: String) -> Number {
            if let own = values.model(resistance) {
                return own.value == 0 ? Number(0) : multiplicity / own
            }
            guard let sheet = values.nonzero("rsh") else { return Number(0) }
            let squares = values.instance(squares, default: 1)
            return squares.value == 0 ? Number(0) : multiplicity / (sheet * squares)
        }
        drainConductance = conductance("rd", "nrd")
        sourceConductance = conductance("rs", "nrs")
    }

    var areFinite: Bool {
        [
            drainSaturation, sourceSaturation, length, gain, flatBand, bodyEffect, potential,
            drainConductance, sourceConductance,
        ].allSatisfy(\.value.isFinite)
    }

    /// Bulk to diffusion, without gmin, A: from −3 vt down just −Is.
    @inline(__always) func junction<Voltage: VoltageNumber>(
        _ voltage: Voltage, saturation: Number
    ) -> Voltage where Voltage.Coefficient == Number {
        guard voltage.value > -3 * thermalVoltage.value else {
            return Voltage(coefficient: -saturation)
        }
        return saturation * (Voltage.exp(voltage / thermalVoltage) - 1)
    }

    /// Drain to source, A, for a drain that isn't below the source; nil where the transistor is off.
    ///
    /// With u = gate − threshold and β = gain·(1 + λ drain): ½ β u² where u ≤ drain, and
    /// β drain (u − ½ drain) elsewhere.
    @inline(__always) func channel<Voltage: VoltageNumber>(
        gate: Voltage, drain: Voltage, bulk: Voltage
    ) -> Voltage? where Voltage.Coefficient == Number {
        var overdrive = gate - flatBand
        if !bodyEffect.isZero { overdrive = overdrive - bodyEffect * depletion(bulk) }
        guard overdrive.value > 0 else { return nil }
        let gain = gain * (1 + modulation * drain)
        if overdrive.value <= drain.value {
            return gain * (0.5 * (overdrive * overdrive))
        }
        return gain * (drain * (overdrive - 0.5 * drain))
    }

    /// √(φ − v), and for a forward bulk its tangent at 0 until that is zero, √V.
    @inline(__always) private func depletion<Voltage: VoltageNumber>(_ bulk: Voltage) -> Voltage
    where Voltage.Coefficient == Number {
        if bulk.value <= 0 { return Voltage.sqrt(potential - bulk) }
        let root = Number.sqrt(potential)
        let tangent = root - bulk / (2 * root)
        return tangent.value > 0 ? tangent : Voltage(0)
    }
}
