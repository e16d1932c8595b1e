/// The dot cards that ngspice 39 knows, and what becomes of each.
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

    private static let structures: [String: Structure] = {
        var table: [String: Structure] = [:]
        for structure in Structure.allCases { table[structure.rawValue] = structure }
        table[".macro"] = .subcircuit
        table[".eom"] = .endOfSubcircuit
        return table
    }()

    /// Of these cards ngspice looks at the beginning only: `.parameters`, `.functions`, `.opts`.
    private static let prefixes: [(prefix: String, structure: Structure)] = [
        (".para", .param), (".func", .function), (".opt", .options),
    ]

    private static let passives: Set<String> = [
        ".ac", ".op", ".dc", ".tran", ".tf", ".pz", ".sens", ".sens2", ".noise", ".disto", ".pss",
        ".sp", ".hb", ".print", ".plot", ".save", ".probe", ".four", ".fourier", ".meas",
        ".measure", ".width", ".csparam", ".title", ".prot", ".unprot", ".backanno",
    ]

    init?(_ name: String) {
        if let structure = Self.structures[name] {
            self = .structure(structure)
        } else if let found = Self.prefixes.first(where: { name.hasPrefix($0.prefix) }) {
            self = .structure(found.structure)
        } else if Self.passives.contains(name) {
            self = .passive
        } else {
            return nil
        }
    }

    /// The usual name of a card that goes by its beginning, and the name itself of any other.
    static func canonicalName(of name: String) -> String {
        prefixes.first { name.hasPrefix($0.prefix) }?.structure.rawValue ?? name
    }

    /// All names, for suggestions.
    static var names: [String] { (Array(structures.keys) + passives).sorted() }
}
