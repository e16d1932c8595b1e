import Foundation

/// For people: six significant digits. Files and JSON have them all.
func readable(_ value: Double) -> String {
    String(format: "%.6g", value)
}

func readable(_ value: Double, digits: Int) -> String {
    String(format: "%.\(digits)g", value)
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + 1e-18 * Double(components.attoseconds)
    }
}
