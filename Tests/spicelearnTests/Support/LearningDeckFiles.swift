import Foundation
import Testing

/// One of the decks in netlists/.
struct LearningDeckFile: Sendable, CustomTestStringConvertible {
    let url: URL
    let text: String

    var name: String { url.deletingPathExtension().lastPathComponent }
    var testDescription: String { name }
    var golden: URL {
        url.deletingLastPathComponent().appending(path: "golden/\(url.lastPathComponent)")
    }

    /// The header says so where a target can't be reached.
    var isUnreachable: Bool { text.lowercased().contains("exit status 2") }

    /// Whether its samples have classes, and no voltages to reach.
    var isClassification: Bool { text.contains("*.learn class") }

    /// Whether training ends before every output is within a tolerance.
    var reachesAnotherGoal: Bool { text.contains(" until=") }

    /// No diodes or transistors.
    var isLinear: Bool {
        !text.lowercased().split(separator: "\n").contains { line in
            line.first.map { "dqmjz".contains($0) } ?? false
        }
    }

    /// V, from the deck's `train` line.
    var tolerance: Double {
        let match = text.lowercased().firstMatch(of: /tolerance\s*=\s*([0-9.e+-]+)(m|u|n)?/)
        let scale = ["m": 1e-3, "u": 1e-6, "n": 1e-9]
        guard let match, let value = Double(match.1) else { return 1e-6 }
        return value * (match.2.flatMap { scale[String($0)] } ?? 1)
    }
}

enum LearningDeckFiles {
    static let all: [LearningDeckFile] = {
        let folder = packageFolder.appending(path: "netlists")
        let files =
            (try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil)) ?? []
        // Digits' thousand samples are for golden.sh alone, if for anything.
        return files.filter {
            $0.pathExtension == "cir" && !$0.lastPathComponent.hasPrefix("digits")
        }
        .sorted { $0.path < $1.path }
        .compactMap { url in
            (try? Data(contentsOf: url)).map {
                LearningDeckFile(url: url, text: String(decoding: $0, as: UTF8.self))
            }
        }
    }()

    @Test static func thereAreAtLeastTwelve() { #expect(all.count >= 12) }
}
