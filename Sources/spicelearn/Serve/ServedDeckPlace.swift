import Foundation

/// Where trained decks may be written while a deck is served: over the netlist itself, too, but not over what
/// somebody else made of it since.
final class ServedDeckPlace {
    private let netlist: String
    private let claims: FileClaims
    /// What the netlist's file holds as far as this process knows.
    private var known: [UInt8]

    /// - Parameter netlist: where the deck was read from.
    init(_ deck: LearningDeck, netlist: String) {
        self.netlist = netlist
        claims = deck.claims
        known = deck.original
    }

    /// - Throws: `Failure` with exit code 64, 73 or 74.
    func write(_ text: [UInt8], to path: String) throws(Failure) {
        guard !OutputPath.isStandardOutput(path) else {
            throw Failure(
                "\(path): standard output has the answers; give the name of a file",
                status: ExitStatus.usage)
        }
        var claims = claims
        try claims.write(path, as: "path")
        let output = try OutputFile(path: path)
        let isNetlist = FileClaims.areSame(path, netlist)
        if isNetlist, try InputFile.read(path).bytes != known {
            throw Failure(
                "\(path) was edited since it was read, and is left as it is: give another name",
                status: ExitStatus.cannotCreate)
        }
        try output.write(text)
        if isNetlist { known = text }
    }
}
