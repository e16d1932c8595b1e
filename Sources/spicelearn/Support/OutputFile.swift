import CSystem
import Foundation

/// A file that is replaced in one move, when its new content is complete and on disk.
///
/// Until `write` returns, whatever was there stays there. Standard output, devices and pipes are
/// written to.
struct OutputFile {
    let path: OutputPath

    /// - Parameter path: `-` is standard output.
    /// - Throws: `Failure` with exit code 73.
    init(path: String) throws(Failure) { self.path = try OutputPath(path) }

    /// - Throws: `Failure` with exit code 74.
    func write(_ bytes: [UInt8]) throws(Failure) {
        switch path.kind {
        case .standardOutput: try StandardStreams.writeToOutput(bytes)
        case .special:
            let stream = StreamedFile(to: path)
            try stream.append(bytes)
            try stream.close()
        case .file: try replace(with: bytes)
        }
    }

    private func replace(with bytes: [UInt8]) throws(Failure) {
        let temporary = path.temporary
        // What a killed process with this one's number may have left.
        unlink(temporary)
        let item = csystem_note_file(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let code = errno
            csystem_forget(item)
            throw path.cannotWrite(code)
        }
        var code = StandardStreams.write(bytes, to: descriptor)
        if code == 0, let mode = permissions, fchmod(descriptor, mode) != 0 { code = errno }
        if code == 0, fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        if code == 0, rename(temporary, path.resolved) != 0 { code = errno }
        guard code == 0 else {
            csystem_remove(item)
            throw path.cannotWrite(code)
        }
        csystem_forget(item)
        synchronizeFolder()
    }

    /// So that the new name outlives a power cut. Some file systems can't, which is no failure.
    private func synchronizeFolder() {
        let folder = open(path.resolved.folder, O_RDONLY)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    /// Those of the file that is replaced.
    private var permissions: mode_t? {
        var status = stat()
        return stat(path.resolved, &status) == 0 ? status.st_mode & 0o777 : nil
    }
}
