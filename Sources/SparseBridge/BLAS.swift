import CLAPACK
import Synchronization

/// How the routines of BLAS and LAPACK, and what is built on them, are called.
public enum BLAS {
    /// OpenBLAS built for one thread (Debian's libopenblas0-serial) keeps one work space for the whole
    /// process, without a lock: two threads that call it at once get wrong numbers.
    private static let needsLock = clapack_is_for_one_thread() != 0
    private static let lock = Mutex(())
    /// Once for all: OpenBLAS takes 0.1 µs for it, a small factorization 2.
    private static let isOnOneThread: Void = clapack_use_one_thread()

    /// Calls routines that use one thread: more would make small factorizations slower by orders of
    /// magnitude on a busy machine. Not to be nested.
    public static func onOneThread<R>(_ body: () -> R) -> R {
        isOnOneThread
        return safely(body)
    }

    /// Calls routines that may use as many threads as the library has, if none was called that uses one.
    static func safely<R>(_ body: () -> R) -> R {
        guard needsLock else { return body() }
        return lock.withLock { _ in body() }
    }
}
