import Foundation
import Netlist

/// The lines of standard input, one after another, as they come.
struct RequestLines {
    private var rest: [UInt8] = []
    private var isAtEnd = false

    enum Line {
        case text([UInt8])
        /// Longer than `InputLimits.textBytes`; it was read to its end, and forgotten.
        case tooLong
    }

    /// Waits for the next line that is not blank.
    ///
    /// - Returns: nil at the end of input.
    /// - Throws: `Failure` with exit code 66 where reading fails.
    mutating func next() throws(Failure) -> Line? {
        var searched = 0
        var isTooLong = false
        while true {
            if let end = rest[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(rest[..<end])
                rest.removeSubrange(...end)
                searched = 0
                if isTooLong { return .tooLong }
                if !Self.isBlank(line) { return .text(line) }
                continue
            }
            if isAtEnd {
                defer { rest = [] }
                if isTooLong { return .tooLong }
                return Self.isBlank(rest) ? nil : .text(rest)
            }
            if rest.count > InputLimits.textBytes { (rest, isTooLong) = ([], true) }
            searched = rest.count
            try read()
        }
    }

    private static func isBlank(_ line: [UInt8]) -> Bool {
        line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == 9 || $0 == 13 }
    }

    private mutating func read() throws(Failure) {
        let size = 1 << 16
        let old = rest.count
        var count = 0
        var code: Int32 = 0
        rest.append(contentsOf: repeatElement(0, count: size))
        rest.withUnsafeMutableBytes { bytes in
            repeat {
                count = Foundation.read(STDIN_FILENO, bytes.baseAddress! + old, size)
                code = errno
            } while count < 0 && code == EINTR
        }
        rest.removeLast(size - max(count, 0))
        guard count >= 0 else {
            throw Failure(
                "can't read standard input: \(String(cString: strerror(code)))",
                status: ExitStatus.noInput)
        }
        isAtEnd = count == 0
    }
}
