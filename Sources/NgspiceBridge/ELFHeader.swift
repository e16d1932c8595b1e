/// The beginning of a 64-bit little-endian file in the Executable and Linkable Format.
struct ELFHeader {
    static let byteCount = 64

    /// Where the table of sections ends, which linkers put last; `UInt64.max` where that is beyond any file, or where
    /// the header itself is cut off.
    let end: UInt64

    /// - Parameter bytes: the first `byteCount` of the file, or all where it is shorter.
    /// - Returns: nil for any other format.
    init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return nil }
        guard bytes.count >= Self.byteCount else {
            end = .max
            return
        }
        func number(_ offset: Int, _ count: Int) -> UInt64 {
            bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        // e_shoff, e_shentsize and e_shnum.
        let (sum, overflows) = number(0x28, 8).addingReportingOverflow(
            number(0x3a, 2) * number(0x3c, 2))
        end = overflows ? .max : sum
    }
}
