import Engines
import Foundation
import LearningTasks
import LinearAlgebra
import Netlist
import NgspiceBridge
import LinearAlgebra

/// A step that was taken back: at its end the circuit has no operating point that the engine finds.
public struct UnsolvedPoint: Sendable {
    /// Steps that were taken before.
    public let step: Int
    /// What the engine said.
    public let reason: String
    /// The resistances that the step moved most, ohm: at most three.
    public let moved: [(name: String, before: Double, after: Double)]

    init(step: Int, error: any Error, from start: [Double], to end: [Double], of task: LearningTask)
    {
        self.step = step
        reason = (error as? NgspiceError)?.message ?? "\(error)"
        let trained = task.trainedResistors
        func distance(_ index: Int) -> Double { abs(log(end[index] / start[index])) }
        moved = trained.sorted { distance($0) > distance($1) }.prefix(3)
            .map { (task.circuit.resistors[$0].name, start[$0], end[$0]) }
    }
}

/// The engine finds no operating point where a training would start.
public struct UnsolvedStart: Error, CustomStringConvertible {
    /// What the engine said.
    public let cause: any Error

    public var description: String { "no operating point at the start: \(cause)" }

    /// The same, or `UnsolvedStart` with an error that says so.
    static func naming<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch  where error.isUnsolvedPoint {
            throw UnsolvedStart(cause: error)
        }
    }
}

extension Error {
    /// Whether an engine found no operating point, where it may find one at other resistances.
    var isUnsolvedPoint: Bool {
        switch self {
        case let error as NgspiceError: [.convergence, .singular].contains(error.kind)
        case is FactorizationError, is SingularCircuit, is UnphysicalValue, is UnphysicalDevice,
            is NoOperatingPoint:
            true
        default: false
        }
    }
}
