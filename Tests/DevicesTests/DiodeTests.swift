import Testing

@testable import Devices

@Suite struct DiodeTests {
    private static let model = [
        ParameterRange("is", 1e-16, 1e-9), ParameterRange("n", 0.9, 2),
        ParameterRange("eg", 0.6, 1.3), ParameterRange("xti", 1, 4),
        ParameterRange("tnom", 0, 50), ParameterRange("ikf", 1e-4, 1, 0.3),
        ParameterRange("ikr", 1e-12, 1e-6, 0.3), ParameterRange("area", 0.5, 3, 0.2),
        ParameterRange("pj", 1, 5, 0.3),
    ]
    private static let instance = [
        ParameterRange("area", 0.5, 5), ParameterRange("m", 1, 4, 0.3),
        ParameterRange("pj", 1, 9, 0.3),
    ]

    /// - Parameter voltage: over the diode.
    private static func samples(
        _ seed: UInt64, count: Int, extra: [ParameterRange] = [],
        voltage: (inout SeededNumbers, [String: Double]) -> Double
    ) -> [DeviceSample] {
        var numbers = SeededNumbers(seed: seed)
        return (0..<count).map { _ in
            var card = DeviceCard(
                type: "d", model: Fixtures.values(model + extra, &numbers),
                instance: Fixtures.values(instance, &numbers), terminals: 2)
            if card.model["ikf"] != nil || card.model["ikr"] != nil { card.model["jsw"] = nil }
            if card.model["ns"] != nil, card.model["jsw"] == nil { card.model["ns"] = nil }
            if numbers.isTrue(0.4) {
                let name = numbers.isTrue() ? "temp" : "dtemp"
                card.instance[name] = numbers.uniform(-20, 100)
            }
            let cathode = numbers.uniform(-2, 2)
            return DeviceSample(
                card: card, voltages: [cathode + voltage(&numbers, card.model), cathode])
        }
    }

    private static let forward = samples(
        1, count: 120,
        extra: [ParameterRange("jsw", 1e-16, 1e-9, 0.3), ParameterRange("ns", 1, 2, 0.6)]
    ) { numbers, _ in numbers.uniform(-3, 0.9) }

    private static let resistive = samples(
        2, count: 100,
        extra: [
            ParameterRange("rs", 0.1, 1000, 1), ParameterRange("trs", -1e-3, 2e-3),
            ParameterRange("trs2", -1e-6, 1e-5), ParameterRange("jsw", 1e-16, 1e-9, 0.3),
        ]
    ) { numbers, _ in numbers.uniform(-3, 3) }

    private static let breakdown = samples(
        3, count: 120,
        extra: [
            ParameterRange("bv", 3, 80, 1), ParameterRange("ibv", 1e-10, 1e-1),
            ParameterRange("nbv", 0.9, 3), ParameterRange("tcv", -1e-3, 1e-3),
            ParameterRange("rs", 0.1, 1000),
        ]
    ) { numbers, model in
        numbers.isTrue(0.2)
            ? numbers.uniform(-3, 0.9) : -(model["bv"]! + numbers.uniform(-1, 1))
    }

    @Test(arguments: [-20.0, 27, 85])
    func currents(temperature: Double) throws {
        let conditions = DeviceConditions(temperature: temperature, nominalTemperature: 25)
        for samples in [Self.forward, Self.resistive, Self.breakdown] {
            try Fixtures.checkCurrents(samples, conditions)
        }
    }

    /// ngspice fits the breakdown to its current only as closely as reltol says.
    @Test(arguments: [1e-3, 0.3])
    func breakdownAtLooseTolerances(tolerance: Double) throws {
        let samples = Self.breakdown.filter { $0.card.model["rs"] == nil }
        let conditions = DeviceConditions(relativeTolerance: tolerance)
        let measured = try Fixtures.measure(samples, conditions)
        for case (let sample, let measured?) in zip(samples, measured) {
            let current = try makeDevice(sample.card, conditions).evaluate(sample.voltages)
                .currents[0]
            #expect(abs(current - measured[0]) <= 1e-11 * abs(current) + 1e-19)
        }
    }

    @Test func otherNames() throws {
        for samples in [Self.forward, Self.resistive, Self.breakdown] {
            try Fixtures.checkCurrents(Fixtures.renamed(samples, Diode.modelNames))
        }
    }

    @Test func derivatives() throws {
        Fixtures.checkComplete(
            Self.forward + Self.resistive + Self.breakdown, model: Diode.modelNames,
            instance: Diode.instanceNames)
        let conditions = DeviceConditions(temperature: 40, relativeTolerance: 1e-12)
        for sample in Self.forward + Self.resistive + Self.breakdown {
            try Fixtures.checkDerivatives(sample, conditions)
        }
    }

