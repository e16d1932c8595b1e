/// Histories of trainings that differ in their seeds alone, as their names tell.
public struct RunGroup: Sendable {
    /// The name that they share.
    public let name: String
    public private(set) var runs: [TrainingCurve]

    /// Groups histories whose names are the same but for digits, in the order in which they come: `al-1`, `al-2`
    /// and `al-10` are one group, `al`.
    public static func groups(of runs: [(name: String, curve: TrainingCurve)]) -> [RunGroup] {
        var groups: [(key: String, group: RunGroup)] = []
        for run in runs {
            let key = key(of: run.name)
            if let index = groups.firstIndex(where: { $0.key == key }) {
                groups[index].group.runs.append(run.curve)
            } else {
                groups.append((key, RunGroup(name: run.name, runs: [run.curve])))
            }
        }
        return groups.map { key, group in
            group.runs.count > 1 && !key.isEmpty ? RunGroup(name: key, runs: group.runs) : group
        }
    }

    /// The name without digits, and without what joined them to the rest.
    private static func key(of name: String) -> String {
        let text = String(name.filter { !$0.isNumber })
        return String(text.reversed().drop { "-_. ".contains($0) }.reversed())
    }

    /// The numbers of a column against those of the first one.
    struct Track {
        let points: [(x: Double, y: Double)]

        init?(_ curve: TrainingCurve, _ column: String) {
            guard let first = curve.columns.first, let xs = curve.column(first),
                let ys = curve.column(column)
            else { return nil }
            points = zip(xs, ys).compactMap { x, y in
                guard let x, let y else { return nil }
                return (x, y)
            }
        }

        /// The last number that was known at `x`; the first one before that.
        func value(at x: Double) -> Double? {
            var (low, high) = (0, points.count)
            while low < high {
                let middle = (low + high) / 2
                if points[middle].x <= x { low = middle + 1 } else { high = middle }
            }
            return (low > 0 ? points[low - 1] : points.first)?.y
        }
    }

    /// Median, least and largest over the runs; a run that has ended stays where it was.
    func spread(_ column: String) -> (
        median: [(x: Double, y: Double)], least: [(x: Double, y: Double)],
        largest: [(x: Double, y: Double)]
    ) {
        let tracks = runs.compactMap { Track($0, column) }.filter { !$0.points.isEmpty }
        let all = Set(tracks.flatMap { $0.points.map(\.x) }).sorted()
        let stride = max(1, all.count / Self.mostPoints)
        var result:
            (
                median: [(x: Double, y: Double)], least: [(x: Double, y: Double)],
                largest: [(x: Double, y: Double)]
            ) = ([], [], [])
        for (index, x) in all.enumerated()
        where index.isMultiple(of: stride) || index == all.count - 1 {
            let values = tracks.compactMap { $0.value(at: x) }.sorted()
            guard let least = values.first, let largest = values.last else { continue }
            let middle = values.count / 2
            let median =
                values.count.isMultiple(of: 2)
                ? (values[middle - 1] + values[middle]) / 2 : values[middle]
            result.median.append((x, median))
            result.least.append((x, least))
            result.largest.append((x, largest))
        }
        return result
    }

    private static let mostPoints = 1000
}
