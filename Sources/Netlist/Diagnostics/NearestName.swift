/// The candidate that a misspelled name most likely means: the one with the fewest edits, if they are
/// few for a name of this length; the first of equals.
///
/// Case is ignored. Exchanging two neighbours counts as one edit. Takes time proportional to the sum of
/// the candidates' lengths times that of the name; candidates of very different length are passed over.
public func nearestName(to name: String, in candidates: some Sequence<String>) -> String? {
    let target = Array(name.lowercased().unicodeScalars)
    guard !target.isEmpty, target.count <= 100 else { return nil }
    let limit = max(1, (target.count + 1) / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let scalars = Array(candidate.lowercased().unicodeScalars)
        let bound = best.map { $0.distance - 1 } ?? limit
        guard bound >= 0, abs(scalars.count - target.count) <= bound else { continue }
        let distance = editDistance(target, scalars)
        if distance <= bound { best = (candidate, distance) }
    }
    return best?.name
}

/// The clause that suggests the nearest name, or nothing: `; did you mean R12?`.
func suggestion(for name: String, in candidates: some Sequence<String>) -> String {
    nearestName(to: name, in: candidates).map { "; did you mean \($0)?" } ?? ""
}

/// Insertions, deletions, substitutions and exchanges of neighbours that turn `a` into `b`.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    var current = previous
    for i in a.indices {
        current[0] = i + 1
        for j in b.indices {
            var cost = min(
                previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                cost = min(cost, beforePrevious[j - 1] + 1)
            }
            current[j + 1] = cost
        }
        (beforePrevious, previous, current) = (previous, current, beforePrevious)
    }
    return previous[b.count]
}
