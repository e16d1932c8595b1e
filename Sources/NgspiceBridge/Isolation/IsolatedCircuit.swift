import Netlist

/// A circuit in a process of its own; `LoadedCircuit` says what its members mean.
///
/// Errors of `alter` may come only with the next call that has to wait for an answer.
public final class IsolatedCircuit: SimulatedCircuit {
    public private(set) var vectorNames: [String] = []
    public var traits: CircuitTraits { request.traits }
    public private(set) var matrixSolver = SimulatorOptions.MatrixSolver.sparse
    public private(set) var pointsPerStart: Int?
    public private(set) var warnings: [String] = []
    /// All points are sent to the worker at once.
    public let goesPointByPoint = false
    public let external: [String]

    private let simulator: IsolatedNgspice
    private let generation: Int
    private let request: LoadRequest
    private let limit: Double

    private var altered = AlteredValues()
    /// What the worker has not yet been told.
    private var pending = WireWriter()
    /// The external sources at the last point.
    private var sourceValues: [Double]

    init(
        _ simulator: IsolatedNgspice, _ request: LoadRequest, limit: Double
    ) throws(NgspiceError) {
        self.simulator = simulator
        self.request = request
        self.limit = limit
        generation = simulator.generation
        external = request.external
        sourceValues = request.external.map { _ in 0 }
        try simulator.exchange(limit: limit, isSolving: false) { channel, _, _ in
            try load(channel)
        }
    }

    /// Lets a worker have the circuit as it was loaded.
    private func load(_ channel: Channel) throws {
        var writer = WireWriter()
        writer.frame(.load) { frame in
            frame.put(request.deck)
            frame.put(request.traits)
            frame.put(request.external)
            frame.put(request.options)
        }
        try channel.send(writer.words)
        var reader = try channel.answer(.loaded)
        vectorNames = try reader.texts()
        guard let solver = SimulatorOptions.MatrixSolver(rawValue: try reader.text()) else {
            throw Malformed()
        }
        matrixSolver = solver
        let points = try reader.integer()
        pointsPerStart = points > 0 ? points : nil
    }

    /// Lets a new worker have the circuit as it is.
    private func restore(_ channel: Channel) throws {
        try load(channel)
        pending.removeAll()
        put(altered.changes)
    }

    private func put(_ changes: [AlteredValues.Change]) {
        pending.frame(.alter) { frame in for change in changes { frame.put(change) } }
    }

    private func check() throws(NgspiceError) {
        guard generation == simulator.generation else {
            throw NgspiceError(.misuse, "another circuit was loaded in this one's place")
        }
    }

    /// Sends a request, after whatever the worker has not been told, and lets `answer` read its answer.
    ///
    /// - Parameter point: which is being solved.
    private func ask<Result>(
        at point: () -> Int? = { nil },
        sending request: (inout WireWriter, _ isCareful: Bool) -> Void,
        answer: (Channel) throws -> Result
    ) throws(NgspiceError) -> Result {
        try check()
        return try simulator.exchange(limit: limit, at: point) { channel, isNew, isCareful in
            if isNew { try restore(channel) }
            request(&pending, isCareful)
            defer { pending.removeAll() }
            try channel.send(pending.words)
            return try answer(channel)
        }
    }

    public func alter(
        _ changes: [(device: String, parameter: String?, value: Double)]
    ) throws(NgspiceError) {
        try check()
        for change in changes {
            try AlterLine.check(change.device)
            if let parameter = change.parameter { try AlterLine.check(parameter) }
            try AlterLine.check(change.value, of: change.device, change.parameter)
            altered.record(change)
        }
        put(changes)
    }

    public func parameters(
        of devices: some Collection<String>, _ name: String
    ) throws(NgspiceError) -> [Double] {
        let devices = Array(devices)
        return try ask(sending: { writer, _ in
            writer.frame(.parameters) { frame in
                frame.put(devices)
                frame.put(name)
            }
        }) { channel in
            var reader = try channel.answer(.numbers)
            let values = try reader.numbers(devices.count)
            _ = try channel.answer(.finished)
            return values
        }
    }

    public func operatingPoints(
        count: Int,
        sources: (Int, UnsafeMutableBufferPointer<Double>) throws(NgspiceError) -> Void,
        receive: (Int, UnsafeBufferPointer<Double>) -> Void
    ) throws(NgspiceError) {
        guard count > 0 else { return try check() }
        var values: [Double] = []
        values.reserveCapacity(count * external.count)
        for point in 0..<count {
            try sourceValues.withUnsafeMutableBufferPointer { buffer throws(NgspiceError) in
                try sources(point, buffer)
            }
            values += sourceValues
        }
        // Where points are solved again, they are the same.
        var received = 0
        let hasGrown = try ask(
            at: { received },
            sending: { writer, isCareful in
                writer.frame(.solve) { frame in
                    frame.put(isCareful)
                    frame.put(count)
                    values.withUnsafeBufferPointer { frame.put($0) }
                }
            }
        ) { channel in
            for point in 0..<count {
                let (kind, words) = try channel.receive()
                guard kind == .numbers else { throw try Channel.failure(kind, words) }
                guard point == received else { continue }
                words.withMemoryRebound(to: Double.self) { receive(point, $0) }
                received += 1
            }
            var reader = try channel.answer(.finished)
            let texts = try reader.texts()
            warnings += texts.filter { !warnings.contains($0) }
            return try reader.flag()
        }
        if hasGrown { simulator.retireWorker() }
    }
}
