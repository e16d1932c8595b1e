/// Who runs ngspice: `Ngspice` in this process, `IsolatedNgspice` in one of its own.
public protocol Simulator: AnyObject {
    associatedtype Circuit: SimulatedCircuit

    /// As `Ngspice.load(_:external:options:)`.
    func load(
        _ deck: [String], external: [String], options: [String: Double]
    ) throws(NgspiceError) -> Circuit

    /// As `Ngspice.plainOperatingPoint(_:reading:)`.
    func plainOperatingPoint(
        _ deck: [String], reading quantities: [String]
    ) throws(NgspiceError) -> [String: Double]
}

/// A circuit in ngspice, wherever that runs: `LoadedCircuit` says what its members mean.
public protocol SimulatedCircuit: AnyObject {
    var vectorNames: [String] { get }
    var isLinear: Bool { get }
    var hasCodeModels: Bool { get }
    var pointsPerStart: Int? { get }
    /// Whether `sources` is asked for each point after the one before is known, and may alter the circuit.
    var goesPointByPoint: Bool { get }
    var warnings: [String] { get }

    func alter(
        _ changes: [(device: String, parameter: String?, value: Double)]
    ) throws(NgspiceError)

    func parameters(
        of devices: some Collection<String>, _ name: String
    ) throws(NgspiceError) -> [Double]

    func operatingPoints(
        count: Int,
        sources: (Int, UnsafeMutableBufferPointer<Double>) throws(NgspiceError) -> Void,
        receive: (Int, UnsafeBufferPointer<Double>) -> Void
    ) throws(NgspiceError)
}

extension Simulator {
    /// The operating point without further quantities.
    public func plainOperatingPoint(_ deck: [String]) throws(NgspiceError) -> [String: Double] {
        try plainOperatingPoint(deck, reading: [])
    }
}

extension Ngspice: Simulator {}
extension LoadedCircuit: SimulatedCircuit {
    public var goesPointByPoint: Bool { isLinear }
}
