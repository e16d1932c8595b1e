extension Statement {
    /// The type of a model of XSPICE's analog delay that doesn't say how much it stores: it then divides
    /// the end of a transient by its step, 0/0 at an operating point, and writes outside its memory.
    var unboundedDelay: Token? {
        guard cardName == ".model", !assignedNames.contains("buffer_size") else { return nil }
        let values = tokens.filter(\.isValue)
        guard values.count > 2, lowercasedText(of: values[2]) == "delay" else { return nil }
        return values[2]
    }
}
