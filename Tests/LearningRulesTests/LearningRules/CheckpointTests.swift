import Foundation
import Netlist
import Synchronization
import Testing

@testable import Engines
@testable import Generators
@testable import LearningTasks

@testable import LearningRules

@Suite struct CheckpointTests {
    // MARK: The same bits

    /// What one training saw, step by step.
    private struct Run: Sendable {
        var steps: [Int] = []
        var values: [[Double]] = []
        /// Loss and rate.
        var numbers: [[Double]] = []
        var checkpoints: [Int: [UInt8]] = [:]
        var result: TrainingResult?
    }

    private static func checkpoint(_ progress: TrainingProgress) -> Checkpoint {
        Checkpoint(
            deck: Fingerprint(), data: nil,
            request: Checkpoint.Request(
                flags: ["rule": ["al"]], engine: "ngspice", superposition: "on", folder: "/",
                output: "o.cir", history: nil, every: "10"),
            history: nil, progress: progress)
    }

    private static func run(
        _ trainer: Trainer, _ physics: any Physics, from progress: TrainingProgress? = nil
    ) throws -> Run {
        var run = Run()
        var failure: (any Error)?
        let result = try trainer.run(in: physics, from: progress) { step in
            guard !step.isRepeated else { return true }
            run.steps.append(step.step)
            run.values.append(step.conductances.values)
            run.numbers.append([step.states.loss, step.states.naturalLoss, step.rate])
            do {
                run.checkpoints[step.step] = try Self.checkpoint(step.progress).bytes
            } catch {
                failure = error
            }
            return true
        }
        if let failure { throw failure }
        run.result = result
        return run
    }

    static let optimizersAndEngines: [(Optimizer, isSparse: Bool)] =
        Optimizer.allCases.flatMap { [($0, false), ($0, true)] }

    /// From the first and the last step, from both sides of a leg's end and from some between, a fresh
    /// engine goes on as the first one did.
    @Test(
        "a training goes on to the same bits", arguments: optimizersAndEngines, [true, false])
    func sameBits(choice: (optimizer: Optimizer, isSparse: Bool), superposes: Bool) throws {
        let family = try RandomFamily(nodes: 12, edges: 24, inputs: 2, outputs: 2)
        let made = try GeneratedDeck.make(family, seed: 5, samples: 5, dataName: "d.csv")
        let parsed = try ParsedDeck(made.deck, data: made.data)
        let task = parsed.task
        for rule in [AdjointCoupledLearning() as any LearningRule, CoupledLearning()] {
            // Slow enough for several legs, whatever the optimizer.
            let rates: [Optimizer: StepRate] = [.adam: .fixed(1e-3), .momentum: .fixed(1e-9)]
            let trainer = Trainer(
                task: task, rule: rule, optimizer: choice.optimizer,
                rate: rates[choice.optimizer] ?? .automatic,
                limits: Trainer.Limits(steps: 215, tolerance: 1e-12), superposes: superposes)
            func onFreshEngine(_ progress: TrainingProgress?) throws -> Run {
                if choice.isSparse {
                    return try Self.run(trainer, SparsePhysics(task: task), from: progress)
                }
                return try parsed.withPhysics { try Self.run(trainer, $0, from: progress) }
            }
            let whole = try onFreshEngine(nil)
            let last = whole.steps.count - 1
            // The default ends before, in a few dozen steps; `slowSteps` is for it.
            #expect(whole.steps == Array(0...last))
            #expect(last > 101 || choice.optimizer == .auto)
            for step in [0, 1, 57, 99, 100, 101, 199, last - 1, last] where step <= last {
                let bytes = try #require(whole.checkpoints[step])
                let part = try onFreshEngine(Checkpoint(bytes: bytes).progress)
                #expect(part.steps == Array(whole.steps.dropFirst(step + 1)))
                #expect(part.values == Array(whole.values.dropFirst(step + 1)))
                #expect(part.numbers == Array(whole.numbers.dropFirst(step + 1)))
                #expect(part.result?.conductances == whole.result?.conductances)
                #expect(part.result?.states.loss == whole.result?.states.loss)
                #expect(part.result?.initialLoss == whole.result?.initialLoss)
                for end in [100, 200] {
                    #expect(part.checkpoints[end] == (step < end ? whole.checkpoints[end] : nil))
                }
            }
        }
    }

