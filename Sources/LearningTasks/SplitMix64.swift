/// A small generator with a seed: the same decks on every machine and in every release.
///
/// Steele, Lea & Flood 2014, DOI 10.1145/2660193.2660195. Swift's own generator can't be seeded.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// From 0 to below 1.
    package mutating func share() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// All in an order of its own (Fisher & Yates), which Swift's `shuffled` doesn't promise to keep.
    package mutating func shuffled(_ values: [Int]) -> [Int] {
        var values = values
        for index in values.indices.dropFirst().reversed() {
            values.swapAt(index, Int(next() % UInt64(index + 1)))
        }
        return values
    }
}
