/// A pattern of names: `*` stands for any characters, `?` for one, in any case.
package struct Glob {
    private let pattern: [Character]

    package init(_ pattern: String) { self.pattern = Array(pattern.lowercased()) }

    /// True if the text has no wildcard, so that it means one name.
    var isLiteral: Bool { !pattern.contains { $0 == "*" || $0 == "?" } }

    /// Matches in time proportional to the product of the lengths at worst: after a mismatch only the
    /// last `*` takes one more character.
    package func matches(_ name: String) -> Bool {
        let text = Array(name.lowercased())
        var (p, t) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                p = last.pattern + 1
                t = last.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
