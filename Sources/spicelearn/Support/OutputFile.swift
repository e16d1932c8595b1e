import Foundation

/// A file that is replaced in one move, when its new content is complete and on disk.
///
/// `init` fails at once where the file could not be created, so that hours of training are not lost to
/// a misspelt folder. Until `write` returns, whatever was there stays there.
struct OutputFile {
    /// `-` is standard output.
    let path: String

    /// - Throws: `Failure` with exit code 73.
    init(path: String) throws {
        // A link stays a link: its target is what is replaced.
        self.path = path == "-" ? path : Self.resolved(path)
        guard path != "-", !isSpecial else { return }
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
        {
            throw Failure(
                "\(path) is a directory: give the name of a file", status: ExitStatus.cannotCreate)
        }
        let probe = Self.temporary(beside: path)
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL, 0o644)
        guard descriptor >= 0 else {
            throw Failure(
                "can't write \(path): \(Self.reason(errno))", status: ExitStatus.cannotCreate)
        }
        close(descriptor)
        unlink(probe)
    }

    /// - Throws: `Failure` with exit code 74.
    func write(_ bytes: [UInt8]) throws {
        if path == "-" {
            guard Self.writeAll(bytes, to: STDOUT_FILENO) else { throw failure(errno) }
            return
        }
        if isSpecial {
            let descriptor = open(path, O_WRONLY)
            guard descriptor >= 0 else { throw failure(errno) }
            guard Self.writeAll(bytes, to: descriptor), close(descriptor) == 0 else {
                throw failure(errno)
            }
            return
        }
        let temporary = Self.temporary(beside: path)
        let mode = Self.permissions(of: path) ?? 0o644
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode)
        guard descriptor >= 0 else { throw failure(errno) }
        guard Self.writeAll(bytes, to: descriptor), fsync(descriptor) == 0, close(descriptor) == 0,
            rename(temporary, path) == 0
        else {
            let code = errno
            unlink(temporary)
            throw failure(code)
        }
    }

    /// A device or a pipe: it is written to, not replaced.
    private var isSpecial: Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        let kind = status.st_mode & S_IFMT
        return kind != S_IFREG && kind != S_IFDIR
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private func failure(_ code: Int32) -> Failure {
        Failure("can't write \(path): \(Self.reason(code))", status: ExitStatus.inputOutput)
    }

    private static func temporary(beside path: String) -> String {
        "\(path).\(ProcessInfo.processInfo.processIdentifier).tmp"
    }

    private static func permissions(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return false
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return true
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
