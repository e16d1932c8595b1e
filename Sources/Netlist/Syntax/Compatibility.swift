/// The simulators as which ngspice is told to read a deck: its variable `ngbehavior`.
///
/// ```swift
/// try Compatibility("lt,a").ngbehavior  // "lta"
/// ```
public struct Compatibility: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// PSpice: `$` begins no comment, and what `translates` says.
    public static let pspice = Compatibility(rawValue: 1)
    /// LTspice: `4k7` is 4700, powers of negative numbers keep their sign, and what `translates` says.
    public static let ltspice = Compatibility(rawValue: 2)
    /// HSPICE: models by size, `m=` of devices multiplied by that of their subcircuits.
    public static let hspice = Compatibility(rawValue: 4)
    /// Spectre: models by size.
    public static let spectre = Compatibility(rawValue: 8)
    /// KiCad and EAGLE: how results are named, and nothing else.
    public static let kicad = Compatibility(rawValue: 16)
    public static let eagle = Compatibility(rawValue: 32)
    /// Beside PSpice and LTspice: the whole netlist is translated, and not only the files that it includes.
    /// Beside the others ngspice takes no notice, and alone it would do nothing.
    public static let whole = Compatibility(rawValue: 64)
    /// `all`, of which ngspice sees no more than the a.
    public static let all = Compatibility(rawValue: 128 | 64)

    private static let names: [(name: String, mode: Compatibility)] = [
        ("spe", .spectre), ("hs", .hspice), ("lt", .ltspice), ("ps", .pspice), ("ki", .kicad),
        ("eg", .eagle), ("all", .all), ("a", .whole),
    ]

    /// What names a mode that may stand alone, in the order of the alphabet.
    public static var modeNames: [String] {
        names.filter { $0.mode.isDisjoint(with: .whole) }.map(\.name).sorted()
    }

    /// What is wrong with a text that should name modes, in words.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Reads `lt`, `ps,a`, or the letters of several without commas, as ngspice does, in any case.
    public init(_ text: some StringProtocol) throws(Failure) {
        var modes: Compatibility = []
        for word in text.lowercased().split(whereSeparator: { ", +".contains($0) }) {
            var rest = word
            while !rest.isEmpty {
                guard let found = Self.names.first(where: { rest.hasPrefix($0.name) }) else {
                    throw Failure(
                        description:
                            "there is no compatibility mode \(word); modes are ps (PSpice), "
                            + "lt (LTspice), hs (HSPICE), spe (Spectre), ki (KiCad), eg (EAGLE), and a "
                            + "beside ps or lt for the whole netlist: --compat ps,a")
                }
                modes.insert(found.mode)
                rest = rest.dropFirst(found.name.count)
            }
        }
        guard !modes.isEmpty else { throw Failure(description: "a compatibility mode is missing") }
        if modes.contains(.hspice), !modes.isDisjoint(with: [.pspice, .spectre]) {
            throw Failure(description: "hs excludes ps and spe; leave one of them out")
        }
        if modes.contains(.spectre), !modes.isDisjoint(with: [.pspice, .ltspice, .kicad, .eagle]) {
            throw Failure(description: "ngspice takes spe alone; leave the other modes out")
        }
        if modes == .whole {
            throw Failure(description: "a stands beside ps or lt, for the whole netlist: ps,a")
        }
        self = modes
    }

    /// What `set ngbehavior=` takes; nil for ngspice's own language.
    public var ngbehavior: String? {
        isEmpty
            ? nil
            : Self.names.reduce(into: "") { text, mode in
                // The a is in all.
                if contains(mode.mode), !(mode.mode == .whole && contains(.all)) {
                    text += mode.name
                }
            }
    }

    /// Whether ngspice translates some of the text before it reads it: of the files included, or of all.
    var translates: Bool { !isDisjoint(with: [.pspice, .ltspice]) }
}
