/// The linear part of the equations, for changing conductances.
struct LinearStamps {
    /// One that a resistor makes, or that stays.
    private struct Term {
        let target: Int32
        let resistor: Int32
        let value: Double
    }

    private struct Place {
        let row: Int32
        let column: Int32
        let slot: Int32
    }

    /// Of the matrix, by slot.
    private let matrixTerms: [Term]
    /// Of what known voltages contribute, by index into `couplings`.
    private let couplingTerms: [Term]
    /// Each slot of the matrix that is not only a device's, with its places in a state.
    private let places: [Place]
    private let couplings: [Place]
    private var couplingValues: [Double]

    /// - Parameters:
    ///   - slots: of each of the elements; −1 outside the matrix.
    ///   - others: places of the matrix that are set by themselves.
    init(
        _ elements: [LinearElements.Element], slots: [Int32], unknowns: [Int32],
        others: [(row: Int, column: Int, slot: Int32)]
    ) {
        var matrixTerms: [Term] = []
        var couplingTerms: [Term] = []
        var places: [Int32: Place] = [:]
        var couplings: [Place] = []
        var known: [SIMD2<Int32>: Int] = [:]
        for (element, slot) in zip(elements, slots) {
            if slot >= 0 {
                matrixTerms.append(
                    Term(target: slot, resistor: element.resistor, value: element.value))
                places[slot] = Place(row: element.row, column: element.column, slot: slot)
            } else if unknowns[Int(element.row)] >= 0 {
                let key = SIMD2(element.row, element.column)
                let index = known[key] ?? couplings.count
                if index == couplings.count {
                    known[key] = index
                    couplings.append(Place(row: element.row, column: element.column, slot: -1))
                }
                couplingTerms.append(
                    Term(target: Int32(index), resistor: element.resistor, value: element.value))
            }
        }
        for other in others where other.slot >= 0 {
            places[other.slot] = Place(
                row: Int32(other.row), column: Int32(other.column), slot: other.slot)
        }
        self.matrixTerms = matrixTerms
        self.couplingTerms = couplingTerms
        self.places = places.values.sorted { $0.slot < $1.slot }
        self.couplings = couplings
        couplingValues = [Double](repeating: 0, count: couplings.count)
    }

    /// - Parameters:
    ///   - conductances: siemens, of every resistor of the circuit.
    ///   - values: of the matrix by slot, which are set.
    mutating func setConductances(_ conductances: [Double], values: inout [Double]) {
        for index in values.indices { values[index] = 0 }
        for term in matrixTerms {
            values[Int(term.target)] +=
                term.resistor < 0 ? term.value : term.value * conductances[Int(term.resistor)]
        }
        for index in couplingValues.indices { couplingValues[index] = 0 }
        for term in couplingTerms {
            couplingValues[Int(term.target)] +=
                term.resistor < 0 ? term.value : term.value * conductances[Int(term.resistor)]
        }
    }

    /// Adds A x over the unknowns.
    func addProduct(_ values: [Double], _ state: [Double], to sums: inout [Double]) {
        values.withUnsafeBufferPointer { values in
            state.withUnsafeBufferPointer { state in
                sums.withUnsafeMutableBufferPointer { sums in
                    for place in places {
                        sums[Int(place.row)] += values[Int(place.slot)] * state[Int(place.column)]
                    }
                }
            }
        }
    }

    /// Adds A x over the known voltages.
    func addCoupling(_ state: [Double], to sums: inout [Double]) {
        couplings.withUnsafeBufferPointer { couplings in
            couplingValues.withUnsafeBufferPointer { values in
                state.withUnsafeBufferPointer { state in
                    sums.withUnsafeMutableBufferPointer { sums in
                        for (index, place) in couplings.enumerated() {
                            sums[Int(place.row)] += values[index] * state[Int(place.column)]
                        }
                    }
                }
            }
        }
    }
}
