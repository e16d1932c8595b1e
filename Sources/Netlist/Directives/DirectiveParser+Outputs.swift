/// `output`.
extension DirectiveParser {
    /// `output V(b)=0.2 V(a,c) I(V1)=2m`.
    mutating func parseOutputs(_ keyword: Token) {
        let before = index
        while let token = next() {
            if token.kind == .comma { continue }
            guard isQuantity(token), skip(.leftParenthesis) else {
                report("not-an-output", Self.form, token.range)
                skipOutput()
                continue
            }
            parseOutput(from: token)
        }
        if index == before {
            report(
                "missing-name", "output needs V(node), V(node,node) or I(source)", keyword.range)
        }
    }

    private static let form = "an output is V(node), V(node,node) or I(source)"

    private func isQuantity(_ token: Token) -> Bool {
        token.kind == .word && ["v", "i"].contains(lowercased(token))
    }

    /// Goes on after what was not an output, so that the rest of the line is still read.
    private mutating func skipOutput() {
        while let token = current, !isQuantity(token) { _ = next() }
    }

    private mutating func parseOutput(from first: Token) {
        var nodes: [Token] = []
        var end: Token?
        while let token = next() {
            if token.kind == .rightParenthesis {
                end = token
                break
            }
            if token.kind == .comma { continue }
            guard token.kind == .word else { break }
            nodes.append(node(from: token))
        }
        let isCurrent = lowercased(first) == "i"
        guard let end, (1...(isCurrent ? 1 : 2)).contains(nodes.count) else {
            report(
                "not-an-output", Self.form,
                first.range.lowerBound..<(end ?? nodes.last ?? first).range.upperBound)
            skipOutput()
            return
        }
        var target: Located<Double>?
        if skip(.equals) {
            guard let value = next(), value.kind == .word else {
                report(
                    "missing-value",
                    "a target in \(isCurrent ? "amperes" : "volts") must follow the =",
                    first.range.lowerBound..<end.range.upperBound)
                return
            }
            guard let number = finite(value, "a target") else { return }
            target = number
        }
        let range = first.range.lowerBound..<end.range.upperBound
        let names = nodes.map(text)
        let output = LearningDirectives.Output(
            name: Located("\(text(first))(\(names.joined(separator: ",")))", at: at(range)),
            quantity: isCurrent
                ? .current(Located(names[0], at: at(nodes[0].range)))
                : .voltage(
                    Located(names[0], at: at(nodes[0].range)),
                    nodes.count > 1 ? Located(names[1], at: at(nodes[1].range)) : nil),
            target: target)
        add(output)
    }

    /// A node's name with the parentheses in it: `Net-(R1-Pad2)`.
    private mutating func node(from first: Token) -> Token {
        var end = first.range.upperBound
        var depth = 0
        while let token = current, token.range.lowerBound == end {
            switch token.kind {
            case .leftParenthesis: depth += 1
            case .rightParenthesis where depth > 0: depth -= 1
            case .word where depth > 0: break
            default: return Token(kind: .word, range: first.range.lowerBound..<end)
            }
            end = token.range.upperBound
            _ = next()
        }
        return Token(kind: .word, range: first.range.lowerBound..<end)
    }

    private mutating func add(_ output: LearningDirectives.Output) {
        let key = output.name.value.lowercased()
        guard
            let index = directives.outputs.firstIndex(where: { $0.name.value.lowercased() == key })
        else {
            directives.outputs.append(output)
            return
        }
        guard let target = output.target else { return }
        if let old = directives.outputs[index].target, old.value != target.value {
            report(
                "contradicting-setting",
                "the target of \(output.name.value) is \(target.value) here but \(old.value) on "
                    + "line \(old.range.file.line(at: old.range.bytes.lowerBound)); "
                    + "keep one of them",
                target.range.bytes)
            return
        }
        directives.outputs[index].target = target
    }
}
