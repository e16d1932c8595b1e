/// Sets of integers that can only grow together.
package struct DisjointSets {
    private var parents: [Int] = []

    package init() {}

    private mutating func grow(to element: Int) {
        while parents.count <= element { parents.append(parents.count) }
    }

    package mutating func root(of element: Int) -> Int {
        grow(to: element)
        var root = element
        while parents[root] != root {
            parents[root] = parents[parents[root]]
            root = parents[root]
        }
        return root
    }

    package mutating func join(_ a: Int, _ b: Int) {
        let (a, b) = (root(of: a), root(of: b))
        // The older root stays, so that ground is the root of all that it grounds.
        if a != b { parents[max(a, b)] = min(a, b) }
    }
}
