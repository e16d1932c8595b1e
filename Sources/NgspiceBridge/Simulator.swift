import Netlist

/// Who runs ngspice: `Ngspice` in this process, `IsolatedNgspice` in one of its own.
public protocol Simulator: AnyObject {
    associatedtype Circuit: SimulatedCircuit

    /// As `Ngspice.load(_:traits:external:options:)`.
    func load(
        _ deck: [String], traits: CircuitTraits, external: [String], options: [String: Double]
    ) throws(NgspiceError) -> Circuit

    /// As `Ngspice.plainOperatingPoint(_:traits:reading:)`.
    func plainOperatingPoint(
        _ deck: [String], traits: CircuitTraits, reading quantities: [String]
    ) throws(NgspiceError) -> [String: Double]
}

/// For lines that come without their traits: the only place where any are made of lines.
extension Simulator {
    public func load(
        _ deck: [String], external: [String] = [],
        options: [String: Double] = Ngspice.tightTolerances
    ) throws(NgspiceError) -> Circuit {
        try load(
            deck, traits: CircuitTraits(ofLines: deck), external: external, options: options)
    }

    public func plainOperatingPoint(_ deck: [String]) throws(NgspiceError) -> [String: Double] {
        try plainOperatingPoint(deck, traits: CircuitTraits(ofLines: deck), reading: [])
    }
}

/// A circuit in ngspice, wherever that runs: `LoadedCircuit` says what its members mean.
public protocol SimulatedCircuit: AnyObject {
    var vectorNames: [String] { get }
    /// As they were given to `load`.
    var traits: CircuitTraits { get }
    var matrixSolver: SimulatorOptions.MatrixSolver { get }
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

extension Ngspice: Simulator {}
extension LoadedCircuit: SimulatedCircuit {
    public var goesPointByPoint: Bool { traits.isLinear }
}
