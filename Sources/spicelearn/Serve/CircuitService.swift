import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge

/// A deck that stays loaded in an engine, and answers requests about it (docs/serve.md).
///
/// Exists only inside `Ngspice.withInstance`.
final class CircuitService {
    static let protocolVersion = 1

    private let deck: LearningDeck
    private let place: ServedDeckPlace
    private var session: EngineSession
    /// Of the engine as it is loaded.
    private var loadedRule: any LearningRule
    /// Whether the engine is gone, and the next request loads another.
    private var isLost = false
    private var values: TrainedValues
    /// Chosen once for each rule and side, as a training does at its start.
    private var methods: [MethodKey: LearningMethod] = [:]
    private var warned: Set<String> = []
    /// What the last update was solved with, for the next one of the same samples.
    private var last: Updates?

    private struct MethodKey: Hashable {
        let rule: String
        let sides: Nudging.Sides
        let strength: Double?
    }

    /// Updates of some samples by one method: what is known of them before their values, once.
    private struct Updates {
        let samples: ServeRequest.SampleChoice
        let nudging: Nudging
        let rule: String
        let solver: StateSolver
    }

    private var task: LearningTask { deck.task }

    /// - Parameter netlist: where the deck is from.
    /// - Throws: what the engine throws at the deck's own values.
    init(_ deck: LearningDeck, from netlist: String, in session: EngineSession) throws {
        self.deck = deck
        self.session = session
        place = ServedDeckPlace(deck, netlist: netlist)
        loadedRule = deck.rule
        values = TrainedValues(initial: deck.task)
        if !deck.task.outputs.isEmpty, deck.task.hasAllTargets {
            try session.confirmStart(of: trainer(deck.task, deck.rule, NudgeRequest()))
        }
    }

    /// The first line, and what `describe` answers.
    func describe(_ line: inout JSONLine, isGreeting: Bool = false) {
        if isGreeting { line.add("protocol", Self.protocolVersion) }
        line.add("version", VersionText.own)
        line.add("title", task.circuit.title)
        line.add(
            "parameters",
            zip(task.parameters, values.values).map { parameter, u in
                var part = JSONLine()
                part.add("name", parameter.name)
                part.add("value", parameter.userValue(u))
                part.add("unit", parameter.unit)
                part.add("min", parameter.userBounds.lowerBound)
                part.add("max", parameter.userBounds.upperBound)
                part.add("variable", parameter.variable.name)
                return part
            })
        line.add("inputs", task.inputs.map(\.name))
        line.add("outputs", task.outputNames)
        line.add("resistors", trainedResistors.map { task.circuit.resistors[$0].name })
        line.add("nodes", nodes.map { task.circuit.nodes[$0].name })
        if let classes = task.classes { line.add("classes", classes) }
        line.add("samples", task.samples.count)
        line.add("testSamples", deck.testing?.samples.count ?? 0)
        line.add("loss", task.loss.name)
        line.add("hasGoals", task.loss.hasGoals)
        line.add("rule", deck.rule.name)
        line.add("engine", session.engine.rawValue)
    }

    /// The nodes that `states` tells of.
    private lazy var nodes = Array(task.ownNodes)

    /// Indices into the circuit's resistors.
    private lazy var trainedResistors = task.trainedResistors

    /// Carries a request out.
    ///
    /// - Parameter line: to which the answer is added.
    func answer(_ request: ServeRequest, _ line: inout JSONLine) throws {
        if isLost {
            session = try session.restarted(for: loadedRule)
            isLost = false
        }
        do {
            switch request.verb {
            case .states: try states(request, &line)
            case .update: try update(request, &line)
            case .gradient: try gradient(request, &line)
            case .predict: try predict(request, &line)
            case .samples: try samples(request, &line)
            case .set: try set(request, &line)
            case .write: try write(request, &line)
            case .describe: describe(&line)
            case .quit: break
            }
        } catch let error as NgspiceError {
            isLost = [.died, .timeLimit, .misuse, .load].contains(error.kind)
            throw error
        }
        for warning in session.warnings where warned.insert(warning).inserted {
            printError("spicelearn: warning: \(warning)")
        }
    }

    // MARK: What is asked about

    /// The deck's own samples that a request chooses, or the caller's.
    ///
    /// - Parameter needsTargets: whether outputs without a target are an error.
    private func task(for request: ServeRequest, needsTargets: Bool) throws -> LearningTask {
        var chosen = task
        if request.part == .test {
            guard let testing = deck.testing else {
                throw ServeError(.request, "part: this deck has no samples for testing")
            }
            chosen = testing
        }
        if let indices = request.samples {
            if let index = indices.first(where: { !chosen.samples.indices.contains($0) }) {
                throw ServeError(
                    .request, "samples: there is no \(index) among \(chosen.samples.count)")
            }
            guard !indices.isEmpty else { throw ServeError(.request, "samples: none are chosen") }
            chosen = chosen.selecting(indices)
        }
        if request.inputs != nil || request.targets != nil {
            chosen = try replacing(chosen, request)
        }
        if needsTargets {
            guard !task.outputs.isEmpty else {
                throw ServeError(.unsupported, "this deck names no outputs: give --output")
            }
            guard chosen.hasAllTargets else {
                throw ServeError(
                    .request,
                    "targets are missing, a row for each of the \(chosen.samples.count) samples")
            }
        }
        return chosen
    }

