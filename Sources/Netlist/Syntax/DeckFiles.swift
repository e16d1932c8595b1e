#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The files that a deck consists of: each read once, none in the midst of itself.
struct DeckFiles {
    /// A file, or a section of it, that is being read.
    private struct Frame: Equatable {
        let file: SourceFile
        let section: String?
    }

    private let includes: IncludeReader
    private let expandsVariables: Bool
    private(set) var all: [SourceFile]
    private var byPath: [String: SourceFile]
    /// Outermost first.
    private var stack: [Frame] = []
    private var includeCount = 0
    private var inclusions: Int32 = 0
    /// Of all that was read, each file as often as it was included.
    private(set) var textBytes: Int

    /// ngspice has no limit and dies; nobody nests this deep on purpose.
    private static let maximumDepth = 50
    /// Bounds what files that include each other twice can cost.
    private static let maximumIncludes = 10_000

    init(_ main: SourceFile, includes: IncludeReader, expandsVariables: Bool = false) {
        self.includes = includes
        self.expandsVariables = expandsVariables
        all = [main]
        byPath = [main.path: main]
        textBytes = main.bytes.count
    }

    var confinement: Confinement? { includes.confinement }

    /// Whether included files are known by their names only.
    var areNamesOnly: Bool { includes.standsForNames }

    /// Whether the file that is being read is no included one.
    var isInMain: Bool { stack.count == 1 }

    /// By which of the main file's own lines the file that is being read is included, counted from 1; 0 in
    /// the main file.
    var inclusion: Int32 { stack.count > 1 ? inclusions : 0 }

    mutating func enter(_ file: SourceFile, section: String?) {
        if stack.count == 1 { inclusions += 1 }
        stack.append(Frame(file: file, section: section))
    }

    mutating func leave() { stack.removeLast() }

    /// The path with the value of the environment variable that it begins with, `$MODELS/diode.lib`, as
    /// ngspice 44 and later read it: the name ends at the first slash.
    private static func expandingVariable(
        in path: String
    ) throws(IncludeReader.Failure) -> String {
        guard path.hasPrefix("$") else { return path }
        let name = path.dropFirst().prefix { $0 != "/" }
        guard let value = getenv(String(name)) else {
            throw IncludeReader.Failure(
                "begins with an environment variable that is not set; set \(name)")
        }
        return String(cString: value) + path.dropFirst(1 + name.count)
    }

    /// The file that the text at `range` names; nil if it can't be read, or is not to be.
    ///
    /// What is wrong is reported, but for a deck that is too large by now (`textBytes`).
    mutating func open(
        _ range: SourceRange, section: String?, _ diagnostics: inout DiagnosticCollector
    ) -> SourceFile? {
        var path = range.file.bytes[range.bytes].text
        includeCount += 1
        guard includeCount <= Self.maximumIncludes, stack.count <= Self.maximumDepth else {
            if includeCount <= Self.maximumIncludes + 1 {
                diagnostics.error(
                    "too-many-includes",
                    "includes nest deeper than \(Self.maximumDepth) or are more than "
                        + "\(Self.maximumIncludes); does a file include itself?",
                    at: range)
            }
            return nil
        }
        var found: SourceFile
        do throws(IncludeReader.Failure) {
            if expandsVariables { path = try Self.expandingVariable(in: path) }
            found =
                includes.standsForNames
                ? IncludeReader.stub(path, section: section)
                : try includes.file(path, namedIn: range.file.path)
        } catch {
            diagnostics.error("missing-include", "\(path) \(error.reason)", at: range)
            return nil
        }
        if let main = all.first, !main.hasDollarComments {
            found = SourceFile(path: found.path, bytes: found.bytes, hasDollarComments: false)
        }
        textBytes += found.bytes.count
        guard textBytes <= InputLimits.textBytes else { return nil }
        guard let known = byPath[found.path] else {
            all.append(found)
            byPath[found.path] = found
            return found
        }
        guard !stack.contains(Frame(file: known, section: section)) else {
            diagnostics.error(
                "include-cycle", "\(path) includes itself; remove this line", at: range)
            return nil
        }
        return known
    }
}
