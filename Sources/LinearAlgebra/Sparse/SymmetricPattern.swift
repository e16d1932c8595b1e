/// Which elements of a symmetric sparse matrix may be non-zero: the diagonal and given pairs.
///
/// Compressed columns of the upper triangle, rows ascending, so that the diagonal element is the last of
/// its column. An element's place in that order is its slot.
public struct SymmetricPattern: Sendable {
    public let size: Int
    /// Where each column starts; one more than `size` numbers.
    @usableFromInline let columnStarts: [Int32]
    let rows: [Int32]
    /// The slot of each of the pairs that the pattern was made from.
    public let pairSlots: [Int32]

    public var slotCount: Int { rows.count }

    /// - Parameter pairs: row and column of elements off the diagonal, each below `size`, in either order;
    ///   pairs may repeat and then share a slot.
    /// - Complexity: O(size + pairs), by counting.
    public init(size: Int, pairs: [(Int32, Int32)]) {
        self.size = size
        // Sorted by row first and column second: two passes that keep the order of equals.
        let byRow = Self.sorted(pairs.indices.map(Int32.init), count: size) {
            Int(min(pairs[Int($0)].0, pairs[Int($0)].1))
        }
        let order = Self.sorted(byRow, count: size) {
            Int(max(pairs[Int($0)].0, pairs[Int($0)].1))
        }
        var starts: [Int32] = []
        starts.reserveCapacity(size + 1)
        var rows: [Int32] = []
        rows.reserveCapacity(size + pairs.count)
        var slots = [Int32](repeating: 0, count: pairs.count)
        var next = 0
        for column in 0..<Int32(size) {
            starts.append(Int32(rows.count))
            let first = rows.count
            while next < order.count {
                let pair = pairs[Int(order[next])]
                guard max(pair.0, pair.1) == column else { break }
                let row = min(pair.0, pair.1)
                if rows.count == first || rows[rows.count - 1] != row { rows.append(row) }
                slots[Int(order[next])] = Int32(rows.count - 1)
                next += 1
            }
            rows.append(column)
        }
        starts.append(Int32(rows.count))
        columnStarts = starts
        self.rows = rows
        pairSlots = slots
    }

    /// The slot of a diagonal element.
    @inlinable public func diagonalSlot(_ index: Int) -> Int { Int(columnStarts[index + 1]) - 1 }

    /// y −= A x, with the values of A by slot.
    public func subtractProduct(
        _ values: UnsafeBufferPointer<Double>, _ x: UnsafeBufferPointer<Double>,
        from y: UnsafeMutableBufferPointer<Double>
    ) {
        rows.withUnsafeBufferPointer { rows in
            var slot = 0
            for (column, end) in columnStarts.dropFirst().enumerated() {
                let diagonal = Int(end) - 1
                let xColumn = x[column]
                var sum = values[diagonal] * xColumn
                while slot < diagonal {
                    let row = Int(rows[slot])
                    sum += values[slot] * x[row]
                    y[row] -= values[slot] * xColumn
                    slot += 1
                }
                slot += 1
                y[column] -= sum
            }
        }
    }

    /// A counting sort that keeps the order of equal keys.
    static func sorted(
        _ items: [Int32], count: Int, key: (Int32) -> Int
    ) -> [Int32] {
        var starts = [Int](repeating: 0, count: count + 1)
        for item in items { starts[key(item) + 1] += 1 }
        for index in 0..<count { starts[index + 1] += starts[index] }
        var result = [Int32](repeating: 0, count: items.count)
        for item in items {
            let place = key(item)
            result[starts[place]] = item
            starts[place] += 1
        }
        return result
    }
}