    private func replacing(_ own: LearningTask, _ request: ServeRequest) throws -> LearningTask {
        let named = task.namedOutputs.count
        let others = task.outputs.count - named
        try request.inputs?.requireColumns(task.inputs.count, as: "inputs")
        try request.targets?.requireColumns(named, as: "targets")
        let count = request.inputs?.rows ?? own.samples.count
        if let targets = request.targets, targets.rows != count {
            throw ServeError(
                .request, "targets: \(targets.rows) rows for \(count) rows of inputs")
        }
        guard request.inputs == nil || request.targets == nil || others == 0 else {
            throw ServeError(
                .unsupported, "a loss with power learns from the deck's own inputs only")
        }
        return try own.replacingSamples(
            by: (0..<count).map { row in
                let sample = request.inputs == nil ? own.samples[row] : nil
                let targets =
                    request.targets?.row(row) ?? [Double](repeating: .nan, count: named)
                let rest =
                    (sample?.targets.dropFirst(named)).map { Array($0) }
                    ?? [Double](repeating: .nan, count: others)
                return LearningTask.Sample(
                    inputs: request.inputs?.row(row) ?? sample?.inputs ?? [],
                    targets: targets + rest)
            })
    }

    private func trainer(
        _ task: LearningTask, _ rule: any LearningRule, _ nudge: NudgeRequest
    ) -> Trainer {
        Trainer(task: task, rule: rule, nudge: nudge, optimizer: .adam)
    }

    /// Rule and nudge that a request asks for, with the deck's and the command line's for the rest.
    private func method(for request: ServeRequest, of task: LearningTask) throws -> LearningMethod {
        let rule = request.rule ?? deck.rule
        let type = type(of: rule)
        if type.needsGoals, !task.loss.hasGoals {
            throw ServeError(
                .unsupported,
                "\(rule.name) leads outputs to voltages, and \(task.loss.name) has none: take the rule al"
            )
        }
        let isOwn = rule.name == deck.rule.name
        let given = deck.nudgeRequest
        let sides = request.nudging ?? given.sides
        var strength = isOwn ? given.strength : nil
        switch request.nudge {
        case .strength(let value): strength = value
        case .again: strength = nil
        case nil: break
        }
        if let strength, strength > type.largestStrength {
            throw ServeError(.request, "nudge: that of \(rule.strengthBound)")
        }
        try load(for: rule)
        let key = MethodKey(rule: rule.name, sides: sides, strength: strength)
        if request.nudge != .again, let method = methods[key] { return method }
        try session.physics.set(values, of: task)
        let method = try trainer(task, rule, NudgeRequest(strength: strength, sides: sides))
            .resolveMethod(in: session.physics)
        methods[key] = method
        return method
    }

    /// An engine that was loaded for currents alone is loaded again where outputs are to be held.
    private func load(for rule: any LearningRule) throws {
        guard type(of: rule).holdsOutputs, !type(of: loadedRule).holdsOutputs else { return }
        isLost = true
        session = try session.restarted(for: rule)
        (loadedRule, isLost) = (rule, false)
    }

    // MARK: Requests

    private func states(_ request: ServeRequest, _ line: inout JSONLine) throws {
        let task = try task(for: request, needsTargets: false)
        if let currents = request.currents {
            return try states(of: task, pushedBy: currents, &line)
        }
        guard task.hasAllTargets, !task.outputs.isEmpty else {
            try requireOneCircuit(task, "states without targets")
            try session.physics.set(values, of: task)
            let free = try session.physics.operatingPoints(
                task.samples.map { Drive(inputs: $0.inputs) })
            add(voltages: free, "free", &line)
            return add(outputs: free, of: task, &line)
        }
        let method = try method(for: request, of: task)
        let states = try method.states(of: task, at: values, in: session.physics)
        add(voltages: Array(states.free), "free", &line)
        let nudged = states.free.indices.map { states.nudged($0) }
        for (place, name) in ["nudged", "opposite"].enumerated()
        where nudged.allSatisfy({ place < $0.count }) {
            add(voltages: nudged.map { $0[place] }, name, &line)
        }
        try add(states, method, of: task, &line)
    }

