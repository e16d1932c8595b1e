import Foundation
import Netlist

/// Does in this process what another one asks of ngspice.
final class WorkerServer {
    private let ngspice: Ngspice
    private let channel: Channel
    private var circuit: LoadedCircuit?
    /// An error of a request that has no answer: the answer to the next one.
    private var postponed: NgspiceError?
    private var writer = WireWriter()

    /// Bytes by which this process may grow, as the other end said.
    private var toleratedGrowth = Int.max
    /// The most memory that this process had when it had solved the circuit for the first time, in bytes.
    private var firstMemory: Int?

    /// Seconds after which points are sent although few have come together, so that the other end sees
    /// that something moves.
    private static let longestSilence = 0.02
    private static let wordsAtOnce = 1 << 13

    init(_ ngspice: Ngspice, _ channel: Channel) {
        self.ngspice = ngspice
        self.channel = channel
        ngspice.onMessage = { line in
            let bytes = Array((line + "\n").utf8)
            _ = write(STDERR_FILENO, bytes, bytes.count)
        }
    }

    /// - Throws: `Malformed` where the other end speaks another version.
    func greet() throws {
        let (kind, words) = try channel.receive()
        var reader = WireReader(words)
        guard kind == .hello, try reader.integer() == FrameKind.version else { throw Malformed() }
        toleratedGrowth = try reader.integer()
    }

    /// Waits for a request and answers it, if it is one that has an answer.
    ///
    /// - Throws: `ChannelError` and `Malformed`, after which there is nobody to answer.
    func answer() throws {
        let (kind, words) = try channel.receive()
        var reader = WireReader(words)
        do {
            switch kind {
            case .load:
                try load(
                    reader.texts(), traits: reader.traits(), external: reader.texts(),
                    options: reader.numbersByName())
            case .plainOperatingPoint:
                circuit = nil
                let values = try ngspice.plainOperatingPoint(
                    reader.texts(), traits: reader.traits(), reading: reader.texts())
                writer.frame(.values) { $0.put(values) }
            case .alter:
                let changes = try reader.changes()
                try postponing { try $0.alter(changes) }
                return
            case .parameters:
                let devices = try reader.texts()
                let values = try current().parameters(of: devices, reader.text())
                writer.frame(.numbers) { frame in for value in values { frame.put(value) } }
                finish([])
            case .solve:
                let sendsEach = try reader.flag()
                let count = try reader.integer()
                try solve(count, sendsEach: sendsEach, &reader)
            case .hello, .loaded, .numbers, .values, .finished, .failed:
                throw Malformed()
            }
        } catch let error as NgspiceError {
            writer.frame(.failed) { $0.put(error) }
        }
        try flush()
        forgetJournal()
    }

    private func current() throws -> LoadedCircuit {
        if let error = postponed {
            postponed = nil
            throw error
        }
        guard let circuit else {
            throw NgspiceError(.misuse, "there is no circuit")
        }
        return circuit
    }

    private func postponing(_ body: (LoadedCircuit) throws -> Void) throws {
        guard postponed == nil else { return }
        do {
            try body(current())
        } catch let error as NgspiceError {
            postponed = error
        }
    }

    private func load(
        _ deck: [String], traits: CircuitTraits, external: [String], options: [String: Double]
    ) throws {
        circuit = nil
        postponed = nil
        firstMemory = nil
        let circuit = try ngspice.load(
            deck, traits: traits, external: external, options: options)
        self.circuit = circuit
        writer.frame(.loaded) { frame in
            frame.put(circuit.vectorNames)
            frame.put(circuit.matrixSolver.rawValue)
            frame.put(circuit.pointsPerStart ?? 0)
        }
    }

    private func solve(_ count: Int, sendsEach: Bool, _ reader: inout WireReader) throws {
        let circuit = try current()
        let width = circuit.external.count
        guard count >= 0, width == 0 || count <= Int.max / width else { throw Malformed() }
        let values = try reader.numbers(count * width)
        var sent = ContinuousClock.now
        // What ends the exchange while ngspice is in the middle of its own.
        var failure: (any Error)?
        try circuit.operatingPoints(count: count) { point, sources in
            _ = sources.update(fromContentsOf: values[point * width..<(point + 1) * width])
        } receive: { _, vectors in
            writer.frame(.numbers) { $0.put(vectors) }
            let now = ContinuousClock.now
            guard
                sendsEach || writer.words.count >= Self.wordsAtOnce
                    || now - sent > .seconds(Self.longestSilence)
            else { return }
            sent = now
            do { try flush() } catch { failure = error }
        }
        if let failure { throw failure }
        finish(circuit.warnings)
    }

    private func finish(_ warnings: [String]) {
        writer.frame(.finished) { frame in
            frame.put(warnings)
            frame.put(hasGrown)
        }
    }

    /// Whether this process has grown by more than is tolerated since it solved the circuit first.
    ///
    /// ngspice loses some memory at each analysis that fails, which those of circuits that it solves only by
    /// stepping do, and at each load.
    private var hasGrown: Bool {
        var usage = rusage()
        #if canImport(Darwin)
            guard getrusage(RUSAGE_SELF, &usage) == 0 else { return false }
            let memory = usage.ru_maxrss
        #else
            guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return false }
            let memory = usage.ru_maxrss * 1024
        #endif
        guard let firstMemory else {
            firstMemory = memory
            return false
        }
        return memory - firstMemory > toleratedGrowth
    }

    private func flush() throws(ChannelError) {
        try channel.send(writer.words)
        writer.removeAll()
    }

    /// What was said on the way to an answer that has been given is of no more interest.
    private func forgetJournal() {
        var status = stat()
        if fstat(STDERR_FILENO, &status) == 0, status.st_size > 0 { ftruncate(STDERR_FILENO, 0) }
    }
}
