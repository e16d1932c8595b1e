import Foundation
import Reports

/// What `train --json` printed, from a file.
struct TrainingRecord {
    /// All of it, for a report.
    let content: JSONValue
    /// The trained netlist that it names.
    let netlist: String
    private let resistances: [String: Double]

    /// - Parameter untrusted: whether the netlist may only lie beside the file.
    /// - Returns: nil for a path that is a netlist's.
    /// - Throws: `Failure` 66 and 65.
    init?(path: String, untrusted: Bool) throws(Failure) {
        guard path.lowercased().hasSuffix(".json") else { return nil }
        let file = try InputFile.read(path)
        guard let content = try? JSONDecoder().decode(JSONValue.self, from: Data(file.bytes)),
            Self.isRecord(content), let output = content["output"]?.text,
            case .object(let members)? = content["resistances"]
        else {
            throw Failure(
                "\(path) is not what train --json prints: give that, or a netlist",
                status: ExitStatus.badData)
        }
        self.content = content
        resistances = members.compactMapValues(\.double)
        let beside = path.folder + "/" + output.fileName
        netlist =
            untrusted || !FileManager.default.fileExists(atPath: output) ? beside : output
        guard FileManager.default.fileExists(atPath: netlist) else {
            throw Failure(
                "\(path) names the trained netlist \(output), which is not there: put it beside \(path)",
                status: ExitStatus.noInput)
        }
    }

    /// Whether a page can show it: what `train --json` always prints is there, and of its kind, and so is what it
    /// may print.
    private static func isRecord(_ content: JSONValue) -> Bool {
        let texts = ["rule", "reason", "nudging", "lossName", "engine", "output"]
        let loss = content["loss"]
        let numbers = [
            content["steps"], content["seconds"], loss?["initial"], loss?["final"],
        ]
        guard case .bool? = content["converged"] else { return false }
        return texts.allSatisfy { content[$0]?.text != nil }
            && numbers.allSatisfy { $0?.double != nil }
            && ["optimizer", "ngbehavior"].allSatisfy {
                content[$0] == nil || content[$0]?.text != nil
            }
            && ["time", "epochs", "seed"].allSatisfy {
                content[$0] == nil || content[$0]?.double != nil
            }
    }

    /// `auto`, `plain` and so on; nil in continuous time.
    var optimizer: String? { content["optimizer"]?.text }

    /// What differs between the netlist and the training that is said to have written it; nil where nothing does.
    func difference(from changes: Changes) -> String? {
        let present = Dictionary(
            zip(changes.names, changes.after), uniquingKeysWith: { first, _ in first })
        let different = resistances.filter { name, value in
            guard let own = present[name] else { return true }
            return abs(own - value) > 1e-9 * abs(value)
        }
        guard let name = different.keys.min() else { return nil }
        return """
            \(netlist) is not as this training left it: \(name)\
            \(different.count > 1 ? " and \(different.count - 1) more" : "") \
            \(different.count > 1 ? "have other values" : "has another value")
            """
    }
}

/// What `train --history` wrote, from a file.
enum HistoryText {
    /// - Parameter role: what names it on the command line, with a blank behind it.
    /// - Throws: `Failure` 66 and 65.
    static func read(_ path: String, as role: String = "--history ") throws -> TrainingCurve {
        let ending = path.split(separator: ".").last?.lowercased()
        guard ending != "raw" else {
            throw Failure(
                "\(role)\(path): only .csv and .jsonl are read", status: ExitStatus.usage)
        }
        let file = try InputFile.read(path)
        do {
            return ["json", "jsonl", "ndjson"].contains(ending)
                ? try TrainingCurve(jsonLines: file.bytes) : try TrainingCurve(csv: file.bytes)
        } catch {
            throw Failure("\(role)\(path): \(error)", status: ExitStatus.badData)
        }
    }
}
