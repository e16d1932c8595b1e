import Foundation
import LearningRules
import LearningTasks
import Netlist

/// A circuit as it is drawn: nodes and devices at places in a plane, and what a reader wants to know of each.
///
/// Ground is drawn where it is needed: each device at ground has a ground of its own, since one node that
/// joins half of the devices would hide what the circuit looks like.
public struct CircuitDrawing: Encodable, Sendable {
    /// What a node is to the task.
    public enum Role: String, Encodable, Sendable {
        /// A source that samples set drives it.
        case input
        /// Another source drives it.
        case source
        /// Its voltage is an output, or a part of one.
        case output
    }

    public struct Node: Encodable, Sendable {
        public let name: String
        public internal(set) var roles: [Role] = []
        /// From left to right and from top to bottom; 0 for ground, which has a place at each device.
        public internal(set) var x = 0.0
        public internal(set) var y = 0.0
    }

    public struct Device: Encodable, Sendable {
        public enum Kind: String, Encodable, Sendable { case resistor, source, other }

        public let name: String
        public let kind: Kind
        /// The device letter, lower case.
        public let letter: String
        /// Indices into `nodes`: 0 is ground.
        public let nodes: [Int]
        /// Into the columns of `Changes`; nil for what is not trained.
        public let change: Int?
        /// Ω, V or A, of what is not trained.
        public let value: Double?
        /// Whether samples set it.
        public let isInput: Bool
        /// Whether the current through it is an output.
        public let isOutput: Bool
        /// The place of the device itself where it has more than two terminals.
        public internal(set) var place: [Double]?
        /// That of its ground.
        public internal(set) var ground: [Double]?
    }

    public enum Layout: String, Encodable, Sendable {
        /// Programs of Graphviz: dot draws layers, neato distances, sfdp distances of many nodes.
        case dot, neato, sfdp
        /// Nodes on a circle, where there is no better.
        case circle
    }

    /// Ground first.
    public private(set) var nodes: [Node]
    public private(set) var devices: [Device]
    /// Of the circuit; more than are drawn where it is large.
    public let devicesInAll: Int
    public private(set) var layout = Layout.circle

    /// For each of `nodes` its index in the circuit.
    public let circuitNodes: [Int]

    private enum CodingKeys: String, CodingKey { case nodes, devices, devicesInAll, layout }

    /// Devices of a drawing that can still be read.
    public static let mostDevices = 4000

    /// The circuit, or of a large one the devices that are nearest to its outputs and inputs; on a circle.
    ///
    /// - Complexity: O(nodes + devices).
    public init(of task: LearningTask, _ changes: Changes, mostDevices: Int = mostDevices) {
        let circuit = task.circuit
        let inputs = Set(task.inputs.map(\.ngspiceName))
        let measured = Set(task.outputs[task.namedOutputs].compactMap(\.source))
        // Ammeters are no part of the deck: a source with one is where it was.
        var joined: [Int: Int] = [:]
        for ammeter in circuit.ammeters.indices {
            let ends = circuit.otherDevices[circuit.ownDevices.count + 2 * ammeter].nodes
            joined[ends[1]] = ends[0]
        }
        // Before nodes are numbered again.
        var all: [(device: Device, nodes: [Int])] = []
        func add(
            _ name: String, _ kind: Device.Kind, _ letter: String, _ nodes: [Int], change: Int?,
            value: Double?, isInput: Bool = false, isOutput: Bool = false
        ) {
            let device = Device(
                name: name, kind: kind, letter: letter, nodes: [], change: change,
                value: change == nil ? value.flatMap { $0.isFinite ? $0 : nil } : nil,
                isInput: isInput, isOutput: isOutput)
            all.append((device, nodes.map { joined[$0] ?? $0 }))
        }
        for (index, resistor) in circuit.resistors.enumerated() {
            add(
                resistor.name, .resistor, "r", [resistor.positive, resistor.negative],
                change: changes.resistors[index], value: resistor.resistance)
        }
        for index in circuit.ownSources {
            let source = circuit.sources[index]
            add(
                source.name, .source, source.kind == .voltage ? "v" : "i",
                [source.positive, source.negative], change: changes.sources[index],
                value: source.dcValue, isInput: inputs.contains(source.ngspiceName),
                isOutput: measured.contains(index))
        }
        for device in circuit.otherDevices[circuit.ownDevices] {
            add(
                device.name, .other, String(device.letter), device.nodes, change: nil, value: nil)
        }
        devicesInAll = all.count

        let seeds =
            task.outputs[task.namedOutputs].filter { $0.source == nil }
            .flatMap { [$0.positive, $0.negative] }
            + all.filter { $0.device.isInput || $0.device.isOutput }.flatMap(\.nodes)
        if all.count > mostDevices {
            let kept = Self.nearest(
                to: seeds, all.map(\.nodes), nodes: circuit.nodes.count, most: mostDevices)
            all = kept.map { all[$0] }
        }
        var drawn = [Bool](repeating: devicesInAll == all.count, count: circuit.nodes.count)
        for node in circuit.ownNodes.upperBound..<circuit.nodes.count { drawn[node] = false }
        drawn[0] = true
        for (_, ends) in all { for node in ends { drawn[node] = true } }
        circuitNodes = circuit.nodes.indices.filter { drawn[$0] }
        var number = [Int](repeating: 0, count: circuit.nodes.count)
        for (index, node) in circuitNodes.enumerated() { number[node] = index }
        nodes = circuitNodes.map { Node(name: circuit.nodes[$0].name) }
        devices = all.map { device, ends in
            Device(
                name: device.name, kind: device.kind, letter: device.letter,
                nodes: ends.map { number[$0] }, change: device.change, value: device.value,
                isInput: device.isInput, isOutput: device.isOutput)
        }
        mark(task, number)
        placeOnCircle()
    }

