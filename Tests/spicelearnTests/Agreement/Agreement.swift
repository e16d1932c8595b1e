import Foundation

/// How `spicelearn solve` answers a deck, beside what `ngspice -b` does.
enum Agreement: Equatable {
    case same
    /// A voltage differs, or a node is missing.
    case different(String)
    /// ngspice solves the deck, and spicelearn gives a reason not to.
    case refused(String)
    /// A signal, a wrong exit code, or no end.
    case crashed(String)
    /// ngspice finds no solution, and spicelearn says that there is none.
    case unsolved
    /// ngspice finds no solution, but spicelearn does.
    case solvedAlone
    /// Neither ends in time.
    case timedOut
    /// ngspice alone doesn't end in time: whether spicelearn's answer is right isn't known.
    case unconfirmed

    /// The case's name.
    var kind: String { String("\(self)".prefix { $0 != "(" }) }

    /// Whether spicelearn is to blame, whatever the deck.
    var isFault: Bool {
        switch self {
        case .different, .crashed: true
        case .same, .refused, .unsolved, .solvedAlone, .timedOut, .unconfirmed: false
        }
    }

    /// - Parameters:
    ///   - deck: the deck's file.
    ///   - arguments: further ones of `solve`.
    ///   - limit: seconds for each program.
    ///   - behaviour: the modes in which ngspice reads the deck, as `ngbehavior` has them.
    init(
        _ deck: URL, _ arguments: [String] = [], limit: Double = 60, behaviour: String? = nil
    ) throws {
        try self.init(
            deck, arguments, limit: limit,
            beside: ReferenceRun(of: deck, limit: limit, behaviour: behaviour))
    }

    /// - Parameter referenceRun: what ngspice made of the deck.
    init(
        _ deck: URL, _ arguments: [String] = [], limit: Double = 60,
        beside referenceRun: ReferenceRun
    ) throws {
        let answer = try run(
            spicelearnExecutable, ["solve", "--json", deck.path] + arguments, limit: limit,
            hangIsFailure: false)
        let reference = referenceRun.voltages
        if answer.timedOut, referenceRun.timedOut, reference == nil {
            self = .timedOut
            return
        }
        guard [0, 65, 66, 70].contains(answer.status) else {
            self = .crashed("status \(answer.status) \(answer.errors.suffix(200))")
            return
        }
        guard let reference else {
            guard !referenceRun.timedOut else {
                self = .unconfirmed
                return
            }
            self = answer.status == 0 ? .solvedAlone : .unsolved
            return
        }
        guard answer.status == 0 else {
            let reason = answer.errors.split(separator: "\n").first { $0.contains("error") }
            self = .refused(String(reason ?? "without a reason"))
            return
        }
        let difference = Self.difference(try Self.voltages(answer), reference)
        self = difference.map { .different($0) } ?? .same
    }

    private static func voltages(_ answer: ProcessResult) throws -> [String: Double] {
        let samples = try answer.json()["samples"] as? [[String: [String: Double]]]
        return Dictionary(
            (samples?.first?["free"] ?? [:]).map { (ReferenceRun.node(spelled: $0), $1) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The worst difference above 10⁻⁹ of the voltage or 10⁻¹² of the largest one, if there is any:
    /// the same algorithm on the same circuit leaves roundings only, whatever its tolerances.
    private static func difference(
        _ voltages: [String: Double], _ reference: [String: Double]
    ) -> String? {
        let scale = reference.values.map(abs).max() ?? 1
        // With one vector, ngspice writes it under the name that was asked for.
        let all = reference.count == 1 ? reference["all"] : nil
        var worst = (excess: 1.0, text: String?.none)
        for (node, voltage) in voltages {
            guard let expected = reference[node] ?? all else {
                return "ngspice has no node \(node)"
            }
            let excess =
                abs(voltage - expected)
                / max(1e-9 * abs(expected), 1e-12 * scale, 1e-15)
            if !(excess <= worst.excess) {
                worst = (excess, "\(node) is \(voltage), for ngspice \(expected)")
            }
        }
        return worst.text ?? missingNode(voltages, reference)
    }

    /// A node of the deck that spicelearn doesn't have: of ngspice's own nodes, those inside devices
    /// (`q1#collector`, `e1_int1`, `a_vmeas_0`, `gen_node_1`) are not in the text.
    private static func missingNode(
        _ voltages: [String: Double], _ reference: [String: Double]
    ) -> String? {
        reference.keys.sorted().first { node in
            voltages[node] == nil && node != "all" && !node.contains("#")
                && node.firstMatch(of: /_int\d+$|_vmeas_|^table_new_|^gen_node_/) == nil
        }.map { "the node \($0) is missing" }
    }
}
