/// The dot cards that ngspice knows, and those of other simulators that can be left out.
enum DotCard {
    /// Says what the circuit is.
    enum Structure: String, CaseIterable {
        case param = ".param"
        case function = ".func"
        case subcircuit = ".subckt"
        case endOfSubcircuit = ".ends"
        case model = ".model"
        case global = ".global"
        case options = ".options"
        case temperature = ".temp"
        case condition = ".if"
        case otherCondition = ".elseif"
        case otherwise = ".else"
        case endOfCondition = ".endif"
        case initialCondition = ".ic"
        case nodeSet = ".nodeset"
    }

    case structure(Structure)
    /// Analyses and output: known, and no part of the circuit.
    case passive
    /// Another simulator's analysis or output, at which ngspice stops; no part of the circuit.
    case foreign
    /// What changes the circuit in another simulator, and ngspice doesn't know.
    case refused(wayOut: String)

    private static let structures: [String: Structure] = {
        var table: [String: Structure] = [:]
        for structure in Structure.allCases { table[structure.rawValue] = structure }
        table[".macro"] = .subcircuit
        table[".eom"] = .endOfSubcircuit
        return table
    }()

    /// Of these cards ngspice looks at the beginning only: `.parameters`, `.functions`, `.opts`; for Xyce's
    /// `.global_param`, too, which thereby gives no parameter.
    private static let prefixes: [(prefix: String, structure: Structure)] = [
        (".para", .param), (".func", .function), (".opt", .options),
        (".global", .global),
    ]

    private static let passives: Set<String> = [
        ".ac", ".op", ".dc", ".tran", ".tf", ".pz", ".sens", ".noise", ".disto", ".pss", ".sp",
        ".print", ".plot", ".save", ".probe", ".four", ".fourier", ".meas", ".measure", ".width",
        ".csparam", ".title", ".prot", ".unprot", ".sndparam", ".sndprint",
    ]

    /// The same as `prefixes` of passive cards: `.csparams`, `.probes`, `.titles`.
    private static let passivePrefixes = [".csparam", ".probe", ".title"]

    /// What ngspice takes for these cards too, where others may follow other rules: `.models`, `.subckts`,
    /// `.endsubckt`.
    private static let beginnings = [".model", ".subckt", ".ends", ".macro", ".eom"]

    /// Of LTspice, PSpice, HSPICE, Spectre and Xyce, and those that only ngspice's manual knows.
    private static let foreigners: Set<String> = [
        ".backanno", ".step", ".net", ".wave", ".savebias", ".ferret", ".sens2", ".hb",
        ".hbac", ".hbnoise", ".hbosc", ".mc", ".wcase", ".autoconverge", ".watch",
        ".vector", ".view", ".lin", ".lstb", ".store", ".graph", ".lprint", ".protect",
        ".unprotect", ".biaschk", ".dcmatch", ".acmatch", ".sample", ".pat", ".snxf", ".snnoise",
        ".sn", ".phasenoise", ".mpde", ".result", ".saveop", ".loadbias", ".load", ".distribution",
        ".stim", ".dout",
    ]

    /// Of LTspice, PSpice and HSPICE, with what to do about each.
    private static let refusals: [String: String] = {
        let machine = "write what this state machine drives as B sources"
        let sweep =
            "take out all lines up to .enddata; samples belong in a CSV file: *.learn data train.csv"
        let aliases = "make comments of all lines from .aliases to .endaliases"
        let stimulus = "write the stimulus on the line of its source, as pulse(…) or pwl(…)"
        return [
            ".machine": machine, ".state": machine, ".rule": machine, ".endmachine": machine,
            ".data": sweep, ".enddata": sweep, ".aliases": aliases, ".endaliases": aliases,
            ".stimulus": stimulus, ".stmlib": stimulus,
            ".alter":
                "what follows it is for another run: take it out, or make a netlist of its own of it",
            ".connect":
                "put a source of 0 V between the two nodes, or give them one name",
            ".del": "write a netlist of its own with the other library",
        ]
    }()

