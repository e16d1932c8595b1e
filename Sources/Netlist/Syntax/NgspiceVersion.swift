/// A release of ngspice, such as 39 or 44.2: which of them reads a netlist decides what some texts mean.
///
/// ```swift
/// NgspiceVersion(banner: "** ngspice-44.2 shared library")  // 44.2
/// NgspiceVersion(44, 2) >= NgspiceVersion(44)  // true
/// ```
///
/// A library of 39.3 says that it is 39: Debian's number counts its own corrections as well.
public struct NgspiceVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let major: Int
    public let minor: Int

    public init(_ major: Int, _ minor: Int = 0) {
        (self.major, self.minor) = (major, minor)
    }

    /// Finds `ngspice-44.2` in a line that ngspice prints when it starts; nil where there is none.
    public init?(banner: some StringProtocol) {
        let mark = "ngspice-"
        guard let start = banner.firstRange(of: mark)?.upperBound else { return nil }
        // A build between two releases is called 44+.
        let text = banner[start...].prefix { $0.isNumber || $0 == "." }
        let numbers = text.split(separator: ".").map { Int($0) }
        guard let first = numbers.first, let major = first else { return nil }
        self.init(major, numbers.dropFirst().first.flatMap { $0 } ?? 0)
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    public var description: String { minor == 0 ? "\(major)" : "\(major).\(minor)" }
}
