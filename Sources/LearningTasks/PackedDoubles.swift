import Foundation

/// An array of numbers that is encoded as one string: base 64 of their bits, the lowest byte first.
///
/// Every bit comes back, and a million of them take milliseconds, where a million decimal fractions take
/// seconds.
@propertyWrapper
package struct PackedDoubles: Sendable, Equatable {
    package var wrappedValue: [Double]

    package init(wrappedValue: [Double]) { self.wrappedValue = wrappedValue }
}

extension PackedDoubles: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let bytes = Data(base64Encoded: text), bytes.count.isMultiple(of: 8) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "an array of numbers is cut off")
        }
        wrappedValue = bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: 8).map { offset in
                Double(
                    bitPattern: UInt64(
                        littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            }
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var bytes = Data(capacity: 8 * wrappedValue.count)
        for value in wrappedValue {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        var container = encoder.singleValueContainer()
        try container.encode(bytes.base64EncodedString())
    }
}
