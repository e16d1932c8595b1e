import CSuiteSparse

/// CHOLMOD and KLU, loaded when they are first asked for.
enum SuiteSparse {
    private static let fault: String? = csuitesparse_load().map { String(cString: $0) }

    /// - Throws: `libraryMissing`.
    static func routines() throws(SparseError) -> csuitesparse_routines {
        // CHOLMOD brings BLAS with it.
        try BLAS.load()
        if let fault { throw .libraryMissing(fault) }
        return csuitesparse()
    }
}
