import FuzzSupport
import Netlist

/// The comparison of two decks of any bytes, which a line `---` separates.
@main enum FuzzCompare {
    static func main() { Fuzzing.run { Fuzzing.test($0, $1, FuzzCompare.test) } }

    static func test(_ bytes: [UInt8]) {
        let (left, right) = split(bytes)
        let (a, b) = (deck(left), deck(right))
        require(compare(expected: a, actual: a).isEmpty, "a deck differs from itself")
        require(compare(expected: a, actual: deck(left)).isEmpty, "two readings differ")
        let there = compare(expected: a, actual: b)
        let back = compare(expected: b, actual: a)
        require(there.isEmpty == back.isEmpty, "equal one way and not the other")
        let close = compare(expected: a, actual: b, relativeTolerance: 0.1, absoluteTolerance: 1)
        require(close.count <= there.count, "a tolerance makes more differences")
    }

    private static func deck(_ bytes: [UInt8]) -> Deck {
        Deck.parse(path: "fuzz.cir", bytes: bytes, includes: .none)
    }

    private static func split(_ bytes: [UInt8]) -> (left: [UInt8], right: [UInt8]) {
        let separator = Array("\n---\n".utf8)
        guard let place = bytes.firstRange(of: separator) else { return (bytes, []) }
        return (Array(bytes[..<place.lowerBound]), Array(bytes[place.upperBound...]))
    }
}
