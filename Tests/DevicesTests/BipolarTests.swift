import Testing

@testable import Devices

@Suite struct BipolarTests {
    private static let model = [
        ParameterRange("is", 1e-17, 1e-13), ParameterRange("bf", 20, 400),
        ParameterRange("br", 0.5, 10), ParameterRange("nf", 0.95, 1.3),
        ParameterRange("nr", 0.95, 1.3), ParameterRange("vaf", 20, 150),
        ParameterRange("var", 10, 60), ParameterRange("ikf", 1e-4, 1e-1),
        ParameterRange("ikr", 1e-4, 1e-1), ParameterRange("ise", 1e-16, 1e-12),
        ParameterRange("ne", 1.2, 2.5), ParameterRange("isc", 1e-16, 1e-12),
        ParameterRange("nc", 1.2, 2.5), ParameterRange("xtb", 0.5, 2),
        ParameterRange("eg", 0.9, 1.2), ParameterRange("xti", 2, 4),
        ParameterRange("tnom", 0, 50), ParameterRange("nkf", 0.3, 0.9, 0.3),
        ParameterRange("iss", 1e-17, 1e-13, 0.3), ParameterRange("ns", 1, 1.5),
        ParameterRange("ibe", 1e-17, 1e-14, 0.3), ParameterRange("ibc", 1e-17, 1e-14, 0.3),
    ]
    /// With temperature coefficients of the first and the second degree.
    private static let coefficients = [
        "tbf", "tbr", "tikf", "tikr", "tnc", "tne", "tnf", "tnr", "tvaf", "tvar", "tns",
    ].flatMap {
        [ParameterRange($0 + "1", -1e-3, 1e-3, 0.2), ParameterRange($0 + "2", -5e-6, 5e-6, 0.2)]
    }
    private static let resistances =
        [
            ParameterRange("rb", 10, 500), ParameterRange("rbm", 1, 10, 0.4),
            ParameterRange("irb", 1e-6, 1e-4, 0.3), ParameterRange("rc", 1, 100),
            ParameterRange("re", 0.1, 10),
        ]
        + ["trb", "trc", "tre", "trm", "tirb"].flatMap {
            [
                ParameterRange($0 + "1", -1e-3, 1e-3, 0.2),
                ParameterRange($0 + "2", -5e-6, 5e-6, 0.2),
            ]
        }
    private static let instance = [
        ParameterRange("area", 0.5, 4), ParameterRange("areab", 0.5, 4, 0.3),
        ParameterRange("areac", 0.5, 4, 0.3), ParameterRange("m", 1, 4, 0.3),
    ]

    private static func samples(
        _ seed: UInt64, count: Int, extra: [ParameterRange] = []
    ) -> [DeviceSample] {
        var numbers = SeededNumbers(seed: seed)
        return (0..<count).map { index in
            let sign: Double = index % 2 == 0 ? 1 : -1
            var card = DeviceCard(
                type: index % 2 == 0 ? "npn" : "pnp",
                model: Fixtures.values(model + coefficients + extra, &numbers),
                instance: Fixtures.values(instance, &numbers),
                terminals: numbers.isTrue() ? 3 : 4)
            if numbers.isTrue(0.3) { card.model["subs"] = numbers.isTrue() ? 1 : -1 }
            // Above 1e-4 these are multiples of is.
            if numbers.isTrue(0.1) { card.model["ise"] = numbers.uniform(1, 1000) }
            if numbers.isTrue(0.1) { card.model["isc"] = numbers.uniform(1, 1000) }
            if numbers.isTrue(0.4) {
                card.instance[numbers.isTrue() ? "temp" : "dtemp"] = numbers.uniform(-20, 100)
            }
            if card.model["rb"] == nil { card.model["rbm"] = nil }
            let (collector, emitter) = (numbers.uniform(-1, 5), numbers.uniform(-1, 5))
            let base = min(collector, emitter) + numbers.uniform(-2, 0.75)
            var voltages = [collector, base, emitter].map { sign * $0 }
            if card.terminals == 4 {
                // Not far above what it lies beside, where a current would hide all others.
                voltages.append(
                    (sign > 0 ? min(collector, base) : -max(collector, base))
                        - numbers.uniform(-0.5, 2))
            } else {
                card.model["iss"] = nil
                card.model["ns"] = nil
            }
            return DeviceSample(card: card, voltages: voltages)
        }
    }

