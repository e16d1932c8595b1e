import Netlist

/// A reused buffer of `alter` commands, joined with `;` up to what ngspice reads of one line.
///
/// ngspice reads decimal fractions with up to several rounding errors. Numbers are therefore
/// written so that its arithmetic gives back the very same Double: as an integer below 2⁵³, or as an
/// integer part and a fraction whose errors together stay below half a unit in the last place, or as
/// an integer over (or times) powers of two.
struct AlterLine: ~Copyable {
    /// ngspice copies 1024 bytes of a command and needs the last one for the terminating zero.
    private static let capacity = 1023

    private let bytes: UnsafeMutablePointer<CChar>
    /// Bytes of complete commands, without the last `;`.
    private(set) var count = 0
    private var end = 0

    init() {
        bytes = .allocate(capacity: Self.capacity + 1)
    }

    deinit {
        bytes.deallocate()
    }

    /// Appends `alter device parameter=value`, or for a parameter `model.p` the command that alters p in the
    /// device's model, for all devices of that model.
    ///
    /// - Returns: false, with nothing appended, where the line is full.
    /// - Throws: `name` for a name with characters that ngspice's command language could take as its
    ///   own; `value` for one that is not finite.
    mutating func append(
        device: String, parameter: String?, value: Double
    ) throws(NgspiceError) -> Bool {
        try Self.check(value, of: device, parameter)
        end = count
        if count > 0, !put(byte: 0x3B) { return false }
        let ofModel = parameter.flatMap {
            $0.hasPrefix("model.") ? String($0.dropFirst("model.".count)) : nil
        }
        guard put(ofModel == nil ? "alter " : "altermod "), try put(name: device) else {
            return false
        }
        if let parameter = ofModel ?? parameter {
            guard put(byte: 0x20), try put(name: parameter) else { return false }
        }
        guard put(byte: 0x3D), put(value) else { return false }
        count = end
        return true
    }

    /// Hands the commands over, with a terminating zero, and starts anew.
    mutating func flush(
        _ body: (UnsafeMutablePointer<CChar>) throws(NgspiceError) -> Void
    ) throws(NgspiceError) {
        guard count > 0 else { return }
        bytes[count] = 0
        count = 0
        try body(bytes)
    }

    mutating func removeAll() { count = 0 }

    /// Passes values that ngspice would not replace by others.
    ///
    /// - Throws: `value`.
    static func check(
        _ value: Double, of device: String, _ parameter: String?
    ) throws(NgspiceError) {
        guard value.isFinite else {
            throw NgspiceError(.value, "\(device): \(value) is not a value for ngspice")
        }
        // ngspice silently makes zero 1 mΩ and, from version 44 on, whatever is less than this 10⁻¹² Ω.
        if value.magnitude < 1e-12, isResistance(device, parameter) {
            throw NgspiceError(
                .value, "\(device): a resistance of \(value) Ω can't be set in ngspice")
        }
    }

    static func isResistance(_ device: String, _ parameter: String?) -> Bool {
        guard let letter = device.utf8.first, letter == 0x72 || letter == 0x52 else { return false }
        return ["resistance", "r"].contains(parameter?.lowercased() ?? "r")
    }

    // MARK: Text

    private mutating func put(byte: UInt8) -> Bool {
        guard end < Self.capacity else { return false }
        bytes[end] = CChar(bitPattern: byte)
        end += 1
        return true
    }

    private mutating func put(_ text: StaticString) -> Bool {
        for index in 0..<text.utf8CodeUnitCount where !put(byte: text.utf8Start[index]) {
            return false
        }
        return true
    }

    private mutating func put(name: String) throws(NgspiceError) -> Bool {
        try Self.check(name)
        for byte in name.utf8 where !put(byte: byte) { return false }
        return true
    }