    /// Of those refused, the cards that begin several lines, and those that end them.
    static let endsOfBlocks = [
        ".data": ".enddata", ".aliases": ".endaliases", ".machine": ".endmachine",
    ]

    init?(_ name: String) {
        if let structure = Self.structures[name] {
            self = .structure(structure)
        } else if let found = Self.prefixes.first(where: { name.hasPrefix($0.prefix) }) {
            self = .structure(found.structure)
        } else if Self.passives.contains(name)
            || Self.passivePrefixes.contains(where: name.hasPrefix)
        {
            self = .passive
        } else if Self.foreigners.contains(name) {
            self = .foreign
        } else if let wayOut = Self.refusals[name] {
            self = .refused(wayOut: wayOut)
        } else {
            return nil
        }
    }

    /// Output of which ngspice evaluates no expression when it reads the deck.
    static let unevaluated: Set = [
        ".print", ".plot", ".save", ".probe", ".four", ".fourier", ".width", ".title", ".meas",
        ".measure", ".sndparam", ".sndprint",
    ]

    /// Whether a line that begins so is left out, whatever else is on it.
    static func isForeign(_ name: ArraySlice<UInt8>) -> Bool {
        name.first == Byte.dot && foreigners.contains(name.lowercasedText)
    }

    /// The usual name of a card that goes by its beginning, and the name itself of any other.
    static func canonicalName(of name: String) -> String {
        prefixes.first { name.hasPrefix($0.prefix) }?.structure.rawValue
            ?? passivePrefixes.first(where: name.hasPrefix) ?? name
    }

    /// The card for which ngspice takes a name that is unknown here; nil for one that it doesn't know either.
    static func meaning(of name: String) -> String? {
        DotCard(name) == nil ? beginnings.first(where: name.hasPrefix) : nil
    }

    /// All names that ngspice knows, for suggestions.
    static var names: [String] { (Array(structures.keys) + passives).sorted() }
}

extension Statement {
    /// Whether this is another simulator's card, at which ngspice would stop.
    var isForeign: Bool {
        guard kind == .card else { return false }
        return switch DotCard(cardName) {
        case .foreign: true
        case .passive: !AnalysisCard.isReadable(self)
        case .structure, .refused, nil: false
        }
    }

    /// What is wrong with a card that ngspice doesn't know; nil for those that it does.
    var unknownCardFault: Diagnostic? {
        guard kind == .card else { return nil }
        let name = cardName
        switch DotCard(name) {
        case .refused(let wayOut):
            return Diagnostic(
                "foreign-circuit",
                "ngspice has no \(text(of: self.name)), with which another simulator's deck changes the "
                    + "circuit; \(wayOut)", at: range(of: self.name))
        case nil: break
        default: return nil
        }
        if name.hasPrefix(".lib"), tokens.count > 1 {
            let file = text(of: tokens[1])
            return Diagnostic(
                "missing-section",
                "ngspice stops at a .lib line without a section; if \(file) is a file, write "
                    + ".include \"\(file)\", and if a section begins here, move it into a file of its "
                    + "own", at: range(of: tokens[1]))
        }
        let near = suggestion(for: name, in: DotCard.names)
        let fault: String
        if name == ".learn" {
            fault =
                "ngspice stops at a card that it doesn't know; write *.learn, which it takes for a comment"
        } else if let meant = DotCard.meaning(of: name) {
            fault =
                "ngspice takes \(text(of: self.name)) for \(meant), since it begins so; write \(meant)"
        } else if Statement.simulationOptionNames.contains(String(name.dropFirst())) {
            let value = tokens.dropFirst().first(where: \.isValue).map(text(of:))
            fault =
                "ngspice has no card \(text(of: self.name)), but an option: .options "
                + name.dropFirst() + (value.map { "=\($0)" } ?? "")
        } else {
            fault =
                "ngspice has no card \(text(of: self.name))"
                + (near.isEmpty
                    ? "; where the circuit doesn't need it, make it a comment: *\(name)" : near)
        }
        return Diagnostic("unknown-card", fault, at: range(of: self.name))
    }
}
