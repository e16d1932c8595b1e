/// What was altered since a circuit was loaded: the last value of each parameter, in the order in which they
/// were altered first.
struct AlteredValues {
    typealias Change = (device: String, parameter: String?, value: Double)

    private struct Key: Hashable {
        let device: String
        let parameter: String?
    }

    private var keys: [Key] = []
    private var values: [Double] = []
    private var places: [Key: Int] = [:]
    /// Where the next change is expected: whoever alters many values does it in the same order each time.
    private var expected = 0

    /// - Complexity: O(1); a comparison of names where changes come in the same order as before.
    mutating func record(_ change: Change) {
        let key = Key(device: change.device, parameter: change.parameter)
        if expected == keys.count { expected = 0 }
        let place = expected < keys.count && keys[expected] == key ? expected : places[key]
        if let place {
            values[place] = change.value
            expected = place + 1
        } else {
            places[key] = keys.count
            keys.append(key)
            values.append(change.value)
            expected = keys.count
        }
    }

    var changes: [Change] {
        zip(keys, values).map { ($0.device, $0.parameter, $1) }
    }
}
