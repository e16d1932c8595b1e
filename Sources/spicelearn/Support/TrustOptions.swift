import ArgumentParser
import Netlist

/// How far a netlist is trusted.
struct TrustOptions: ParsableArguments {
    static let title = "Security"

    @Flag(
        help: """
            The netlist is a stranger's: read nothing outside its folder, wherever its lines and links \
            lead, and write through no link.
            """)
    var untrusted = false

    /// Reads the files that a netlist names.
    ///
    /// - Parameter path: the netlist's, or `-` for standard input, whose folder is the current one.
    func includes(of path: String) -> IncludeReader {
        untrusted ? .disk(within: path == "-" ? "." : path.folder) : .disk
    }

    /// Reads a netlist.
    ///
    /// - Parameters:
    ///   - includes: how the files that it includes are read; left out, from disk.
    ///   - dialect: the language of the ngspice that solves it.
    /// - Throws: `Failure` 65 or 66.
    func deck(
        _ path: String, includes: IncludeReader? = nil, dialect: Dialect = Dialect()
    ) throws(Failure) -> Deck {
        let disk = self.includes(of: path)
        let includes = includes ?? disk
        guard untrusted, path != "-" else {
            return try InputFile.deck(path, includes: includes, dialect: dialect)
        }
        // A stranger's netlist may itself be a link to what is none of its business.
        do {
            let file = try disk.file(path.fileName, namedIn: path)
            return Deck.parse(
                path: path, bytes: file.bytes, includes: includes, dialect: dialect)
        } catch {
            throw Failure("\(path) \(error.reason)", status: ExitStatus.noInput)
        }
    }
}
