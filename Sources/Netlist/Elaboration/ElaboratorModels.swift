extension Elaborator {
    /// A model, and the frame in which its parameters are evaluated.
    func model(named name: String, _ frame: Frame) -> (Scope.ModelCard, Frame)? {
        for scope in frame.scope.chain {
            var user: Frame? = frame
            while let candidate = user, candidate.scope !== scope { user = candidate.caller }
            let owner = user ?? top
            if let card = owner.scope === scope ? owner.conditionalModels[name] : nil {
                return (card, owner)
            }
            if let card = scope.models[name] { return (card, owner) }
        }
        return nil
    }

    func modelNames(_ frame: Frame) -> [String] {
        frame.scope.chain.flatMap { $0.models.keys.sorted() }
            + frame.conditionalModels.keys.sorted()
    }
}
