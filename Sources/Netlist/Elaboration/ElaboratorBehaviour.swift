/// A behavioural source's equation before all nodes are known.
struct PendingBehaviour {
    enum Variable: Hashable {
        /// The texts within `v(…)`: a node, or two.
        case voltage([[UInt8]])
        /// ngspice's name of the source.
        case current(String)
    }

    let quantity: Behaviour.Quantity
    let formula: BehaviourFormula
    let variables: [Variable]
    let frame: Frame
}

extension Elaborator {
    /// Reads what a B device, or an E or G device with an expression, does.
    func readBehaviour(
        _ statement: Statement, _ letter: UInt8, _ frame: Frame
    ) -> Result<PendingBehaviour, DeclinedBehaviour> {
        do {
            guard deck.compatibility.isEmpty else {
                throw DeclinedBehaviour("its deck is in another simulator's language")
            }
            guard !frame.scope.isMultiplied else {
                throw DeclinedBehaviour("it stands in a subcircuit that is called with m=")
            }
            let (quantity, range) = try equation(statement, letter)
            var variables: [PendingBehaviour.Variable] = []
            let formula = try BehaviourParser.formula(
                statement.bytes(in: range), in: deck.dialect,
                BehaviourParser.Names(
                    variable: { isVoltage, argument in
                        let variable = try self.variable(isVoltage, argument, frame)
                        if let known = variables.firstIndex(of: variable) { return known }
                        variables.append(variable)
                        return variables.count - 1
                    },
                    parameter: { name in
                        guard case .success(let value) = self.parameter(name, in: frame),
                            value.number.isFinite
                        else { return nil }
                        return value.number
                    },
                    isOwnFunction: { frame.scope.function(named: $0) != nil }))
            return .success(
                PendingBehaviour(
                    quantity: quantity, formula: formula, variables: variables,
                    frame: frame))
        } catch let error as DeclinedBehaviour {
            return .failure(error)
        } catch {
            return .failure(DeclinedBehaviour("\(error)"))
        }
    }

    /// What a line's expression gives, and where it stands: after `v=` or `i=` to the end of a B line, or alone in
    /// braces after `value=`, `vol=` or `cur=`.
    private func equation(
        _ statement: Statement, _ letter: UInt8
    ) throws -> (Behaviour.Quantity, Range<Int>) {
        let first = Self.tokenIndex(statement, afterValues: 2)
        let tokens = statement.tokens
        guard first + 2 < tokens.count, tokens[first + 1].kind == .equals else {
            throw DeclinedBehaviour("its line has a form that only ngspice reads")
        }
        let key = statement.lowercasedText(of: tokens[first])
        let value = tokens[first + 2]
        if letter == UInt8(ascii: "b") {
            guard key == "v" || key == "i" else {
                throw DeclinedBehaviour("its line begins with \(key)=")
            }
            return (
                key == "v" ? .voltage : .current,
                value.range.lowerBound..<statement.range.bytes.upperBound
            )
        }
        let keys: [String] =
            letter == UInt8(ascii: "e")
            ? ["value", "vol"] : letter == UInt8(ascii: "g") ? ["value", "cur"] : []
        guard keys.contains(key), value.kind == .expression, first + 3 == tokens.count else {
            throw DeclinedBehaviour("its line has a form that only ngspice reads")
        }
        return (letter == UInt8(ascii: "e") ? .voltage : .current, value.range)
    }

    private func variable(
        _ isVoltage: Bool, _ argument: ArraySlice<UInt8>, _ frame: Frame
    ) throws -> PendingBehaviour.Variable {
        let names = argument.split(separator: Byte.comma, omittingEmptySubsequences: false).map {
            let trimmed = $0.drop(while: \.isBlank)
            return Array(trimmed.prefix { !$0.isBlank })
        }
        guard names.allSatisfy({ !$0.isEmpty }), names.count <= (isVoltage ? 2 : 1) else {
            throw DeclinedBehaviour("\(argument.text) is no node or source")
        }
        guard !isVoltage else { return .voltage(names) }
        let local = DeviceName.ngspiceText(names[0][...])
        guard local.hasPrefix("v"), frame.isTop || !local.contains(".") else {
            throw DeclinedBehaviour(
                "ngspice measures the current through \(names[0].text) by itself; "
                    + "put a source of 0 V in series")
        }
        return .current(frame.deviceName(local, letter: UInt8(ascii: "v")))
    }

    /// The equation once all nodes are known.
    func resolve(_ pending: PendingBehaviour) throws(DeclinedBehaviour) -> Behaviour {
        func node(_ name: [UInt8]) throws(DeclinedBehaviour) -> Int {
            let candidates = nodeCandidates(name[...], pending.frame)
            guard let index = candidates.lazy.compactMap({ $0.index(in: self.nodes) }).first else {
                throw DeclinedBehaviour("no device is connected to the node \(name.text)")
            }
            return index
        }
        var variables: [Behaviour.Variable] = []
        for variable in pending.variables {
            switch variable {
            case .current(let source):
                guard sources.contains(where: { $0.ngspiceName == source }) else {
                    throw DeclinedBehaviour("\(source) is no independent source of voltage")
                }
                variables.append(.current(through: source))
            case .voltage(let names):
                variables.append(
                    .voltage(
                        positive: try node(names[0]),
                        negative: names.count > 1 ? try node(names[1]) : 0))
            }
        }
        return Behaviour(
            quantity: pending.quantity, variables: variables, formula: pending.formula)
    }
}
