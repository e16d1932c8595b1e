import CSUNDIALS
import Foundation

/// Integrates ẏ = f(t, y), stiff or not, with CVODE of SUNDIALS.
///
/// Backward differentiation formulas of order 1 to 5 with adaptive step and order (manual, section
/// "IVP solution"); Newton's corrections come from GMRES without a matrix (section "Linear solver
/// interface"). For a system whose Jacobian has low rank, GMRES needs no more iterations than that rank
/// and one, however stiff it is, so there is no preconditioner.
///
/// The product of the Jacobian and a vector v is (f(t, y + σv) − f(t, y))/σ. CVODE's own σ makes σv as
/// small as the local error: right-hand sides that are themselves differences of solved states
/// have no digits left there. Here σv is 10⁻⁵ of y + absolute/relative in its largest component, so
/// that noise of 10⁻⁸ in f still leaves three digits, more than Newton's method needs.
///
///     let decay = try CVODE(
///         from: [1], tolerances: .init(relative: 1e-8, absolute: [1e-10]), stopTime: 10
///     ) { _, y in [-y[0]] }
///     while try decay.step() != .stopTime {}
///     decay.state  // [4.54e-05]
///
/// The first step is chosen from f alone. CVODE's own choice starts at 100 roundings of the time that it is
/// asked for, which would be longer than the whole solution if that time were the stop time 10³⁰; it is
/// asked for the time in which a component changes by its own size instead (`firstHorizon`).
///
/// What `f` or the events throw comes out of `step()` unchanged.
public final class CVODE {
    /// The local error eᵢ of a step is kept so that the mean square of eᵢ/(relative·|yᵢ| + absoluteᵢ)
    /// is at most 1 (manual: "IVP solution", weighted root-mean-square norm).
    public struct Tolerances: Sendable {
        public var relative: Double
        /// For each component, in its unit.
        public var absolute: [Double]

        public init(relative: Double, absolute: [Double]) {
            (self.relative, self.absolute) = (relative, absolute)
        }
    }

    /// Why a step ended where it did.
    public enum Arrival: Sendable, Equatable {
        /// After a step of the integrator's own choice.
        case step
        /// At the stop time.
        case stopTime
        /// At a zero of the events with these indices, which may lie inside a step.
        case events([Int])
    }

    public typealias Function = (_ time: Double, _ state: [Double]) throws -> [Double]

    private let memory: Memory
    private let callbacks: Callbacks
    /// Whether the next step is the first from its state.
    private var isFirstStep = true
    public let stopTime: Double
    public private(set) var time: Double
    /// y at `time`.
    public private(set) var state: [Double]

    /// - Parameters:
    ///   - krylovDimension: most directions that GMRES builds; the rank of the Jacobian and one suffice.
    ///   - eventCount: how many values `events` returns. A change of sign of one of them between two
    ///     steps is located to a part in 10¹⁴ of the step (manual: "Rootfinding").
    ///   - excuses: whether an error of f means only that f has no value at a trial state: a shorter step is
    ///     then tried, and the error thrown where none is short enough.
    ///   - rightHandSide: f; called also at trial states that no solution passes through.
    /// - Throws: `CVODEError`.
    public init(
        from initial: [Double], at time: Double = 0, tolerances: Tolerances, stopTime: Double,
        krylovDimension: Int = 5, eventCount: Int = 0, events: @escaping Function = { _, _ in [] },
        excuses: @escaping (any Error) -> Bool = { _ in false },
        rightHandSide: @escaping Function
    ) throws {
        memory = try Memory(size: initial.count)
        callbacks = Callbacks(
            rightHandSide: rightHandSide, events: events, excuses: excuses,
            floor: tolerances.absolute.map { $0 / tolerances.relative })
        (self.time, self.stopTime, state) = (time, stopTime, initial)

        memory.put(initial, memory.state)
        memory.put(tolerances.absolute, memory.absolute)
        let cvode = memory.cvode
        try check(
            csundials_keep_messages(memory.context, cvode, memory.message), "CVodeSetErrHandlerFn")
        try check(
            CVodeInit(
                cvode,
                { time, y, derivative, data in
                    Callbacks.call(
                        \.rightHandSide, of: data, time, y,
                        into: derivative.flatMap { N_VGetArrayPointer($0) })
                }, time, memory.state), "CVodeInit")
        try check(
            CVodeSetUserData(cvode, Unmanaged.passUnretained(callbacks).toOpaque()),
            "CVodeSetUserData")
        try check(
            CVodeSVtolerances(cvode, tolerances.relative, memory.absolute), "CVodeSVtolerances")
        try memory.makeSolver(krylovDimension: krylovDimension)
        try check(CVodeSetLinearSolver(cvode, memory.solver, nil), "CVodeSetLinearSolver")
        try check(
            CVodeSetJacTimes(
                cvode, nil,
                { v, product, time, y, derivative, data, _ in
                    Callbacks.jacobian(of: data, time, y, derivative, times: v, into: product)
                }), "CVodeSetJacTimes")
        try check(CVodeSetStopTime(cvode, stopTime), "CVodeSetStopTime")
        guard eventCount > 0 else { return }
        try check(
            CVodeRootInit(
                cvode, Int32(eventCount),
                { time, y, values, data in
                    Callbacks.call(\.events, of: data, time, y, into: values)
                }), "CVodeRootInit")
        memory.eventCount = eventCount
        // An event that is zero from the start is no reason to warn.
        try check(CVodeSetNoInactiveRootWarn(cvode), "CVodeSetNoInactiveRootWarn")
    }

