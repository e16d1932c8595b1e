/// The files that ngspice reads, those of code models and compiled models, under names that ngspice can read.
///
/// ngspice 39 looks for a file by the lower case of its path, and takes some characters in it for the
/// start of a comment: it may miss the file, or find another one. So it is given a link in its own folder.
struct DataFiles {
    /// In the order of their links.
    private(set) var paths: [String] = []

    /// The name of the link to each path.
    var links: [(name: String, path: String)] {
        paths.enumerated().map { (Self.name($0), $1) }
    }

    /// A line with links in the place of quoted whole paths.
    ///
    /// - Parameter afterEqualsOnly: whether only those that a parameter is given count: outside of `.model`
    ///   cards, nodes may be named like paths.
    mutating func linking(_ line: String, afterEqualsOnly: Bool) -> String {
        let (quote, slash) = (UInt8(ascii: "\""), UInt8(ascii: "/"))
        guard line.utf8.contains(quote) else { return line }
        // By bytes: a quote and an accent after it are one character. The parts between quotes are those
        // with odd numbers.
        var parts = line.utf8.split(separator: quote, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        for index in parts.indices
        where !index.isMultiple(of: 2) && parts[index].utf8.first == slash
            && (!afterEqualsOnly
                || parts[index - 1].utf8.last { $0 != UInt8(ascii: " ") } == UInt8(ascii: "="))
        {
            parts[index] = name(of: parts[index])
        }
        return parts.joined(separator: "\"")
    }

    /// The name of the link to a file.
    mutating func name(of path: String) -> String {
        if let known = paths.firstIndex(of: path) { return Self.name(known) }
        paths.append(path)
        return Self.name(paths.count - 1)
    }

    private static func name(_ index: Int) -> String { "spicelearnfile\(index + 1)" }
}
