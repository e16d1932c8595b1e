/// All points in which `actual` differs from `expected`, in the order of the expected deck; what is
/// extra follows.
///
/// Devices, models, subcircuits, parameters and options are compared by their names, wherever they
/// stand; other cards in their order, kind by kind. Two numbers are equal if
///
///     |expected − actual| ≤ absoluteTolerance + relativeTolerance · max(|expected|, |actual|)
///
/// however they are written (`1k`, `1000`, `1e3`). What ngspice reads alike makes no difference:
/// comments and what they say about learning, spacing, case, continuation lines, the title, `.control`
/// blocks, text after `.end`; `gnd` for the node 0; `name=value` pairs in another order;
/// `r=1k` for the value `1k` of a resistor, `dc 1` for the value `1` of a source.
///
/// - Complexity: linear in the length of both decks.
public func compare(
    expected: Deck, actual: Deck, relativeTolerance: Double = 0, absoluteTolerance: Double = 0
) -> [Difference] {
    DeckComparison(
        relative: relativeTolerance, absolute: absoluteTolerance,
        dialects: (expected.dialect, actual.dialect)
    ).differences(ComparableDeck(expected), ComparableDeck(actual))
}

private struct DeckComparison {
    let relative: Double
    let absolute: Double
    /// In which each deck's numbers are read.
    let dialects: (expected: Dialect, actual: Dialect)

    func differences(_ expected: ComparableDeck, _ actual: ComparableDeck) -> [Difference] {
        var result: [Difference] = []
        for entry in expected.entries {
            guard let index = actual.indices[entry.key] else {
                result.append(
                    Difference(
                        kind: .missing, name: entry.name, message: "\(entry.name) is missing",
                        expected: entry.range, actual: nil))
                continue
            }
            result += differences(entry, actual.entries[index])
        }
        for entry in actual.entries where expected.indices[entry.key] == nil {
            result.append(
                Difference(
                    kind: .extra, name: entry.name, message: "\(entry.name) is not expected",
                    expected: nil, actual: entry.range))
        }
        return result
    }

    private func differences(
        _ expected: ComparableDeck.Entry, _ actual: ComparableDeck.Entry
    ) -> [Difference] {
        var result: [Difference] = []
        let (a, b) = (expected.statement, actual.statement)
        for argument in expected.arguments {
            if let other = actual.arguments.first(where: { $0.key == argument.key }) {
                result += differences(expected.name, a, argument, b, other)
            } else if let token = argument.label ?? argument.values.first?.token {
                result.append(
                    Difference(
                        kind: .structure, name: expected.name,
                        message: "\(expected.name) lacks \(a.text(of: token))",
                        expected: a.range(of: token), actual: b.range))
            }
        }
        for argument in actual.arguments {
            guard !expected.arguments.contains(where: { $0.key == argument.key }),
                let token = argument.label ?? argument.values.first?.token
            else { continue }
            result.append(
                Difference(
                    kind: .structure, name: expected.name,
                    message: "\(expected.name) has \(b.text(of: token)) in addition",
                    expected: a.range, actual: b.range(of: token)))
        }
        return result
    }

    private func differences(
        _ name: String, _ a: Statement, _ expected: Argument, _ b: Statement, _ actual: Argument
    ) -> [Difference] {
        var result: [Difference] = []
        for (x, y) in zip(expected.values, actual.values) {
            let (left, right) = (
                x.pieces(in: a, dialects.expected), y.pieces(in: b, dialects.actual)
            )
            guard let kind = difference(left, right) else { continue }
            let old = expected.text(of: x.token, in: a)
            let new = actual.text(of: y.token, in: b)
            result.append(
                Difference(
                    kind: kind, name: name, message: "\(name) has \(new), not \(old)",
                    expected: a.range(of: x.token), actual: b.range(of: y.token),
                    values: Difference.Values(
                        expected: .init(text: a.text(of: x.token), number: number(left)),
                        actual: .init(text: b.text(of: y.token), number: number(right)),
                        relativeError: kind == .value ? relativeError(left, right) : nil)))
        }
        if let lacking = expected.values.dropFirst(actual.values.count).first?.token {
            result.append(
                Difference(
                    kind: .structure, name: name,
                    message: "\(name) lacks \(expected.text(of: lacking, in: a))",
                    expected: a.range(of: lacking), actual: b.range))
        } else if let extra = actual.values.dropFirst(expected.values.count).first?.token {
            result.append(
                Difference(
                    kind: .structure, name: name,
                    message: "\(name) has \(actual.text(of: extra, in: b)) in addition",
                    expected: a.range, actual: b.range(of: extra)))
        }
        return result
    }

    /// How two values differ; nil if they are equal.
    private func difference(
        _ left: [Argument.Value.Piece], _ right: [Argument.Value.Piece]
    ) -> Difference.Kind? {
        guard left.count == right.count else { return .structure }
        var result: Difference.Kind?
        for (l, r) in zip(left, right) {
            switch (l, r) {
            case (.number(let p), .number(let q)):
                if !areEqual(p, q) { result = .value }
            case (.text(let p), .text(let q)):
                if p != q { return .structure }
            default: return .structure
            }
        }
        return result
    }

    private func number(_ pieces: [Argument.Value.Piece]) -> Double? {
        guard pieces.count == 1, case .number(let number) = pieces[0] else { return nil }
        return number
    }

    private func relativeError(
        _ expected: [Argument.Value.Piece], _ actual: [Argument.Value.Piece]
    ) -> Double? {
        zip(expected, actual).compactMap { a, b -> Double? in
            guard case (.number(let p), .number(let q)) = (a, b), p != 0 else { return nil }
            let error = abs(q - p) / abs(p)
            return error.isFinite ? error : nil
        }.max()
    }

    /// An overflowing number equals only itself: any tolerance relative to it would be infinite.
    private func areEqual(_ a: Double, _ b: Double) -> Bool {
        let distance = abs(a - b)
        return a == b
            || distance.isFinite && distance <= absolute + relative * max(abs(a), abs(b))
    }
}
