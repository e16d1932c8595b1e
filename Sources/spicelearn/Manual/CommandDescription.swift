import ArgumentParser
import Foundation

/// A command as the parser of arguments describes it: the same that `--help` shows, and so never another.
struct CommandDescription: Decodable {
    struct Argument: Decodable {
        enum Kind: String, Decodable { case positional, option, flag }

        struct Name: Decodable {
            enum Kind: String, Decodable { case long, short, longWithSingleDash }

            let kind: Kind
            let name: String

            /// As it is typed.
            var spelling: String { (kind == .long ? "--" : "-") + name }
        }

        let kind: Kind
        let shouldDisplay: Bool
        /// Above it in the help; nil under the common one.
        let sectionTitle: String?
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let abstract: String?

        /// How it is typed, short names first.
        var spellings: [String] {
            let names = names ?? []
            return (names.filter { $0.kind == .short } + names.filter { $0.kind != .short })
                .map(\.spelling)
        }

        /// What it says, with the values and the default that the parser knows.
        var explanation: String {
            let values = allValues.map { "values: " + $0.joined(separator: ", ") }
            let standard = defaultValue.map { "default: " + $0 }
            let known = [values, standard].compactMap(\.self).joined(separator: "; ")
            return [abstract, known.isEmpty ? nil : "(\(known))"].compactMap(\.self)
                .joined(separator: " ")
        }
    }

    let commandName: String
    private let superCommands: [String]?
    private let shouldDisplay: Bool?
    let abstract: String?
    let discussion: String?
    private let subcommands: [CommandDescription]?
    private let arguments: [Argument]?

    /// `spicelearn generate lattice`.
    var fullName: String { ((superCommands ?? []) + [commandName]).joined(separator: " ") }

    /// Those that users are told of; `help` has no page of its own.
    var shownCommands: [CommandDescription] {
        (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
    }

    var shownArguments: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }

    var options: [Argument] { shownArguments.filter { $0.kind != .positional } }
    var operands: [Argument] { shownArguments.filter { $0.kind == .positional } }

    /// That of the whole program.
    static func ofProgram() throws -> CommandDescription {
        struct Tool: Decodable { let command: CommandDescription }
        return try JSONDecoder().decode(Tool.self, from: Data(Spicelearn._dumpHelp().utf8)).command
    }
}
