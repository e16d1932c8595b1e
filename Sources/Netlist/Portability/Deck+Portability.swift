extension Deck {
    /// What other tools stumble over in the deck's own file, and what its reader warns of, in the order of the
    /// text.
    ///
    /// ```swift
    /// for finding in deck.portabilityFindings(deck.elaborate(for: .operatingPoint)) {
    ///     print(finding.diagnostic.id, finding.isFixable)
    /// }
    /// ```
    ///
    /// - Parameter elaboration: of this deck.
    /// - Complexity: linear in the text and in the circuit.
    public func portabilityFindings(_ elaboration: Elaboration) -> [PortabilityFinding] {
        let text = DeckText(self, elaboration.understood)
        var findings = PortabilityRules.all.flatMap { rule in
            rule.find(text).map { match in
                PortabilityFinding(
                    diagnostic: Diagnostic(
                        rule.id, .warning, match.message,
                        at: SourceRange(file: file, bytes: match.range)),
                    edits: match.edits.contains(where: text.isInJoinedTitle) ? [] : match.edits)
            }
        }
        findings += elaboration.diagnostics.filter {
            // A title that is empty doesn't begin with a star, either.
            $0.severity == .warning && $0.id != "empty-title"
        }.map { PortabilityFinding(diagnostic: $0, edits: text.edits(mending: $0)) }
        func key(_ finding: PortabilityFinding) -> (Int, Int) {
            guard let range = finding.diagnostic.range else { return (files.count, 0) }
            let rank = files.firstIndex { $0 == range.file } ?? files.count
            return (rank, range.bytes.lowerBound)
        }
        return findings.enumerated().sorted { a, b in
            let (x, y) = (key(a.element), key(b.element))
            return x == y ? a.offset < b.offset : x < y
        }.map(\.element)
    }

    /// The deck's text with all mended that can be without changing the circuit, and every other byte as it
    /// was; mended once more, it stays as it is.
    ///
    /// What a change does is not taken for granted: the text is read again, and a change after which another
    /// circuit or other directives come of it is left out, by halves of what its rule has found.
    ///
    /// - Parameter includes: how the files that the deck includes are read.
    public func mendingPortability(includes: IncludeReader = .disk) -> [UInt8] {
        var deck = self
        var circuit = deck.elaborate(for: .operatingPoint)
        // Bytes that are read to find out which changes can't be made.
        var budget = 100_000_000
        // One change makes room for another; each round makes at least one.
        for _ in 0..<100 {
            let fixable = deck.portabilityFindings(circuit).filter(\.isFixable)
            guard !fixable.isEmpty else { break }
            var taken: [Int] = []
            var next: (Deck, Elaboration)?
            /// Takes these findings beside those that are taken, unless another circuit comes of it.
            func take(_ indices: ArraySlice<Int>) -> Bool {
                let all = (taken + indices).sorted()
                var edits: [TextEdit] = []
                var ends = EditedStretches()
                for index in all where ends.add(fixable[index].edits) {
                    edits += fixable[index].edits
                }
                budget -= deck.file.bytes.count
                guard let mended = deck.applying(edits, circuit, includes) else { return false }
                (taken, next) = (all, mended)
                return true
            }
            func takeParts(_ indices: ArraySlice<Int>) {
                guard !take(indices), indices.count > 1, budget > 0 else { return }
                let middle = indices.startIndex + indices.count / 2
                takeParts(indices[..<middle])
                takeParts(indices[middle...])
            }
            if !take(Array(fixable.indices)[...]) {
                let byRule = Dictionary(grouping: fixable.indices) { fixable[$0].diagnostic.id }
                for (_, indices) in byRule.sorted(by: { $0.key < $1.key }) {
                    takeParts(indices[...])
                }
            }
            guard let next else { break }
            (deck, circuit) = next
        }
        return deck.file.bytes
    }

    /// The deck with these changes; nil where that is another circuit, or learns something else.
    private func applying(
        _ edits: [TextEdit], _ own: Elaboration, _ includes: IncludeReader
    ) -> (Deck, Elaboration)? {
        var changed = Deck.parse(
            path: file.path, bytes: file.bytes.applying(edits), includes: includes,
            dialect: dialect)
        changed.compiledModels = compiledModels
        let elaboration = changed.elaborate(for: .operatingPoint)
        guard let before = own.circuit, let after = elaboration.circuit,
            before.equals(after), compare(expected: self, actual: changed).isEmpty,
            DeckText(self, before).directives == DeckText(changed, after).directives
        else { return nil }
        return (changed, elaboration)
    }
}

/// The stretches of a text that are changed, so that no two changes meet.
private struct EditedStretches {
    /// By blocks of 256 bytes.
    private var byBlock: [Int: [TextEdit]] = [:]

    /// Takes the changes of one finding, all or none; false where one meets another.
    mutating func add(_ new: [TextEdit]) -> Bool {
        func blocks(_ edit: TextEdit) -> ClosedRange<Int> {
            (edit.range.lowerBound >> 8)...(edit.range.upperBound >> 8)
        }
        let meets = new.contains { edit in
            blocks(edit).contains { block in
                (byBlock[block] ?? []).contains { $0.overlaps(edit) }
            }
        }
        guard !meets else { return false }
        for edit in new {
            for block in blocks(edit) { byBlock[block, default: []].append(edit) }
        }
        return true
    }
}

extension Circuit {
    /// Whether both have the same nodes and devices with the same numbers, under the same names for ngspice.
    func equals(_ other: Circuit) -> Bool {
        func same<Element>(
            _ a: [Element], _ b: [Element], _ areEqual: (Element, Element) -> Bool
        ) -> Bool { a.count == b.count && zip(a, b).allSatisfy(areEqual) }
        return same(nodes, other.nodes) { $0.ngspiceName == $1.ngspiceName }
            && same(resistors, other.resistors) {
                $0.ngspiceName == $1.ngspiceName && $0.positive == $1.positive
                    && $0.negative == $1.negative && $0.resistance == $1.resistance
                    && $0.conductanceFactor == $1.conductanceFactor
            }
            && same(sources, other.sources) {
                $0.ngspiceName == $1.ngspiceName && $0.positive == $1.positive
                    && $0.negative == $1.negative && $0.dcValue == $1.dcValue
                    && $0.multiplicity == $1.multiplicity
            }
            && same(otherDevices, other.otherDevices) {
                $0.ngspiceName == $1.ngspiceName && $0.nodes == $1.nodes
                    && $0.isLinear == $1.isLinear && $0.transfer?.gain == $1.transfer?.gain
            }
            && same(parameters, other.parameters) {
                $0.name.lowercasedASCII == $1.name.lowercasedASCII && $0.value == $1.value
            }
            && traits.options == other.traits.options
    }
}
