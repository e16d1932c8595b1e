import Netlist

/// The lines of a deck in another simulator's dialect, as ngspice has to find them.
///
/// Lines are handed over flat, included files in their place. But in the modes of PSpice and LTspice ngspice
/// translates included files, and the netlist itself only where it is told to. So comments say which modes
/// it reads the deck in, and what was included; here the latter becomes files again.
struct DialectLines {
    /// What `set ngbehavior=` takes; nil for ngspice's own language.
    private(set) var behaviour: String?
    private(set) var lines: [String] = []
    /// The text of each included file, by its name in the private folder.
    private(set) var files: [(name: String, text: String)] = []

    init(_ deck: [String]) {
        var included: [String]?
        for line in deck {
            if line.hasPrefix(DialectMarks.mode) {
                behaviour = String(line.dropFirst(DialectMarks.mode.count))
            } else if line == DialectMarks.beginning {
                included = []
            } else if line == DialectMarks.end, let text = included {
                let name = "spicelearninclude\(files.count + 1)"
                files.append((name, text.joined(separator: "\n") + "\n"))
                lines.append(".include \(name)")
                included = nil
            } else if included != nil {
                included?.append(line)
            } else {
                lines.append(line)
            }
        }
    }

    /// The command that makes ngspice read as these lines want it.
    var command: String {
        guard let behaviour, behaviour.utf8.allSatisfy({ (0x61...0x7a).contains($0) }) else {
            return "unset ngbehavior"
        }
        return "set ngbehavior=\(behaviour)"
    }
}
