import ArgumentParser
import Foundation

/// `spicelearn manual-pages`: by which `make install` has the pages for man, always those of the program that is
/// installed.
struct ManualPagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual-pages",
        abstract: "Write the pages for man, one for the program and one for each command.",
        discussion: """
            Their date is today's or, for builds that are to be repeated, that of SOURCE_DATE_EPOCH, seconds \
            since 1970.
            """,
        shouldDisplay: false)

    @Argument(help: "The folder to write them to, which is there.", completion: .directory)
    var folder: String

    func run() throws {
        let date = Date(timeIntervalSince1970: try Self.seconds())
            .formatted(.iso8601.year().month().day())
        for page in ManualPage.all(of: try .ofProgram(), date: date) {
            try OutputFile(path: "\(folder)/\(page.fileName)").write(Array(page.text.utf8))
        }
    }

    private static func seconds() throws -> Double {
        let variable = "SOURCE_DATE_EPOCH"
        guard let text = ProcessInfo.processInfo.environment[variable] else {
            return Date().timeIntervalSince1970
        }
        guard let seconds = Int(text), (0..<253_402_300_800).contains(seconds) else {
            throw ValidationError("\(variable) \(text): seconds since 1970, before the year 10000")
        }
        return Double(seconds)
    }
}
