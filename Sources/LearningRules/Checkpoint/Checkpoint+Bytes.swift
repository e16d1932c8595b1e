import Foundation

/// Bytes that are no checkpoint, or one that can't be used here.
public struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, to be put after the file's name, and the way out.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// A line that says what the file is, then JSON:
///
///     spicelearn checkpoint 2 <bytes of JSON> <their fingerprint>
extension Checkpoint {
    private static let name = "spicelearn checkpoint"
    private static let version = 2
    /// The first line is shorter than this.
    private static let longestHeader = 80

    public var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            let content = try encoder.encode(self)
            let header =
                "\(Self.name) \(Self.version) \(content.count) \(Fingerprint(of: content))\n"
            return Array(header.utf8) + content
        }
    }

    /// Reads any bytes: those of a checkpoint, or else an error.
    ///
    /// - Throws: `CheckpointError`.
    public init(bytes: [UInt8]) throws(CheckpointError) {
        guard let end = bytes.prefix(Self.longestHeader).firstIndex(of: UInt8(ascii: "\n")),
            let header = String(bytes: bytes[..<end], encoding: .utf8), header.hasPrefix(Self.name)
        else { throw CheckpointError("this is not a checkpoint of spicelearn") }
        let words = header.dropFirst(Self.name.count).split(separator: " ")
        guard let version = words.first.flatMap({ Int($0) }) else { throw .damaged }
        guard version == Self.version else {
            throw CheckpointError(
                """
                this checkpoint has format \(version), and this spicelearn reads format \
                \(Self.version): go on with the one that wrote it
                """)
        }
        let content = bytes[(end + 1)...]
        guard words.count == 3, Int(words[1]) == content.count,
            words[2] == "\(Fingerprint(of: content))"
        else { throw .damaged }
        try self.init(content: content)
    }

    /// Reads what follows the first line.
    ///
    /// - Throws: `CheckpointError`.
    public init(content: some Collection<UInt8>) throws(CheckpointError) {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            self = try decoder.decode(Self.self, from: Data(content))
        } catch {
            throw .damaged
        }
    }
}

extension CheckpointError {
    static let damaged = CheckpointError(
        "this checkpoint is damaged: take an earlier copy, or train from the start without it")
}
