import Figures

extension StudyRule {
    /// The same in all figures.
    var hue: Figure.Hue {
        let hues: [Figure.Hue] = [.green, .blue, .orange]
        return hues[(Self.allCases.firstIndex(of: self) ?? 0) % hues.count]
    }
}
