/// Where UTF-8 text is well formed.
enum UTF8Length {
    /// The number of bytes of the character at `offset`, or 0 where the bytes are not UTF-8.
    static func ofCharacter(at offset: Int, in bytes: [UInt8]) -> Int {
        let first = bytes[offset]
        let length: Int
        switch first {
        case 0x00..<0x80: return 1
        case 0xc2..<0xe0: length = 2
        case 0xe0..<0xf0: length = 3
        case 0xf0..<0xf5: length = 4
        default: return 0
        }
        guard offset + length <= bytes.count else { return 0 }
        for index in 1..<length where bytes[offset + index] & 0xc0 != 0x80 { return 0 }
        return length
    }
}
