/// A diode of level 1: a junction, breakdown, knees and a series resistance.
///
/// Source: ngspice 39's manual, chapter "Diodes", and what ngspice 39.3 computes where that is silent.
struct Diode: FollowableDevice {
    typealias TangentCoefficients = DiodeCoefficients<Tangent>

    static let modelNames = ParameterNames(
        used: """
            level is jsw n ns rs trs trs2 tnom eg xti ikf ikr bv ibv nbv tcv area pj tlev
            """,
        withoutEffect: """
            tt ttt1 ttt2 cjo vj m tm1 tm2 cjp php mjsw fc fcs kf af cta ctp tpb tphp tlevc
            fv_max bv_max id_max te_max pd_max
            """,
        others: [
            "js": "is", "tref": "tnom", "trs1": "trs", "cj0": "cjo", "cj": "cjo", "pb": "vj",
            "mj": "m", "cjsw": "cjp", "ik": "ikf", "ctc": "cta", "tvj": "tpb", "ib": "ibv",
        ])
    static let instanceNames = ParameterNames(
        used: "area pj m temp dtemp", withoutEffect: "off ic")
    static let modelSwitches: Set<String> = ["rs"]

    let terminalCount = 2
    let internalNodeCount: Int
    let internalNodeTerminals: [Int]
    let junctionLimits: [JunctionLimit]
    let gateLimits: [GateLimit] = []
    let startingVoltages: [StartingVoltage]

    let parameters: DeviceParameters
    let coefficients: DiodeCoefficients<Double>
    private let junction: NodePair

    init(_ card: DeviceCard, _ conditions: DeviceConditions) throws(DeclinedDevice) {
        let parameters = try DeviceParameters(
            card, conditions, model: Self.modelNames, instance: Self.instanceNames)
        self.parameters = parameters
        guard card.terminals == 2 else {
            throw DeclinedDevice("d", "a diode has 2 terminals here, not \(card.terminals)")
        }
        try parameters.checkTemperatures()
        try parameters.check(
            "is", { $0 >= 1e-28 }, "is below 1e-28 A, which ngspice takes instead")
        try parameters.check(
            "tlev", { $0 == 0 }, "chooses temperature equations that are not known here")
        try parameters.checkPositive("n ns ibv nbv bv")
        try parameters.checkNotNegative("rs jsw area pj")
        try parameters.checkPositive("area m", isModel: false)
        try parameters.checkNotNegative("pj", isModel: false)
        for name in ["ikf", "ikr"] {
            try parameters.check(
                name, { $0 >= 1e-28 }, "is below 1e-28 A, where ngspice leaves it out")
        }
        // The knees of 39 to 45 are those of the whole current, of 46 and 47 of the bottom's alone.
        for name in ["bv", "ikf", "ikr"]
        where parameters.model[name] != nil && parameters.model["jsw"] != nil {
            throw DeclinedDevice(
                "jsw", "versions of ngspice differ in a diode's \(name) where there is jsw too")
        }
        if parameters.model["area"] == 0, parameters.instance["area"] == nil {
            throw DeclinedDevice("area", "the parameter area of a d is not above zero: 0.0")
        }
        let coefficients = DiodeCoefficients<Double>(ParameterValues(parameters))
        self.coefficients = coefficients
        guard coefficients.areFinite else {
            throw DeclinedDevice("d", "a diode's currents are not finite with these parameters")
        }

        let hasResistance = (parameters.model["rs"] ?? 0) != 0
        if hasResistance, !(coefficients.conductance.isFinite && coefficients.conductance > 0) {
            throw DeclinedDevice(
                "rs", "the resistance rs of a diode is not above zero at this temperature")
        }
        internalNodeCount = hasResistance ? 1 : 0
        internalNodeTerminals = hasResistance ? [0] : []
        junction = NodePair(hasResistance ? 2 : 0, 1)
        let critical = Semiconductor.criticalVoltage(
            coefficients.scale, saturation: coefficients.saturation)
        junctionLimits = [
            JunctionLimit(
                nodes: junction, thermalVoltage: coefficients.scale, criticalVoltage: critical,
                breakdown: coefficients.breakdown.map {
                    JunctionLimit.Breakdown(voltage: $0, thermalVoltage: coefficients.reverseScale)
                })
        ]
        startingVoltages = [
            StartingVoltage(
                nodes: junction, voltage: parameters.instance["off", default: 0] == 0 ? critical : 0
            )
        ]
    }

    var controlCount: Int { 1 }

    @inline(__always) func load<Sink: CurrentSink>(
        _ sink: inout Sink, _ coefficients: DiodeCoefficients<Sink.Number.Coefficient>
    ) {
        if internalNodeCount == 1 { sink.conduct(coefficients.conductance, NodePair(0, 2)) }
        let voltage = sink.control(0, junction)
        sink.flow(coefficients.current(voltage), junction)
        sink.conduct(Sink.Number.Coefficient(parameters.conditions.gmin), junction)
    }
}

