/// A bipolar transistor of level 1, the model of Gummel and Poon.
///
/// Source: Gummel and Poon 1970; ngspice 39's manual, chapter "BJTs", and what ngspice 39.3 computes where
/// that is silent. Terminals: collector, base, emitter, and the substrate where the line gives it; otherwise
/// the substrate is ground.
struct Bipolar: FollowableDevice {
    typealias TangentCoefficients = BipolarCoefficients<Tangent>

    static let modelNames = ParameterNames(
        used: """
            level subs tlev tnom is ibe ibc bf nf vaf ikf ise ne br nr var ikr isc nc rb irb rbm re rc
            xtb eg xti iss ns nkf tbf1 tbf2 tbr1 tbr2 tikf1 tikf2 tikr1 tikr2 tirb1 tirb2 tnc1 tnc2
            tne1 tne2 tnf1 tnf2 tnr1 tnr2 trb1 trb2 trc1 trc2 tre1 tre2 trm1 trm2 tvaf1 tvaf2
            tvar1 tvar2 tns1 tns2
            """,
        withoutEffect: """
            cje vje mje tf xtf vtf itf ptf cjc vjc mjc xcjc tr cjs vjs mjs fc kf af tlevc ctc cte cts
            tvjc tvje tvjs titf1 titf2 ttf1 ttf2 ttr1 ttr2 tmje1 tmje2 tmjc1 tmjc2 tmjs1 tmjs2
            tis1 tis2 tise1 tise2 tisc1 tisc2 tiss1 tiss2 vbe_max vbc_max vce_max pd_max
            ic_max ib_max te_max
            """,
        others: [
            "tref": "tnom", "va": "vaf", "ik": "ikf", "c2": "ise", "vb": "var", "c4": "isc",
            "pe": "vje", "me": "mje", "pc": "vjc", "mc": "mjc", "csub": "cjs", "ccs": "cjs",
            "ps": "vjs", "ms": "mjs", "trb": "trb1", "trc": "trc1", "tre": "tre1", "nk": "nkf",
        ])
    static let instanceNames = ParameterNames(
        used: "area areab areac m temp dtemp", withoutEffect: "off ic icvbe icvce")
    static let modelSwitches: Set<String> = [
        "rb", "rc", "re", "irb", "vaf", "var", "ikf", "ikr",
    ]

    let terminalCount: Int
    let internalNodeCount: Int
    let internalNodeTerminals: [Int]
    let junctionLimits: [JunctionLimit]
    let gateLimits: [GateLimit] = []
    let startingVoltages: [StartingVoltage]

    let parameters: DeviceParameters
    let coefficients: BipolarCoefficients<Double>
    private let collector: Int
    private let base: Int
    private let emitter: Int
    /// Anode and cathode of the junction to the substrate, which need not have a saturation current.
    private let substrate: NodePair
    private let isComplementary: Bool

