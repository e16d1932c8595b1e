import CNgspice

/// What ngspice sends, its texts and solutions, and what it asks for, the values of external sources.
extension Ngspice {
    /// Lets a library that was just opened call this instance.
    func startListening(to library: NgspiceLibrary) {
        library.start(
            text: { text, _, user in
                if let text, let user { Ngspice.from(user).hear(text) }
                return 0
            },
            exit: { _, _, _, _, user in
                if let user { Ngspice.from(user).isDead = true }
                return 0
            },
            values: { data, _, _, user in
                if let data, let user { Ngspice.from(user).receive(data) }
                return 0
            },
            names: { info, _, user in
                if let info, let user { Ngspice.from(user).announce(info) }
                return 0
            },
            voltage: { value, _, name, _, user in
                if let value, let name, let user {
                    value.pointee = Ngspice.callbacks(user).pointee.sources.value(of: name)
                }
                return 0
            },
            current: { value, _, name, _, user in
                if let value, let name, let user {
                    value.pointee = Ngspice.callbacks(user).pointee.sources.value(of: name)
                }
                return 0
            },
            userData: callbacks)
    }

    /// Prepares for a circuit just loaded.
    func begin(sources: [String], values: UnsafeMutableBufferPointer<Double>) {
        callbacks.pointee.sources.begin(names: sources, values: values)
        announced = nil
        deliver([], to: UnsafeMutableBufferPointer(start: nil, count: 0))
    }

    /// Copies these of the announced vectors at each solution.
    func deliver(_ order: [Int], to values: UnsafeMutableBufferPointer<Double>) {
        self.order = order
        self.values = values
    }

    func hasAsked(_ number: Int) -> Bool { callbacks.pointee.sources.hasAsked(number) }

    /// An external source that asked for its value and is not among those named.
    var unknownSource: String? { callbacks.pointee.sources.unknown }

    /// Runs `solve`, with `each` called after every solution.
    func solving(
        each: () -> Void, during solve: () throws(NgspiceError) -> Void
    ) throws(NgspiceError) {
        try withoutActuallyEscaping(each) { each throws(NgspiceError) in
            onSolution = each
            defer { onSolution = nil }
            try solve()
        }
    }

    private static func callbacks(
        _ user: UnsafeMutableRawPointer
    ) -> UnsafeMutablePointer<Callbacks> {
        user.assumingMemoryBound(to: Callbacks.self)
    }

    private static func from(_ user: UnsafeMutableRawPointer) -> Ngspice {
        callbacks(user).pointee.ngspice
    }

    private func hear(_ text: UnsafePointer<CChar>) {
        guard let line = messages.append(text) else { return }
        onMessage?(line)
    }

    private func announce(_ info: pvecinfoall) {
        // Sent again at every resumption.
        guard announced == nil, let vectors = info.pointee.vecs else { return }
        announced = (0..<Int(info.pointee.veccount)).map { index in
            vectors[index].flatMap { $0.pointee.vecname }.map { String(cString: $0) } ?? ""
        }
    }

    private func receive(_ data: pvecvaluesall) {
        guard let vectors = data.pointee.vecsa else { return }
        let count = Int(data.pointee.veccount)
        for (slot, index) in order.enumerated() where index < count {
            values[slot] = vectors[index]?.pointee.creal ?? .nan
        }
        if latest != nil {
            latest = (0..<count).map { vectors[$0]?.pointee.creal ?? .nan }
        }
        solutions += 1
        onSolution?()
    }
}