    /// Takes one step, up to the stop time at most, or to an event on the way.
    ///
    /// - Throws: `CVODEError`, or what the right-hand side or the events threw.
    @discardableResult
    public func step() throws -> Arrival {
        // CVODE takes the scale of its first step from the time that it is asked for. SUNDIALS 7 passes over a
        // stop time beyond that time, so later it is asked for the stop time itself.
        let horizon = isFirstStep ? try firstHorizon() : stopTime
        let code = CVode(memory.cvode, horizon, memory.state, &time, CV_ONE_STEP)
        let error = callbacks.takeError()
        // What was excused and then avoided by a shorter step leaves no trace.
        if let error, code < 0 { throw error }
        try check(code, "CVode")
        isFirstStep = false
        state = memory.values(memory.state)
        switch code {
        case CV_ROOT_RETURN:
            var found = [Int32](repeating: 0, count: memory.eventCount)
            try check(CVodeGetRootInfo(memory.cvode, &found), "CVodeGetRootInfo")
            return .events(found.indices.filter { found[$0] != 0 })
        case CV_TSTOP_RETURN:
            return .stopTime
        default:
            return .step
        }
    }

    /// A time near enough for CVODE's choice of a first step, which begins between 100 roundings of this
    /// time and a tenth of the way to it (`cvHin`): when a component would have changed by its own size at
    /// its present speed.
    private func firstHorizon() throws -> Double {
        let left = stopTime - time
        guard left > 0 else { return stopTime }
        let rate = try callbacks.relativeSpeed(at: time, state)
        // Nothing moves: any scale will do, and steps then grow by themselves.
        let natural = rate > 0 ? 1 / rate : max(1, abs(time))
        // As long as the rounding of time leaves room for a step.
        let change = min(max(natural, 1e-9 * abs(time), .leastNormalMagnitude * 1e30), 1e100)
        return change < left ? time + change : stopTime
    }

    /// y at a time within the last step, by the polynomial that the step itself was made with.
    ///
    /// - Throws: `CVODEError` `CV_BAD_T` outside of it.
    public func state(at time: Double) throws -> [Double] {
        try check(CVodeGetDky(memory.cvode, time, 0, memory.dense), "CVodeGetDky")
        return memory.values(memory.dense)
    }

    /// Goes on from another state, as after a jump, with the present time and the tolerances as before.
    public func restart(from state: [Double]) throws {
        self.state = state
        isFirstStep = true
        memory.put(state, memory.state)
        try check(CVodeReInit(memory.cvode, time, memory.state), "CVodeReInit")
        try check(CVodeSetStopTime(memory.cvode, stopTime), "CVodeSetStopTime")
    }

    private func check(_ code: Int32, _ function: String) throws {
        guard code < 0 else { return }
        throw memory.error(code, function, time: time)
    }
}

/// The closures behind CVODE's C callbacks, and what they threw.
private final class Callbacks {
    let rightHandSide: CVODE.Function
    let events: CVODE.Function
    private let excuses: (any Error) -> Bool
    /// What is added to |y| for its size, for components that pass through zero.
    private let floor: [Double]
    private var error: (any Error)?

    init(
        rightHandSide: @escaping CVODE.Function, events: @escaping CVODE.Function,
        excuses: @escaping (any Error) -> Bool, floor: [Double]
    ) {
        (self.rightHandSide, self.events) = (rightHandSide, events)
        (self.excuses, self.floor) = (excuses, floor)
    }

    /// The largest |fᵢ|/(|yᵢ| + floorᵢ).
    func relativeSpeed(at time: Double, _ y: [Double]) throws -> Double {
        let speed = zip(try rightHandSide(time, y), zip(y, floor)).map { f, size in
            abs(f) / (abs(size.0) + size.1)
        }
        for (index, value) in speed.enumerated() where !value.isFinite {
            throw NotFinite(component: index, time: time)
        }
        return speed.max() ?? 0
    }

