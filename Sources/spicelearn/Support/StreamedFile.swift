import Foundation

/// A file, device or pipe that is written as its content comes.
///
/// The first bytes open it: a file that was there is kept until then.
final class StreamedFile {
    let path: OutputPath
    private var descriptor: Int32?

    init(to path: OutputPath) { self.path = path }

    /// Goes on after so many bytes of a file that was left before; what follows them is cut off. A pipe or a
    /// device just gets what comes.
    ///
    /// - Throws: `Failure`: 66 where the file is gone, 65 where it is shorter, 73 or 74 where it can't be
    ///   written.
    init(to path: OutputPath, after bytes: Int) throws(Failure) {
        self.path = path
        guard path.kind == .file else { return }
        let opened = open(path.resolved, O_WRONLY | O_CLOEXEC)
        guard opened >= 0 else {
            guard errno == ENOENT else { throw path.cannotWrite(errno) }
            throw Failure(
                "\(path.name), which this training was writing, is gone: restore it, or name another",
                status: ExitStatus.noInput)
        }
        descriptor = opened
        let end = lseek(opened, 0, SEEK_END)
        guard end >= bytes else {
            throw Failure(
                """
                \(path.name) is shorter than this training left it: restore it, or name another
                """, status: ExitStatus.badData)
        }
        guard ftruncate(opened, off_t(bytes)) == 0, lseek(opened, 0, SEEK_END) >= 0 else {
            throw path.cannotWrite(errno)
        }
    }

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

    /// Waits until all is on disk.
    func synchronize() throws(Failure) {
        guard let descriptor, path.kind == .file else { return }
        guard fsync(descriptor) == 0 else { throw path.cannotWrite(errno) }
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
