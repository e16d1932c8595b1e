/// What a netlist asks of the machine and of the simulator.
extension PortabilityRule {
    static let looseTolerance = PortabilityRule(
        id: "loose-tolerance",
        summary: "a nonlinear circuit that learns at a simulator's own tolerances",
        fix: nil
    ) { text in
        guard !text.circuit.isLinear, !text.deck.directives.outputs.isEmpty,
            let device = text.circuit.otherDevices.first(where: {
                !$0.isLinear && $0.range.file == text.deck.file
            }),
            !text.circuit.traits.options.given.contains("reltol")
                || !text.deck.options(above: ["reltol": 1e-6]).isEmpty
        else { return [] }
        return [
            Match(
                range: device.range.bytes,
                message:
                    "ngspice by itself solves nonlinear circuits to reltol=1e-3, and may miss what was trained at "
                    + "1e-9; write .options reltol=1e-6 vntol=1e-9, or train with --set-options")
        ]
    }

    static let fileElsewhere = PortabilityRule(
        id: "file-elsewhere", summary: "a file outside of the netlist's folder", fix: nil
    ) { text in
        var matches: [Match] = []
        func look(at range: Range<Int>, _ remedy: (String) -> String) {
            let path = text.text(range)
            guard let fault = fault(of: path) else { return }
            let name =
                path.split(whereSeparator: { "/\\".contains($0) }).last.map(String.init) ?? path
            matches.append(Match(range: range, message: "\(path) \(fault); \(remedy(name))"))
        }
        for line in text.lines where line.role == .statement {
            let content = text.bytes[line.physical.content]
            let isLibrary = content.hasPrefixCaseInsensitively(".lib")
            guard isLibrary || content.hasPrefixCaseInsensitively(".inc") else { continue }
            let words = IncludeLine.words(text.bytes, line.physical.content)
            // With one word, a section begins here.
            guard let path = words.first,
                !isLibrary || words.count > 1 || text.deck.compatibility.translates
            else { continue }
            let card = content.prefix { !$0.isBlank }.text
            look(at: path) { "copy it beside the netlist and write \(card) \"\($0)\"" }
        }
        for said in [text.deck.directives.data, text.deck.directives.test] {
            guard let said, said.range.file == text.deck.file else { continue }
            look(at: said.range.bytes) { "copy it beside the netlist and write \($0)" }
        }
        return matches
    }

    /// Why a path does not travel with the netlist; nil where it does.
    private static func fault(of path: String) -> String? {
        let bytes = Array(path.utf8)
        let isDrive =
            bytes.count > 2 && bytes[0].isLetter && bytes[1] == UInt8(ascii: ":")
            && [Byte.slash, Byte.backslash].contains(bytes[2])
        if bytes.first.map({ [Byte.slash, Byte.dollar, UInt8(ascii: "~")].contains($0) }) == true
            || isDrive
        {
            return "is a place on this machine, and elsewhere there is none"
        }
        var depth = 0
        for part in path.split(whereSeparator: { "/\\".contains($0) }) where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 {
                return "lies outside of the netlist's folder, and stays behind when that is copied"
            }
        }
        return nil
    }
}
