import CLAPACK
import Synchronization

/// How the routines of BLAS and LAPACK, and what is built on them, are called.
public enum BLAS {
    /// OpenBLAS built for one thread (Debian's libopenblas0-serial) keeps one work space for the whole
    /// process, without a lock: two threads that call it at once get wrong numbers.
    private static let needsLock = clapack_openblas_threading() == 0
    /// OpenBLAS built for OpenMP waits for ever for threads that OpenMP does not give it, as where
    /// another thread has just told OpenMP to use one (`cholmod_use_threads`).
    private static let mayLackThreads = clapack_openblas_threading() == 2
    private static let lock = Mutex(())

    /// The processor for whose like OpenBLAS works here; nil for another library.
    public static var core: String? { clapack_openblas_core().map { String(cString: $0) } }

    /// The variable that names the core for whose like OpenBLAS works, and its best value, where OpenBLAS
    /// itself chose one from before AVX2 for a processor that has it.
    ///
    /// OpenBLAS knows processors by their model: Debian 12's 0.3.21 takes the Xeons of 2023 for a Prescott of
    /// 2004, with whose kernels the factorization of a three-dimensional lattice of 10⁶ edges takes three times
    /// as long. It reads the variable when the program starts, and never again.
    public static var remedy: (variable: String, core: String)? {
        let old = ["Core2", "Dunnington", "Nehalem", "Penryn", "Prescott"]
        guard let core, old.contains(core), let widest = clapack_widest_core() else { return nil }
        return ("OPENBLAS_CORETYPE", String(cString: widest))
    }

    /// Calls routines that use one thread: more would make small factorizations slower by orders of
    /// magnitude on a busy machine. Not to be nested.
    public static func onOneThread<R>(_ body: () -> R) -> R {
        // For each call, since OpenMP keeps the number for each thread that asks.
        clapack_use_one_thread()
        guard needsLock else { return body() }
        return lock.withLock { _ in body() }
    }

    /// Calls routines that may use as many threads as the library has, if it has them for sure.
    static func onSeveralThreads<R>(_ body: () -> R) -> R {
        needsLock || mayLackThreads ? onOneThread(body) : body()
    }
}
