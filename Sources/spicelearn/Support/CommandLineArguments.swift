import CSystem

extension CommandLine {
    /// What the program was called with, its own name left out.
    ///
    /// Swift's `arguments` are those of /proc, and empty where that is not mounted.
    static var words: [String] {
        guard var next = csystem_arguments() else { return Array(arguments.dropFirst()) }
        var words: [String] = []
        while let word = next.pointee {
            words.append(String(cString: word))
            next += 1
        }
        return Array(words.dropFirst())
    }
}