    @Test func withoutEffect() throws {
        try Fixtures.checkWithoutEffect(
            DeviceSample(
                card: DeviceCard(type: "d", model: ["is": 1e-14, "rs": 10], terminals: 2),
                voltages: [0.8, 0.1]),
            model: [
                "tt": 1e-9, "ttt1": 1e-3, "ttt2": 1e-5, "cjo": 1e-12, "vj": 0.6, "m": 0.4,
                "tm1": 1e-3, "tm2": 1e-5, "cjp": 1e-12, "php": 0.7, "mjsw": 0.3, "fc": 0.4,
                "fcs": 0.4, "kf": 1e-12, "af": 1.1, "cta": 1e-3, "ctp": 1e-3, "tpb": 1e-3,
                "tphp": 1e-3, "tlevc": 1, "fv_max": 1, "bv_max": 5, "id_max": 1, "te_max": 200,
                "pd_max": 1,
            ], instance: ["off": 1, "ic": 0.3], names: (Diode.modelNames, Diode.instanceNames))
    }

    @Test func declined() throws {
        try Fixtures.checkDeclined(
            DeviceCard(type: "d", model: ["bv": 5], terminals: 2),
            model: [
                ("isr", 1e-12), ("nr", 2), ("jtun", 1e-12), ("jtunsw", 1e-12), ("ntun", 20),
                ("xtitun", 2), ("keg", 1), ("rth0", 1), ("cth0", 1), ("level", 3), ("tlev", 1),
                ("is", 1e-29), ("is", .nan), ("ikf", 0), ("rs", -1), ("n", 0), ("bv", -5),
                ("jsw", 1e-12), ("vp", 1), ("rsw", 1), ("tnom", -300), ("nonsense", 1),
            ],
            instance: [
                ("thermal", 1), ("w", 1), ("l", 1), ("area", 0), ("m", 0), ("temp", -300),
                ("lm", 1),
            ])
        for knee in ["ikf", "ikr"] {
            try Fixtures.checkDeclined(
                DeviceCard(type: "d", model: [knee: 1e-3], terminals: 2), model: [("jsw", 1e-12)])
        }
        #expect(throws: DeclinedDevice.self) {
            _ = try makeDevice(DeviceCard(type: "d", terminals: 3))
        }
        let error = #expect(throws: DeclinedDevice.self) {
            _ = try makeDevice(
                DeviceCard(type: "d", model: ["is": 1, "js": 1], terminals: 2))
        }
        #expect(error?.name == "js")
        #expect(throws: DeclinedDevice.self) {
            _ = try makeDevice(DeviceCard(type: "vdmos", terminals: 3))
        }
        #expect(throws: DeclinedDevice.self) {
            _ = try makeDevice(
                DeviceCard(type: "d", terminals: 2), DeviceConditions(gmin: -1e-12))
        }
    }

    @Test func switchesHaveNoSensitivity() throws {
        let device = try makeDevice(
            DeviceCard(
                type: "d", model: ["rs": 0, "is": 1e-12], instance: ["off": 1], terminals: 2)
        )
        #expect(device.sensitivity(of: "rs", isModel: true, at: [0.5, 0]) == nil)
        #expect(device.sensitivity(of: "off", isModel: false, at: [0.5, 0]) == nil)
        #expect(device.sensitivity(of: "n", isModel: true, at: [0.5, 0]) == nil)
        #expect(
            device.sensitivity(of: "js", isModel: true, at: [0.5, 0])
                == device.sensitivity(of: "is", isModel: true, at: [0.5, 0]))
    }

    /// Limits and start are ngspice's: the critical voltage of a junction is vt ln(vt/(√2 Is)).
    @Test func limits() throws {
        let device = try makeDevice(
            DeviceCard(type: "d", model: ["is": 1e-14, "rs": 1, "bv": 10], terminals: 2))
        let limit = device.junctionLimits[0]
        #expect(limit.nodes == NodePair(2, 1))
        #expect(abs(limit.criticalVoltage - 0.7296) < 1e-3)
        #expect(device.startingVoltages[0].voltage == limit.criticalVoltage)
        // Is (e^{(bv − x)/vt} …) = ibv: the breakdown begins before bv.
        #expect(abs((limit.breakdown?.voltage ?? 0) - (10 - 0.025865 * 25.33)) < 0.01)
        #expect(device.internalNodeTerminals == [0])
    }
}
