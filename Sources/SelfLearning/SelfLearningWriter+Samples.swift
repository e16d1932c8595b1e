/// Samples that are shown in turn.
extension SelfLearningWriter {
    func targets(_ period: Double) -> [String] {
        var lines = task.outputs.indices.map { index in
            let node = names.targetNode(index)
            let steps = staircase(task.samples.map { $0.targets[index] }, period: period)
            return "V\(node) \(node) 0 \(steps)"
        }
        // ngspice forgets the corners of a repeated PWL after its first period. A pulse's are kept, and
        // this one has corners where they have theirs.
        let slot = period / Double(task.samples.count)
        let edge = slot * Self.edge
        let times = [slot - edge, edge, edge, slot / 2, slot].map { number($0) }
        lines.append(
            "Vclock clock 0 PULSE(0 1 " + times.joined(separator: " ") + ")")
        return lines
    }

    /// The part of a sample's time in which the inputs go over to the next one.
    private static let edge = 1e-3

    func staircase(_ values: [Double], period: Double) -> String {
        let slot = period / Double(values.count)
        var points: [String] = []
        for (index, value) in values.enumerated() {
            let start = index == 0 ? 0 : Double(index) * slot
            let end = Double(index + 1) * slot - Self.edge * slot
            points += [start, value, end, value].map { number($0) }
        }
        points += [number(period), number(values[0])]
        return "PWL(" + points.joined(separator: " ") + ") r=0"
    }
}
