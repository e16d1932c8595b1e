/// How many of a device's first values are nodes, and how it conducts at DC.
struct DeviceShape {
    enum NodeCount {
        case fixed(Int)
        /// Up to the model's name, which stands after at least and at most so many nodes.
        case upToModel(ClosedRange<Int>)
    }

    enum Conduction {
        /// Fixes the voltage between its first two nodes.
        case voltage
        /// Between its first two nodes.
        case between
        /// Between all its nodes, as far as can be told.
        case all
        case none
        /// Not by voltages and currents: nothing can be said of its nodes.
        case unknown
    }

    let nodes: NodeCount
    let conduction: Conduction
    var isLinear = false

    static let shapes: [UInt8: DeviceShape] = {
        func fixed(_ count: Int, _ conduction: Conduction, linear: Bool = false) -> DeviceShape {
            DeviceShape(nodes: .fixed(count), conduction: conduction, isLinear: linear)
        }
        func model(_ range: ClosedRange<Int>, _ conduction: Conduction) -> DeviceShape {
            DeviceShape(nodes: .upToModel(range), conduction: conduction)
        }
        let shapes: KeyValuePairs<Character, DeviceShape> = [
            "a": fixed(0, .unknown), "b": fixed(2, .between),
            "c": fixed(2, .none, linear: true), "d": model(2...3, .all),
            "e": fixed(4, .voltage, linear: true), "f": fixed(2, .between, linear: true),
            "g": fixed(4, .between, linear: true), "h": fixed(2, .voltage, linear: true),
            "j": model(3...3, .all), "k": fixed(0, .none, linear: true),
            "l": fixed(2, .voltage, linear: true), "m": model(3...7, .all),
            "n": model(1...20, .unknown), "o": model(4...4, .all),
            "p": model(4...100, .unknown), "q": model(3...5, .all),
            "s": model(4...4, .between),
            "t": fixed(4, .all), "u": model(3...3, .all), "w": fixed(2, .between),
            "y": model(4...4, .all), "z": model(3...3, .all),
        ]
        var table: [UInt8: DeviceShape] = [:]
        for (letter, shape) in shapes { table[letter.asciiValue ?? 0] = shape }
        return table
    }()
}
