import Testing

@testable import Devices

@Suite struct MOSFETTests {
    private static let model = [
        ParameterRange("kp", 1e-5, 1e-3), ParameterRange("gamma", 0.1, 1),
        ParameterRange("phi", 0.4, 0.9), ParameterRange("lambda", 0.005, 0.1),
        ParameterRange("is", 1e-16, 1e-11), ParameterRange("js", 1e-9, 1e-3),
        ParameterRange("ld", 1e-8, 4e-7, 0.4), ParameterRange("tnom", 0, 50),
        ParameterRange("tox", 1e-8, 1e-7), ParameterRange("uo", 200, 900),
        ParameterRange("nsub", 1e14, 1e17), ParameterRange("nss", 1e9, 1e11),
    ]
    private static let resistances = [
        ParameterRange("rd", 1, 500), ParameterRange("rs", 1, 500), ParameterRange("rsh", 1, 100),
    ]
    private static let instance = [
        ParameterRange("w", 1e-6, 1e-4, 0.9), ParameterRange("l", 1e-6, 1e-5, 0.9),
        ParameterRange("m", 1, 5, 0.3), ParameterRange("ad", 1e-12, 1e-9),
        ParameterRange("as", 1e-12, 1e-9), ParameterRange("nrd", 0.5, 3),
        ParameterRange("nrs", 0.5, 3),
    ]

    private static func samples(
        _ seed: UInt64, count: Int, extra: [ParameterRange] = []
    ) -> [DeviceSample] {
        var numbers = SeededNumbers(seed: seed)
        return (0..<count).map { index in
            let type = index % 2 == 0 ? "nmos" : "pmos"
            let sign: Double = index % 2 == 0 ? 1 : -1
            var card = DeviceCard(
                type: type, model: Fixtures.values(model + extra, &numbers),
                instance: Fixtures.values(instance, &numbers), terminals: 4)
            if numbers.isTrue(0.7) { card.model["vto"] = sign * numbers.uniform(-1, 2) }
            if numbers.isTrue(0.3) { card.model["tpg"] = [-1, 0, 1][Int(numbers.next() * 3)] }
            if numbers.isTrue(0.4) {
                card.instance[numbers.isTrue() ? "temp" : "dtemp"] = numbers.uniform(-20, 100)
            }
            let (drain, source) = (numbers.uniform(-1, 4), numbers.uniform(-1, 4))
            let gate = numbers.uniform(-1, 5)
            let bulk = min(drain, source) - numbers.uniform(-0.6, 3)
            return DeviceSample(
                card: card, voltages: [drain, gate, source, bulk].map { sign * $0 })
        }
    }

    private static let plain = samples(11, count: 150)
    private static let resistive = samples(12, count: 120, extra: resistances)

    @Test(arguments: [-20.0, 27, 85])
    func currents(temperature: Double) throws {
        let conditions = DeviceConditions(temperature: temperature, nominalTemperature: 25)
        try Fixtures.checkCurrents(Self.plain, conditions)
        try Fixtures.checkCurrents(Self.resistive, conditions)
    }

    @Test func defaultSizes() throws {
        try Fixtures.checkCurrents(
            Self.plain,
            DeviceConditions(
                gmin: 1e-10, defaultLength: 3e-6, defaultWidth: 2e-5))
    }

    @Test func otherNames() throws {
        for samples in [Self.plain, Self.resistive] {
            try Fixtures.checkCurrents(Fixtures.renamed(samples, MOSFET.modelNames))
        }
    }

    @Test func derivatives() throws {
        Fixtures.checkComplete(
            Self.plain + Self.resistive, model: MOSFET.modelNames,
            instance: MOSFET.instanceNames)
        let conditions = DeviceConditions(temperature: 40)
        for sample in Self.plain + Self.resistive {
            try Fixtures.checkDerivatives(sample, conditions, without: ["tpg"])
        }
    }

    @Test func withoutEffect() throws {
        for type in ["nmos", "pmos"] {
            let sign: Double = type == "nmos" ? 1 : -1
            try Fixtures.checkWithoutEffect(
                DeviceSample(
                    card: DeviceCard(
                        type: type,
                        model: ["vto": sign * 0.7, "kp": 1e-4, "gamma": 0.4, "rd": 10],
                        instance: ["w": 1e-5, "l": 2e-6], terminals: 4),
                    voltages: [3, 2, 0.1, -0.5].map { sign * $0 }),
                model: [
                    "cbd": 1e-12, "cbs": 1e-12, "pb": 0.7, "cgso": 1e-10, "cgdo": 1e-10,
                    "cgbo": 1e-10, "cj": 1e-4, "mj": 0.4, "cjsw": 1e-10, "mjsw": 0.3, "fc": 0.4,
                    "kf": 1e-25, "af": 1.1,
                ],
                instance: [
                    "pd": 1e-5, "ps": 1e-5, "off": 1, "ic": 1, "icvds": 1, "icvgs": 1, "icvbs": -1,
                ], names: (MOSFET.modelNames, MOSFET.instanceNames))
        }
    }

    @Test func declined() throws {
        try Fixtures.checkDeclined(
            DeviceCard(
                type: "nmos", model: ["rsh": 10, "tox": 1e-8], instance: ["l": 1e-5], terminals: 4),
            model: [
                ("level", 2), ("level", 54), ("phi", 0), ("rd", 0), ("rs", 0), ("rd", -1),
                ("nsub", 1e9), ("tpg", 2), ("ld", 5e-6), ("theta", 0.1), ("vmax", 1e5),
                ("nlev", 1), ("gdsnoi", 1), ("kp", .infinity), ("xj", 1e-7),
            ],
            instance: [
                ("nrd", 0), ("w", 0), ("l", -1e-6), ("m", 0), ("ad", -1), ("temp", -274),
                ("sa", 1),
            ])
        #expect(throws: DeclinedDevice.self) {
            _ = try makeDevice(DeviceCard(type: "nmos", terminals: 3))
        }
    }

    @Test func limits() throws {
        let device = try makeDevice(
            DeviceCard(type: "pmos", model: ["vto": -0.7, "rs": 1], terminals: 4))
        #expect(device.internalNodeTerminals == [2])
        #expect(device.gateLimits[0].gateSource == NodePair(4, 1))
        #expect(abs(device.gateLimits[0].threshold - 0.7) < 1e-12)
        #expect(device.startingVoltages.map(\.voltage).first == -1)
    }
}
