extension LearningDirectives {
    /// These directives where `overriding` is silent, and what it says elsewhere.
    ///
    /// Lists (trainable, inputs, outputs) are replaced as a whole.
    public func merging(_ overriding: LearningDirectives) -> LearningDirectives {
        var result = LearningDirectives()
        result.rule = overriding.rule ?? rule
        result.nudge = overriding.nudge ?? (overriding.changesRule(of: self) ? nil : nudge)
        result.nudging = overriding.nudging ?? nudging
        result.trainable = overriding.trainable.isEmpty ? trainable : overriding.trainable
        result.inputs = overriding.inputs.isEmpty ? inputs : overriding.inputs
        result.outputs = overriding.outputs.isEmpty ? outputs : overriding.outputs
        result.data = overriding.data ?? data
        result.loss = overriding.loss ?? loss
        result.classColumn = overriding.classColumn ?? classColumn
        result.encodings = overriding.encodings.isEmpty ? encodings : overriding.encodings
        result.ignored = overriding.ignored.isEmpty ? ignored : overriding.ignored
        result.test = overriding.test ?? (overriding.split == nil ? test : nil)
        result.split = overriding.split ?? (overriding.test == nil ? split : nil)
        result.batch = overriding.batch ?? batch
        result.epochs = overriding.epochs ?? epochs
        result.order = overriding.order ?? order
        result.schedule = overriding.schedule ?? schedule
        result.until = overriding.until ?? until
        result.probability = overriding.probability ?? probability
        result.optimizer = overriding.optimizer ?? optimizer
        result.rate = overriding.rate ?? rate
        result.steps = overriding.steps ?? steps
        result.tolerance = overriding.tolerance ?? tolerance
        result.start = overriding.start ?? start
        result.seed = overriding.seed ?? seed
        result.duration = overriding.duration ?? duration
        result.compat = overriding.compat ?? compat
        return result
    }

    /// Whether another rule takes the place of the one that directives name or, silent, mean: their nudge
    /// is then none of its.
    public func changesRule(of deck: LearningDirectives) -> Bool {
        rule.map { $0.value != deck.rule?.value ?? LearningDirectives.standardRule } ?? false
    }
}
