import Foundation

/// A file, device or pipe that is written as its content comes.
///
/// The first bytes open it: a file that was there is kept until then.
final class StreamedFile {
    let path: OutputPath
    private var descriptor: Int32?
    /// Where the file goes on, until what follows is cut off.
    private var end: Int?

    init(to path: OutputPath) { self.path = path }

    /// Goes on after this many bytes of a file that was left before. What follows them is cut off with the first
    /// bytes, or when the file is closed: until then nothing is changed. A pipe or a device just gets what comes.
    ///
    /// - Parameter check: given these bytes part by part, and nothing at their end; throws where they are not
    ///   what they should be.
    /// - Throws: `Failure`: 66 where the file is gone, 65 where it is shorter, 73 or 74 where it can't be
    ///   written.
    init(
        to path: OutputPath, after bytes: Int, check: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        self.path = path
        guard path.kind == .file else { return }
        let opened = open(path.resolved, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard opened >= 0 else {
            guard errno == ENOENT else { throw path.cannotWrite(errno) }
            throw Failure(
                "\(path.name), which this training was writing, is gone: restore it, or name another",
                status: ExitStatus.noInput)
        }
        descriptor = opened
        guard lseek(opened, 0, SEEK_END) >= bytes, lseek(opened, 0, SEEK_SET) == 0 else {
            throw Failure(
                """
                \(path.name) is shorter than this training left it: restore it, or name another
                """, status: ExitStatus.badData)
        }
        var (left, part) = (bytes, [UInt8](repeating: 0, count: 1 << 20))
        while left > 0 {
            let count = read(opened, &part, min(left, part.count))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw path.cannotWrite(count < 0 ? errno : EIO) }
            try check(Array(part[..<count]))
            left -= count
        }
        try check([])
        end = bytes
    }

    deinit { if let descriptor, descriptor != STDOUT_FILENO { Foundation.close(descriptor) } }

    /// - Throws: `Failure` with exit code 73 or 74.
    func append(_ bytes: [UInt8]) throws(Failure) {
        let descriptor = path.kind == .standardOutput ? STDOUT_FILENO : try opened()
        try cutOff()
        let code = StandardStreams.write(bytes, to: descriptor)
        guard code == 0 else { throw path.cannotWrite(code) }
    }

    private func cutOff() throws(Failure) {
        guard let end, let descriptor else { return }
        self.end = nil
        guard ftruncate(descriptor, off_t(end)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
            throw path.cannotWrite(errno)
        }
    }

    /// Writes over what is already there; only in a file.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(Failure) {
        let descriptor = try opened()
        try cutOff()
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
        try cutOff()
        guard let descriptor else { return }
        self.descriptor = nil
        guard Foundation.close(descriptor) == 0 else { throw path.cannotWrite(errno) }
    }

    private func opened() throws(Failure) -> Int32 {
        if let descriptor { return descriptor }
        let opened = path.kind == .file ? openFile() : openSpecial()
        guard opened >= 0 else { throw path.cannotWrite(errno) }
        descriptor = opened
        return opened
    }

    private func openFile() -> Int32 {
        open(path.resolved, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    }

    /// Waits for a pipe's reader until a signal comes, and for a moment where one has come before.
    private func openSpecial() -> Int32 {
        var status = stat()
        guard stat(path.resolved, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else {
            return open(path.resolved, O_WRONLY | O_CLOEXEC)
        }
        let lastMoment =
            Interruption.exitStatus == nil ? nil : ContinuousClock.now + .milliseconds(500)
        while true {
            let opened = open(path.resolved, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
            if opened >= 0 {
                _ = fcntl(opened, F_SETFL, O_WRONLY)
                return opened
            }
            guard errno == ENXIO || errno == EINTR else { return -1 }
            let goesOn =
                lastMoment.map { ContinuousClock.now < $0 } ?? (Interruption.exitStatus == nil)
            guard goesOn else {
                errno = EINTR
                return -1
            }
            usleep(20_000)
        }
    }
}