    /// Passes names that are one word for ngspice (`DeviceName.isOneWord`).
    ///
    /// - Throws: `name`.
    static func check(_ name: String) throws(NgspiceError) {
        guard DeviceName.isOneWord(name) else {
            throw NgspiceError(
                .name,
                "\(name.debugDescription) has a character, or a length, that can't be sent to ngspice"
            )
        }
    }

    // MARK: Numbers

    private mutating func put(_ value: Double) -> Bool {
        var magnitude = value
        if value < 0 {
            guard put(byte: 0x2D) else { return false }
            magnitude = -value
        }
        if magnitude < 0x1p53 {
            let integer = magnitude.rounded(.towardZero)
            if integer == magnitude { return put(integer: UInt64(integer)) }
            if magnitude >= 8 {
                return put(integer: UInt64(integer), fraction: magnitude - integer)
            }
        }
        return put(ratio: magnitude)
    }

    /// `integer.digits`, for a sum of at least 8.
    ///
    /// With n digits, ngspice computes integer + digits·10⁻ⁿ. The fraction is off by at most ½·10⁻ⁿ
    /// for the digits' rounding and 6·10⁻¹⁶ for that of the arithmetic on both sides. From 8 on, half
    /// a unit in the last place is at least 8.8·10⁻¹⁶; n is the least that keeps the sum below it.
    private mutating func put(integer: UInt64, fraction: Double) -> Bool {
        let exponent = 63 - integer.leadingZeroBitCount
        var digits = Self.fractionDigits[exponent]
        var rest = UInt64((fraction * Self.powersOfTen[digits]).rounded())
        let unit = UInt64(Self.powersOfTen[digits])
        var whole = integer
        if rest >= unit {
            rest -= unit
            whole += 1
        }
        while digits > 1, rest.isMultiple(of: 10) {
            rest /= 10
            digits -= 1
        }
        return put(integer: whole) && put(byte: 0x2E) && put(rest, digits: digits)
    }

    private static let powersOfTen: [Double] = (0...17).map { power in
        (0..<power).reduce(1.0) { product, _ in product * 10 }
    }

    /// By the exponent of two of the integer part.
    private static let fractionDigits: [Int] = (0..<64).map { exponent in
        let halfUnit = Double(sign: .plus, exponent: exponent - 53, significand: 1)
        return (1...17).first { 0.5 / powersOfTen[$0] + 6e-16 < halfUnit } ?? 17
    }

    /// An integer, divided or multiplied by powers of two: exact in every step.
    private mutating func put(ratio magnitude: Double) -> Bool {
        guard magnitude > 0 else { return put(byte: 0x30) }
        let trailing = magnitude.significandBitPattern.trailingZeroBitCount
        let bits = magnitude.significandBitPattern == 0 ? 0 : 52 - trailing
        // magnitude = integer · 2^power, both exact.
        var power = Int(magnitude.exponent) - bits
        if !magnitude.isNormal { power = -1074 }
        let integer =
            magnitude.isNormal
            ? Double(sign: .plus, exponent: -power, significand: magnitude)
            : Double(magnitude.significandBitPattern)
        guard put(integer: UInt64(integer)) else { return false }
        while power != 0 {
            let chunk = min(52, abs(power))
            guard put(byte: power < 0 ? 0x2F : 0x2A), put(integer: 1 << UInt64(chunk)) else {
                return false
            }
            power += power < 0 ? chunk : -chunk
        }
        return true
    }

    private mutating func put(integer: UInt64) -> Bool {
        var digits = 1
        var rest = integer
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        return put(integer, digits: digits)
    }

    /// From the last digit on: division by a constant is many times faster than by a power of ten.
    private mutating func put(_ integer: UInt64, digits: Int) -> Bool {
        guard end + digits <= Self.capacity else { return false }
        var rest = integer
        for place in (end..<end + digits).reversed() {
            bytes[place] = CChar(0x30 + rest % 10)
            rest /= 10
        }
        end += digits
        return true
    }
}
