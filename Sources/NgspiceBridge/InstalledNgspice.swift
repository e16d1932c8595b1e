import Netlist
import Synchronization

/// Which ngspice answers: the file of its library and the release that it says it is.
public struct InstalledNgspice: Sendable {
    /// How this library reads netlists.
    public let version: NgspiceVersion
    /// The library's file, as the dynamic linker found it.
    public let path: String
    /// The code models that it finds, on which POLY and TABLE sources and A devices rely.
    public let codeModels: [String]
}

extension Ngspice {
    /// Opens this file in place of the installed library, in this process and in all workers that it
    /// starts. The variable `SPICELEARN_NGSPICE` says the same where this isn't called.
    ///
    /// To be called before ngspice is used: an image that is open stays.
    ///
    /// - Parameter path: the shared library, such as `/opt/ngspice-44/lib/libngspice.so.0`; not the
    ///   program. A relative path counts from the current folder.
    public static func useLibrary(at path: String) { NgspiceFile.choose(path) }

    /// The file that `useLibrary(at:)` or `SPICELEARN_NGSPICE` chose; nil for the installed library.
    public static var chosenLibrary: String? { NgspiceFile.chosen }

    private static let found = Mutex<InstalledNgspice?>(nil)

    /// The ngspice that this process uses.
    ///
    /// ```swift
    /// if try Ngspice.installed().version >= NgspiceVersion(40) { … }  // 1a is 1e-18
    /// ```
    ///
    /// - Throws: `libraryMissing` where there is none, or where it doesn't say which release it is.
    /// - Complexity: the first call opens the library, some 10 ms; later ones are free.
    public static func installed() throws -> InstalledNgspice {
        if let known = found.withLock({ $0 }) { return known }
        let installed = try withInstance { try $0.identity() }
        found.withLock { $0 = installed }
        return installed
    }
}
