/// The functions that ngspice knows in expressions that the simulation evaluates, beside `v` and `i`, and those
/// that it replaces while it reads the deck (inpptree.c in versions 39 to 47).
package enum BehaviouralFunction {
    package static let names = argumentCounts.keys.sorted() + ["pwl"]

    /// How many arguments each of them takes; `pwl`, which takes any number of points, is not among them.
    ///
    /// With any other number ngspice crashes, or evaluates what isn't there.
    static let argumentCounts: [String: Int] = {
        let ofOne = [
            "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "ddt",
            "eq0",
            "exp", "floor", "ge0", "gt0", "le0", "ln", "log", "log10", "lt0", "ne0", "nint", "sgn",
            "sin",
            "sinh", "sqrt", "tan", "tanh", "u", "u2", "uramp",
        ]
        let ofTwo = ["max", "min", "pow", "pwr"]
        return Dictionary(uniqueKeysWithValues: ofOne.map { ($0, 1) } + ofTwo.map { ($0, 2) })
            .merging(["ternary_fcn": 3]) { first, _ in first }
    }()

    /// What is wrong with a call, with the way out; nil where nothing is.
    static func fault(of name: String, argumentCount: Int) -> String? {
        if name == "pwl" {
            guard argumentCount < 5 || argumentCount.isMultiple(of: 2) else { return nil }
            return argumentCount == 3
                ? "ngspice can't evaluate a pwl of one point; write two or more, pwl(x, x1, y1, x2, y2)"
                : "ngspice crashes on a pwl whose points are not pairs; write pwl(x, x1, y1, x2, y2)"
        }
        guard let wanted = argumentCounts[name], wanted != argumentCount else { return nil }
        let arguments =
            wanted == 1 ? "one argument" : wanted == 2 ? "two arguments" : "three arguments"
        let isExtremum = argumentCount > 2 && ["max", "min"].contains(name)
        return "in expressions of devices \(name) takes \(arguments), and this has \(argumentCount)"
            + (isExtremum ? "; write \(name)(a, \(name)(b, c))" : "")
    }
}
