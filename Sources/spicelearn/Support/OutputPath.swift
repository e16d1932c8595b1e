import CSystem
import Foundation

/// Where an output goes: standard output, a device or pipe, or a file, links resolved.
///
/// Making one fails at once where it can't be written, so that hours of training are not lost to a
/// misspelt folder, and changes nothing.
struct OutputPath {
    enum Kind { case standardOutput, special, file }

    /// As typed.
    let name: String
    /// A link stays a link: this is its target.
    let resolved: String
    let kind: Kind

    /// - Throws: `Failure` with exit code 73.
    init(_ name: String) throws(Failure) {
        self.name = name
        resolved = Self.resolve(name)
        kind = Self.isStandardOutput(name) ? .standardOutput : Self.kind(of: resolved)
        guard kind == .file else { return }
        guard !Self.isLink(resolved) else {
            throw Failure(
                "can't write \(name): it is a link that leads to no file but to itself; give another name",
                status: ExitStatus.cannotCreate)
        }
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: resolved, isDirectory: &isFolder) {
            guard !isFolder.boolValue else {
                throw Failure(
                    "\(name) is a directory: give the name of a file",
                    status: ExitStatus.cannotCreate)
            }
            guard access(resolved, W_OK) == 0 else { throw cannotCreate(errno) }
        }
        guard !name.isEmpty else { throw cannotCreate(ENOENT) }
        let probe = temporary
        unlink(probe)
        let item = csystem_note_file(probe)
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let code = errno
            csystem_forget(item)
            throw cannotCreate(code)
        }
        close(descriptor)
        csystem_remove(item)
    }

    /// Other names for standard output than `-`, which opening anew may empty or even be refused.
    static func isStandardOutput(_ name: String) -> Bool {
        ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(name)
    }

    /// A name beside the file, of this process alone.
    var temporary: String { "\(resolved).\(ProcessInfo.processInfo.processIdentifier).tmp" }

    func cannotWrite(_ code: Int32) -> Failure {
        Failure(
            code == EINTR
                ? "nothing reads \(name), which is not written"
                : "can't write \(name): \(String(cString: strerror(code)))",
            status: ExitStatus.inputOutput,
            cause: code == EINTR ? .interrupted : code == EPIPE ? .noReader : .other)
    }

    private func cannotCreate(_ code: Int32) -> Failure {
        Failure(
            "can't write \(name.isEmpty ? "a file without a name" : name): "
                + String(cString: strerror(code)),
            status: ExitStatus.cannotCreate)
    }

    private static func kind(of path: String) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else { return .file }
        let kind = status.st_mode & S_IFMT
        return kind == S_IFREG || kind == S_IFDIR ? .file : .special
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// The file that a path leads to, also where a link leads to one that is not there yet.
    static func resolve(_ path: String) -> String {
        var path = path
        // As many links as Linux follows.
        for _ in 0..<40 {
            if let real = realpath(path, nil) {
                defer { free(real) }
                return String(cString: real)
            }
            var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            guard readlink(path, &target, target.count - 1) > 0 else { return path }
            let next = String(
                decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            path = next.utf8.starts(with: "/".utf8) ? next : path.folder + "/" + next
        }
        return path
    }
}