    /// The free states, and those with currents of the caller's own into the outputs.
    private func states(
        of task: LearningTask, pushedBy currents: ServedNumbers, _ line: inout JSONLine
    ) throws {
        try requireOneCircuit(task, "currents")
        try currents.requireColumns(task.namedOutputs.count, as: "currents")
        guard currents.rows == task.samples.count else {
            throw ServeError(
                .request, "currents: \(currents.rows) rows for \(task.samples.count) samples")
        }
        let rest = [Double](repeating: 0, count: task.outputs.count - task.namedOutputs.count)
        try session.physics.set(values, of: task)
        let points = try session.physics.operatingPoints(
            task.samples.map { Drive(inputs: $0.inputs) }, thenMore: task.samples.count
        ) { _ in
            task.samples.enumerated().map { row, sample in
                Drive(inputs: sample.inputs, nudge: .currents(currents.row(row) + rest))
            }
        }
        let free = Array(points.prefix(task.samples.count))
        add(voltages: free, "free", &line)
        add(voltages: Array(points.dropFirst(free.count)), "nudged", &line)
        add(outputs: free, of: task, &line)
    }

    private func requireOneCircuit(_ task: LearningTask, _ what: String) throws(ServeError) {
        guard task.hasCorners else { return }
        throw ServeError(
            .unsupported,
            "\(what) are of one circuit, and the data of this deck sets "
                + task.settings.map(\.name).joined(separator: ", "))
    }

    private func update(_ request: ServeRequest, _ line: inout JSONLine) throws {
        let known = last.flatMap { $0.samples == request.sampleChoice ? $0 : nil }
        let task = try known?.solver.task ?? task(for: request, needsTargets: true)
        let method = try method(for: request, of: task)
        let states: LearningStates
        if let known, known.nudging == method.nudging, known.rule == method.rule.name,
            known.solver.physics === session.physics
        {
            states = try known.solver.states(at: values)
        } else {
            // In a linear circuit the states of all samples are sums of a few; those of the first update are not,
            // and show that it is so.
            let solver = try StateSolver(
                task: task, method: method, in: session.physics, superposes: true)
            states = try solver.firstStates(at: values)
            last = Updates(
                samples: request.sampleChoice, nudging: method.nudging, rule: method.rule.name,
                solver: solver)
        }
        let update = trainedResistors.map { task.update(of: $0, in: states.update) }
        let velocity = values.velocity(update: states.update, of: task)
        try requireFinite(update + velocity)
        line.add("velocity", numbers: velocity)
        if line.isBinary {
            line.add("update", numbers: update)
        } else {
            var table = JSONLine()
            for (index, value) in zip(trainedResistors, update) {
                table.add(task.circuit.resistors[index].name, value)
            }
            line.add("update", table)
        }
        try add(states, method, of: task, &line)
    }

    private func gradient(_ request: ServeRequest, _ line: inout JSONLine) throws {
        let task = try task(for: request, needsTargets: true)
        let method = LearningMethod(
            rule: GradientDescent(), nudging: Nudging(strength: 0, sides: .centered))
        let states = try method.states(of: task, at: values, in: session.physics)
        let gradient = values.velocity(update: states.update, of: task).map { 0 - $0 }
        try requireFinite(gradient)
        line.add("gradient", numbers: gradient)
        try add(states, method, of: task, &line)
    }

    private func predict(_ request: ServeRequest, _ line: inout JSONLine) throws {
        let task = try task(for: request, needsTargets: false)
        guard !task.outputs.isEmpty else {
            throw ServeError(.unsupported, "this deck names no outputs: give --output")
        }
        try session.physics.set(values, of: task)
        let outputs = try session.physics.freeOutputs(of: task)
        let rows = (0..<outputs.samples).map {
            Array(outputs.row($0).prefix(task.namedOutputs.count))
        }
        try requireFinite(rows.flatMap { $0 })
        line.add("outputs", numbers: rows.flatMap { $0 }, rows: rows.count)
        let answers = (0..<outputs.samples).compactMap { task.answer(to: outputs.row($0)) }
        if task.classes != nil { line.add("answers", answers) }
        let probabilities = (0..<outputs.samples).compactMap {
            task.loss.probabilities(outputs.row($0))
        }
        if task.classes != nil, probabilities.count == rows.count {
            line.add("probabilities", numbers: probabilities.flatMap { $0 }, rows: rows.count)
        }
        if task.hasAllTargets {
            let score = Score(outputs, of: task)
            line.add("loss", score.loss)
            if let accuracy = score.accuracy { line.add("accuracy", accuracy) }
        }
    }

    /// The deck's own samples: what its sources are set to, and what the loss takes for each output.
    private func samples(_ request: ServeRequest, _ line: inout JSONLine) throws {
        let task = try task(for: request, needsTargets: false)
        let samples = task.samples
        line.add("inputs", numbers: samples.flatMap(\.inputs), rows: samples.count)
        line.add(
            "targets", numbers: samples.flatMap { $0.targets.prefix(task.namedOutputs.count) },
            rows: samples.count)
    }

