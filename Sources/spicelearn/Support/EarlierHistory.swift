import LearningRules

/// Whether a file begins with the rows of a history that a checkpoint says it has: a file that is merely long enough
/// may be anybody's.
struct EarlierHistory {
    private let format: HistoryFormat
    private let header: HistoryHeader
    private let position: Checkpoint.HistoryPosition
    private let name: String

    private var content = Fingerprint()
    private var offset = 0
    private var beginning: [UInt8] = []
    private var lines = 0

    init(
        _ format: HistoryFormat, _ header: HistoryHeader, _ position: Checkpoint.HistoryPosition,
        name: String
    ) {
        (self.format, self.header, self.position, self.name) = (format, header, position, name)
    }

    /// - Parameter part: the next bytes; none at the end of those that the checkpoint counts.
    /// - Throws: `Failure` 65.
    mutating func check(_ part: [UInt8]) throws(Failure) {
        guard !part.isEmpty else { return try checkAll() }
        var part = part
        // The number of rows is filled in when the file is closed.
        for (place, byte) in zip(header.count, HistoryHeader.padded(0).utf8)
        where part.indices.contains(place - offset) {
            part[place - offset] = byte
        }
        content.extend(part)
        beginning += part.prefix(max(0, header.beginning.count - offset))
        if format != .raw { lines += part.count { $0 == UInt8(ascii: "\n") } }
        offset += part.count
    }

    private func checkAll() throws(Failure) {
        var found = beginning
        for place in header.date where found.indices.contains(place) {
            found[place] = header.beginning[place]
        }
        let rows =
            switch format {
            case .csv: lines - 1
            case .jsonLines: lines
            case .raw: (offset - header.bytes.count) / (8 * max(header.columns, 1))
            }
        guard found == header.beginning, position.rows > 0, rows == position.rows,
            content == position.content
        else {
            throw Failure(
                "\(name) is not what this training wrote: restore it, or name another --history",
                status: ExitStatus.badData)
        }
    }
}
