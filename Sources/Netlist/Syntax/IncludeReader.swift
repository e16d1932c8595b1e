/// How the text of included files is obtained: from disk, from a test's dictionary, or not at all.
public struct IncludeReader: Sendable {
    /// A file's text and the name under which it is known, so that two ways to the same file agree.
    public struct File: Sendable {
        public let path: String
        public let bytes: [UInt8]

        public init(path: String, bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
        }
    }

    /// Why a file could not be read, as a clause that follows its name.
    public struct Failure: Error {
        public let reason: String
        public init(_ reason: String) { self.reason = reason }
    }

    let read: @Sendable (_ path: String, _ includingPath: String) throws -> File
    /// To which folder a deck's files are held; nil where they may lie anywhere.
    let confinement: Confinement?
    /// Whether a file is not read, and its name is all that it says.
    private(set) var standsForNames = false

    init(
        confinement: Confinement?,
        _ read: @escaping @Sendable (_ path: String, _ includingPath: String) throws -> File
    ) {
        self.confinement = confinement
        self.read = read
    }

    /// - Parameter read: Given the path in the `.include` and that of the file that includes, gives the
    ///   included file, or throws ``Failure``.
    public init(
        _ read: @escaping @Sendable (_ path: String, _ includingPath: String) throws -> File
    ) {
        self.init(confinement: nil, read)
    }

    /// A file that a deck names.
    ///
    /// - Parameters:
    ///   - path: as the deck has it.
    ///   - includingPath: the path of the file that names it.
    /// - Throws: ``Failure`` with the reason, as a clause that follows the path.
    public func file(_ path: String, namedIn includingPath: String) throws(Failure) -> SourceFile {
        do {
            let file = try read(path, includingPath)
            return SourceFile(path: file.path, bytes: file.bytes)
        } catch {
            throw error as? Failure ?? Failure("can't be read: \(error)")
        }
    }

    /// Reads no file: what is included counts by its name, and by that of the section.
    public static let byName: IncludeReader = {
        var reader = none
        reader.standsForNames = true
        return reader
    }()

    /// What stands for a file that is not read.
    static func stub(_ path: String, section: String?) -> SourceFile {
        SourceFile(path: section.map { "\(path) \($0)" } ?? path, bytes: [])
    }

    /// Refuses every include: for text that must stand alone.
    public static let none = IncludeReader { _, _ in
        throw Failure("can't be read, because this text may not include files")
    }
}
