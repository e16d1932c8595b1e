/// Reads `.include` and `.lib` lines.
enum IncludeLine {
    /// The words of an include line after its card, quoted or not.
    static func words(_ bytes: [UInt8], _ content: Range<Int>) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var offset = content.lowerBound
        while offset < content.upperBound, !bytes[offset].isBlank { offset += 1 }
        while offset < content.upperBound {
            let byte = bytes[offset]
            if byte.isBlank {
                offset += 1
            } else if byte == Byte.quote || byte == Byte.doubleQuote {
                let start = offset + 1
                let end =
                    bytes[start..<content.upperBound].firstIndex(of: byte) ?? content.upperBound
                words.append(start..<end)
                offset = end + 1
            } else {
                let start = offset
                while offset < content.upperBound, !bytes[offset].isBlank { offset += 1 }
                words.append(start..<offset)
            }
        }
        return words
    }

    /// The quote on an include line that is never closed, where ngspice finds no name; nil if there is none.
    static func openQuote(_ bytes: [UInt8], _ content: Range<Int>) -> Int? {
        words(bytes, content).lazy.map { $0.lowerBound - 1 }.first { quote in
            let byte = bytes[quote]
            guard byte == Byte.quote || byte == Byte.doubleQuote else { return false }
            return !bytes[(quote + 1)..<content.upperBound].contains(byte)
        }
    }

    /// Whether a line begins the section of this name, which is in lower case.
    static func opensSection(_ content: ArraySlice<UInt8>, named name: String) -> Bool {
        guard content.hasPrefixCaseInsensitively(".lib") else { return false }
        let bytes = Array(content)
        let words = words(bytes, 0..<bytes.count)
        return words.count == 1 && bytes[words[0]].lowercasedText == name
    }
}
