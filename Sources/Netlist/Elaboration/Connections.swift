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
        var reported: Set<Int> = []
        for index in nodes.all.indices.dropFirst() where isUsed(index) {
            let node = nodes.all[index]
            let device = nodes.firstDevices[index]
            let root = conducting.root(of: index)
            if root != ground {
                guard hasGround, reported.insert(root).inserted else { continue }
                diagnostics.add(
                    Diagnostic(
                        "floating", severity,
                        "the node \(node.name) of \(device) has no DC path to ground, and so no "
                            + "voltage; connect it through something that conducts",
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
