/// The bytes of one file as they were read, with the index of its lines.
///
/// A reference type, so that every token can say which file it came from at the cost of a pointer;
/// two files are equal only if they are the same reading of the same text.
public final class SourceFile: Sendable, Hashable {
    /// The path as the user or the including deck gave it; `<stdin>` or `command line` for other text.
    public let path: String
    public let bytes: [UInt8]
    /// The offset at which each line begins.
    let lineStarts: [Int]

    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            starts.append(offset + 1)
        }
        lineStarts = starts
    }

    public static func == (a: SourceFile, b: SourceFile) -> Bool { a === b }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