    /// The default on a circuit that takes it through several legs.
    @Test func slowSteps() throws {
        let board = try ParsedDeck(xorBoard, data: xorBoardData)
        let start = TrainedValues(random: 11, of: board.task)
        let parsed = try ParsedDeck(
            String(decoding: board.deck.rewriting(start.texts(of: board.task)), as: UTF8.self),
            data: xorBoardData)
        let trainer = Trainer(
            task: parsed.task, optimizer: .auto,
            limits: Trainer.Limits(steps: 120, tolerance: 1e-9))
        let whole = try parsed.withPhysics { try Self.run(trainer, $0) }
        #expect(whole.steps.count == 121)
        for step in [3, 99, 100, 110] {
            let progress = try Checkpoint(bytes: try #require(whole.checkpoints[step])).progress
            let part = try parsed.withPhysics { try Self.run(trainer, $0, from: progress) }
            #expect(part.values == Array(whole.values.dropFirst(step + 1)))
            #expect(part.numbers == Array(whole.numbers.dropFirst(step + 1)))
        }
    }

    /// A nudge that was chosen again on the way is kept with the rest.
    @Test func anotherNudge() throws {
        let parsed = try ParsedDeck(stageFarOff)
        let trainer = Trainer(
            task: parsed.task, limits: Trainer.Limits(steps: 300, tolerance: 1e-9))
        let whole = try parsed.withPhysics { try Self.run(trainer, $0) }
        for step in stride(from: 0, to: whole.steps.count, by: 7) {
            let progress = try Checkpoint(bytes: try #require(whole.checkpoints[step])).progress
            let part = try parsed.withPhysics { try Self.run(trainer, $0, from: progress) }
            #expect(part.values == Array(whole.values.dropFirst(step + 1)))
            #expect(part.numbers == Array(whole.numbers.dropFirst(step + 1)))
            #expect(part.result?.nudging == whole.result?.nudging)
        }
    }

    /// Diodes, and a hard point at which ngspice gives up its first way of solving.
    @Test("and in a nonlinear circuit", arguments: Optimizer.allCases)
    func sameBitsOfDiodes(optimizer: Optimizer) throws {
        let parsed = try ParsedDeck(
            """
            two diodes
            .model clip d(is=1n)
            V1 in 0 2
            R1 in a 1k
            R2 a b 2k
            R3 b 0 1k
            D1 a 0 clip
            D2 b 0 clip
            *.learn output V(b)=0.3
            .end
            """)
        let trainer = Trainer(
            task: parsed.task, optimizer: optimizer,
            rate: optimizer == .adam ? .fixed(1e-4) : .fixed(1e-9),
            limits: Trainer.Limits(steps: 130, tolerance: 1e-12))
        let whole = try parsed.withPhysics { try Self.run(trainer, $0) }
        // These end sooner than the others, whatever the rate.
        let early: [Optimizer: Int] = [.momentum: 10, .auto: whole.steps.count]
        #expect(whole.steps.count == (early[optimizer] ?? 131))
        for step in [3, 100, 120] where step < whole.steps.count {
            let progress = try Checkpoint(bytes: try #require(whole.checkpoints[step])).progress
            let part = try parsed.withPhysics { try Self.run(trainer, $0, from: progress) }
            #expect(part.values == Array(whole.values.dropFirst(step + 1)))
            #expect(part.numbers == Array(whole.numbers.dropFirst(step + 1)))
        }
    }

    // MARK: What is read

    /// A checkpoint of each optimizer with all that it may hold.
    private static func someBytes(_ optimizer: Optimizer) throws -> (Trainer, [UInt8]) {
        let parsed = try ParsedDeck(referenceDeck)
        let trainer = Trainer(
            task: parsed.task, optimizer: optimizer,
            limits: Trainer.Limits(steps: 4, tolerance: 1e-12))
        let run = try run(trainer, SparsePhysics(task: parsed.task))
        return (trainer, try #require(run.checkpoints[4]))
    }

    @Test(arguments: Optimizer.allCases)
    func writesWhatItReads(optimizer: Optimizer) throws {
        let (_, bytes) = try Self.someBytes(optimizer)
        #expect(try Checkpoint(bytes: bytes).bytes == bytes)
    }

    @Test("numbers come back to the last bit")
    func numbers() throws {
        var random = SplitMix64(seed: 9)
        let numbers =
            [0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .pi]
            + (0..<1000).map { _ in Double(bitPattern: random.next()) }
        let coded = try JSONDecoder().decode(
            PackedDoubles.self, from: JSONEncoder().encode(PackedDoubles(wrappedValue: numbers)))
        #expect(coded.wrappedValue.map(\.bitPattern) == numbers.map(\.bitPattern))
        // Single numbers are decimal fractions.
        for number in numbers where number.isFinite {
            let back = try JSONDecoder().decode([Double].self, from: JSONEncoder().encode([number]))
            #expect(back[0].bitPattern == number.bitPattern)
        }
    }

    @Test("any change of any byte is found, and so is any missing end")
    func damage() throws {
        let (_, bytes) = try Self.someBytes(.momentum)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1 << (index % 8)
            #expect(throws: CheckpointError.self) { try Checkpoint(bytes: changed) }
            #expect(throws: CheckpointError.self) { try Checkpoint(bytes: Array(bytes[..<index])) }
        }
        #expect(throws: CheckpointError.self) { try Checkpoint(bytes: bytes + [10]) }
    }

    @Test("what is no checkpoint says so, and what to do")
    func messages() throws {
        func message(_ text: String) -> String {
            do {
                _ = try Checkpoint(bytes: Array(text.utf8))
                return ""
            } catch {
                return error.description
            }
        }
        #expect(message("") == "this is not a checkpoint of spicelearn")
        #expect(message("title\nR1 a 0 1k\n") == "this is not a checkpoint of spicelearn")
        #expect(message("spicelearn checkpoint 1 0 0\n").contains("format 1"))
        #expect(message("spicelearn checkpoint 2 2 0\n{}").contains("damaged"))
        #expect(message("spicelearn checkpoint x\n").contains("damaged"))
    }

    /// A damaged value behind a right fingerprint: what is read either fits the training or is refused,
    /// and a training that goes on from it ends without a crash.
    @Test("numbers that do not fit are refused", arguments: Optimizer.allCases)
    func misfits(optimizer: Optimizer) throws {
        let (trainer, bytes) = try Self.someBytes(optimizer)
        let content = bytes[(try #require(bytes.firstIndex(of: 10)) + 1)...]
        let text = String(decoding: content, as: UTF8.self)
        #expect((try? Checkpoint(content: content)) != nil)
        var random = SplitMix64(seed: 3)
        // Every number in the text becomes another one, and every array a longer or shorter one.
        let numbers = text.matches(of: /-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/)
        let replacements = ["-1", "9223372036854775807", "-9223372036854775808", "1e300", "0.5"]
        var read = 0
        for match in numbers {
            for replacement in replacements {
                let changed = text.replacingCharacters(in: match.range, with: replacement)
                guard let checkpoint = try? Checkpoint(content: Array(changed.utf8)) else {
                    continue
                }
                read += 1
                _ = try? trainer.run(
                    in: SparsePhysics(task: trainer.task), from: checkpoint.progress)
            }
        }
        for match in text.matches(of: /"[A-Za-z0-9+\/=]{12,}"/) {
            let some = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                Double.random(in: -1...1, using: &random)
            }
            let packed = try JSONEncoder().encode(PackedDoubles(wrappedValue: some))
            let changed = text.replacingCharacters(
                in: match.range, with: String(decoding: packed, as: UTF8.self))
            guard let checkpoint = try? Checkpoint(content: Array(changed.utf8)) else { continue }
            read += 1
            _ = try? trainer.run(in: SparsePhysics(task: trainer.task), from: checkpoint.progress)
        }
        #expect(read > 10)
    }

    @Test func ofAnotherTask() throws {
        let (_, bytes) = try Self.someBytes(.plain)
        let other = try ParsedDeck(
            "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n*.learn output V(b)=0.4\n.end")
        #expect(throws: CheckpointError.self) {
            try Trainer(task: other.task).run(
                in: SparsePhysics(task: other.task), from: Checkpoint(bytes: bytes).progress)
        }
    }
}
