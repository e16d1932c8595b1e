import CSystem

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A new folder in TMPDIR, or in /tmp where that is not set or empty, gone with all that is in it when this is: at
/// the latest when the process exits, or ends by a signal that it catches (`csystem_catch_signals`).
final class TemporaryFolder {
    private let item: OpaquePointer

    /// - Throws: `libraryMissing` where none can be made.
    init() throws(NgspiceError) {
        let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let parent = named.isEmpty ? "/tmp" : named
        guard let item = csystem_make_folder(parent) else {
            throw NgspiceError(
                .libraryMissing,
                """
                ngspice can't be started: there can be no temporary folder in \(parent) \
                (\(String(cString: strerror(errno)))); name another with TMPDIR
                """)
        }
        self.item = item
    }

    deinit { csystem_remove(item) }

    /// Its real path.
    var path: String { String(cString: csystem_path(item)) }
}
