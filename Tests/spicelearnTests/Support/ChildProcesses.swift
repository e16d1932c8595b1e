import Foundation

/// The processes that run ngspice for a spicelearn process.
///
/// Asked of the system itself, and not of `pgrep` and `ps`: a minimal system has neither, and what they
/// match by its command line can be another test's.
enum ChildProcesses {
    /// Those of this parent that run the worker's command, in no order.
    static func workers(of parent: pid_t) -> [pid_t] {
        all().filter {
            $0.parent == parent && command(of: $0.identifier).contains("ngspice-worker")
        }
        .map(\.identifier)
    }

    /// False also for one that has ended, but whose parent has not collected it.
    static func isAlive(_ process: pid_t) -> Bool {
        all().contains { $0.identifier == process && !$0.hasEnded }
    }

    private struct Entry {
        let identifier: pid_t
        let parent: pid_t
        let hasEnded: Bool
    }

    #if os(Linux)
        private static func all() -> [Entry] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return names.compactMap { name in
                guard let identifier = pid_t(name), let text = contents("/proc/\(name)/stat"),
                    // The program's name, in parentheses, may hold anything.
                    let end = text.lastIndex(of: ")")
                else { return nil }
                let fields = text[end...].split(separator: " ").dropFirst()
                guard let state = fields.first, let parent = fields.dropFirst().first else {
                    return nil
                }
                return Entry(
                    identifier: identifier, parent: pid_t(parent) ?? 0, hasEnded: state == "Z")
            }
        }

        private static func command(of process: pid_t) -> String {
            contents("/proc/\(process)/cmdline") ?? ""
        }

        private static func contents(_ path: String) -> String? {
            (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
        }
    #else
        private static func all() -> [Entry] {
            output("-axo", "pid=,ppid=,stat=").split(separator: "\n").compactMap { line in
                let fields = line.split(separator: " ")
                guard fields.count == 3, let identifier = pid_t(fields[0]) else { return nil }
                return Entry(
                    identifier: identifier, parent: pid_t(fields[1]) ?? 0,
                    hasEnded: fields[2].hasPrefix("Z"))
            }
        }

        private static func command(of process: pid_t) -> String {
            output("-o", "command=", "-p", "\(process)")
        }

        /// What `ps` prints, which belongs to the system.
        private static func output(_ arguments: String...) -> String {
            (try? run(URL(filePath: "/bin/ps"), arguments))?.output ?? ""
        }
    #endif
}
