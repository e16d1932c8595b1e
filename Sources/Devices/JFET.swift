/// A junction field-effect transistor of level 1.
///
/// Source: ngspice 39's manual, chapter "JFETs": Shichman and Hodges's equations with Parker and
/// Skellern's doping-tail parameter B. Terminals: drain, gate, source.
struct JFET: FollowableDevice {
    typealias TangentCoefficients = JFETCoefficients<Tangent>

    static let modelNames = ParameterNames(
        used: "level vto beta lambda rd rs is pb b tnom tcv vtotc bex betatce xti eg",
        withoutEffect: "cgs cgd fc kf af nlev gdsnoi", others: ["vt0": "vto"])
    static let instanceNames = ParameterNames(
        used: "area m temp dtemp", withoutEffect: "ic")
    static let modelSwitches: Set<String> = ["rd", "rs"]

    let terminalCount = 3
    let internalNodeCount: Int
    let internalNodeTerminals: [Int]
    let junctionLimits: [JunctionLimit]
    let gateLimits: [GateLimit]
    let startingVoltages: [StartingVoltage]

    let parameters: DeviceParameters
    let coefficients: JFETCoefficients<Double>
    private let drain: Int
    private let source: Int
    private let isComplementary: Bool

    init(_ card: DeviceCard, _ conditions: DeviceConditions) throws(DeclinedDevice) {
        if card.instance["off"] != nil {
            throw DeclinedDevice("off", "Newton's method fails in ngspice for JFETs that are off")
        }
        let parameters = try DeviceParameters(
            card, conditions, model: Self.modelNames, instance: Self.instanceNames)
        self.parameters = parameters
        guard card.terminals == 3 else {
            throw DeclinedDevice(
                card.type, "a JFET has 3 terminals here, not \(card.terminals)")
        }
        try parameters.checkTemperatures()
        try parameters.checkNotNegative("rd rs is")
        try parameters.checkPositive("area m", isModel: false)
        let coefficients = JFETCoefficients<Double>(ParameterValues(parameters))
        self.coefficients = coefficients
        guard coefficients.areFinite else {
            throw DeclinedDevice(
                card.type, "a JFET's currents are not finite with these parameters")
        }
        isComplementary = card.type == "pjf"

        var terminals: [Int] = []
        func node(behind terminal: Int, _ resistance: String) -> Int {
            guard parameters.model[resistance, default: 0] != 0 else { return terminal }
            terminals.append(terminal)
            return 3 + terminals.count - 1
        }
        drain = node(behind: 0, "rd")
        source = node(behind: 2, "rs")
        internalNodeTerminals = terminals
        internalNodeCount = terminals.count

        let gateSource = NodePair(1, source).turned(isComplementary)
        let gateDrain = NodePair(1, drain).turned(isComplementary)
        let thermal = coefficients.scale
        let critical = Semiconductor.criticalVoltage(
            thermal,
            saturation: coefficients.saturation
                / (coefficients.multiplicity * parameters.instance["area", default: 1]))
        junctionLimits = [gateSource, gateDrain].map {
            JunctionLimit(nodes: $0, thermalVoltage: thermal, criticalVoltage: critical)
        }
        gateLimits = [
            GateLimit(
                gateSource: gateSource, gateDrain: gateDrain, threshold: coefficients.threshold,
                limitsDrain: false)
        ]
        startingVoltages = [gateSource, gateDrain].map {
            StartingVoltage(nodes: $0, voltage: -1)
        }
    }

    var controlCount: Int { 2 }

    @inline(__always) func load<Sink: CurrentSink>(
        _ sink: inout Sink, _ coefficients: JFETCoefficients<Sink.Number.Coefficient>
    ) {
        if drain != 0 { sink.conduct(coefficients.drainConductance, NodePair(0, drain)) }
        if source != 2 { sink.conduct(coefficients.sourceConductance, NodePair(2, source)) }
        let gateSource = NodePair(1, source).turned(isComplementary)
        let gateDrain = NodePair(1, drain).turned(isComplementary)
        let vgs = sink.control(0, gateSource)
        let vgd = sink.control(1, gateDrain)
        sink.flow(coefficients.junction(vgs), gateSource)
        sink.flow(coefficients.junction(vgd), gateDrain)
        let gmin = parameters.conditions.gmin * coefficients.multiplicity
        sink.conduct(gmin, gateSource)
        sink.conduct(gmin, gateDrain)
        let channel = NodePair(drain, source).turned(isComplementary)
        let vds = vgs - vgd
        if vds.value >= 0 {
            sink.flow(coefficients.channel(gate: vgs, drain: vds), channel)
        } else {
            sink.flow(coefficients.channel(gate: vgd, drain: -vds), channel.turned(true))
        }
    }
}

