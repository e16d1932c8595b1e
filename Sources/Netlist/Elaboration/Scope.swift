/// What one `.subckt` defines, or the top level: names as the text gives them, nothing evaluated.
final class Scope {
    struct Port {
        let name: String
        let range: SourceRange
    }

    struct ModelCard {
        let name: String
        /// Lower case: `r`, `nmos`.
        let type: String
        /// The model that this one is a kind of, in lower case (`ako:old`); nil for most.
        let base: String?
        let statement: Statement
        /// Index of the first token after the type.
        let firstParameter: Int
    }

    /// Lower case; empty for the top level.
    let name: String
    /// Where this is defined; nil for the top level. The reader owns both.
    unowned let parent: Scope?
    /// The `.subckt` line.
    let statement: Statement?

    var ports: [Port] = []
    /// Those of the `.subckt` line, then those of `.param` lines, in their order.
    var parameters: [Assignment] = []
    /// Devices and conditions, in the order of the text, and models that conditions choose among.
    var statements: [Statement] = []
    var hasConditionalModels = false
    var models: [String: ModelCard] = [:]
    var functions: [String: ExpressionFunction] = [:]
    var subcircuits: [String: Scope] = [:]
    /// True where ngspice appends `m={m}` to the lines within, because an X line gives an `m`.
    var isMultiplied = false

    init(name: String, parent: Scope?, statement: Statement?) {
        self.name = name
        self.parent = parent
        self.statement = statement
    }

    /// The scopes in which a name is looked for, innermost first.
    var chain: some Sequence<Scope> { sequence(first: self, next: \.parent) }

    func subcircuit(named name: String) -> Scope? {
        for scope in chain {
            if let found = scope.subcircuits[name] { return found }
        }
        return nil
    }

    func function(named name: String) -> ExpressionFunction? {
        for scope in chain {
            if let found = scope.functions[name] { return found }
        }
        return nil
    }

    /// The parameters of a subcircuit in the order in which ngspice sets them: the last definition of
    /// each, a default after those that it mentions, the `.subckt` line's before the `.param` lines'.
    private(set) lazy var orderedParameters: [Assignment] = {
        var last: [String: Int] = [:]
        for (index, parameter) in parameters.enumerated() { last[parameter.name] = index }
        let kept = parameters.indices.filter { last[parameters[$0].name] == $0 }
        var mentions: [Int: [Int]] = [:]
        for index in kept {
            let expression = try? Expression(parsingUTF8: parameters[index].value.bytes)
            mentions[index] = (expression?.identifiers ?? []).compactMap { last[$0] }
                .filter { $0 != index }.sorted()
        }
        var order: [Int] = []
        var visited: Set<Int> = []
        for root in kept {
            // Depth first without recursion: a chain of parameters may be long.
            var stack: [(index: Int, next: Int)] = [(root, 0)]
            guard visited.insert(root).inserted else { continue }
            while let (index, next) = stack.last {
                let needed = mentions[index] ?? []
                if next < needed.count {
                    stack[stack.count - 1].next += 1
                    if visited.insert(needed[next]).inserted { stack.append((needed[next], 0)) }
                } else {
                    order.append(index)
                    stack.removeLast()
                }
            }
        }
        return order.map { parameters[$0] }
    }()
}
