import Foundation

/// A table of numbers in a request: rows of JSON numbers, or the bytes of little-endian doubles with their shape.
struct ServedNumbers: Decodable, Equatable {
    let values: [Double]
    let rows: Int
    let columns: Int

    private enum Keys: String, CodingKey { case base64, shape }

    init(from decoder: any Decoder) throws {
        if let keyed = try? decoder.container(keyedBy: Keys.self) {
            let text = try keyed.decode(String.self, forKey: .base64)
            let shape = try keyed.decode([Int].self, forKey: .shape)
            guard (1...2).contains(shape.count), shape.allSatisfy({ $0 >= 0 }) else {
                throw ServeError(.request, "a shape is [rows, columns] or [columns]")
            }
            (rows, columns) = shape.count == 1 ? (1, shape[0]) : (shape[0], shape[1])
            let (count, overflows) = rows.multipliedReportingOverflow(by: columns)
            guard let data = Data(base64Encoded: text), !overflows, data.count % 8 == 0,
                data.count / 8 == count
            else {
                throw ServeError(
                    .request, "base64 is not that of \(rows) × \(columns) little-endian doubles")
            }
            values = data.withUnsafeBytes { bytes in
                (0..<count).map {
                    Double(
                        bitPattern: UInt64(
                            littleEndian: bytes.loadUnaligned(
                                fromByteOffset: 8 * $0, as: UInt64.self)))
                }
            }
            return
        }
        let container = try decoder.singleValueContainer()
        let table: [[Double]]
        if let row = try? container.decode([Double].self) {
            table = [row]
        } else {
            table = try container.decode([[Double]].self)
        }
        let width = table.first?.count ?? 0
        (rows, columns) = (table.count, width)
        guard table.allSatisfy({ $0.count == width }) else {
            throw ServeError(.request, "the rows of a table differ in length")
        }
        values = table.flatMap { $0 }
    }

    func row(_ index: Int) -> [Double] { Array(values[index * columns..<(index + 1) * columns]) }

    /// - Throws: `ServeError` where it has not that many columns, or a number that is not finite.
    func requireColumns(_ count: Int, as name: String) throws(ServeError) {
        guard columns == count else {
            throw ServeError(.request, "\(name): \(columns) columns in place of \(count)")
        }
        if let place = values.firstIndex(where: { !$0.isFinite }) {
            throw ServeError(
                .request, "\(name): row \(place / columns + 1) has a number that is not finite")
        }
    }
}