/// What a JFET's equations need of its parameters, at its temperature and for its area.
struct JFETCoefficients<Number: ParameterNumber>: DeviceCoefficients {
    var multiplicity: Number
    /// A, of all `m` devices.
    var saturation: Number
    /// The thermal voltage, V.
    var scale: Number
    /// A/V², of all.
    var beta: Number
    /// V.
    var threshold: Number
    /// 1/V.
    var modulation: Number
    var tail: Number
    /// (1 − B)/(pb − vto), 1/V.
    var tailSlope: Number
    /// S, of all.
    var drainConductance: Number
    var sourceConductance: Number

    init(_ values: ParameterValues<Number>) {
        let (temperature, nominal) = (values.temperature, values.nominalTemperature)
        multiplicity = values.instance("m", default: 1)
        let area = values.instance("area", default: 1) * multiplicity
        let ratio = temperature / nominal
        let rise = temperature - nominal
        scale = Semiconductor.voltsPerKelvin * temperature
        var saturation =
            values.model("is", default: 1e-14)
            * Number.exp((ratio - 1) * values.model("eg", default: 1.11) / scale)
        // Not where xti is 3 by default: so in ngspice.
        if let exponent = values.model("xti") {
            saturation = saturation * Number.pow(ratio, exponent)
        }
        self.saturation = saturation * area

        let beta = values.model("beta", default: 1e-4)
        if let exponent = values.model("betatce") {
            self.beta = beta * Number.pow(Number(1.01), exponent * rise) * area
        } else if let exponent = values.model("bex") {
            self.beta = beta * Number.pow(ratio, exponent) * area
        } else {
            self.beta = beta * area
        }
        let threshold = values.model("vto", default: -2)
        if let slope = values.model("vtotc") {
            self.threshold = threshold + slope * rise
        } else {
            self.threshold = threshold - values.model("tcv", default: 0) * rise
        }
        modulation = values.model("lambda", default: 0)
        tail = values.model("b", default: 1)
        tailSlope = (1 - tail) / (values.model("pb", default: 1) - threshold)
        drainConductance = values.nonzero("rd").map { area / $0 } ?? Number(0)
        sourceConductance = values.nonzero("rs").map { area / $0 } ?? Number(0)
    }

    var areFinite: Bool {
        [saturation, beta, threshold, tailSlope, drainConductance, sourceConductance]
            .allSatisfy(\.value.isFinite)
    }

    /// Gate to channel, without gmin, A.
    @inline(__always) func junction<Voltage: VoltageNumber>(_ voltage: Voltage) -> Voltage
    where Voltage.Coefficient == Number {
        Semiconductor.junction(voltage, saturation: saturation, scale: scale)
    }

    /// Drain to source, A, for a drain that isn't below the source.
    ///
    /// With u = gate − vto: β(1 + λ d) u² (B + u b) where u < d, and
    /// β(1 + λ d) d (d (b d − B) + u (2 B + 3 b (u − d))) elsewhere, b being `tailSlope`.
    @inline(__always) func channel<Voltage: VoltageNumber>(
        gate: Voltage, drain: Voltage
    ) -> Voltage where Voltage.Coefficient == Number {
        let overdrive = gate - threshold
        guard overdrive.value > 0 else { return Voltage(0) }
        let gain = beta * (1 + modulation * drain)
        if overdrive.value < drain.value {
            return gain * (overdrive * overdrive * (tailSlope * overdrive + tail))
        }
        let parabola = drain * (tailSlope * drain - tail)
        let mixed = 3 * (tailSlope * (overdrive - drain)) + 2 * tail
        return gain * (drain * (parabola + overdrive * mixed))
    }
}