    init(_ card: DeviceCard, _ conditions: DeviceConditions) throws(DeclinedDevice) {
        let parameters = try DeviceParameters(
            card, conditions, model: Self.modelNames, instance: Self.instanceNames)
        self.parameters = parameters
        guard card.terminals == 3 || card.terminals == 4 else {
            throw DeclinedDevice(
                card.type,
                "a bipolar transistor has 3 or 4 terminals here, not \(card.terminals)")
        }
        try parameters.checkTemperatures()
        try parameters.check(
            "tlev", { $0 == 0 }, "chooses temperature equations that are not known here")
        try parameters.check("subs", { abs($0) == 1 }, "is neither 1 nor -1")
        try parameters.check("nkf", { $0 <= 1 }, "is above 1, which ngspice takes instead")
        try parameters.checkPositive("is nf nr ne nc ns bf br nkf")
        try parameters.checkNotNegative("ibe ibc ise isc iss rb rbm re rc irb ikf ikr vaf var")
        try parameters.checkPositive("area areab areac m", isModel: false)
        if parameters.model["rb", default: 0] == 0, parameters.model["rbm", default: 0] != 0 {
            throw DeclinedDevice(
                "rbm", "with rbm but no rb, ngspice's base current is lost in its rounding")
        }
        let coefficients = BipolarCoefficients<Double>(ParameterValues(parameters))
        self.coefficients = coefficients
        guard coefficients.areFinite else {
            throw DeclinedDevice(
                card.type,
                "a bipolar transistor's currents are not finite with these parameters")
        }
        for (name, value) in [
            ("rc", coefficients.collectorConductance), ("re", coefficients.emitterConductance),
            ("rb", coefficients.baseResistance), ("rbm", coefficients.leastBaseResistance),
        ] where value < 0 {
            throw DeclinedDevice(
                name, "the resistance \(name) of a \(card.type) is below zero at this temperature")
        }
        isComplementary = card.type == "pnp"

        terminalCount = card.terminals
        var terminals: [Int] = []
        func node(behind terminal: Int, _ resistance: String) -> Int {
            guard parameters.model[resistance, default: 0] != 0 else { return terminal }
            terminals.append(terminal)
            return card.terminals + terminals.count - 1
        }
        collector = node(behind: 0, "rc")
        base = node(behind: 1, "rb")
        emitter = node(behind: 2, "re")
        internalNodeTerminals = terminals
        internalNodeCount = terminals.count

        let isVertical = parameters.model["subs"].map { $0 == 1 } ?? !isComplementary
        substrate = NodePair(
            card.terminals == 4 ? 3 : NodePair.ground, isVertical ? collector : base
        ).turned(isVertical == isComplementary)

        let thermal = coefficients.thermalVoltage
        let baseEmitter = NodePair(base, emitter).turned(isComplementary)
        let baseCollector = NodePair(base, collector).turned(isComplementary)
        let critical = Semiconductor.criticalVoltage(
            thermal, saturation: coefficients.saturation)
        var limits = [baseEmitter, baseCollector].map {
            JunctionLimit(nodes: $0, thermalVoltage: thermal, criticalVoltage: critical)
        }
        if let saturation = coefficients.substrateSaturation, saturation > 0 {
            limits.append(
                JunctionLimit(
                    nodes: substrate, thermalVoltage: thermal,
                    criticalVoltage: Semiconductor.criticalVoltage(
                        thermal, saturation: saturation)))
        }
        junctionLimits = limits
        let isOff = parameters.instance["off", default: 0] != 0
        startingVoltages = [
            StartingVoltage(nodes: baseEmitter, voltage: isOff ? 0 : critical),
            StartingVoltage(nodes: baseCollector, voltage: 0),
        ]
    }

    var controlCount: Int { base == 1 && coefficients.substrateSaturation == nil ? 2 : 4 }

    @inline(__always) func load<Sink: CurrentSink>(
        _ sink: inout Sink, _ coefficients: BipolarCoefficients<Sink.Number.Coefficient>
    ) {
        let multiplicity = coefficients.multiplicity
        if collector != 0 {
            sink.conduct(multiplicity * coefficients.collectorConductance, NodePair(0, collector))
        }
        if emitter != 2 {
            sink.conduct(multiplicity * coefficients.emitterConductance, NodePair(2, emitter))
        }
        let vbe = sink.control(0, NodePair(base, emitter).turned(isComplementary))
        let vbc = sink.control(1, NodePair(base, collector).turned(isComplementary))
        let currents = coefficients.currents(vbe, vbc, gmin: parameters.conditions.gmin)
        sink.flow(
            multiplicity * currents.collector,
            NodePair(collector, emitter).turned(isComplementary))
        sink.flow(
            multiplicity * currents.base, NodePair(base, emitter).turned(isComplementary))

        if base != 1 {
            let nodes = NodePair(1, base)
            let drop = sink.control(2, nodes)
            sink.flow(
                multiplicity * (drop / coefficients.baseResistance(currents.base, currents.charge)),
                nodes)
        }
        if let saturation = coefficients.substrateSaturation {
            let voltage = sink.control(3, substrate)
            sink.flow(
                multiplicity
                    * Semiconductor.junction(
                        voltage, saturation: saturation, scale: coefficients.substrateScale),
                substrate)
        }
        sink.conduct(parameters.conditions.gmin * multiplicity, substrate)
    }
}

/// What a bipolar transistor's equations need of its parameters, at its temperature and for its areas.
struct BipolarCoefficients<Number: ParameterNumber>: DeviceCoefficients {
    var multiplicity: Number
    /// V.
    var thermalVoltage: Number
    /// Of the transport current and of each junction's part of it, A.
    var saturation: Number
    var emitterSaturation: Number
    var collectorSaturation: Number
    /// Thermal voltages times emission coefficients, V.
    var emitterScale: Number
    var collectorScale: Number
    var forwardGain: Number
    var reverseGain: Number
    /// Recombination, A and V.
    var emitterLeak: Number
    var emitterLeakScale: Number
    var collectorLeak: Number
    var collectorLeakScale: Number
    /// 1/vaf and 1/var, 1/V.
    var forwardEarly: Number
    var reverseEarly: Number
    /// 1/ikf and 1/ikr, 1/A.
    var forwardKnee: Number
    var reverseKnee: Number
    /// nkf, where it is given.
    var kneeExponent: Number?
    /// S.
    var collectorConductance: Number
    var emitterConductance: Number
    /// rb and rbm, Ω.
    var baseResistance: Number
    var leastBaseResistance: Number
    /// irb, A.
    var halfBaseCurrent: Number?
    /// A and V.
    var substrateSaturation: Number?
    var substrateScale: Number

