/// Where ngspice looks for a file that a deck names as data, and whether it may.
struct DataFileName {
    /// The deck's folder, with its slash; ngspice looks for relative paths there.
    let folder: String
    /// Where files have to lie.
    let confinement: Confinement?
    /// Whether a path with capital letters leads to its file: ngspice 39 takes them for small ones, unless it
    /// is handed links instead.
    let findsCapitals: Bool

    /// The whole path of a file that may be read; otherwise what is wrong with its name.
    ///
    /// - Parameter range: where the name stands.
    func path(of name: String, at range: SourceRange) -> Result<String, Diagnostic> {
        func failure(_ id: String, _ message: String) -> Result<String, Diagnostic> {
            .failure(Diagnostic(id, message, at: range))
        }
        do {
            let path = try IncludeReader.check(
                name.utf8.starts(with: "/".utf8) ? name : folder + name, within: confinement)
            guard path.utf8.allSatisfy({ $0 >= Byte.space && $0 != 0x7f && $0 != Byte.doubleQuote })
            else { return failure("bad-path", "ngspice can't read the path of \(name); rename it") }
            guard findsCapitals || !path.utf8.contains(where: { (0x41...0x5a).contains($0) })
            else {
                return failure(
                    "capital-path",
                    "ngspice takes capital letters for small ones in \(path); rename what has them")
            }
            return .success(path)
        } catch {
            return failure("missing-file", "\(name) \(error.reason)")
        }
    }
}
