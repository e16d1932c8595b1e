import Foundation
import LearningRules
import Reports

/// One line of standard input of `spicelearn serve` (docs/serve.md).
struct ServeRequest: Decodable {
    enum Verb: String, CaseIterable {
        case states, update, gradient, predict, samples, set, write, describe, quit

        /// The keys beside `id`, `do` and `binary` that it takes notice of; others are errors.
        var keys: Set<String> {
            let chosen: Set = ["part", "samples", "inputs", "targets"]
            let nudged: Set = ["rule", "nudge", "nudging"]
            return switch self {
            case .states: chosen.union(nudged).union(["currents"])
            case .update: chosen.union(nudged)
            case .gradient, .predict: chosen
            case .samples: ["part", "samples"]
            case .set: ["values", "variables", "clip"]
            case .write: ["path"]
            case .describe, .quit: []
            }
        }
    }

    /// Which of the deck's own samples.
    enum Part: String { case train, test }

    /// The samples that are asked about.
    struct SampleChoice: Equatable {
        let part: Part
        let samples: [Int]?
        let inputs: ServedNumbers?
        let targets: ServedNumbers?
    }

    /// A strength, or the word `auto`: chosen again from the circuit as it is.
    enum NudgeChoice: Equatable { case strength(Double), again }

    /// Values by the names of parameters, or all in their order.
    enum Values { case named([String: Double]), all(ServedNumbers) }

    /// As JSON; nil without.
    let id: [UInt8]?
    let verb: Verb
    var isBinary = false
    var part = Part.train
    var samples: [Int]?
    var inputs: ServedNumbers?
    var targets: ServedNumbers?
    /// Amperes into each output, of a rule of the caller's own.
    var currents: ServedNumbers?
    var rule: (any LearningRule)?
    var nudge: NudgeChoice?
    var nudging: Nudging.Sides?
    var values: Values?
    /// θ of each parameter, in their order.
    var variables: ServedNumbers?
    var clips = false
    var path: String?

    var sampleChoice: SampleChoice {
        SampleChoice(part: part, samples: samples, inputs: inputs, targets: targets)
    }

    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let keys = Set(container.allKeys.map(\.stringValue))
        func read<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value? {
            keys.contains(key)
                ? try container.decodeIfPresent(type, forKey: Key(stringValue: key)) : nil
        }
        func word<Choice>(_ key: String, _ names: [(String, Choice)]) throws -> Choice? {
            guard let name = try read(String.self, key) else { return nil }
            guard let choice = names.first(where: { $0.0 == name }) else {
                throw ServeError(
                    .request,
                    "\(key): \(name) is none of \(names.map(\.0).joined(separator: ", "))")
            }
            return choice.1
        }
        guard let verb = try word("do", Verb.allCases.map { ($0.rawValue, $0) }) else {
            throw ServeError(
                .request,
                "do is missing: one of \(Verb.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.verb = verb
        id = try read(ServeRequestID.Value.self, "id")?.json
        let known = verb.keys.union(["id", "do", "binary"])
        if let foreign = keys.subtracting(known).min() {
            throw ServeError(
                .request,
                "\(verb.rawValue) takes no \(foreign): it takes "
                    + known.sorted().joined(separator: ", "))
        }
        isBinary = try read(Bool.self, "binary") ?? false
        part = try word("part", [("train", Part.train), ("test", .test)]) ?? .train
        // What to write, and not which samples, is said by the same keys of `set`.
        if verb.keys.contains("samples") { samples = try read([Int].self, "samples") }
        inputs = try read(ServedNumbers.self, "inputs")
        targets = try read(ServedNumbers.self, "targets")
        currents = try read(ServedNumbers.self, "currents")
        rule = try word(
            "rule",
            Rules.all.map { ($0.name, $0) })
        nudging = try word(
            "nudging",
            [Nudging.Sides.centered, .oneSided, .limit].map { ($0.name, $0) })
        nudge = try read(JSONValue.self, "nudge").map { try Self.nudge($0) }
        if let given = try read(JSONValue.self, "values") {
            if case .object(let members) = given, members["base64"] == nil {
                values = .named(
                    try members.mapValues {
                        guard let number = $0.double else {
                            throw ServeError(.request, "values: every value is a number")
                        }
                        return number
                    })
            } else {
                values = try read(ServedNumbers.self, "values").map { .all($0) }
            }
        }
        variables = try read(ServedNumbers.self, "variables")
        clips = try read(Bool.self, "clip") ?? false
        path = try read(String.self, "path")
    }

    private static func nudge(_ value: JSONValue) throws(ServeError) -> NudgeChoice {
        if value.text == "auto" { return .again }
        guard let strength = value.double, strength > 0, strength.isFinite else {
            throw ServeError(.request, "nudge: a strength above zero, or auto")
        }
        return .strength(strength)
    }
}

/// The `id` of a request of which nothing else can be read.
struct ServeRequestID: Decodable {
    /// Any JSON; an integer, which it mostly is, without a detour.
    struct Value: Decodable {
        let json: [UInt8]?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                json = Array("\(number)".utf8)
            } else {
                json = try Array(JSONEncoder().encode(container.decode(JSONValue.self)))
            }
        }
    }

    let id: Value?
}
