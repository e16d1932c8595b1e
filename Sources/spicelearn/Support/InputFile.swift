import Foundation
import Netlist

/// Reads a whole file.
enum InputFile {
    /// - Throws: `Failure` with exit code 66.
    static func read(_ path: String) throws(Failure) -> SourceFile {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure("there is no file \(path)", status: ExitStatus.noInput)
        }
        guard !isFolder.boolValue else {
            throw Failure("\(path) is a directory, not a file", status: ExitStatus.noInput)
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                "can't read \(path): \(String(cString: strerror(errno)))",
                status: ExitStatus.noInput)
        }
        return SourceFile(path: path, bytes: Array(data))
    }

    /// The name that diagnostics give to a deck from standard input.
    static let standardInputName = "<stdin>"

    /// - Parameter path: a file, or `-` for standard input.
    static func deck(_ path: String, includes: IncludeReader = .disk) throws(Failure) -> Deck {
        guard path == "-" else {
            let file = try read(path)
            return Deck.parse(path: file.path, bytes: file.bytes, includes: includes)
        }
        let bytes = FileHandle.standardInput.readDataToEndOfFile()
        return Deck.parse(path: standardInputName, bytes: Array(bytes), includes: includes)
    }
}
