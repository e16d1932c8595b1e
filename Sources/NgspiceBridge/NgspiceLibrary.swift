import CNgspice

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One loaded image of libngspice and the functions used of it.
///
/// The library keeps one circuit and one set of options per image, and declares itself dead after
/// some errors. It is therefore opened at run time instead of linked: a dead image is closed and a
/// fresh one opened.
struct NgspiceLibrary {
    typealias SendText =
        @convention(c) (UnsafeMutablePointer<CChar>?, Int32, UnsafeMutableRawPointer?) -> Int32
    typealias Exit = @convention(c) (Int32, Bool, Bool, Int32, UnsafeMutableRawPointer?) -> Int32
    typealias SendValues =
        @convention(c) (pvecvaluesall?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32
    typealias SendNames = @convention(c) (pvecinfoall?, Int32, UnsafeMutableRawPointer?) -> Int32
    typealias GetSourceValue =
        @convention(c) (
            UnsafeMutablePointer<Double>?, Double, UnsafeMutablePointer<CChar>?, Int32,
            UnsafeMutableRawPointer?
        ) -> Int32

    private typealias Initialize =
        @convention(c) (
            SendText?, SendText?, Exit?, SendValues?, SendNames?, UnsafeRawPointer?,
            UnsafeMutableRawPointer?
        ) -> Int32
    private typealias InitializeSources =
        @convention(c) (
            GetSourceValue?, GetSourceValue?, UnsafeRawPointer?, UnsafeMutablePointer<Int32>?,
            UnsafeMutableRawPointer?
        ) -> Int32

    private let handle: UnsafeMutableRawPointer
    /// The file that the dynamic linker took the image from, where it says.
    let path: String?
    private let initialize: Initialize
    private let initializeSources: InitializeSources
    /// Runs one command line; nil frees the lines kept so far. The text is not kept.
    let command: @convention(c) (UnsafeMutablePointer<CChar>?) -> Int32
    /// Loads the lines up to the null pointer; they are copied.
    let circuit: @convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32
    /// A vector's data, in memory that the next call or command overwrites.
    let vector: @convention(c) (UnsafeMutablePointer<CChar>?) -> pvector_info?

    /// The files of ngspice's code models, on which POLY and TABLE sources and A devices rely.
    let codeModels: [String]

    /// Opens the library that was chosen, or the installed one.
    ///
    /// - Throws: `libraryMissing`, with what to install.
    init() throws(NgspiceError) {
        var reasons: [String] = []
        for name in NgspiceFile.names {
            if let fault = NgspiceFile.fault(of: name) {
                reasons.append("\(name): \(fault)")
                continue
            }
            // Still there: somebody else keeps the old image, whose state may be dead. A copy of the
            // file under another name is an image of its own.
            if let stale = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD) {
                defer { dlclose(stale) }
                if let path = Self.fileName(of: stale), let copy = Self.openCopy(of: path) {
                    self = try Self(handle: copy, path: path)
                    return
                }
            }
            if let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) {
                self = try Self(handle: handle, path: Self.fileName(of: handle))
                return
            }
            if let reason = dlerror() { reasons.append(String(cString: reason)) }
        }
        throw NgspiceFile.missing(reasons)
    }

    private init(handle: UnsafeMutableRawPointer, path: String?) throws(NgspiceError) {
        func function<F>(_ name: String, as type: F.Type) throws(NgspiceError) -> F {
            guard let symbol = dlsym(handle, name) else {
                throw NgspiceError(
                    .libraryMissing, "\(path ?? "the library") is not ngspice's: it has no \(name)")
            }
            return unsafeBitCast(symbol, to: type)
        }
        self.handle = handle
        self.path = path
        codeModels = NgspiceFile.codeModels(of: path)
        initialize = try function("ngSpice_Init", as: Initialize.self)
        initializeSources = try function("ngSpice_Init_Sync", as: InitializeSources.self)
        command = try function(
            "ngSpice_Command", as: (@convention(c) (UnsafeMutablePointer<CChar>?) -> Int32).self)
        circuit = try function(
            "ngSpice_Circ",
            as: (@convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32).self
        )
        vector = try function(
            "ngGet_Vec_Info",
            as: (@convention(c) (UnsafeMutablePointer<CChar>?) -> pvector_info?).self)
    }

    /// Unloads the image. Memory that it allocated stays.
    func close() {
        dlclose(handle)
    }

    /// Calls ngSpice_Init so that no start-up script is read.
    ///
    /// An empty SPICE_SCRIPTS leaves out the system's. The user's is looked for in the current folder
    /// and then at home (by the password database: HOME would not help); the private folder, which has
    /// to be current, holds an empty one.
    func start(
        text: SendText, exit: Exit, values: SendValues, names: SendNames,
        voltage: GetSourceValue, current: GetSourceValue, userData: UnsafeMutableRawPointer
    ) {
        let scripts = getenv("SPICE_SCRIPTS").map { String(cString: $0) }
        setenv("SPICE_SCRIPTS", "", 1)
        defer {
            if let scripts {
                setenv("SPICE_SCRIPTS", scripts, 1)
            } else {
                unsetenv("SPICE_SCRIPTS")
            }
        }
        _ = initialize(text, nil, exit, values, names, nil, userData)
        var identity: Int32 = 0
        _ = initializeSources(voltage, current, nil, &identity, userData)
    }

    private static func closeFile(_ descriptor: Int32) -> Int32 {
        #if canImport(Darwin)
            Darwin.close(descriptor)
        #elseif canImport(Glibc)
            Glibc.close(descriptor)
        #else
            Musl.close(descriptor)
        #endif
    }

    /// Opens a copy of the file.
    private static func openCopy(of original: String) -> UnsafeMutableRawPointer? {
        guard let folder = try? TemporaryFolder() else { return nil }
        let path = folder.path + "/libngspice"
        guard copyFile(original, to: path) else { return nil }
        return dlopen(path, RTLD_NOW | RTLD_LOCAL)
    }

    /// The path that the dynamic linker took the image from.
    private static func fileName(of image: UnsafeMutableRawPointer) -> String? {
        guard let symbol = dlsym(image, "ngSpice_Init") else { return NgspiceFile.chosen }
        #if canImport(Darwin)
            var info = Dl_info()
            return dladdr(symbol, &info) != 0 ? info.dli_fname.map { String(cString: $0) } : nil
        #else
            // dladdr is there but hidden from Swift; its result begins with the file's name.
            typealias Address =
                @convention(c) (UnsafeRawPointer, UnsafeMutableRawPointer) -> Int32
            typealias Info = (UnsafePointer<CChar>?, UInt, UInt, UInt)
            guard let function = dlsym(nil, "dladdr") else { return nil }
            var info: Info = (nil, 0, 0, 0)
            guard unsafeBitCast(function, to: Address.self)(symbol, &info) != 0 else { return nil }
            return info.0.map { String(cString: $0) }
        #endif
    }

    private static func copyFile(_ source: String, to target: String) -> Bool {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        let output = open(target, O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0o700)
        defer {
            if input >= 0 { _ = closeFile(input) }
            if output >= 0 { _ = closeFile(output) }
        }
        guard input >= 0, output >= 0 else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            while true {
                let count = read(input, buffer.baseAddress, buffer.count)
                if count == 0 { return true }
                if count < 0 || write(output, buffer.baseAddress, count) != count { return false }
            }
        }
    }
}
