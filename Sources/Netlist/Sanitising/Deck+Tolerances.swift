extension Deck {
    /// Which of these options the deck sets to more than a limit, or to what is no plain number: tolerances that
    /// a comparison of states has to set itself.
    ///
    /// - Parameter limits: by name, in lower case.
    public func options(above limits: [String: Double]) -> Set<String> {
        var result: Set<String> = []
        for statement in statements
        where statement.kind == .card && statement.cardName.hasPrefix(".opt") {
            for (name, text) in statement.loosePairs(from: 1) {
                guard let limit = limits[name] else { continue }
                let value = SpiceNumber.parse(utf8: text.bytes)?.value
                if !((value ?? .infinity) <= limit) { result.insert(name) }
            }
        }
        return result
    }
}
