extension Deck {
    /// Whether a `.control` section makes another circuit of this one.
    public var controlChangesCircuit: Bool { !changingCommands.isEmpty }
}

/// A command of ngspice, measured with version 39.3.
enum ControlCommand {
    private static let changing: Set<String> = [
        "alter", "altermod", "alterparam", "edit", "remcirc", "source",
    ]

    /// `set` sets options of the simulation, too, where they have these names.
    private static let setting: Set<String> = ["option", "options", "set"]

    static func changesCircuit(_ line: ArraySlice<UInt8>) -> Bool {
        let command = line.prefix { !$0.isBlank }.lowercasedText
        if changing.contains(command) { return true }
        return setting.contains(command)
            && assignedNames(line).contains(where: Statement.simulationOptionNames.contains)
    }

    /// The words before each `=`, in lower case.
    private static func assignedNames(_ line: ArraySlice<UInt8>) -> [String] {
        line.indices.filter { line[$0] == Byte.equals }.map { index in
            line[..<index].split(whereSeparator: \.isBlank).last?.lowercasedText ?? ""
        }
    }
}

extension Elaborator {
    /// Warns of `.control` sections with which `ngspice -b` solves another circuit.
    func warnOfCommands() {
        for section in deck.changingCommands {
            guard let first = section.first else { continue }
            let more = section.count - 1
            diagnostics.warning(
                "control-changes-circuit",
                "this command changes the circuit or its options when ngspice runs the .control section; "
                    + "spicelearn takes the circuit as its lines say"
                    + (more == 0
                        ? ""
                        : " (\(more) more such command\(more == 1 ? "" : "s") in this section)"),
                at: first)
        }
    }
}
