/// Which elements of a square sparse matrix may be non-zero.
///
/// Compressed columns, rows ascending. An element's place in that order is its slot.
public struct SparsePattern: Sendable {
    public let size: Int
    /// Where each column starts; one more than `size` numbers.
    let columnStarts: [Int32]
    let rows: [Int32]
    /// The slot of each of the elements that the pattern was made from.
    public let slots: [Int32]

    public var slotCount: Int { rows.count }

    /// - Parameter elements: row and column, each below `size`; elements may repeat and then share a slot.
    /// - Complexity: O(size + elements), by counting.
    public init(size: Int, elements: [(row: Int32, column: Int32)]) {
        self.size = size
        // Sorted by row first and column second: two passes that keep the order of equals.
        let byRow = SymmetricPattern.sorted(elements.indices.map(Int32.init), count: size) {
            Int(elements[Int($0)].row)
        }
        let order = SymmetricPattern.sorted(byRow, count: size) { Int(elements[Int($0)].column) }
        var starts: [Int32] = []
        starts.reserveCapacity(size + 1)
        var rows: [Int32] = []
        rows.reserveCapacity(elements.count)
        var slots = [Int32](repeating: 0, count: elements.count)
        var next = 0
        for column in 0..<Int32(size) {
            starts.append(Int32(rows.count))
            let first = rows.count
            while next < order.count, elements[Int(order[next])].column == column {
                let row = elements[Int(order[next])].row
                if rows.count == first || rows[rows.count - 1] != row { rows.append(row) }
                slots[Int(order[next])] = Int32(rows.count - 1)
                next += 1
            }
        }
        starts.append(Int32(rows.count))
        columnStarts = starts
        self.rows = rows
        self.slots = slots
    }

    /// Rows and slots of a column's elements, in the order of the slots.
    public func column(_ index: Int) -> some Sequence<(row: Int, slot: Int)> {
        (Int(columnStarts[index])..<Int(columnStarts[index + 1])).lazy.map {
            (row: Int(rows[$0]), slot: $0)
        }
    }
}
