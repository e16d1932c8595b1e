import Foundation
import LearningTasks
import Netlist
import Testing

@testable import Reports

/// What is drawn of a circuit, and where.
@Suite struct CircuitDrawingTests {
    private func drawing(_ text: String, most: Int = 4000) throws -> CircuitDrawing {
        let task = try task(text)
        return CircuitDrawing(
            of: task, Changes(of: task, at: TrainedValues(initial: task), since: nil),
            mostDevices: most)
    }

    @Test("devices, what is trained of them, and what nodes are")
    func devices() throws {
        let drawing = try drawing(divider)
        #expect(drawing.devices.map(\.name) == ["R1", "R2", "R3", "V1"])
        #expect(drawing.devices.map(\.change) == [0, 1, nil, nil])
        #expect(drawing.devices.map(\.value) == [nil, nil, 10_000, 5])
        #expect(drawing.nodes.map(\.name) == ["0", "in", "<b>out"])
        #expect(drawing.nodes.map(\.roles) == [[], [.source], [.output]])
        // A ground at each device that has one.
        #expect(drawing.devices.map { $0.ground != nil } == [false, true, true, true])
    }

    @Test("Graphviz is told numbers, and no name")
    func graphviz() throws {
        let text = try drawing(divider).graphvizText(for: .neato)
        #expect(!text.contains("<") && !text.contains("out") && !text.contains("R1"))
        #expect(text.contains("n1->n2 [len=1.0]"))
    }

    @Test("places from an answer in the format plain, wide and from input to output")
    func answer() throws {
        var drawing = try drawing(divider)
        // Upside down and from right to left: out at the left, grounds above.
        let answer = """
            graph 1 4 2
            node n1 4 0 0.1 0.1 "" solid point black lightgrey
            node n2 0 0 0.1 0.1 "" solid point black lightgrey
            node g1 0 1 0.1 0.1 "" solid point black lightgrey
            node g2 4 1 0.1 0.1 "" solid point black lightgrey
            node g3 3.5 1 0.1 0.1 "" solid point black lightgrey
            stop
            """
        let isPlaced = drawing.place(answer, by: .neato)
        #expect(isPlaced)
        #expect(drawing.layout == .neato)
        #expect((drawing.nodes[1].x, drawing.nodes[1].y) == (0, 0))
        #expect((drawing.nodes[2].x, drawing.nodes[2].y) == (1000, 0))
        #expect(drawing.devices[1].ground == [1000, 250])
    }

    @Test(
        "an answer that lacks a place changes nothing",
        arguments: ["", "node n1 1 1\n", "node n1 nan 1 1 1"])
    func noAnswer(text: String) throws {
        var drawing = try drawing(divider)
        let before = drawing.nodes.map(\.x)
        let isPlaced = drawing.place(text, by: .neato)
        #expect(!isPlaced && drawing.layout == .circle && drawing.nodes.map(\.x) == before)
    }

    @Test("layers are drawn as layers, a lattice by distances")
    func programs() throws {
        #expect(try drawing(layered).suitedLayouts == [.dot, .neato])
        #expect(try drawing(lattice(3)).suitedLayouts == [.neato])
        #expect(try drawing(lattice(9)).suitedLayouts == [.neato])
        #expect(try drawing(lattice(60), most: 10_000).suitedLayouts == [.sfdp])
    }

    @Test("places of a layer have equal distances")
    func spread() throws {
        var drawing = try drawing(layered)
        let names = drawing.graphvizText(for: .dot).matches(of: /(?m)^([ngd]\d+);$/).map(\.1)
        let answer = names.enumerated()
            .map { "node \($1) \($1.first == "n" ? 1 : 0) \($0 * $0) 0 0" }.joined(separator: "\n")
        let isPlaced = drawing.place(answer, by: .dot)
        #expect(isPlaced && drawing.layout == .dot)
        let heights = drawing.nodes.dropFirst().map(\.y).sorted()
        let steps = zip(heights.dropFirst(), heights).map(-)
        // Places are rounded to a tenth.
        #expect(steps.count == 8 && steps.allSatisfy { abs($0 - steps[0]) < 0.15 && $0 > 10 })
    }

    @Test("of a large circuit the devices nearest to the outputs")
    func nearest() throws {
        let drawing = try drawing(lattice(40), most: 50)
        #expect(drawing.devices.count == 50 && drawing.devicesInAll == 2 * 40 * 39 + 2)
        let names = drawing.nodes.map(\.name)
        #expect(names.contains("n1_1") && !names.contains("n39_39"))
        // Nodes are numbered as they are drawn, and known by their number in the circuit.
        let task = try task(lattice(40))
        #expect(drawing.circuitNodes.map { task.circuit.nodes[$0].name } == names)
        for device in drawing.devices where device.kind == .resistor {
            let original = try #require(task.circuit.resistors.first { $0.name == device.name })
            #expect(
                device.nodes.map { names[$0] }
                    == [original.positive, original.negative].map { task.circuit.nodes[$0].name })
        }
    }

    @Test("on a circle no two places coincide")
    func circle() throws {
        let drawing = try drawing(lattice(5))
        let places =
            drawing.nodes.dropFirst().map { [$0.x, $0.y] } + drawing.devices.compactMap(\.ground)
        #expect(Set(places).count == places.count)
    }

    @Test("a device with more than two terminals has a place of its own")
    func transistor() throws {
        let drawing = try drawing(
            """
            nmos
            V1 d 0 1
            VG g 0 2
            R1 d a 1k
            M1 a g 0 0 mn
            .model mn nmos
            *.learn output V(a)=0.1
            .end
            """)
        let transistor = try #require(drawing.devices.last)
        #expect(transistor.name == "M1" && transistor.letter == "m" && transistor.kind == .other)
        #expect(transistor.place != nil && transistor.ground != nil)
    }
}
