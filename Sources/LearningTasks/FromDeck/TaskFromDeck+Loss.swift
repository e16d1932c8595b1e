import Netlist

/// What is lowered, and the classes that samples belong to.
extension TaskBuilder {
    /// λ of `loss squared power=0.1`.
    var powerWeight: Located<Double>? {
        directives.loss?.settings.first { $0.name.value == PowerTerm.setting.name }?.value
    }

    mutating func makeLoss() -> any Loss {
        guard let said = directives.loss else { return SquaredError() }
        let names = Losses.all.map { $0.name }
        guard let type = Losses.named(said.name.value) else {
            let near = nearestName(to: said.name.value, in: names)
            report(
                "unknown-loss",
                "there is no loss \(said.name.value)"
                    + (near.map { "; did you mean \($0)?" }
                        ?? "; losses are \(names.joined(separator: ", "))"),
                at: said.name.range)
            return SquaredError()
        }
        var settings = Dictionary(
            type.settings.map { ($0.name, $0.standard) }, uniquingKeysWith: { $1 })
        for setting in said.settings where setting.name.value != PowerTerm.setting.name {
            guard settings[setting.name.value] != nil else {
                let known = (type.settings + [PowerTerm.setting]).map(\.name)
                    .joined(separator: ", ")
                report(
                    "unknown-setting",
                    "\(type.name) has no \(setting.name.value)"
                        + "; what may be set is \(known)",
                    at: setting.name.range)
                continue
            }
            settings[setting.name.value] = setting.value.value
        }
        return type.init(settings: settings)
    }

    /// The classes in the order of the outputs; nil where samples belong to none.
    mutating func resolveClasses(_ loss: any Loss, _ outputs: [ResolvedOutput]) -> [String]? {
        if !loss.hasGoals, outputs.count == 1 {
            report(
                "one-class",
                "\(loss.name) compares the outputs of classes: name one for each class",
                at: outputs[0].range)
        }
        guard let said = directives.classColumn else {
            return loss.hasGoals ? nil : outputs.map(\.output.name)
        }
        let names = said.names.map(\.value)
        guard !names.isEmpty else {
            let column = data?.columns.firstIndex {
                $0.value.lowercased() == said.column.value.lowercased()
            }
            let found = column.map { data?.names[$0].sorted().prefix(20).joined(separator: ",") }
            report(
                "missing-names",
                "class needs the names of the classes in the order of the outputs, like names="
                    + ((found ?? nil) ?? "a,b,c"),
                at: said.column.range)
            return nil
        }
        if let twice = said.names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
            report(
                "duplicate-class", "\(names[twice]) is named twice", at: said.names[twice].range)
        }
        guard names.count == outputs.count else {
            report(
                "class-count",
                "there are \(names.count) classes and \(outputs.count) outputs: one is needed for each class",
                at: said.names[0].range)
            return nil
        }
        if loss.hasGoals, let level = said.high ?? said.low,
            said.high?.value ?? 1 <= said.low?.value ?? 0
        {
            report(
                "class-level",
                "high is not above low, and the class is the largest output: give them the other way round",
                at: level.range)
        }
        if let output = outputs.first(where: { $0.target != nil }) {
            report(
                "two-targets",
                "\(output.output.name) has a target in the deck, and the column \(said.column.value) says what it should be in each sample: leave one out",
                at: output.range)
        }
        if !loss.hasGoals, let level = said.low ?? said.high {
            report(
                "class-level",
                "\(loss.name) has no voltages to reach: low and high are for squared errors",
                at: level.range)
        }
        return names
    }
}