    private static let plain = samples(31, count: 200)
    private static let resistive = samples(32, count: 200, extra: resistances)

    @Test(arguments: [-20.0, 27, 85])
    func currents(temperature: Double) throws {
        let conditions = DeviceConditions(temperature: temperature, nominalTemperature: 25)
        try Fixtures.checkCurrents(Self.plain, conditions)
        try Fixtures.checkCurrents(Self.resistive, conditions)
    }

    @Test func otherNames() throws {
        for samples in [Self.plain, Self.resistive] {
            try Fixtures.checkCurrents(Fixtures.renamed(samples, Bipolar.modelNames))
        }
    }

    @Test func derivatives() throws {
        Fixtures.checkComplete(
            Self.plain + Self.resistive, model: Bipolar.modelNames,
            instance: Bipolar.instanceNames)
        for sample in Self.plain + Self.resistive {
            try Fixtures.checkDerivatives(
                sample, DeviceConditions(temperature: 40), without: ["subs"])
        }
    }

    @Test func withoutEffect() throws {
        for type in ["npn", "pnp"] {
            try Fixtures.checkWithoutEffect(
                DeviceSample(
                    card: DeviceCard(
                        type: type, model: ["rb": 100, "rc": 10, "vaf": 50, "ise": 1e-14],
                        terminals: 3),
                    voltages: [3, 0.75, 0.1].map { type == "npn" ? $0 : -$0 }),
                model: [
                    "cje": 1e-12, "vje": 0.7, "mje": 0.4, "tf": 1e-10, "xtf": 2, "vtf": 3,
                    "itf": 0.1, "ptf": 20, "cjc": 1e-12, "vjc": 0.6, "mjc": 0.4, "xcjc": 0.5,
                    "tr": 1e-9, "cjs": 1e-12, "vjs": 0.6, "mjs": 0.3, "fc": 0.4, "kf": 1e-15,
                    "af": 1.1, "tlevc": 1, "ctc": 1e-3, "cte": 1e-3, "cts": 1e-3, "tvjc": 1e-3,
                    "tvje": 1e-3, "tvjs": 1e-3, "titf1": 1e-3, "titf2": 1e-5, "ttf1": 1e-3,
                    "ttf2": 1e-5, "ttr1": 1e-3, "ttr2": 1e-5, "tmje1": 1e-3, "tmje2": 1e-5,
                    "tmjc1": 1e-3, "tmjc2": 1e-5, "tmjs1": 1e-3, "tmjs2": 1e-5, "tis1": 1e-3,
                    "tis2": 1e-5, "tise1": 1e-3, "tise2": 1e-5, "tisc1": 1e-3, "tisc2": 1e-5,
                    "tiss1": 1e-3, "tiss2": 1e-5, "vbe_max": 1, "vbc_max": 1, "vce_max": 1,
                    "pd_max": 1, "ic_max": 1, "ib_max": 1, "te_max": 100,
                ], instance: ["off": 1, "ic": 0.5, "icvbe": 0.5, "icvce": 2],
                names: (Bipolar.modelNames, Bipolar.instanceNames))
        }
    }

    @Test func declined() throws {
        try Fixtures.checkDeclined(
            DeviceCard(type: "npn", terminals: 3),
            model: [
                ("rco", 10), ("vo", 10), ("gamma", 1e-11), ("qco", 1e-12), ("quasimod", 1),
                ("vg", 1.2), ("cn", 2.4), ("d", 0.9), ("tlev", 1), ("subs", 0), ("nkf", 1.5),
                ("level", 4), ("rth0", 1), ("rbm", 1), ("rb", -1), ("bf", 0), ("is", 0),
            ], instance: [("area", 0), ("areab", -1), ("m", 0)])
        for name in ["rb", "rc", "re"] {
            let error = #expect(throws: DeclinedDevice.self) {
                _ = try makeDevice(
                    DeviceCard(
                        type: "npn", model: [name: 10, "t\(name)1": -0.1],
                        instance: ["temp": 100], terminals: 3))
            }
            #expect(error?.name == name)
        }
        #expect(throws: DeclinedDevice.self) {
            _ = try makeDevice(DeviceCard(type: "npn", terminals: 5))
        }
    }
}
