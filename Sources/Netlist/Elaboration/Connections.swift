/// Which nodes conduct to each other at DC: what floats, and which voltages are fixed twice.
struct Connections {
    private var conducting = DisjointSets()
    private var attachments: [Int] = []
    private var voltages: [(a: Int, b: Int, name: String, range: SourceRange)] = []

    /// Notes that a terminal is at a node.
    mutating func attach(_ nodes: Int...) {
        for node in nodes {
            if node >= attachments.count {
                attachments += repeatElement(0, count: node - attachments.count + 1)
            }
            attachments[node] += 1
        }
    }

    /// Notes that a device conducts between two nodes, or at least fixes one by the other.
    mutating func conduct(_ a: Int, _ b: Int) { conducting.join(a, b) }

    /// Notes an ideal voltage between two nodes.
    mutating func fixVoltage(_ a: Int, _ b: Int, _ name: String, _ range: SourceRange) {
        conducting.join(a, b)
        voltages.append((a, b, name, range))
    }

    /// Whether any terminal is at the node; only then ngspice knows it.
    func isUsed(_ node: Int) -> Bool {
        node == 0 || node < attachments.count && attachments[node] > 0
    }

    // MARK: Checks

    /// Reports parts without a path to ground, and warns of nodes with one terminal only.
    ///
    /// - Parameter severity: of what has no path to ground.
    mutating func check(
        _ nodes: NodeTable, outputs: [LearningDirectives.Output], severity: Diagnostic.Severity,
        _ diagnostics: inout DiagnosticCollector
    ) {
        var read: Set<Int> = []
        for name in outputs.flatMap(\.quantity.nodes) {
            if let index = nodes.index(of: NodeTable.nodeText(Array(name.utf8)[...])) {
                read.insert(index)
            }
        }
        let ground = conducting.root(of: 0)
        let hasGround = attachments.indices.contains {
            attachments[$0] > 0 && conducting.root(of: $0) == ground
        }
        if !hasGround, let first = attachments.firstIndex(where: { $0 > 0 }) {
            diagnostics.add(
                Diagnostic(
                    "no-ground", severity, "no device is connected to ground; call one node 0",
                    at: nodes.firstUses[first]))
        }
        var islands: [Int: [Int]] = [:]
        for index in nodes.all.indices.dropFirst() where isUsed(index) {
            let root = conducting.root(of: index)
            if root != ground { islands[root, default: []].append(index) }
        }
        for index in nodes.all.indices.dropFirst() where isUsed(index) {
            let node = nodes.all[index]
            let device = nodes.firstDevices[index]
            let root = conducting.root(of: index)
            if root != ground {
                guard hasGround, let island = islands.removeValue(forKey: root) else { continue }
                let others = Self.listed(island.dropFirst().map { nodes.all[$0].name })
                diagnostics.add(
                    Diagnostic(
                        "floating", severity,
                        "the node \(node.name) of \(device)"
                            + (others.isEmpty ? "" : ", and with it \(others),")
                            + " has no DC path to ground, and so no voltage; connect it through "
                            + "something that conducts, such as a large resistor to ground"
                            + (severity == .warning
                                ? ": what ngspice prints may be off at other nodes, too" : ""),
                        at: nodes.firstUses[index]))
            } else if attachments[index] == 1, !read.contains(index),
                nodes.firstDevices[index].isPassiveName
            {
                diagnostics.warning(
                    "single-terminal",
                    "only \(device) is connected to the node \(node.name)",
                    at: nodes.firstUses[index])
            }
        }
    }

    /// `x`, `x and y`, `x, y, z and 4 more`.
    private static func listed(_ names: [String]) -> String {
        let most = 3
        guard names.count > 1 else { return names.first ?? "" }
        guard names.count > most + 1 else {
            return names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1])"
        }
        return names.prefix(most).joined(separator: ", ") + " and \(names.count - most) more"
    }

    /// Reports loops of ideal voltages.
    func checkLoops(
        _ nodes: NodeTable, severity: Diagnostic.Severity,
        _ diagnostics: inout DiagnosticCollector
    ) {
        var fixed = DisjointSets()
        for (a, b, name, range) in voltages {
            if fixed.root(of: a) == fixed.root(of: b) {
                diagnostics.add(
                    Diagnostic(
                        "voltage-loop", severity,
                        a == b
                            ? "\(name) has both ends at the node \(nodes.all[a].name)"
                            : "\(name) closes a loop of ideal voltages from \(nodes.all[a].name) "
                                + "to \(nodes.all[b].name), whose current is undetermined; "
                                + "put a resistor in series",
                        at: range))
            } else {
                fixed.join(a, b)
            }
        }
    }
}

extension String {
    /// Whether this is a resistor's, inductor's or capacitor's name. Sources and subcircuits often have
    /// terminals that nothing else is connected to; these have by mistake.
    fileprivate var isPassiveName: Bool {
        let local = utf8.split(separator: Byte.dot).last ?? utf8[...]
        return local.first.map { "rlc".utf8.contains($0.lowercased) } ?? false
    }
}
