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
    /// Whether `$` after white space begins a comment; for PSpice it doesn't.
    let hasDollarComments: Bool

    public init(path: String, bytes: [UInt8], hasDollarComments: Bool = true) {
        self.path = path
        self.bytes = bytes
        self.hasDollarComments = hasDollarComments
        var starts = [0]
        starts.reserveCapacity(1 + bytes.count { $0 == UInt8(ascii: "\n") })
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            starts.append(offset + 1)
        }
        lineStarts = starts
    }

    public static func == (a: SourceFile, b: SourceFile) -> Bool { a === b }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension SourceFile {
    /// The line, counted from 1, that holds the byte at `offset`.
    public func line(at offset: Int) -> Int {
        // The last line that starts at or before the offset.
        var (low, high) = (0, lineStarts.count)
        while low < high {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        return max(low, 1)
    }

    /// The bytes of a line, counted from 1, without its end.
    func range(ofLine line: Int) -> Range<Int> {
        let start = lineStarts[line - 1]
        var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        if line < lineStarts.count, end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return start..<end
    }

    /// The lines without their ends; a line end at the end of the text begins no further line.
    var lines: some Sequence<Range<Int>> { lines(fromIndex: 0) }

    /// The lines that begin after `offset`.
    func lines(from offset: Int) -> some Sequence<Range<Int>> {
        lines(fromIndex: line(at: offset))
    }

    private func lines(fromIndex first: Int) -> some Sequence<Range<Int>> {
        let count = lineStarts.last == bytes.count ? lineStarts.count - 1 : lineStarts.count
        return (min(first, count)..<count).lazy.map { self.range(ofLine: $0 + 1) }
    }
}
