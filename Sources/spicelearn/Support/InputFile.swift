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
        // A pipe or a device is read like a file: `spicelearn solve <(…)`.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        return SourceFile(path: path, bytes: try contents(of: file, named: path))
    }

    /// - Throws: `Failure` with exit code 66 where reading fails, 65 where there is no end to it.
    private static func contents(of file: FileHandle, named name: String) throws(Failure) -> [UInt8]
    {
        var bytes: [UInt8] = []
        while true {
            let chunk: Data?
            do { chunk = try file.read(upToCount: 1 << 20) } catch { throw unreadable(name, errno) }
            guard let chunk, !chunk.isEmpty else { return bytes }
            guard bytes.count + chunk.count <= InputLimits.textBytes else {
                throw Failure(
                    "\(name) is larger than \(InputLimits.textBytes >> 20) MiB",
                    status: ExitStatus.badData)
            }
            bytes += chunk
        }
    }

    private static func unreadable(_ path: String, _ code: Int32) -> Failure {
        Failure(
            "can't read \(path): \(String(cString: strerror(code)))", status: ExitStatus.noInput)
    }

    /// The name that diagnostics give to a deck from standard input.
    static let standardInputName = "<stdin>"

    /// - Parameter path: a file, or `-` for standard input.
    static func deck(
        _ path: String, includes: IncludeReader = .disk, dialect: Dialect = Dialect()
    ) throws(Failure) -> Deck {
        guard path == "-" else {
            let file = try read(path)
            return Deck.parse(
                path: file.path, bytes: file.bytes, includes: includes, dialect: dialect)
        }
        let bytes = try contents(of: FileHandle.standardInput, named: "standard input")
        return Deck.parse(
            path: standardInputName, bytes: bytes, includes: includes, dialect: dialect)
    }
}
