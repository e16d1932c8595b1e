/// What a resistor's value comes from.
public enum ResistanceSource: Sendable {
    /// The number on its own line; in a subcircuit, on that of all its instances.
    case literal(NumberText)
    /// Numbers elsewhere, of parameters. For each, how the value follows from it with the others held;
    /// nil where that can't be inverted.
    case computed([NumberText: FractionalLinear?])
    /// Nothing that could be written: a clause that follows "R1 can't be trained: ".
    case unwritable(reason: String)

    /// The numbers on which it depends, and how.
    var texts: [NumberText: FractionalLinear?] {
        switch self {
        case .literal(let text): [text: .identity]
        case .computed(let texts): texts
        case .unwritable: [:]
        }
    }
}

/// The number in a deck's text from which a resistance comes.
public struct NumberText: Sendable, Hashable {
    /// The token that a rewrite replaces.
    public let range: SourceRange
    /// Its value as read.
    public let value: Double

    public init(range: SourceRange, value: Double) {
        self.range = range
        self.value = value
    }
}

/// resistance = (a·x + b) / (c·x + d), with x the number in the text.
///
/// Sums, products and quotients with constants keep this form, and so every expression that uses its
/// parameter once can be inverted without iteration: `{2*rx}`, `{1/gx}`, `{rx + 50}`.
public struct FractionalLinear: Sendable, Hashable {
    public let a, b, c, d: Double

    public init(a: Double, b: Double, c: Double, d: Double) {
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    public static let identity = FractionalLinear(a: 1, b: 0, c: 0, d: 1)

    public func callAsFunction(_ x: Double) -> Double { (a * x + b) / (c * x + d) }

    /// The x for which this gives `y`.
    public func inverse(_ y: Double) -> Double { (d * y - b) / (a - c * y) }
}

extension FractionalLinear {
    /// Whether each result comes from one x only.
    var isInvertible: Bool {
        let determinant = a * d - b * c
        return determinant.isFinite && determinant != 0
    }
}

/// Where a trained resistor's value is written back.
public enum ResistanceOrigin: Sendable {
    /// Through this text; other resistors may come from the same one and are then tied to it.
    case text(NumberText, FractionalLinear)
    /// Nowhere: the reason, with the way out, as a clause that follows "R1 can't be trained: ".
    case unwritable(reason: String)
}