    /// Called by CVODE with the address that it was given as user data.
    static func call(
        _ function: KeyPath<Callbacks, CVODE.Function>, of data: UnsafeMutableRawPointer?,
        _ time: Double, _ y: N_Vector?, into result: UnsafeMutablePointer<Double>?
    ) -> Int32 {
        guard let data, let result else { return -1 }
        let callbacks = Unmanaged<Callbacks>.fromOpaque(data).takeUnretainedValue()
        do {
            let values = try callbacks[keyPath: function](time, copy(y))
            for (index, value) in values.enumerated() {
                guard value.isFinite else { throw NotFinite(component: index, time: time) }
                result[index] = value
            }
            callbacks.error = nil
            return 0
        } catch {
            return callbacks.answer(to: error)
        }
    }

    /// ∂f/∂y · v as a difference of f.
    static func jacobian(
        of data: UnsafeMutableRawPointer?, _ time: Double, _ y: N_Vector?, _ derivative: N_Vector?,
        times v: N_Vector?, into product: N_Vector?
    ) -> Int32 {
        guard let data, let product, let result = N_VGetArrayPointer(product) else { return -1 }
        let callbacks = Unmanaged<Callbacks>.fromOpaque(data).takeUnretainedValue()
        let (direction, before) = (copy(v), copy(derivative))
        var state = copy(y)
        let largest = state.indices.reduce(0) {
            max($0, abs(direction[$1]) / (abs(state[$1]) + callbacks.floor[$1]))
        }
        guard largest > 0 else {
            for index in state.indices { result[index] = 0 }
            return 0
        }
        let increment = 1e-5 / largest
        for index in state.indices { state[index] += increment * direction[index] }
        do {
            let after = try callbacks.rightHandSide(time, state)
            for index in after.indices {
                result[index] = (after[index] - before[index]) / increment
                guard result[index].isFinite else {
                    throw NotFinite(component: index, time: time)
                }
            }
            callbacks.error = nil
            return 0
        } catch {
            return callbacks.answer(to: error)
        }
    }

    /// What CVODE takes an error for: above 0 a reason to try a shorter step, below 0 one to stop at once.
    private func answer(to error: any Error) -> Int32 {
        self.error = error
        return excuses(error) ? 1 : -1
    }

    func takeError() -> (any Error)? {
        defer { error = nil }
        return error
    }
}

private func copy(_ vector: N_Vector?) -> [Double] {
    guard let vector, let data = N_VGetArrayPointer(vector) else { return [] }
    return Array(UnsafeBufferPointer(start: data, count: Int(N_VGetLength(vector))))
}

/// Everything that SUNDIALS allocated, freed together and in the right order.
private final class Memory {
    private(set) var context: SUNContext?
    private(set) var cvode: UnsafeMutableRawPointer?
    private(set) var state: N_Vector?
    private(set) var dense: N_Vector?
    private(set) var absolute: N_Vector?
    private(set) var solver: SUNLinearSolver?
    let message: UnsafeMutablePointer<CChar>
    var eventCount = 0

    init(size: Int) throws {
        message = .allocate(capacity: CSUNDIALS_MESSAGE_CAPACITY)
        message.initialize(repeating: 0, count: CSUNDIALS_MESSAGE_CAPACITY)
        guard csundials_context_create(&context) == 0 else {
            throw outOfMemory("SUNContext_Create")
        }
        state = N_VNew_Serial(sunindextype(size), context)
        dense = N_VNew_Serial(sunindextype(size), context)
        absolute = N_VNew_Serial(sunindextype(size), context)
        guard state != nil, dense != nil, absolute != nil else {
            throw outOfMemory("N_VNew_Serial")
        }
        cvode = CVodeCreate(CV_BDF, context)
        guard cvode != nil else { throw outOfMemory("CVodeCreate") }
    }

    deinit {
        if cvode != nil { CVodeFree(&cvode) }
        if let solver { SUNLinSolFree(solver) }
        for vector in [state, dense, absolute] {
            if let vector { N_VDestroy(vector) }
        }
        if context != nil { SUNContext_Free(&context) }
        message.deallocate()
    }

    func makeSolver(krylovDimension: Int) throws {
        solver = SUNLinSol_SPGMR(state, Int32(SUN_PREC_NONE), Int32(krylovDimension), context)
        guard solver != nil else { throw outOfMemory("SUNLinSol_SPGMR") }
    }

    func put(_ values: [Double], _ vector: N_Vector?) {
        guard let vector, let data = N_VGetArrayPointer(vector) else { return }
        for (index, value) in values.prefix(Int(N_VGetLength(vector))).enumerated() {
            data[index] = value
        }
    }

    func values(_ vector: N_Vector?) -> [Double] { copy(vector) }

    func error(_ code: Int32, _ function: String, time: Double) -> CVODEError {
        var name = "?"
        if let text = CVodeGetReturnFlagName(Int(code)) {
            name = String(cString: text)
            free(text)
        }
        return CVODEError(
            function: function, code: code, name: name, message: String(cString: message),
            time: time)
    }

    private func outOfMemory(_ function: String) -> CVODEError {
        CVODEError(
            function: function, code: CV_MEM_FAIL, name: "CV_MEM_FAIL", message: "", time: 0)
    }
}
