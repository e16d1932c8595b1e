/// Something in a deck that another tool stumbles over, and what mends it.
public struct PortabilityFinding: Sendable {
    /// Where it stands, under the rule's id, and a sentence that says which tool stumbles and what to write.
    public let diagnostic: Diagnostic
    /// Changes of the deck's own text that mend it; empty where only its author can.
    let edits: [TextEdit]

    /// Whether ``Deck/mendingPortability(includes:)`` mends it.
    public var isFixable: Bool { !edits.isEmpty }
}

/// A stretch of a text, and what takes its place.
struct TextEdit: Sendable, Hashable {
    let range: Range<Int>
    let text: [UInt8]

    init(_ range: Range<Int>, _ text: some Sequence<UInt8>) {
        self.range = range
        self.text = Array(text)
    }

    init(_ range: Range<Int>, _ text: String) { self.init(range, text.utf8) }

    /// Whether both change the same bytes, or one inserts within what the other replaces.
    func overlaps(_ other: TextEdit) -> Bool {
        if range.isEmpty || other.range.isEmpty {
            let (point, whole) =
                range.isEmpty ? (range.lowerBound, other.range) : (other.range.lowerBound, range)
            return whole.lowerBound < point && point < whole.upperBound
        }
        return range.overlaps(other.range)
    }
}

extension [UInt8] {
    /// The bytes with these changes, none of which overlaps another; those that insert at one place do so in
    /// their order.
    func applying(_ edits: [TextEdit]) -> [UInt8] {
        let sorted = edits.enumerated().sorted { a, b in
            let (x, y) = (a.element.range, b.element.range)
            return x.lowerBound == y.lowerBound
                ? (x.isEmpty != y.isEmpty ? x.isEmpty : a.offset < b.offset)
                : x.lowerBound < y.lowerBound
        }
        var result: [UInt8] = []
        var copied = 0
        for (_, edit) in sorted {
            result += self[copied..<edit.range.lowerBound] + edit.text
            copied = edit.range.upperBound
        }
        return result + self[copied...]
    }
}
