"""Sparse factorizations of the circuit's matrix, each as `factorize(k) → solve(right-hand sides)`."""

import numpy as np
from scipy import sparse
from scipy.linalg import lapack
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import splu, spsolve

SYMMETRIC = {"SymmetricMode": True}


class SparseMatrix:
    """The Laplacian of the unknown nodes, whose values follow the conductances.

    The pattern is made once; new values are one product of a sparse matrix and the conductances.
    """

    def __init__(self, task, order=None):
        row, column, edge, sign = task.laplacian_triplets()
        if order is not None:
            place = np.empty_like(order)
            place[order] = np.arange(len(order))
            row, column = place[row], place[column]
        keys, slot = np.unique(column.astype(np.int64) * task.n + row, return_inverse=True)
        self.values = sparse.csr_array(
            (sign, (slot, edge)), shape=(len(keys), len(task.conductances)))
        starts = np.searchsorted(keys, np.arange(task.n + 1) * task.n)
        self.matrix = sparse.csc_matrix(
            (np.ones(len(keys)), (keys % task.n).astype(np.int32), starts.astype(np.int32)),
            shape=(task.n, task.n))
        self.matrix.has_sorted_indices = True

    def at(self, k):
        self.matrix.data[:] = self.values @ k
        return self.matrix


def solve_each(task, permc_spec):
    """`spsolve` for every right-hand side: the matrix is factored anew each time."""
    matrix = SparseMatrix(task)

    def factorize(k):
        a = matrix.at(k)
        return lambda b: np.column_stack(
            [spsolve(a, column, permc_spec=permc_spec, use_umfpack=False) for column in b.T])

    return factorize


def superlu(task, **options):
    """SuperLU, ordering the matrix at each step."""
    matrix = SparseMatrix(task)

    def factorize(k):
        return splu(matrix.at(k), **options).solve

    return factorize


def superlu_ordered(task, **options):
    """SuperLU in symmetric mode with the minimum-degree ordering that it found for the first matrix."""
    first = splu(
        SparseMatrix(task).at(task.conductances), permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0, options=SYMMETRIC)
    place = first.perm_c
    order = np.argsort(place)
    matrix = SparseMatrix(task, order)

    def factorize(k):
        solve = splu(
            matrix.at(k), permc_spec="NATURAL", diag_pivot_thresh=0, options=SYMMETRIC,
            **options).solve
        return lambda b: solve(b[order])[place]

    return factorize


def banded(task):
    """LAPACK's banded Cholesky factorization after a reverse Cuthill–McKee ordering."""
    pattern = SparseMatrix(task).matrix
    order = reverse_cuthill_mckee(pattern.tocsr(), symmetric_mode=True)
    place = np.argsort(order)
    ordered = SparseMatrix(task, order)
    columns = np.repeat(np.arange(task.n), np.diff(ordered.matrix.indptr))
    below = ordered.matrix.indices - columns
    lower = below >= 0
    values = ordered.values[np.flatnonzero(lower)]
    bandwidth = below.max()
    # Fortran order: the diagonals of a column lie side by side.
    band = np.zeros((bandwidth + 1, task.n), order="F")
    slots = columns[lower] * (bandwidth + 1) + below[lower]
    flat = band.reshape(-1, order="F")

    def factorize(k):
        flat[:] = 0
        flat[slots] = values @ k
        factor, info = lapack.dpbtrf(band, lower=1, overwrite_ab=1)
        assert info == 0

        def solve(b):
            solved, info = lapack.dpbtrs(factor, b[order], lower=1, overwrite_b=1)
            assert info == 0
            return solved[place]

        return solve

    return factorize


def cholmod(task, mode):
    """CHOLMOD by scikit-sparse: analysed once, factored at each step."""
    from sksparse.cholmod import analyze

    matrix = SparseMatrix(task)
    factor = analyze(matrix.at(task.conductances), mode=mode)

    def factorize(k):
        factor.cholesky_inplace(matrix.at(k))
        return factor.solve_A

    return factorize