    private mutating func mark(_ task: LearningTask, _ number: [Int]) {
        func mark(_ node: Int, _ role: Role) {
            guard node != 0, !nodes[node].roles.contains(role) else { return }
            nodes[node].roles.append(role)
        }
        for device in devices where device.kind == .source {
            for node in device.nodes { mark(node, device.isInput ? .input : .source) }
        }
        for output in task.outputs[task.namedOutputs] where output.source == nil {
            for node in [output.positive, output.negative] { mark(number[node], .output) }
        }
    }

    /// Indices of the devices that a walk from these nodes meets first, in their own order. It does not go on
    /// through ground, which is next to everything.
    static func nearest(to seeds: [Int], _ devices: [[Int]], nodes: Int, most: Int) -> [Int] {
        var atNode = [[Int]](repeating: [], count: nodes)
        for (index, ends) in devices.enumerated() {
            for node in Set(ends) where node != 0 { atNode[node].append(index) }
        }
        var isTaken = [Bool](repeating: false, count: devices.count)
        var isSeen = [Bool](repeating: false, count: nodes)
        isSeen[0] = true
        var taken: [Int] = []
        var queue: [Int] = []
        func enqueue(_ node: Int) {
            guard !isSeen[node] else { return }
            isSeen[node] = true
            queue.append(node)
        }
        for node in seeds { enqueue(node) }
        var next = 0
        // What no walk reaches comes after, in the order of the deck.
        for start in 0..<nodes where taken.count < most {
            if next == queue.count { enqueue(start) }
            while next < queue.count, taken.count < most {
                for device in atNode[queue[next]] where !isTaken[device] && taken.count < most {
                    isTaken[device] = true
                    taken.append(device)
                    for node in devices[device] { enqueue(node) }
                }
                next += 1
            }
        }
        return taken.sorted()
    }
}

// MARK: - Layout

extension CircuitDrawing {
    /// What has a place: a node, the ground of a device, or a device with more than two terminals.
    private enum Point {
        case node(Int), ground(Int), device(Int)

        /// As Graphviz is told: no name of the netlist gets there.
        var name: String {
            switch self {
            case .node(let index): "n\(index)"
            case .ground(let index): "g\(index)"
            case .device(let index): "d\(index)"
            }
        }

        init?(_ name: some StringProtocol) {
            guard let index = Int(name.dropFirst()) else { return nil }
            switch name.first {
            case "n": self = .node(index)
            case "g": self = .ground(index)
            case "d": self = .device(index)
            default: return nil
            }
        }
    }

    /// Whether a device is drawn between two places, and not as a place of its own.
    private func isLine(_ device: Device) -> Bool { device.nodes.count == 2 }

    /// Lines of the drawing, each with its length.
    private var lines: [(Point, Point, length: Double)] {
        devices.enumerated().flatMap { index, device in
            let ends = device.nodes
            guard !isLine(device) else {
                return ends[0] == ends[1] && ends[0] != 0
                    ? []
                    : [
                        (
                            ends[0] == 0 ? Point.ground(index) : .node(ends[0]),
                            ends[1] == 0 ? Point.ground(index) : .node(ends[1]),
                            length: ends.contains(0) ? 0.6 : 1
                        )
                    ]
            }
            return Set(ends).sorted().map { node in
                (.device(index), node == 0 ? .ground(index) : .node(node), length: 0.6)
            }
        }
    }

