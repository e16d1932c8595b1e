/// A device that fixes the voltage between two nodes.
struct VoltageHolder {
    let name: String
    let a: Int
    let b: Int

    /// The node at its other end.
    fileprivate func end(beyond node: Int) -> Int { a == node ? b : a }
}

extension [VoltageHolder] {
    /// Those on a shortest way between two nodes, in the order of the list; none where there is no way.
    ///
    /// Takes time proportional to the length of the list.
    func path(from start: Int, to end: Int) -> [VoltageHolder] {
        var attached: [Int: [Int]] = [:]
        for (index, holder) in enumerated() {
            attached[holder.a, default: []].append(index)
            attached[holder.b, default: []].append(index)
        }
        // By which holder each node was reached first.
        var arrivals: [Int: Int] = [:]
        var reached = [start]
        var next = 0
        while next < reached.count, arrivals[end] == nil {
            let node = reached[next]
            next += 1
            for index in attached[node] ?? [] {
                let other = self[index].end(beyond: node)
                guard other != start, arrivals[other] == nil else { continue }
                arrivals[other] = index
                reached.append(other)
            }
        }
        var path: [Int] = []
        var node = end
        while node != start, let index = arrivals[node] {
            path.append(index)
            node = self[index].end(beyond: node)
        }
        return path.sorted().map { self[$0] }
    }
}
