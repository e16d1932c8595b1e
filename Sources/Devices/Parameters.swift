/// The names of a device's parameters.
struct ParameterNames: Sendable {
    /// Those that its equations use.
    let used: Set<String>
    /// Those that have no effect at DC.
    let withoutEffect: Set<String>
    /// ngspice's other names, and those that are used here in their place.
    let others: [String: String]

    init(used: String, withoutEffect: String, others: [String: String] = [:]) {
        func words(_ text: String) -> Set<String> {
            Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
        }
        self.used = words(used)
        self.withoutEffect = words(withoutEffect)
        self.others = others
    }

    /// The same values under the names that are used here.
    func canonical(
        _ values: [String: Double], of owner: String
    ) throws(DeclinedDevice) -> [String: Double] {
        var result: [String: Double] = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            let known = others[name] ?? name
            guard used.contains(known) || withoutEffect.contains(known) else {
                throw DeclinedDevice(name, "the parameter \(name) of \(owner) is not known here")
            }
            guard value.isFinite else {
                throw DeclinedDevice(name, "the parameter \(name) of \(owner) is not finite")
            }
            guard result.updateValue(value, forKey: known) == nil else {
                throw DeclinedDevice(
                    name, "the parameter \(name) of \(owner) is given under two of its names")
            }
        }
        return result
    }
}

/// A device's parameters under their usual names, and the conditions.
struct DeviceParameters: Sendable {
    let type: String
    let model: [String: Double]
    let instance: [String: Double]
    let terminals: Int
    let conditions: DeviceConditions
    private let modelNames: ParameterNames
    private let instanceNames: ParameterNames

    /// - Throws: for names that are not known, and for values that are not finite.
    init(
        _ card: DeviceCard, _ conditions: DeviceConditions, model: ParameterNames,
        instance: ParameterNames
    ) throws(DeclinedDevice) {
        type = card.type
        self.model = try model.canonical(card.model, of: "a \(card.type) model")
        self.instance = try instance.canonical(card.instance, of: "a device of type \(card.type)")
        terminals = card.terminals
        self.conditions = conditions
        modelNames = model
        instanceNames = instance
        if let level = self.model["level"], level != 1 {
            throw DeclinedDevice("level", "level \(level) of \(card.type) models is not known here")
        }
    }

    func check(
        _ name: String, isModel: Bool = true, _ isGood: (Double) -> Bool, _ demand: String
    ) throws(DeclinedDevice) {
        if let value = (isModel ? model : instance)[name], !isGood(value) {
            throw DeclinedDevice(name, "the parameter \(name) of a \(type) \(demand): \(value)")
        }
    }

    func checkPositive(_ names: String, isModel: Bool = true) throws(DeclinedDevice) {
        for name in names.split(separator: " ").map(String.init) {
            try check(name, isModel: isModel, { $0 > 0 }, "is not above zero")
        }
    }

    func checkNotNegative(_ names: String, isModel: Bool = true) throws(DeclinedDevice) {
        for name in names.split(separator: " ").map(String.init) {
            try check(name, isModel: isModel, { $0 >= 0 }, "is below zero")
        }
    }

    /// Checks the device's temperature and the nominal one.
    func checkTemperatures() throws(DeclinedDevice) {
        let values = ParameterValues<Double>(self)
        for (name, temperature) in [
            ("temp", values.temperature), ("tnom", values.nominalTemperature),
        ] where !(temperature > 0 && temperature.isFinite) {
            throw DeclinedDevice(name, "the temperature \(name) is not above 0 K: \(temperature)")
        }
    }

    /// Parameters that choose between equations.
    private static let choices: Set<String> = ["level", "tlev", "tpg", "subs"]

    enum Effect {
        case derivative(ParameterValues<Tangent>)
        case none
        case unknown
    }

    /// What moving a parameter does.
    ///
    /// - Parameter switches: those of the model or of the instance that have no derivative where they are zero.
    func moving(_ name: String, isModel: Bool, switches: Set<String>) -> Effect {
        let names = isModel ? modelNames : instanceNames
        let name = names.others[name] ?? name
        guard let value = (isModel ? model : instance)[name], !Self.choices.contains(name) else {
            return .unknown
        }
        if names.withoutEffect.contains(name) { return name == "off" ? .unknown : .none }
        if value == 0, switches.contains(name) { return .unknown }
        return .derivative(ParameterValues(self, moved: (name, isModel)))
    }
}

/// A device's parameters as numbers, one of which may carry the derivative.
struct ParameterValues<Number: ParameterNumber> {
    private let parameters: DeviceParameters
    private let moved: (name: String, isModel: Bool)?

    init(_ parameters: DeviceParameters, moved: (name: String, isModel: Bool)? = nil) {
        self.parameters = parameters
        self.moved = moved
    }

    var type: String { parameters.type }
    var conditions: DeviceConditions { parameters.conditions }

    /// nil where it isn't given.
    func model(_ name: String) -> Number? {
        guard let value = parameters.model[name] else { return nil }
        if let moved, moved.isModel, moved.name == name { return Number(moved: value) }
        return Number(value)
    }

    func model(_ name: String, default value: Double) -> Number { model(name) ?? Number(value) }

    /// nil where it isn't given.
    func instance(_ name: String) -> Number? {
        guard let value = parameters.instance[name] else { return nil }
        if let moved, !moved.isModel, moved.name == name { return Number(moved: value) }
        return Number(value)
    }

    func instance(_ name: String, default value: Double) -> Number {
        instance(name) ?? Number(value)
    }

    /// nil where it isn't given, or is zero, which stands for none.
    func nonzero(_ name: String) -> Number? {
        guard let value = model(name), value.value != 0 else { return nil }
        return value
    }

    /// K. `temp` is the device's own, and `dtemp` is over the circuit's.
    var temperature: Number {
        if let temperature = instance("temp") { return temperature + Semiconductor.zeroCelsius }
        return instance("dtemp", default: 0)
            + (conditions.temperature + Semiconductor.zeroCelsius)
    }

    /// K.
    var nominalTemperature: Number {
        model("tnom", default: conditions.nominalTemperature) + Semiconductor.zeroCelsius
    }

    /// 1 + linear·rise + quadratic·rise², where two parameters give the coefficients.
    func polynomial(_ linear: String, _ quadratic: String, _ rise: Number) -> Number {
        1 + model(linear, default: 0) * rise + model(quadratic, default: 0) * rise * rise
    }
}