    init(_ values: ParameterValues<Number>) {
        let (temperature, nominal) = (values.temperature, values.nominalTemperature)
        let rise = temperature - nominal
        let ratio = temperature / nominal
        let thermal = Semiconductor.voltsPerKelvin * temperature
        thermalVoltage = thermal
        multiplicity = values.instance("m", default: 1)
        let area = values.instance("area", default: 1)
        let isVertical =
            values.model("subs").map { $0.value == 1 } ?? (values.type != "pnp")
        let baseArea = values.instance("areab") ?? area
        let collectorArea = values.instance("areac") ?? area
        // Where the collector lies below the base, their junction is as large as the base.
        let junctionArea = isVertical ? baseArea : collectorArea

        let growth =
            (ratio - 1) * values.model("eg", default: 1.11) / thermal
            + values.model("xti", default: 3) * Number.log(ratio)
        let forwardEmission = values.model("nf", default: 1)
        let reverseEmission = values.model("nr", default: 1)
        let current = values.model("is", default: 1e-16)
        saturation = area * current * Number.exp(growth)
        var substrateGrowth = Number.exp(growth)
        if let emitter = values.model("ibe"), let collector = values.model("ibc") {
            emitterSaturation = area * emitter * Number.exp(growth / forwardEmission)
            substrateGrowth = Number.exp(growth / reverseEmission)
            collectorSaturation = collector * substrateGrowth * junctionArea
            substrateGrowth = substrateGrowth * (isVertical ? collectorArea : baseArea)
        } else {
            emitterSaturation = saturation
            // By both areas: so in ngspice.
            collectorSaturation = saturation * junctionArea
            substrateGrowth = substrateGrowth * area
        }
        substrateSaturation = values.model("iss").map { $0 * substrateGrowth }
        substrateScale =
            thermal * values.model("ns", default: 1) * values.polynomial("tns1", "tns2", rise)
        emitterScale = thermal * (forwardEmission * values.polynomial("tnf1", "tnf2", rise))
        collectorScale = thermal * (reverseEmission * values.polynomial("tnr1", "tnr2", rise))

        let gainGrowth = Number.exp(Number.log(ratio) * values.model("xtb", default: 0))
        func gain(_ name: String, _ value: Double, _ linear: String, _ quadratic: String) -> Number
        {
            let gain = values.model(name, default: value)
            guard values.model(linear) == nil, values.model(quadratic) == nil else {
                return gain * values.polynomial(linear, quadratic, rise)
            }
            return gain * gainGrowth
        }
        forwardGain = gain("bf", 100, "tbf1", "tbf2")
        reverseGain = gain("br", 1, "tbr1", "tbr2")

        func leak(_ name: String, _ emission: Number) -> Number {
            guard let leak = values.model(name) else { return Number(0) }
            // Above 1e-4 it is a multiple of is.
            let own = leak.value > 1e-4 ? current * leak : leak
            return own * Number.exp(growth / emission) / gainGrowth
        }
        let emitterEmission = values.model("ne", default: 1.5)
        let collectorEmission = values.model("nc", default: 2)
        emitterLeak = area * leak("ise", emitterEmission)
        collectorLeak = leak("isc", collectorEmission) * junctionArea
        emitterLeakScale = emitterEmission * values.polynomial("tne1", "tne2", rise) * thermal
        collectorLeakScale = collectorEmission * values.polynomial("tnc1", "tnc2", rise) * thermal

        func inverse(_ name: String, _ linear: String, _ quadratic: String) -> Number {
            guard let value = values.nonzero(name) else { return Number(0) }
            return 1 / (value * values.polynomial(linear, quadratic, rise))
        }
        forwardEarly = inverse("vaf", "tvaf1", "tvaf2")
        reverseEarly = inverse("var", "tvar1", "tvar2")
        forwardKnee = inverse("ikf", "tikf1", "tikf2") / area
        reverseKnee = inverse("ikr", "tikr1", "tikr2") / area
        kneeExponent = values.model("nkf")
        collectorConductance = inverse("rc", "trc1", "trc2") * area
        emitterConductance = inverse("re", "tre1", "tre2") * area

        let resistance = values.model("rb", default: 0)
        baseResistance = resistance * values.polynomial("trb1", "trb2", rise) / area
        leastBaseResistance =
            (values.model("rbm") ?? resistance) * values.polynomial("trm1", "trm2", rise) / area
        halfBaseCurrent = values.nonzero("irb").map {
            $0 * values.polynomial("tirb1", "tirb2", rise) * area
        }
    }