/// What a diode's equations need of its parameters, at its temperature and for its area.
struct DiodeCoefficients<Number: ParameterNumber>: DeviceCoefficients {
    /// A.
    var saturation: Number
    /// The thermal voltage times the emission coefficient, V.
    var scale: Number
    /// The side walls' own, where they have an emission coefficient of their own, A and V.
    var wall: (saturation: Number, scale: Number)?
    /// Of the series resistance, S.
    var conductance: Number
    /// The voltage and the scale of the breakdown, V.
    var breakdown: Number?
    var reverseScale: Number
    /// A.
    var forwardKnee: Number?
    var reverseKnee: Number?

    init(_ values: ParameterValues<Number>) {
        let (temperature, nominal) = (values.temperature, values.nominalTemperature)
        let thermal = Semiconductor.voltsPerKelvin * temperature
        let multiplicity = values.instance("m", default: 1)
        let area =
            (values.instance("area") ?? values.model("area", default: 1)) * multiplicity
        let ratio = temperature / nominal
        let rise = temperature - nominal
        let gap = values.model("eg", default: 1.11)
        let exponent = values.model("xti", default: 3)

        func saturation(_ current: Number, _ emission: Number) -> Number {
            current
                * Number.exp(
                    (ratio - 1) * gap / (emission * thermal)
                        + exponent / emission * Number.log(ratio))
        }
        let emission = values.model("n", default: 1)
        scale = emission * thermal
        self.saturation = saturation(values.model("is", default: 1e-14), emission) * area
        if let density = values.model("jsw") {
            let length =
                (values.instance("pj") ?? values.model("pj", default: 0)) * multiplicity
            let own = values.model("ns")
            let current = saturation(density, own ?? Number(1)) * length
            if let own {
                wall = (current, own * thermal)
            } else {
                self.saturation = self.saturation + current
            }
        }
        if let resistance = values.nonzero("rs") {
            conductance = area / (resistance * values.polynomial("trs", "trs2", rise))
        } else {
            conductance = Number(0)
        }
        forwardKnee = values.model("ikf").map { $0 * area }
        reverseKnee = values.model("ikr").map { $0 * area }
        reverseScale = (values.model("nbv") ?? emission) * thermal
        if let voltage = values.model("bv") {
            breakdown = Self.breakdown(
                voltage - values.model("tcv", default: 0) * rise,
                current: values.model("ibv", default: 1e-3) * multiplicity,
                saturation: self.saturation, scale: reverseScale, thermal: thermal,
                tolerance: values.conditions.relativeTolerance)
        } else {
            breakdown = nil
        }
    }

    /// The voltage x from which the breakdown's exponential must start for the current to be `current` at
    /// the breakdown voltage, V: that of Is (e^{(voltage − x)/scale} − 1 + x/vt) = current, by ngspice's own
    /// iteration, which ends after 25 steps or where the current is within `tolerance` of itself.
    private static func breakdown(
        _ voltage: Number, current: Number, saturation: Number, scale: Number, thermal: Number,
        tolerance: Double
    ) -> Number {
        guard current.value >= saturation.value * voltage.value / thermal.value else {
            return voltage
        }
        var start = voltage - scale * Number.log(1 + current / saturation)
        for _ in 0..<25 {
            start =
                voltage - scale * Number.log(current / saturation + 1 - start / thermal)
            let reached =
                saturation.value
                * (.exp((voltage.value - start.value) / scale.value) - 1
                    + start.value / thermal.value)
            if abs(reached - current.value) <= tolerance * current.value { break }
        }
        return start
    }

    var areFinite: Bool {
        [saturation, scale, wall?.saturation, conductance, breakdown, reverseScale]
            .allSatisfy { $0.map(\.value.isFinite) ?? true } && saturation.value > 0
    }

    /// Anode to cathode, without gmin, A.
    @inline(__always) func current<Voltage: VoltageNumber>(_ voltage: Voltage) -> Voltage
    where Voltage.Coefficient == Number {
        let isForward = voltage.value >= -3 * scale.value
        var current: Voltage
        if let breakdown, !isForward, voltage.value < -breakdown.value {
            current = -(saturation * Voltage.exp(-(voltage + breakdown) / reverseScale))
        } else {
            current = Semiconductor.junction(voltage, saturation: saturation, scale: scale)
        }
        if let wall {
            current =
                current
                + Semiconductor.junction(voltage, saturation: wall.saturation, scale: wall.scale)
        }
        // High injection: below these currents ngspice leaves it out.
        if isForward {
            if let forwardKnee, current.value > 1e-18 {
                return current / (1 + Voltage.sqrt(current / forwardKnee))
            }
        } else if let reverseKnee, current.value < -1e-18 {
            return current / (1 + Voltage.sqrt(-current / reverseKnee))
        }
        return current
    }
}
