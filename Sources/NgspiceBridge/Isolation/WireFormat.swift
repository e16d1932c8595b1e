import Netlist

/// What a process and its worker say to each other.
///
/// A frame is its kind, the number of words that follow, and these: 64 bits each, in the byte order of the
/// machine that both run on. Numbers are themselves, a text is its length in bytes and then the bytes,
/// filled up to a word.
enum FrameKind: UInt64 {
    // To the worker.
    /// Version, tolerated growth in bytes.
    case hello = 1
    /// Deck, traits, external sources, options. Answered by `loaded`.
    case load
    /// Deck, traits, quantities. Answered by `values`.
    case plainOperatingPoint
    /// Changes. Not answered: an error is the answer to the next request that has one.
    case alter
    /// Devices, name. Answered by `numbers` and `finished`.
    case parameters
    /// Whether each point is to be sent at once, count, the sources of all points. Answered by `numbers`
    /// for each point and `finished`.
    case solve

    // From the worker.
    /// Vectors, matrixSolver, pointsPerStart or 0.
    case loaded
    case numbers
    /// Numbers by name.
    case values
    /// Warnings, and whether the worker has grown by more than is tolerated.
    case finished
    /// An `NgspiceError`, in place of any other answer.
    case failed

    static let version = 2
}

struct WireWriter {
    private(set) var words: [UInt64] = []

    var isEmpty: Bool { words.isEmpty }

    mutating func removeAll() { words.removeAll(keepingCapacity: true) }

    mutating func frame(_ kind: FrameKind, _ body: (inout WireWriter) -> Void = { _ in }) {
        words.append(kind.rawValue)
        words.append(0)
        let start = words.count
        body(&self)
        words[start - 1] = UInt64(words.count - start)
    }

    mutating func put(_ integer: Int) { words.append(UInt64(bitPattern: Int64(integer))) }

    mutating func put(_ flag: Bool) { put(flag ? 1 : 0) }

    mutating func put(_ number: Double) { words.append(number.bitPattern) }

    mutating func put(_ numbers: UnsafeBufferPointer<Double>) {
        for number in numbers { words.append(number.bitPattern) }
    }

    mutating func put(_ text: String) {
        put(text.utf8.count)
        var word: UInt64 = 0
        var filled: UInt64 = 0
        for byte in text.utf8 {
            word |= UInt64(byte) << filled
            filled += 8
            if filled == 64 {
                words.append(word)
                (word, filled) = (0, 0)
            }
        }
        if filled > 0 { words.append(word) }
    }

    mutating func put(_ texts: [String]) {
        put(texts.count)
        for text in texts { put(text) }
    }

    mutating func put(_ numbers: [String: Double]) {
        put(numbers.count)
        for (name, value) in numbers {
            put(name)
            put(value)
        }
    }

    mutating func put(_ traits: CircuitTraits) {
        put(traits.isLinear)
        put(traits.memory.rawValue)
        put(traits.hasCodeModels)
        put(traits.needsCodeModels)
        put(traits.nodeCount)
        put(traits.options.given.sorted())
        put(traits.options.search)
        put(traits.options.matrixSolver?.rawValue ?? "")
        put(traits.compiledModels)
    }

    mutating func put(_ change: AlteredValues.Change) {
        put(change.device)
        put(change.parameter != nil)
        if let parameter = change.parameter { put(parameter) }
        put(change.value)
    }

    mutating func put(_ error: NgspiceError) {
        put(error.kind.rawValue)
        put(error.event)
        put(error.point ?? -1)
        put(error.ngspiceMessages)
    }
}

/// The other end does not speak this format.
struct Malformed: Error {}

struct WireReader {
    private var rest: Slice<UnsafeBufferPointer<UInt64>>

    init(_ words: UnsafeBufferPointer<UInt64>) { rest = words[...] }

    mutating func word() throws(Malformed) -> UInt64 {
        guard let word = rest.popFirst() else { throw Malformed() }
        return word
    }

    mutating func integer() throws(Malformed) -> Int { Int(Int64(bitPattern: try word())) }

    /// A number of things of at least a word each, which therefore are there.
    private mutating func count() throws(Malformed) -> Int {
        let count = try integer()
        guard count >= 0, count <= rest.count else { throw Malformed() }
        return count
    }

    mutating func flag() throws(Malformed) -> Bool { try word() != 0 }

    mutating func number() throws(Malformed) -> Double { Double(bitPattern: try word()) }

    mutating func numbers(_ count: Int) throws(Malformed) -> [Double] {
        guard count >= 0, count <= rest.count else { throw Malformed() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).map { Double(bitPattern: $0) }
    }

    mutating func text() throws(Malformed) -> String {
        let length = try integer()
        guard length >= 0, (length + 7) / 8 <= rest.count else { throw Malformed() }
        let words = rest.prefix((length + 7) / 8)
        rest = rest.dropFirst(words.count)
        let bytes = (0..<length).map { place in
            UInt8(truncatingIfNeeded: words[words.startIndex + place / 8] >> UInt64(place % 8 * 8))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func texts() throws(Malformed) -> [String] {
        var texts: [String] = []
        for _ in 0..<(try count()) { texts.append(try text()) }
        return texts
    }

    mutating func numbersByName() throws(Malformed) -> [String: Double] {
        var numbers: [String: Double] = [:]
        for _ in 0..<(try count()) {
            let name = try text()
            numbers[name] = try number()
        }
        return numbers
    }

    mutating func traits() throws(Malformed) -> CircuitTraits {
        let isLinear = try flag()
        guard let memory = DeviceMemory(rawValue: try integer()) else { throw Malformed() }
        var traits = CircuitTraits(
            isLinear: isLinear, memory: memory, hasCodeModels: try flag(),
            needsCodeModels: try flag(), nodeCount: try integer(), options: SimulatorOptions())
        traits.options.given = Set(try texts())
        traits.options.search = try texts()
        traits.options.matrixSolver = SimulatorOptions.MatrixSolver(rawValue: try text())
        traits.compiledModels = try texts()
        return traits
    }

    mutating func changes() throws(Malformed) -> [AlteredValues.Change] {
        var changes: [AlteredValues.Change] = []
        while !rest.isEmpty {
            let device = try text()
            let parameter = try flag() ? try text() : nil
            changes.append((device, parameter, try number()))
        }
        return changes
    }

    mutating func error() throws(Malformed) -> NgspiceError {
        guard let kind = NgspiceError.Kind(rawValue: try text()) else { throw Malformed() }
        let event = try text()
        let point = try integer()
        return NgspiceError(
            kind, event, point: point < 0 ? nil : point, ngspiceMessages: try texts())
    }
}
