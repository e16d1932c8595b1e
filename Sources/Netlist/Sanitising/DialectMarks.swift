/// The comments among the lines handed over that say in which modes ngspice reads them, and which of them
/// are included files.
public enum DialectMarks {
    /// What `ngbehavior` takes follows.
    public static let mode = "*spicelearn mode "
    public static let beginning = "*spicelearn included"
    public static let end = "*spicelearn end of included"
}