    /// New values, all or none of them.
    private func set(_ request: ServeRequest, _ line: inout JSONLine) throws {
        guard (request.values == nil) != (request.variables == nil) else {
            throw ServeError(.request, "set takes either values or variables")
        }
        var wanted = values
        switch request.values {
        case .all(let numbers):
            try requireOne(numbers, "values")
            wanted = TrainedValues(
                values: zip(task.parameters, numbers.values).map { $0.trainedValue($1) })
        case .named(let named):
            let places = Dictionary(
                task.parameters.enumerated().map { ($1.name.lowercased(), $0) },
                uniquingKeysWith: { first, _ in first })
            var all = values.values
            for (name, value) in named {
                guard let place = places[name.lowercased()] else {
                    let near = nearestName(to: name, in: task.parameters.map(\.name))
                    throw ServeError(
                        .request,
                        "values: there is no parameter \(name)"
                            + (near.map { "; did you mean \($0)?" } ?? ""))
                }
                all[place] = task.parameters[place].trainedValue(value)
            }
            wanted = TrainedValues(values: all)
        case nil: break
        }
        if let variables = request.variables {
            try requireOne(variables, "variables")
            wanted = TrainedValues(variables: variables.values, of: task)
        }
        if request.clips { wanted = wanted.clipped(to: task) }
        if let place = wanted.outOfBounds(of: task).first {
            let parameter = task.parameters[place]
            let unit = parameter.unit.isEmpty ? "" : " \(parameter.unit)"
            throw ServeError(
                .value,
                "\(parameter.name): \(readable(parameter.userValue(wanted.values[place])))\(unit) is not within "
                    + "\(readable(parameter.userBounds.lowerBound))\(unit) and "
                    + "\(readable(parameter.userBounds.upperBound))\(unit)")
        }
        do {
            try session.physics.set(wanted, of: task)
        } catch let error as NgspiceError {
            throw error
        } catch {
            // An expression of the deck makes no resistance of it.
            throw ServeError(.value, "\(error)")
        }
        values = wanted
        line.add("values", numbers: values.userValues(of: task))
        line.add("variables", numbers: values.variables(of: task))
    }

    private func requireOne(_ numbers: ServedNumbers, _ name: String) throws(ServeError) {
        try numbers.requireColumns(task.parameters.count, as: name)
        guard numbers.rows == 1 else {
            throw ServeError(.request, "\(name): \(numbers.rows) rows in place of one")
        }
    }

    private func write(_ request: ServeRequest, _ line: inout JSONLine) throws {
        guard let path = request.path else {
            throw ServeError(.request, "path is missing: where to write the deck")
        }
        try place.write(deck.deck.rewriting(values.texts(of: task)), to: path)
        line.add("path", path)
    }

    // MARK: Parts of answers

    private func add(
        _ states: LearningStates, _ method: LearningMethod, of task: LearningTask,
        _ line: inout JSONLine
    ) throws {
        try requireFinite([states.loss])
        let named = task.namedOutputs.count
        func table(_ all: OutputTable) -> [Double] {
            (0..<all.samples).flatMap { all.row($0).prefix(named) }
        }
        line.add("outputs", numbers: table(states.outputs), rows: task.samples.count)
        line.add("errors", numbers: table(states.errors), rows: task.samples.count)
        line.add("loss", states.loss)
        line.add("naturalLoss", states.naturalLoss)
        if type(of: method.rule).isLocal {
            line.add("nudge", method.nudging.strength)
            line.add("nudging", method.nudging.sides.name)
        }
    }

    private func add(voltages points: [OperatingPoint], _ key: String, _ line: inout JSONLine) {
        line.add(
            key, numbers: points.flatMap { point in nodes.map { point.voltages[$0] } },
            rows: points.count)
    }

    private func add(
        outputs points: [OperatingPoint], of task: LearningTask, _ line: inout JSONLine
    ) {
        let named = task.outputs[task.namedOutputs]
        line.add(
            "outputs", numbers: points.flatMap { point in named.map { point.voltage($0) } },
            rows: points.count)
    }

    private func requireFinite(_ numbers: [Double]) throws(ServeError) {
        guard numbers.allSatisfy(\.isFinite) else {
            throw ServeError(.engine, "the result has a number that is not finite")
        }
    }
}

extension LearningTask {
    /// Whether the data says of every output what it should be.
    fileprivate var hasAllTargets: Bool {
        samples.allSatisfy { $0.targets.allSatisfy(\.isFinite) }
    }
}

extension LearningRule {
    /// Whether its nudges hold outputs, or tie them, for which an engine has to have elements.
    fileprivate static var holdsOutputs: Bool { [.clamps, .branches].contains(nudgeKind) }
}
