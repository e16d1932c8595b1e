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
        table[".para"] = .param
        table[".params"] = .param
        table[".macro"] = .subcircuit
        table[".eom"] = .endOfSubcircuit
        table[".option"] = .options
        table[".opt"] = .options
        return table
    }()

    private static let passives: Set<String> = [
        ".ac", ".op", ".dc", ".tran", ".tf", ".pz", ".sens", ".sens2", ".noise", ".disto", ".pss",
        ".sp", ".hb", ".print", ".plot", ".save", ".probe", ".four", ".fourier", ".meas",
        ".measure", ".width", ".csparam", ".title", ".prot", ".unprot", ".backanno",
    ]

    init?(_ name: String) {
        if let structure = Self.structures[name] {
            self = .structure(structure)
        } else if Self.passives.contains(name) {
            self = .passive
        } else {
            return nil
        }
    }

    /// All names, for suggestions.
    static var names: [String] { (Array(structures.keys) + passives).sorted() }
}
