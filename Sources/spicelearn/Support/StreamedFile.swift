import Foundation

/// A file, device or pipe that is written as its content comes.
///
/// The first bytes open it: a file that was there is kept until then.
final class StreamedFile {
    let path: OutputPath
    private var descriptor: Int32?

    init(to path: OutputPath) { self.path = path }

    deinit { if let descriptor, descriptor != STDOUT_FILENO { Foundation.close(descriptor) } }

    /// - Throws: `Failure` with exit code 73 or 74.
    func append(_ bytes: [UInt8]) throws(Failure) {
        guard path.kind != .standardOutput else {
            return try StandardStreams.writeToOutput(bytes)
        }
        let code = StandardStreams.write(bytes, to: try opened())
        guard code == 0 else { throw path.cannotWrite(code) }
    }

    /// Writes over what is already there; only in a file.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(Failure) {
        let descriptor = try opened()
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw path.cannotWrite(errno) }
        let code = StandardStreams.write(bytes, to: descriptor)
        guard code == 0 else { throw path.cannotWrite(code) }
    }

    func close() throws(Failure) {
        guard let descriptor else { return }
        self.descriptor = nil
        guard Foundation.close(descriptor) == 0 else { throw path.cannotWrite(errno) }
    }

    private func opened() throws(Failure) -> Int32 {
        if let descriptor { return descriptor }
        let flags = path.kind == .file ? O_WRONLY | O_CREAT | O_TRUNC : O_WRONLY
        let opened = open(path.resolved, flags, 0o644)
        guard opened >= 0 else { throw path.cannotWrite(errno) }
        descriptor = opened
        return opened
    }
}
