/// What devices mention by name and may be defined later.
struct References {
    enum Node {
        case index(Int)
        case name(String)

        func index(in table: NodeTable) -> Int? {
            switch self {
            case .index(let index): index
            case .name(let name): table.index(of: name)
            }
        }
    }

    struct Read {
        let candidates: [Node]
        let range: SourceRange
    }

    struct Device {
        enum Use {
            /// The current through it is read, which ngspice has only for sources of voltage.
            case current
            /// It is coupled with another one: an inductor.
            case coupling
        }

        let ngspiceName: String
        let use: Use
        let range: SourceRange
    }

    /// Nodes that a device may drive.
    var driven: [[Node]] = []
    /// Nodes whose voltage an expression takes.
    var read: [Read] = []
    var devices: [Device] = []
    /// The nodes of each voltage that a device's expressions take, by the device's index among those that
    /// are no resistors and sources.
    var controls: [Int: [[[Node]]]] = [:]
    /// Devices whose expressions take currents, or what ngspice knows of devices.
    var readsCurrent: Set<Int> = []
    /// By the device's index.
    var behaviours: [Int: Result<PendingBehaviour, DeclinedBehaviour>] = [:]
}

extension Elaborator {
    /// The voltages that the expressions of a device with no other controls take; nil where there are
    /// more than voltages, or a node is unknown.
    func controls(of index: Int) -> [Circuit.NodePair]? {
        guard !references.readsCurrent.contains(index) else { return nil }
        var pairs: [Circuit.NodePair] = []
        for voltage in references.controls[index] ?? [] {
            let indices = voltage.map { nodes in
                nodes.lazy.compactMap { $0.index(in: self.nodes) }.first
            }
            guard let first = indices.first, let positive = first else { return nil }
            guard let negative = indices.count > 1 ? indices[1] : 0 else { return nil }
            pairs.append(Circuit.NodePair(positive, negative))
        }
        return pairs
    }

    /// Notes what controls each device, once all nodes are known.
    func resolveControls() {
        for index in otherDevices.indices where otherDevices[index].controls != nil {
            otherDevices[index].controls = controls(of: index)
        }
        for (index, pending) in references.behaviours {
            do throws(DeclinedBehaviour) {
                otherDevices[index].behaviour = .known(try resolve(pending.get()))
            } catch {
                otherDevices[index].behaviour = .declined(error.reason)
            }
        }
    }
}

extension Elaborator {
    /// The nodes of an A device, each of which it may drive. Its spelling (`[a`, `~b`, `%vd(a b)`) doesn't
    /// tell analog nodes from those of logic, which have no voltage.
    func noteCodeModelNodes(_ values: [Token], _ statement: Statement, _ frame: Frame) {
        for token in values.dropLast() where token.kind == .word {
            let bytes = statement.file.bytes[token.range]
            let name = bytes.drop { "[]~".utf8.contains($0) }.prefix { $0 != UInt8(ascii: "]") }
            guard let first = name.first, first != UInt8(ascii: "%"),
                !name.isCaseInsensitively("null")
            else { continue }
            let range = name.startIndex..<name.endIndex
            let index = node(Token(kind: .word, range: range), statement, frame)
            references.driven.append([.index(index)])
        }
    }

    /// The nodes that a name in a frame can mean, the likeliest first.
    func nodeCandidates(_ bytes: ArraySlice<UInt8>, _ frame: Frame) -> [References.Node] {
        let name = NodeTable.ngspiceText(bytes)
        if NodeTable.isGround(name) { return [.index(0)] }
        if reader.globals.contains(name) { return [.name(name)] }
        if let port = frame.ports[name] { return [.index(port)] }
        if frame.isTop { return [.name(name)] }
        return [.name(frame.ngspicePrefix + name), .name(name)]
    }

    /// The voltage source of F, H and W, the inductors of K.
    func noteReferences(
        _ statement: Statement, _ letter: UInt8, _ values: [Token], _ form: DeviceForm,
        _ frame: Frame
    ) {
        let tokens: ArraySlice<Token>
        let use: References.Device.Use = letter == UInt8(ascii: "k") ? .coupling : .current
        switch letter {
        case UInt8(ascii: "f"), UInt8(ascii: "h"), UInt8(ascii: "w"):
            guard form.isLinear else { return }
            tokens = values.dropFirst(2).prefix(1)
            if tokens.isEmpty {
                diagnostics.error(
                    "missing-source",
                    "the name of a voltage source must follow the nodes", at: statement.range)
            }
        case UInt8(ascii: "k"):
            tokens = values.prefix(2)
            if values.count < 3 {
                diagnostics.error(
                    "missing-value", "a coupling needs two inductors and a factor",
                    at: statement.range)
            }
        default: return
        }
        for token in tokens {
            guard let name = deviceName(token, statement, frame) else { continue }
            references.devices.append(
                References.Device(
                    ngspiceName: name, use: use, range: statement.range(of: token)))
        }
    }

    /// ngspice's name of the device that a token names; nil where it is no name.
    func deviceName(_ token: Token, _ statement: Statement, _ frame: Frame) -> String? {
        guard token.kind == .word else { return nil }
        let local = DeviceName.ngspiceText(statement.file.bytes[token.range])
        return local.utf8.first.map { frame.deviceName(local, letter: $0) }
    }

    /// Looks up what devices mention, once all devices are known.
    func checkReferences() {
        for candidates in references.driven {
            for index in candidates.compactMap({ $0.index(in: nodes) }).prefix(1) {
                connections.attach(index, index)
                connections.conduct(index, 0)
            }
        }
        for read in references.read {
            if let index = read.candidates.lazy.compactMap({ $0.index(in: self.nodes) }).first {
                connections.attach(index)
            } else if references.driven.isEmpty {
                let name = read.range.file.bytes[read.range.bytes].text
                diagnostics.error(
                    "unknown-node",
                    "no device is connected to the node \(name)"
                        + suggestion(for: name, in: nodes.all.map(\.name)),
                    at: read.range)
            }
        }
        for device in references.devices {
            let name = device.range.file.bytes[device.range.bytes].text
            if !hasDevice(device.ngspiceName) {
                let candidates =
                    switch device.use {
                    case .current: sources.filter { $0.kind == .voltage }.map(\.name)
                    case .coupling: otherDevices.filter { $0.letter == "l" }.map(\.name)
                    }
                diagnostics.error(
                    "unknown-device",
                    "there is no device \(name)" + suggestion(for: name, in: candidates),
                    at: device.range)
                continue
            }
            let letter = device.ngspiceName.utf8.first ?? 0
            switch device.use {
            case .current where !"vehb".utf8.contains(letter):
                diagnostics.error(
                    "no-branch-current",
                    "ngspice knows the current through sources of voltage only; "
                        + "put one of 0 V in series with \(name)",
                    at: device.range)
            case .coupling where letter != UInt8(ascii: "l"):
                // ngspice takes any device for one, and crashes.
                diagnostics.error(
                    "not-an-inductor", "K couples inductors, and \(name) is none",
                    at: device.range)
            case .current, .coupling: break
            }
        }
    }
}
