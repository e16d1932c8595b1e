import LearningTasks
import Netlist

func task(_ text: String) throws -> LearningTask {
    try LearningTask(deck: Deck.parse(path: "test.cir", bytes: Array(text.utf8)))
}

/// Two resistors that are trained, one that is not, an output, and a name that means something to HTML.
let divider = """
    A & B </script><script>alert(1)</script>
    V1 in 0 5
    R1 in <b>out 1k
    R2 <b>out 0 2k
    R3 in 0 10k
    *.learn trainable R1 R2
    *.learn output V(<b>out)=3
    .end
    """

/// Four inputs, each joined with three hidden nodes, and these with two outputs.
let layered: String = {
    var lines = ["layers"]
    for i in 0..<4 { lines.append("V\(i) a\(i) 0 \(i)") }
    for i in 0..<4 { for h in 0..<3 { lines.append("R\(i)\(h) a\(i) b\(h) 1k") } }
    for h in 0..<3 {
        for o in 0..<2 { lines.append("Q\(h)\(o)".replacing("Q", with: "RO") + " b\(h) c\(o) 1k") }
    }
    return (lines + ["*.learn output V(c0)=1 V(c1)=2", ".end"]).joined(separator: "\n")
}()

/// A square of nodes, driven at one corner.
func lattice(_ side: Int) -> String {
    var lines = ["lattice", "V1 n0_0 0 1"]
    var count = 0
    for i in 0..<side {
        for j in 0..<side {
            for (k, l) in [(i + 1, j), (i, j + 1)] where k < side && l < side {
                count += 1
                lines.append("R\(count) n\(i)_\(j) n\(k)_\(l) 1k")
            }
        }
    }
    lines += ["RL n\(side - 1)_\(side - 1) 0 1k", "*.learn output V(n1_1)=0.5", ".end"]
    return lines.joined(separator: "\n")
}
