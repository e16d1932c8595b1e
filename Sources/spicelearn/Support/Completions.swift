import ArgumentParser
import Netlist

/// What shells complete: files by the endings that they usually have, and names from the lists that the program
/// itself goes by.
extension CompletionKind {
    /// A netlist. ngspice reads any name; these are the endings that netlists have.
    static let deck = file(extensions: deckEndings)

    private static let deckEndings = ["cir", "ckt", "cki", "net", "sp", "spi", "spice", "cdl"]

    /// A netlist, or a file of another kind.
    static func deck(or ending: String) -> CompletionKind {
        file(extensions: deckEndings + [ending])
    }

    /// A file of samples.
    static let table = file(extensions: ["csv", "tsv", "txt"])

    /// The names of choices that are written as they are typed.
    static func choices<Choice>(of type: Choice.Type) -> CompletionKind
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        list(type.allCases.map(\.rawValue))
    }
}
