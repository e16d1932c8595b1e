/// Which branches of nested `.if` blocks are read.
struct ConditionStack {
    private enum State {
        /// No branch was taken yet.
        case waiting
        case taken
        /// A branch was taken before, or the block lies in a branch that is not read.
        case done
    }

    private var states: [State] = []

    /// Whether the lines here are read.
    var isActive: Bool { states.allSatisfy { $0 == .taken } }

    mutating func open(_ condition: Bool) {
        states.append(isActive ? (condition ? .taken : .waiting) : .done)
    }

    mutating func next(_ condition: Bool) {
        guard let last = states.last else { return }
        states[states.count - 1] =
            last == .waiting && condition ? .taken : last == .waiting ? .waiting : .done
    }

    mutating func close() {
        if !states.isEmpty { states.removeLast() }
    }
}