    private var places: [Point] {
        nodes.indices.dropFirst().map { .node($0) }
            + devices.indices.filter { !isLine(devices[$0]) }.map { .device($0) }
            + devices.indices.filter { devices[$0].nodes.contains(0) }.map { .ground($0) }
    }

    /// The layout programs that suit it, the best first: dot where nodes lie in layers, each joined with most of
    /// the next, which by distances alone would fall on one spot; neato, whose memory grows with the square of
    /// the places; sfdp.
    public var suitedLayouts: [Layout] {
        (layers != nil && devices.count <= 2000 ? [.dot] : [])
            + [places.count <= 2500 ? .neato : .sfdp]
    }

    /// The network in Graphviz's language: numbers alone, none of the netlist's text.
    public func graphvizText(for program: Layout) -> String {
        let layers = program == .dot ? layers : nil
        // Lines are drawn straight: their ways are not asked for.
        var text = "digraph {\nsplines=false; node [shape=point,width=0.05];\n"
        if layers != nil { text += "rankdir=LR; ratio=0.6; nodesep=0.3;\n" }
        for place in places { text += place.name + ";\n" }
        for (from, to, length) in lines where from.name != to.name {
            var (from, to) = (from, to)
            if let layers, layer(of: from, layers) > layer(of: to, layers) {
                swap(&from, &to)
            }
            text += "\(from.name)->\(to.name) [len=\(length)];\n"
        }
        return text + "}\n"
    }

    /// How many lines each node is from a source, where that makes layers worth drawing; nil elsewhere.
    private var layers: [Int]? {
        var neighbours = [[Int]](repeating: [], count: nodes.count)
        for device in devices where device.kind == .resistor && !device.nodes.contains(0) {
            let (a, b) = (device.nodes[0], device.nodes[1])
            guard a != b else { continue }
            neighbours[a].append(b)
            neighbours[b].append(a)
        }
        var layers = [Int](repeating: -1, count: nodes.count)
        // Whatever drives the resistors, be it a source or a controlled one.
        let driven = devices.filter { $0.kind == .source || "efghb".contains($0.letter) }
            .flatMap { $0.kind == .source ? $0.nodes : Array($0.nodes.prefix(2)) }
        var front = Set(driven).subtracting([0]).sorted()
        for node in front { layers[node] = 0 }
        var widths = [front.count]
        while !front.isEmpty {
            var next: [Int] = []
            for node in front {
                for other in neighbours[node] where layers[other] < 0 {
                    layers[other] = widths.count
                    next.append(other)
                }
            }
            front = next
            widths.append(next.count)
        }
        var (between, within) = (0, 0)
        for node in nodes.indices {
            for other in neighbours[node] where other > node {
                if layers[node] == layers[other] { within += 1 } else { between += 1 }
            }
        }
        let possible = zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        let isDense = 2 * between >= possible && within * 4 <= between
        let most = neighbours.map(\.count).max() ?? 0
        return isDense && most >= 5 ? layers : nil
    }

    /// Of a place in a drawing by layers: what drives the first layer lies before it, the grounds of others after.
    private func layer(of point: Point, _ layers: [Int]) -> Double {
        switch point {
        case .node(let index): return Double(layers[index])
        case .device(let index), .ground(let index):
            let nearest = devices[index].nodes.filter { $0 != 0 }.map { layers[$0] }.min() ?? 0
            let before = Double(nearest) - 0.5
            guard case .ground = point else { return before }
            return nearest == 0 ? before - 1 : Double(nearest) + 1
        }
    }

