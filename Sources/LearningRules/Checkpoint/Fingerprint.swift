/// 64 bits that tell texts apart: the FNV-1a hash (Fowler, Noll & Vo), of each text's length and bytes.
///
/// Against accidents, not against malice.
public struct Fingerprint: Sendable, Equatable {
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    public init(of bytes: some Collection<UInt8>) { append(bytes) }

    public mutating func append(_ bytes: some Collection<UInt8>) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { length in
            for byte in length { mix(byte) }
        }
        extend(bytes)
    }

    /// Goes on with bytes of the same text: however it comes in parts, the result is the same.
    public mutating func extend(_ bytes: some Sequence<UInt8>) {
        // Byte by byte through any sequence takes ten times as long as through an array's memory.
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { bytes in
            for byte in bytes { mix(byte) }
        }
        guard isDone == nil else { return }
        for byte in bytes { mix(byte) }
    }

    private mutating func mix(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
    }
}

extension Fingerprint: CustomStringConvertible {
    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Fingerprint: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = UInt64(try container.decode(String.self), radix: 16) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a fingerprint is not hexadecimal")
        }
        self.value = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
