import Testing

@testable import Devices

@Suite struct JFETTests {
    private static let model = [
        ParameterRange("vto", -4, -0.5), ParameterRange("beta", 1e-5, 1e-2),
        ParameterRange("lambda", 0.005, 0.1), ParameterRange("is", 1e-16, 1e-12),
        ParameterRange("pb", 0.5, 1.5), ParameterRange("b", 0.3, 1.2),
        ParameterRange("tnom", 0, 50), ParameterRange("tcv", -3e-3, 3e-3, 0.3),
        ParameterRange("vtotc", -3e-3, 3e-3, 0.3), ParameterRange("bex", -2, 1, 0.3),
        ParameterRange("betatce", -1, 1, 0.3), ParameterRange("xti", 1, 4, 0.4),
        ParameterRange("eg", 0.8, 1.3, 0.4),
    ]
    private static let instance = [ParameterRange("area", 0.5, 4), ParameterRange("m", 1, 4, 0.3)]

    private static func samples(
        _ seed: UInt64, count: Int, extra: [ParameterRange] = []
    ) -> [DeviceSample] {
        var numbers = SeededNumbers(seed: seed)
        return (0..<count).map { index in
            var card = DeviceCard(
                type: index % 2 == 0 ? "njf" : "pjf",
                model: Fixtures.values(model + extra, &numbers),
                instance: Fixtures.values(instance, &numbers), terminals: 3)
            if numbers.isTrue(0.4) {
                card.instance[numbers.isTrue() ? "temp" : "dtemp"] = numbers.uniform(-20, 100)
            }
            let sign: Double = index % 2 == 0 ? 1 : -1
            let (drain, source) = (numbers.uniform(-1, 5), numbers.uniform(-1, 5))
            let gate = min(drain, source) + numbers.uniform(-3, 0.6)
            return DeviceSample(card: card, voltages: [drain, gate, source].map { sign * $0 })
        }
    }

    private static let plain = samples(21, count: 120)
    private static let resistive = samples(
        22, count: 100, extra: [ParameterRange("rd", 1, 500), ParameterRange("rs", 1, 500)])

    @Test(arguments: [-20.0, 27, 85])
    func currents(temperature: Double) throws {
        let conditions = DeviceConditions(temperature: temperature, nominalTemperature: 25)
        try Fixtures.checkCurrents(Self.plain, conditions)
        try Fixtures.checkCurrents(Self.resistive, conditions)
    }

    @Test func otherNames() throws {
        for samples in [Self.plain, Self.resistive] {
            try Fixtures.checkCurrents(Fixtures.renamed(samples, JFET.modelNames))
        }
    }

    @Test func derivatives() throws {
        Fixtures.checkComplete(
            Self.plain + Self.resistive, model: JFET.modelNames,
            instance: JFET.instanceNames)
        for sample in Self.plain + Self.resistive {
            try Fixtures.checkDerivatives(sample, DeviceConditions(temperature: 40))
        }
    }

    @Test func withoutEffect() throws {
        for type in ["njf", "pjf"] {
            try Fixtures.checkWithoutEffect(
                DeviceSample(
                    card: DeviceCard(type: type, model: ["b": 0.8], terminals: 3),
                    voltages: [3, -0.5, 0.1].map { type == "njf" ? $0 : -$0 }),
                model: [
                    "cgs": 1e-12, "cgd": 1e-12, "fc": 0.4, "kf": 1e-15, "af": 1.1, "nlev": 1,
                    "gdsnoi": 1.2,
                ], instance: ["ic": 1], names: (JFET.modelNames, JFET.instanceNames))
        }
    }

    @Test func declined() throws {
        try Fixtures.checkDeclined(
            DeviceCard(type: "njf", terminals: 3),
            model: [("level", 2), ("n", 1.1), ("is", -1), ("rd", -1), ("isr", 1e-14)],
            instance: [("area", 0), ("m", -1), ("w", 1), ("off", 1)])
        #expect(throws: DeclinedDevice.self) {
            _ = try makeDevice(DeviceCard(type: "njf", terminals: 4))
        }
    }
}
