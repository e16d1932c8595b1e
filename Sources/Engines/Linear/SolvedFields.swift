/// Fields by what was asked for, each thing once; they stay as a guess when the resistances change.
struct SolvedFields<Key: Hashable> {
    /// What the columns belong to.
    private(set) var keys: [Key] = []
    var fields = Fields(nodes: 0, columns: 0)
    var history = SolutionHistory()
    /// Whether the fields are those of the present resistances.
    var isSolved = false
    private var placeOfKey: [Key: Int] = [:]

    /// Makes room for these keys, or keeps what is a guess of theirs: as many fields as there were.
    mutating func ask(for keys: [Key], nodes: Int) {
        guard keys != self.keys else { return }
        var (distinct, places) = ([Key](), [Key: Int]())
        for key in keys where places[key] == nil {
            places[key] = distinct.count
            distinct.append(key)
        }
        (self.keys, placeOfKey) = (distinct, places)
        if fields.columns != distinct.count || fields.nodes != nodes {
            fields = Fields(nodes: nodes, columns: distinct.count)
            history = SolutionHistory()
        }
    }

    /// The column of each key; nil where one has none.
    func places(of keys: [Key]) -> [Int]? {
        if keys == self.keys { return Array(keys.indices) }
        var places: [Int] = []
        places.reserveCapacity(keys.count)
        for key in keys {
            guard let place = placeOfKey[key] else { return nil }
            places.append(place)
        }
        return places
    }
}
