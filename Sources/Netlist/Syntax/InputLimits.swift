/// How much of a stranger's text is taken in: more than any circuit has that ngspice could solve, and
/// little enough for a machine of today.
public enum InputLimits {
    /// Of one file, and of a deck with all it includes, each file as often as it is included.
    public static let textBytes = 1 << 28
    /// Of one line with its continuations.
    static let lineBytes = 1 << 25
    /// Of a deck: devices and cards.
    static let statements = 8_000_000
    /// Of a deck: names, numbers and signs.
    static let tokens = 1 << 26
}
