import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file of libngspice, and those of its code models.
enum NgspiceFile {
    /// The variable that names a library in place of the installed one.
    static let variable = "SPICELEARN_NGSPICE"

    private static let given = Mutex<String?>(nil)

    /// The library chosen by `Ngspice.useLibrary(at:)`, or else by the variable; nil: the installed one.
    ///
    /// An absolute path, so that it means the same to a worker.
    static var chosen: String? {
        if let path = given.withLock({ $0 }) { return path }
        guard let value = getenv(variable).map({ String(cString: $0) }), !value.isEmpty else {
            return nil
        }
        choose(value)
        return given.withLock { $0 }
    }

    static func choose(_ path: String) {
        let absolute = path.hasPrefix("/") ? path : currentFolder + "/" + path
        given.withLock { $0 = absolute }
    }

    /// The names under which the dynamic linker may find the library.
    static var names: [String] {
        if let chosen { return [chosen] }
        #if os(macOS)
            return ["libngspice.0.dylib", "libngspice.dylib"].flatMap { name in
                ["", "/opt/homebrew/lib/", "/usr/local/lib/", "/opt/local/lib/"].map { $0 + name }
            }
        #else
            return ["libngspice.so.0", "libngspice.so"]
        #endif
    }

    /// What is wrong where none of `names` can be opened.
    ///
    /// - Parameter reasons: the dynamic linker's.
    static func missing(_ reasons: [String]) -> NgspiceError {
        let reasons = reasons.joined(separator: "; ")
        guard let chosen else {
            return NgspiceError(
                .libraryMissing,
                """
                ngspice's library can't be opened; install it with \
                'apt install libngspice0' (Debian, Ubuntu) or 'brew install libngspice' (macOS), or \
                name its file with --ngspice or \(variable) [\(reasons)]
                """)
        }
        return NgspiceError(
            .libraryMissing,
            """
            \(chosen) can't be opened as ngspice's library: name the shared library, such as \
            libngspice.so.0, not the program ngspice [\(reasons)]
            """)
    }

    /// Why the dynamic linker isn't asked to open a file; nil where it is, for a name that it looks for, too.
    ///
    /// It waits for the writer of a pipe, and ends the process by a signal at a library that is cut off.
    static func fault(of path: String) -> String? {
        var status = stat()
        guard path.contains("/"), stat(path, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG else { return "it is no regular file" }
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var header = [UInt8](repeating: 0, count: ELFHeader.byteCount)
        let count = fread(&header, 1, header.count, file)
        guard let elf = ELFHeader(header[..<count]) else { return nil }
        return elf.end <= UInt64(status.st_size) ? nil : "it is cut off"
    }

    // MARK: Code models

    private static let codeModelNames = [
        "spice2poly", "analog", "digital", "xtradev", "xtraevt", "table", "tlines",
    ]

    /// The readable files of code models that belong to a library.
    ///
    /// They lie beside the library, in `ngspice/` or the same folder, or where the start-up script of
    /// its installation says, which ngspice reads by itself and this program doesn't let it.
    static func codeModels(of library: String?) -> [String] {
        guard let library else { return [] }
        let folders = unique([folder(of: library), realPath(library).map(folder(of:))])
        for folder in folders.flatMap({ [$0 + "/ngspice", $0] }) {
            let files = codeModelNames.map { "\(folder)/\($0).cm" }.filter(isReadable)
            if !files.isEmpty { return files }
        }
        let data = getenv("SPICE_LIB_DIR").map { String(cString: $0) }
        let installations = folders.flatMap { folder in
            ["/..", "/../.."].map { folder + $0 + "/share/ngspice" }
        }
        for installation in unique([data]) + installations {
            let files = namedByScript(installation + "/scripts/spinit").filter(isReadable)
            if !files.isEmpty { return files }
        }
        return []
    }

    /// The files that the `codemodel` lines of a start-up script name.
    private static func namedByScript(_ path: String) -> [String] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var text: [UInt8] = []
        var byte = getc(file)
        while byte != EOF, text.count < 1 << 20 {
            text.append(UInt8(truncatingIfNeeded: byte))
            byte = getc(file)
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
            guard words.count == 2, words[0] == "codemodel" else { return nil }
            return String(words[1])
        }
    }

    private static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    private static var currentFolder: String { realPath(".") ?? "." }

    private static func unique(_ paths: [String?]) -> [String] {
        var seen: Set<String> = []
        return paths.compactMap { $0 }.filter { !$0.isEmpty && seen.insert($0).inserted }
    }
}
