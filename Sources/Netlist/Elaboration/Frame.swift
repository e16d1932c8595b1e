/// One use of a scope: the top level, or a subcircuit as one X line calls it, with its parameters'
/// values and its nodes.
final class Frame {
    let scope: Scope
    /// The frame of the X line; names that this one doesn't define are looked for there, as numparam
    /// does, not where the subcircuit is defined.
    let caller: Frame?
    /// `X1.` before names as the user reads them, `x1.` before ngspice's nodes.
    let prefix: String
    let ngspicePrefix: String
    /// What ngspice puts before a device's name, each after the device's letter: `r` `.x1.` `r1`.
    let devicePrefixes: [String]
    /// The subcircuits' names in lower case and what they call, outermost first.
    let chain: [(name: String, scope: Scope)]
    /// The nodes to which the subcircuit's ports are connected.
    var ports: [String: Int] = [:]
    var values: [String: ParameterValue] = [:]
    /// Parameters whose value only ngspice knows, with the reason: it draws them at random, or they depend
    /// on the simulation.
    var unknown: [String: EvaluationError] = [:]
    /// Models that the `.if` lines within select.
    var conditionalModels: [String: Scope.ModelCard] = [:]
    var resistorModels: [String: ResistorModel] = [:]
    /// Models of semiconductors, as indices among the circuit's; nil for those of another form.
    var cardModels: [String: Int?] = [:]
    /// Other models whose expressions were read.
    var notedModels: Set<String> = []
    /// Models whose numbers were compared with the bounds that ngspice has.
    var checkedModels: Set<String> = []
    var conditions = ConditionStack()

    init(top scope: Scope) {
        self.scope = scope
        caller = nil
        (prefix, ngspicePrefix, devicePrefixes, chain) = ("", "", [], [])
    }

    init(_ scope: Scope, name: String, ngspiceName: String, caller: Frame) {
        self.scope = scope
        self.caller = caller
        prefix = caller.prefix + name + "."
        ngspicePrefix = caller.ngspicePrefix + ngspiceName + "."
        chain = caller.chain + [(ngspiceName, scope)]
        devicePrefixes = FlattenedName.prefixes(chain)
    }

    var isTop: Bool { caller == nil }

    /// This frame, the one that calls it, and so on outwards.
    var callers: some Sequence<Frame> { sequence(first: self, next: \.caller) }

    func deviceName(_ name: String, letter: UInt8) -> String {
        guard !devicePrefixes.isEmpty else { return name }
        let letter = String(UnicodeScalar(letter))
        return devicePrefixes.reduce(into: "") { $0 += "\(letter).\($1)." } + name
    }
}

/// How ngspice names a device within subcircuits.
enum FlattenedName {
    /// The parts between the device's letters: `["x1.x2"]` for `r.x1.x2.r1`.
    ///
    /// ngspice expands the calls of a subcircuit that is defined within another one first, on its own,
    /// and then takes `r.x2.r1` for a name like any other: `r.x1.r.x2.r1`.
    static func prefixes(_ chain: [(name: String, scope: Scope)]) -> [String] {
        expand(chain, below: 0).prefixes
    }

    /// The device's prefixes once all calls within the first `depth` levels' subcircuit are expanded, or
    /// the call that is left, because what it calls is defined further out.
    private static func expand(_ chain: [(name: String, scope: Scope)], below depth: Int)
        -> (prefixes: [String], left: (index: Int, path: String)?)
    {
        guard depth < chain.count else { return ([], nil) }
        let scope = depth == 0 ? nil : chain[depth - 1].scope
        var index = depth
        var path = chain[index].name
        while true {
            let definedIn = chain[index].scope.parent
            guard depth == 0 || definedIn === scope else { return ([], (index, path)) }
            let inner = expand(chain, below: index + 1)
            guard let left = inner.left else { return ([path] + inner.prefixes, nil) }
            index = left.index
            path += "." + left.path
        }
    }
}
