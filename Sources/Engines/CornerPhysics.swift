import LearningTasks
import Netlist

/// An engine for each corner of a task, made when it is first needed.
///
/// What is solved is solved corner by corner: what has a task with corners asks for its parts.
public final class CornerPhysics: Physics {
    private let task: LearningTask
    private let make: (Corner) throws -> any Physics
    /// Engines that are kept.
    private let most: Int
    private var engines: [Int: any Physics] = [:]
    /// The engine used last comes last.
    private var order: [Int] = []
    private var values: TrainedValues?
    /// Counts the values that were set.
    private var revision = 0
    private var applied: [Int: Int] = [:]

    public var accuracy: Double { engines.values.map(\.accuracy).max() ?? 1e-14 }

    /// - Parameters:
    ///   - most: engines that are kept: one of those of which a process holds but one.
    ///   - make: an engine for a corner's deck and task, at the deck's own values.
    public init(
        task: LearningTask, keepingAtMost most: Int = .max,
        make: @escaping (Corner) throws -> any Physics
    ) {
        (self.task, self.most, self.make) = (task, most, make)
    }

    public var warnings: [String] {
        order.compactMap { engines[$0] }.flatMap(\.warnings).reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
    }

    public func set(_ values: TrainedValues, of task: LearningTask) {
        self.values = values
        revision += 1
    }

    /// Makes the engine of the first corner, for what it can't solve to be said.
    public func warmUp() throws { _ = try engine(at: 0) }

    /// The engine of a corner, at the values that were set last.
    package func engine(at corner: Int) throws -> any Physics {
        order.removeAll { $0 == corner }
        order.append(corner)
        let engine: any Physics
        if let known = engines[corner] {
            engine = known
        } else {
            while engines.count >= most, let oldest = order.first {
                engines[oldest] = nil
                applied[oldest] = nil
                order.removeFirst()
            }
            engine = try make(task.corners[corner])
            engines[corner] = engine
        }
        if let values, applied[corner] != revision {
            let own = task.corners[corner].task
            try engine.set(values.inCorner(own, of: task), of: own)
            applied[corner] = revision
        }
        return engine
    }

    public func inParts<Result>(
        of task: LearningTask, _ solve: (LearningTask.Part, any Physics) throws -> Result
    ) throws -> [(part: LearningTask.Part, result: Result)]? {
        try task.parts.map { ($0, try solve($0, engine(at: $0.corner))) }
    }

    public func restart() throws {
        for engine in engines.values { try engine.restart() }
        applied = [:]
    }

    public func setResistances(_ resistances: [Double]) throws { throw Self.misuse }
    public func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
        throw Self.misuse
    }

    private static var misuse: TaskError {
        TaskError(
            message: "where columns of the data set numbers of the netlist, this can't be done yet")
    }
}
