import Figures

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension Figure {
    /// The network with its conductances as widths: as it is, or before a training and after it, with what has
    /// changed as colours.
    ///
    /// - Parameters:
    ///   - network: laid out.
    ///   - changes: the numbers of its trained resistors; with those before the training, there are two panels.
    /// - Throws: `FigureError` where there is nothing to draw.
    public init(
        of network: CircuitDrawing, _ changes: Changes, title: String?
    ) throws(FigureError) {
        guard !network.devices.isEmpty else { throw FigureError("there is no network to draw") }
        let widths = LineWidths(
            (changes.after + (changes.before ?? [])) + network.devices.compactMap(\.fixedResistance)
        )
        guard let before = changes.before else {
            self.init(
                title: title,
                panels: [
                    Panel(
                        title: "Network; widths: conductances",
                        drawing: network.series(changes.after, nil, widths))
                ])
            return
        }
        self.init(
            title: title,
            panels: [
                Panel(
                    title: "Before; widths: conductances",
                    drawing: network.series(before, nil, widths)),
                Panel(title: "After", drawing: network.series(changes.after, before, widths)),
            ])
    }
}

/// Widths of lines by the logarithm of the conductance, in steps.
private struct LineWidths {
    static let count = 8
    private let least: Double
    private let largest: Double

    /// - Parameter resistances: Ω; those that are not positive don't count.
    init(_ resistances: [Double]) {
        let logarithms = resistances.filter { $0 > 0 && $0.isFinite }.map { -log($0) }
        (least, largest) = (logarithms.min() ?? 0, logarithms.max() ?? 0)
    }

    /// The step, from 0 on.
    func step(_ resistance: Double) -> Int {
        guard resistance > 0, largest > least else { return Self.count / 2 }
        let share = (-log(resistance) - least) / (largest - least)
        return min(max(Int(share * Double(Self.count)), 0), Self.count - 1)
    }

    func width(_ step: Int) -> Double { 0.6 + 0.8 * Double(step) }
}

extension CircuitDrawing.Device {
    /// Ω, of a resistor that is not trained.
    fileprivate var fixedResistance: Double? { kind == .resistor && change == nil ? value : nil }
}

extension CircuitDrawing {
    /// Names of nodes that can be read beside one another.
    private static let mostNames = 60

    /// Lines, dots and names.
    ///
    /// - Parameters:
    ///   - values: of the trained numbers.
    ///   - before: what they were; nil for lines of one colour.
    fileprivate func series(
        _ values: [Double], _ before: [Double]?, _ widths: LineWidths
    ) -> [Figure.Series] {
        struct Look: Hashable, Comparable {
            let order: Int
            let hue: Figure.Hue
            let step: Int

            static func < (a: Look, b: Look) -> Bool { (a.order, a.step) < (b.order, b.step) }
        }
        var lines: [Look: [(x: Double, y: Double)]] = [:]
        var others: [(x: Double, y: Double)] = []
        for device in devices {
            let ends = self.ends(of: device)
            guard device.kind == .resistor,
                let resistance = device.change.map({ values[$0] }) ?? device.fixedResistance
            else {
                others += ends
                continue
            }
            var (order, hue) = (0, Figure.Hue.grey)
            if let change = device.change {
                let ratio = before.map { values[change] / $0[change] } ?? 1
                (order, hue) =
                    ratio < 1 / 1.01 ? (1, .orange) : ratio > 1.01 ? (2, .blue) : (0, .grey)
            }
            lines[Look(order: order, hue: hue, step: widths.step(resistance)), default: []] += ends
        }
        var series = [
            Figure.Series(
                others.isEmpty ? nil : "other devices", .segments(width: 1), .purple, others)
        ]
        var explained: Set<Int> = []
        for (look, points) in lines.sorted(by: { $0.key < $1.key }) {
            let name = ["resistors", "conductance has risen", "conductance has fallen"][look.order]
            series.append(
                Figure.Series(
                    explained.insert(look.order).inserted ? name : nil,
                    .segments(width: widths.width(look.step)), look.hue, points))
        }
        func dots(_ name: String, _ hue: Figure.Hue, _ isMeant: (Node) -> Bool) -> Figure.Series {
            Figure.Series(
                name, .dots, hue, nodes.dropFirst().filter(isMeant).map { ($0.x, -$0.y) })
        }
        let grounds = devices.compactMap { $0.nodes.contains(0) ? $0.ground : nil }
        series += [
            Figure.Series("ground", .dots, .green, grounds.map { ($0[0], -$0[1]) }),
            dots("inputs", .blue) { $0.roles.contains(.input) },
            dots("sources", .purple) { $0.roles == [.source] },
            dots("outputs", .orange) { $0.roles.contains(.output) },
        ].filter { !$0.isEmpty }
        if nodes.count <= Self.mostNames {
            series.append(
                Figure.Series(
                    nil, .labels(nodes.dropFirst().map(\.name)), .grey,
                    nodes.dropFirst().map { ($0.x, -$0.y) }))
        }
        return series
    }

    /// Of the lines of a device, two and two; upwards is positive.
    private func ends(of device: Device) -> [(x: Double, y: Double)] {
        func place(_ node: Int) -> (x: Double, y: Double) {
            guard node != 0 else {
                let ground = device.ground ?? [0, 0]
                return (ground[0], -ground[1])
            }
            return (nodes[node].x, -nodes[node].y)
        }
        guard let middle = device.place else {
            return device.nodes.count == 2 ? device.nodes.map(place) : []
        }
        return Set(device.nodes).sorted().flatMap { [(middle[0], -middle[1]), place($0)] }
    }
}
