/// The top level's parameters, which are evaluated when first asked for: they may be defined in any
/// order.
struct TopParameters {
    /// The last definition of each.
    let definitions: [String: Assignment]
    fileprivate var underEvaluation: Set<String> = []
    /// Those that have no value, with the reason.
    fileprivate var failed: [String: EvaluationError] = [:]

    fileprivate static let maximumDepth = 500

    init(_ assignments: [Assignment]) {
        definitions = Dictionary(
            assignments.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    }
}

extension Elaborator {
    /// The value of a parameter, looked for from the frame outwards; nil if there is none.
    func parameter(_ name: String, in frame: Frame) -> Result<ParameterValue, EvaluationError>? {
        for frame in frame.callers {
            if let value = frame.values[name] { return .success(value) }
            if let error = frame.unknown[name] { return .failure(error) }
        }
        guard let definition = topParameters.definitions[name] else { return nil }
        if let error = topParameters.failed[name] {
            if !error.dependsOnSimulation { isReported = true }
            return .failure(error)
        }
        guard topParameters.underEvaluation.insert(name).inserted else {
            diagnostics.error(
                "circular-parameter", "the value of \(name) depends on itself",
                at: definition.nameRange)
            isReported = true
            return .failure(
                EvaluationError(.other, offset: 0, message: "\(name) depends on itself"))
        }
        defer { topParameters.underEvaluation.remove(name) }
        guard topParameters.underEvaluation.count <= TopParameters.maximumDepth else {
            let error = EvaluationError(
                .other, offset: 0,
                message: "parameters depend on one another more than "
                    + "\(TopParameters.maximumDepth) levels deep")
            return .failure(error)
        }
        let error: EvaluationError
        switch evaluate(definition.value, top) {
        case .number(let value):
            top.values[name] = value
            return .success(value)
        case .simulation:
            error = .simulation(name)
        case .random: error = .random(name)
        case .text: error = .text(name)
        case nil:
            error = EvaluationError(.other, offset: 0, message: "\(name) has no value")
            isReported = true
        }
        topParameters.failed[name] = error
        return .failure(error)
    }

    /// The parameters of `.param` that have a value.
    var topLevelParameters: [Circuit.Parameter] {
        topParameters.definitions.sorted { $0.key < $1.key }.compactMap { name, definition in
            guard let value = top.values[name] else { return nil }
            return Circuit.Parameter(
                prefix: "",
                ownName: definition.nameRange.file.bytes[definition.nameRange.bytes].text,
                value: value.number, origin: value.origin, range: definition.nameRange)
        }
    }

    func hasParameter(_ name: String, in frame: Frame) -> Bool {
        frame.callers.contains { $0.values[name] != nil || $0.unknown[name] != nil }
            || topParameters.definitions[name] != nil
    }

    private static let simulationVariables = [
        "hertz": "the frequency, 0 at an operating point",
        "time": "the time, 0 at an operating point", "temper": "the temperature in °C",
    ]

    /// In what the simulation evaluates, ngspice takes no notice of parameters that have the names of its own
    /// variables.
    func warnOfHiddenParameters(_ text: ValueText, _ frame: Frame) {
        let bytes = text.bytes
        var index = 0
        while let word = bytes.nextWord(from: &index) {
            let name = bytes[word].lowercasedText
            guard let own = Self.simulationVariables[name], hasParameter(name, in: frame)
            else { continue }
            let start = text.range.lowerBound + word.lowerBound
            diagnostics.warning(
                "hidden-parameter",
                "ngspice takes \(name) for \(own), and not for the parameter; give the parameter "
                    + "another name",
                at: SourceRange(file: text.file, bytes: start..<(start + word.count)))
        }
    }

    /// True where no parameter at all can be meant.
    func hasNoParameters(_ frame: Frame) -> Bool {
        topParameters.definitions.isEmpty && frame.caller == nil
    }

    /// The names that could have been meant.
    func parameterNames(_ frame: Frame) -> [String] {
        var names = Set(topParameters.definitions.keys)
        for frame in frame.callers { names.formUnion(frame.values.keys) }
        return names.sorted()
    }
}
