import Foundation

/// The files that a checkpoint may choose, which may be a stranger's: those in its own folder and in that of the
/// netlist, links followed, and nothing hidden there. Others have to be repeated on the command line.
struct CheckpointReach {
    private let checkpoint: String
    /// Real paths.
    private let folders: [String]

    /// - Parameters:
    ///   - checkpoint: the path of its file.
    ///   - netlist: its path, or `-`.
    init(checkpoint: String, netlist: String) {
        self.checkpoint = checkpoint
        folders = [checkpoint.folder, netlist == "-" ? "." : netlist.folder].map {
            OutputPath.resolve($0)
        }
    }

    /// - Throws: `Failure` 64 where the path is another's.
    func require(_ path: String, as flag: String) throws(Failure) -> String {
        guard !OutputPath.isStandardOutput(path), !holds(path) else { return path }
        throw Failure(
            """
            \(checkpoint) names \(path), which is not in its folder nor in the netlist's, is hidden there, or is a \
            link that leads elsewhere: if that is the file you mean, say \(flag) \(path)
            """, status: ExitStatus.usage)
    }

    private func holds(_ path: String) -> Bool {
        let file = OutputPath.resolve(path)
        let folder = OutputPath.resolve(file.folder)
        let real = Array((folder == "/" ? "" : folder).utf8) + Array("/\(file.fileName)".utf8)
        let slash = UInt8(ascii: "/")
        return folders.contains { place in
            // By bytes: two spellings of é are one text, but two files.
            let inside = Array(place.utf8) + (place == "/" ? [] : [slash])
            guard real.count > inside.count, real.starts(with: inside) else { return false }
            let names = real.dropFirst(inside.count).split(separator: slash)
            return !names.contains { $0.first == UInt8(ascii: ".") }
        }
    }
}
