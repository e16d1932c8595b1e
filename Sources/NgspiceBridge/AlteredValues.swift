/// What was altered since a circuit was loaded: the last value of each parameter.
struct AlteredValues {
    typealias Change = (device: String, parameter: String?, value: Double)

    private struct Key: Hashable {
        let device: String
        let parameter: String?
    }

    private var keys: [Key] = []
    /// In the order in which parameters were altered first.
    private(set) var values: [Double] = []
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

    /// What has to be altered to go from values of these parameters to others; all that is known, where
    /// it is not known what they were.
    func changes(to values: [Double], from earlier: [Double] = []) -> [Change] {
        values.indices.compactMap { place in
            // Not ==: -0 and 0 are different values to ngspice.
            if place < earlier.count, values[place].bitPattern == earlier[place].bitPattern {
                return nil
            }
            return (keys[place].device, keys[place].parameter, values[place])
        }
    }
}
