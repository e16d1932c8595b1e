import CLAPACK
import Synchronization

/// How the routines of BLAS and LAPACK, and what is built on them, are called.
///
/// The library is loaded by the first call.
public enum BLAS {
    /// Why there is no library; nil where there is one.
    private static let fault: String? = clapack_load().map { String(cString: $0) }

    /// OpenBLAS built for one thread (Debian's libopenblas0-serial) keeps one work space for the whole
    /// process, without a lock: two threads that call it at once get wrong numbers. Where addresses are scarce,
    /// the second of two threads finds none for its work space, and would search without end.
    private static let needsLock =
        clapack_openblas_threading() == 0 || clapack_is_confined() != 0
    /// OpenBLAS built for OpenMP waits for ever for threads that OpenMP does not give it, as where
    /// another thread has just told OpenMP to use one (`cholmod_use_threads`).
    private static let mayLackThreads = clapack_openblas_threading() == 2
    private static let lock = Mutex(())

    /// Loads the library, where it is not.
    ///
    /// - Throws: `libraryMissing`.
    public static func load() throws(SparseError) {
        if let fault { throw .libraryMissing(fault) }
    }

    /// The processor for whose like OpenBLAS works here; nil for another library, and where there is none.
    public static var core: String? {
        guard fault == nil else { return nil }
        return clapack_openblas_core().map { String(cString: $0) }
    }

    /// Whether routines may use several threads.
    static var hasThreads: Bool { clapack_is_confined() == 0 }

    /// Calls routines that use one thread: more would make small factorizations slower by orders of
    /// magnitude on a busy machine. Not to be nested.
    ///
    /// - Throws: `libraryMissing`.
    public static func onOneThread<R>(_ body: () -> R) throws(SparseError) -> R {
        try load()
        // For each call, since OpenMP keeps the number for each thread that asks.
        clapack_use_one_thread()
        guard needsLock else { return body() }
        return lock.withLock { _ in body() }
    }

    /// Calls routines that may use as many threads as the library has, if it has them for sure.
    ///
    /// - Throws: `libraryMissing`.
    static func onSeveralThreads<R>(_ body: () -> R) throws(SparseError) -> R {
        try load()
        return needsLock || mayLackThreads ? try onOneThread(body) : body()
    }
}
