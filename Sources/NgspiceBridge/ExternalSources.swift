/// The values of external sources, for which ngspice asks by name at every iteration.
///
/// It asks in the same order each time and with the same pointers, so that a name is looked up only once.
/// A step of training asks hundreds of times: this is no place for reference counts, which would cost as
/// much as to solve a small circuit.
struct ExternalSources: ~Copyable {
    private typealias Asked = (name: UnsafeMutablePointer<CChar>, number: Int)

    private var numbers: [String: Int] = [:]
    private var values = UnsafeMutableBufferPointer<Double>(start: nil, count: 0)
    /// In the order in which ngspice asks: as many as have asked so far.
    private var asked = UnsafeMutableBufferPointer<Asked>(start: nil, count: 0)
    private var askedCount = 0
    private var next = 0
    /// A source that asked and is not among those named.
    private(set) var unknown: String?

    deinit {
        asked.deallocate()
    }

    /// Prepares for a circuit.
    ///
    /// - Parameter values: in the order of the names, valid until the next circuit asks.
    mutating func begin(names: [String], values: UnsafeMutableBufferPointer<Double>) {
        numbers = Dictionary(
            names.enumerated().map { ($1.lowercased(), $0) },
            uniquingKeysWith: { first, _ in first })
        self.values = values
        asked.deallocate()
        asked = .allocate(capacity: numbers.count)
        forgetPointers()
        unknown = nil
    }

    /// The names by which ngspice has asked are freed with its circuit.
    mutating func forgetPointers() {
        askedCount = 0
        next = 0
    }

    func hasAsked(_ number: Int) -> Bool {
        asked.prefix(askedCount).contains { $0.number == number }
    }

    mutating func value(of name: UnsafeMutablePointer<CChar>) -> Double {
        if next < askedCount, asked[next].name == name {
            let number = asked[next].number
            next = next + 1 == askedCount ? 0 : next + 1
            return values[number]
        }
        return value(askedOutOfTurn: name)
    }

    private mutating func value(askedOutOfTurn name: UnsafeMutablePointer<CChar>) -> Double {
        if let index = asked.prefix(askedCount).firstIndex(where: { $0.name == name }) {
            next = index + 1 == askedCount ? 0 : index + 1
            return values[asked[index].number]
        }
        let text = String(cString: name)
        guard let number = numbers[text.lowercased()] else {
            unknown = text
            return 0
        }
        if askedCount < asked.count {
            asked.initializeElement(at: askedCount, to: (name, number))
            askedCount += 1
        }
        next = 0
        return values[number]
    }
}
