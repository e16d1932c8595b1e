extension String {
    /// What stands before the last slash: `.` where there is none.
    ///
    /// Foundation's own takes a name of one letter for a reason to crash.
    var folder: String {
        guard let slash = lastIndex(of: "/") else { return "." }
        return slash == startIndex ? "/" : String(self[..<slash])
    }

    /// What stands after the last slash.
    var fileName: String {
        lastIndex(of: "/").map { String(self[index(after: $0)...]) } ?? self
    }

    /// Without the ending of the file's name, the point included: `dir.v1/net` stays as it is.
    var withoutEnding: String {
        guard let point = fileName.lastIndex(of: "."), point != fileName.startIndex else {
            return self
        }
        return String(dropLast(fileName.distance(from: point, to: fileName.endIndex)))
    }
}
