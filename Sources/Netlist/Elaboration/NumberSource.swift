/// What a device's value comes from: a resistance, the DC value of an independent source.
public enum NumberSource: Sendable {
    /// The number on its own line; in a subcircuit, on that of all its instances.
    case literal(NumberText)
    /// A number elsewhere, or an expression of numbers (`Circuit.texts(of:)`).
    case computed(ValueOrigin)
    /// Nothing that could be written: a clause that follows "R1 can't be trained: ".
    case unwritable(reason: String)

    /// - Parameter range: the value's place on the device's line.
    init(_ origin: ValueOrigin, at range: SourceRange) {
        if case .text(let text) = origin, text.range.bytes == range.bytes,
            text.range.file == range.file
        {
            self = .literal(text)
        } else {
            self = .computed(origin)
        }
    }

    /// How it follows from texts.
    public var origin: ValueOrigin {
        switch self {
        case .literal(let text): .text(text)
        case .computed(let origin): origin
        case .unwritable: .constant
        }
    }
}

/// The number in a deck's text from which a value comes.
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

/// value = (a·x + b) / (c·x + d), with x the number in the text.
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
    /// Through this text, of which it is a function; other resistors may come from the same one and are then
    /// tied to it. The closed form is nil where there is none that can be inverted, or where the resistance
    /// depends on several texts that are written.
    case text(NumberText, FractionalLinear?)
    /// Nowhere: the reason, with the way out, as a clause that follows "R1 can't be trained: ".
    case unwritable(reason: String)
}
