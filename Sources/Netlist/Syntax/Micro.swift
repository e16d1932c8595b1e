/// The µ of UTF-8 or Latin-1, which ngspice reads as the letter u, in numbers and in names.
enum Micro {
    /// The text with u for each µ.
    static func asciiText(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes {
            guard byte == 0xb5 else {
                result.append(byte)
                continue
            }
            if result.last == 0xc2 {
                result[result.count - 1] = UInt8(ascii: "u")
            } else if result.last.map({ $0 < 0x80 }) ?? true {
                result.append(UInt8(ascii: "u"))
            } else {
                // A part of another character.
                result.append(byte)
            }
        }
        return result
    }
}