    /// Takes the places that a program of Graphviz answered in its format `plain`.
    ///
    /// - Returns: false, and everything stays where it is, where a place is missing.
    public mutating func place(_ answer: String, by program: Layout) -> Bool {
        var found: [String: (Double, Double)] = [:]
        for line in answer.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 3, words[0] == "node", let x = Double(words[2]),
                let y = Double(words[3]), x.isFinite, y.isFinite
            else { continue }
            found[String(words[1])] = (x, -y)
        }
        let wanted = places
        let positions = wanted.compactMap { found[$0.name] }
        guard positions.count == wanted.count else { return false }
        layout = program
        set(wanted, positions)
        return true
    }

    private mutating func placeOnCircle() {
        layout = .circle
        let wanted = places
        let count = Double(max(wanted.count - devices.filter { $0.nodes.contains(0) }.count, 1))
        var angles: [String: Double] = [:]
        var positions: [(Double, Double)] = []
        for (index, point) in wanted.enumerated() {
            var (angle, radius) = (2 * Double.pi * Double(index) / count, 1.0)
            if case .ground(let device) = point {
                let neighbour = devices[device].nodes.first { $0 != 0 }
                let owner: Point =
                    isLine(devices[device]) ? .node(neighbour ?? 0) : .device(device)
                angle = (angles[owner.name] ?? angle) + 0.1 / count
                radius = 1.15
            } else {
                angles[point.name] = angle
            }
            positions.append((-radius * cos(angle), -radius * sin(angle)))
        }
        set(wanted, positions)
    }

    /// Turned so that the drawing is wide, with the inputs on the left and the grounds below, 1000 wide.
    private mutating func set(_ points: [Point], _ positions: [(Double, Double)]) {
        var positions =
            switch layout {
            case .circle: positions
            case .dot: Self.spread(positions)
            case .neato, .sfdp: Self.turned(positions)
            }
        func mean(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        func places(_ isWanted: (Point) -> Bool) -> [(Double, Double)] {
            zip(points, positions).filter { isWanted($0.0) }.map(\.1)
        }
        func has(_ role: Role) -> (Point) -> Bool {
            { [nodes] in
                if case .node(let index) = $0 { nodes[index].roles.contains(role) } else { false }
            }
        }
        let inputs = places(has(.input)) + places(has(.source)), outputs = places(has(.output))
        if let left = mean(inputs.map(\.0)), let right = mean(outputs.map(\.0)), left > right {
            positions = positions.map { (-$0.0, $0.1) }
        }
        let grounds = places { if case .ground = $0 { true } else { false } }
        if let low = mean(grounds.map(\.1)), let middle = mean(positions.map(\.1)), low < middle {
            positions = positions.map { ($0.0, -$0.1) }
        }
        let minX = positions.map(\.0).min() ?? 0, maxX = positions.map(\.0).max() ?? 0
        let minY = positions.map(\.1).min() ?? 0, maxY = positions.map(\.1).max() ?? 0
        let size = max(maxX - minX, maxY - minY)
        let scale = size > 0 ? 1000 / size : 0
        for (point, position) in zip(points, positions) {
            let x = (10 * scale * (position.0 - minX)).rounded() / 10
            let y = (10 * scale * (position.1 - minY)).rounded() / 10
            switch point {
            case .node(let index): (nodes[index].x, nodes[index].y) = (x, y)
            case .ground(let index): devices[index].ground = [x, y]
            case .device(let index): devices[index].place = [x, y]
            }
        }
    }

    /// Layers of equal height, in each of which distances are equal: dot puts ten outputs of a hundred inputs into
    /// a corner, where all lines meet.
    private static func spread(_ positions: [(Double, Double)]) -> [(Double, Double)] {
        var spread = positions
        let heights = positions.map(\.1)
        guard let top = heights.min(), let bottom = heights.max() else { return positions }
        for layer in Dictionary(grouping: positions.indices, by: { positions[$0].0 }).values {
            let order = layer.sorted { (heights[$0], $0) < (heights[$1], $1) }
            for (rank, index) in order.enumerated() {
                spread[index].1 =
                    top + (bottom - top) * (Double(rank) + 0.5) / Double(order.count)
            }
        }
        return spread
    }

    /// By the angle, of a whole degree, at which the least rectangle holds all, its long side level.
    private static func turned(_ positions: [(Double, Double)]) -> [(Double, Double)] {
        var best = (area: Double.infinity, angle: 0.0)
        for degrees in 0..<180 {
            let angle = Double(degrees) * .pi / 180
            let (width, height) = extent(positions, angle)
            // A line has no area at any angle along it: its length decides.
            let area = (width + 1e-3) * (height + 1e-3)
            if width >= height, area < best.area * (1 - 1e-9) { best = (area, angle) }
        }
        let (c, s) = (cos(best.angle), sin(best.angle))
        return positions.map { (c * $0.0 - s * $0.1, s * $0.0 + c * $0.1) }
    }

    private static func extent(
        _ positions: [(Double, Double)], _ angle: Double
    ) -> (width: Double, height: Double) {
        let (c, s) = (cos(angle), sin(angle))
        var (left, right, top, bottom) = (
            Double.infinity, -Double.infinity, Double.infinity, -Double.infinity
        )
        for (x, y) in positions {
            let (u, v) = (c * x - s * y, s * x + c * y)
            (left, right) = (min(left, u), max(right, u))
            (top, bottom) = (min(top, v), max(bottom, v))
        }
        return positions.isEmpty ? (0, 0) : (right - left, bottom - top)
    }
}