    var areFinite: Bool {
        [
            saturation, emitterSaturation, collectorSaturation, emitterScale, collectorScale,
            forwardGain, reverseGain, emitterLeak, emitterLeakScale, collectorLeak,
            collectorLeakScale, forwardEarly, reverseEarly, forwardKnee, reverseKnee,
            collectorConductance, emitterConductance, baseResistance, leastBaseResistance,
            substrateSaturation ?? Number(0), substrateScale,
        ].allSatisfy(\.value.isFinite)
    }

    /// The currents into collector and base, both out of the emitter, A, and the normalised base charge.
    ///
    /// With F = Is(vbe), R = Is(vbc), each a junction's current: Ic = (F − R)/q − R/br − leak(vbc) and
    /// Ib = F/bf + leak(vbe) + R/br + leak(vbc), the leaks with gmin; q = q₁ (1 + √(1 + 4 q₂))/2 with
    /// q₁ = 1/(1 − vbc/vaf − vbe/var) and q₂ = F/ikf + R/ikr.
    @inline(__always) func currents<Voltage: VoltageNumber>(
        _ vbe: Voltage, _ vbc: Voltage, gmin: Double
    ) -> (collector: Voltage, base: Voltage, charge: Voltage) where Voltage.Coefficient == Number {
        let forward = Semiconductor.junction(
            vbe, saturation: emitterSaturation, scale: emitterScale)
        let reverse = Semiconductor.junction(
            vbc, saturation: collectorSaturation, scale: collectorScale)
        var emitterLeakage = gmin * vbe
        if !emitterLeak.isZero {
            emitterLeakage =
                Semiconductor.junction(vbe, saturation: emitterLeak, scale: emitterLeakScale)
                + emitterLeakage
        }
        var collectorLeakage = gmin * vbc
        if !collectorLeak.isZero {
            collectorLeakage =
                Semiconductor.junction(vbc, saturation: collectorLeak, scale: collectorLeakScale)
                + collectorLeakage
        }
        var charge = 1 / (1 - forwardEarly * vbc - reverseEarly * vbe)
        if !forwardKnee.isZero || !reverseKnee.isZero {
            let argument = 1 + 4 * (forwardKnee * forward + reverseKnee * reverse)
            var root = Voltage(1)
            if argument.value > 0 {
                root =
                    kneeExponent.map { Voltage.pow(argument, $0) } ?? Voltage.sqrt(argument)
            }
            charge = 0.5 * (charge * (1 + root))
        }
        let returned = reverse / reverseGain
        return (
            (forward - reverse) / charge - returned - collectorLeakage,
            forward / forwardGain + emitterLeakage + returned + collectorLeakage,
            charge
        )
    }

    /// Between the base's terminal and the base, Ω: rbm + (rb − rbm)/q, or with irb
    /// rbm + 3 (rb − rbm) (tan z − z)/(z tan² z), z following from Ib/irb.
    @inline(__always) func baseResistance<Voltage: VoltageNumber>(
        _ current: Voltage, _ charge: Voltage
    ) -> Voltage where Voltage.Coefficient == Number {
        let more = baseResistance - leastBaseResistance
        if more.isZero { return Voltage(coefficient: leastBaseResistance) }
        guard let halfBaseCurrent else {
            return more * (1 / charge) + leastBaseResistance
        }
        var ratio = current / halfBaseCurrent
        if !(ratio.value > 1e-9) { ratio = Voltage(1e-9) }
        let z = (Voltage.sqrt(1 + 14.59025 * ratio) - 1) / 2.4317 / Voltage.sqrt(ratio)
        let tangent = Voltage.tan(z)
        return 3 * (more * ((tangent - z) / z / tangent / tangent)) + leastBaseResistance
    }
}
