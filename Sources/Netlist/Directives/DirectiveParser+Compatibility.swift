/// `compat`.
extension DirectiveParser {
    /// `compat lt`, `compat ps,a`.
    mutating func parseCompatibility(_ keyword: Token) {
        var first: Token?
        var last: Token?
        while let token = next() {
            first = first ?? token
            last = token
        }
        guard let first, let last else {
            report(
                "missing-value", "compat needs a mode, like *.learn compat lt", keyword.range)
            return
        }
        let range = first.range.lowerBound..<last.range.upperBound
        do throws(Compatibility.Failure) {
            let modes = try Compatibility(text(range))
            set(\.compat, Located(modes, at: at(range)), "compat") { $0.ngbehavior ?? "" }
        } catch {
            report("unknown-mode", error.description, range)
        }
    }
}

extension SourceFile {
    /// What a netlist's own `*.learn compat` line says, before anything of it is read; nil where there is
    /// none, or a wrong one.
    var ownCompatibility: Compatibility? {
        for line in lines {
            let content = PhysicalLine(bytes, line).content
            guard LearningDirectives.isDirective(bytes[content]),
                bytes[content].dropFirst(7).drop(while: \.isBlank)
                    .hasPrefixCaseInsensitively("compat")
            else { continue }
            var directives = LearningDirectives()
            var diagnostics = DiagnosticCollector()
            directives.add(SourceRange(file: self, bytes: content), diagnostics: &diagnostics)
            if let compat = directives.compat { return compat.value }
        }
        return nil
    }
}
