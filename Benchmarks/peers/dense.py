"""Dense factorizations of the circuit's matrix, each as `factorize(k) → solve(right-hand sides)`."""

import numpy as np
from scipy.linalg import lapack

from sparse import SparseMatrix


class DenseMatrix:
    """The Laplacian of the unknown nodes in one buffer, whose values follow the conductances."""

    def __init__(self, task):
        pattern = SparseMatrix(task)
        self.values = pattern.values
        columns = np.repeat(np.arange(task.n), np.diff(pattern.matrix.indptr))
        self.slots = columns * task.n + pattern.matrix.indices
        self.matrix = np.zeros((task.n, task.n))

    def at(self, k):
        flat = self.matrix.reshape(-1)
        flat[:] = 0
        flat[self.slots] = self.values @ k
        return self.matrix


def lu(task):
    """numpy.linalg.solve, which factors at each call."""
    matrix = DenseMatrix(task)

    def factorize(k):
        a = matrix.at(k)
        return lambda b: np.linalg.solve(a, b)

    return factorize


def cholesky(task):
    """LAPACK's Cholesky factorization, in place."""
    matrix = DenseMatrix(task)

    def factorize(k):
        # The transpose of a symmetric matrix in C order is the same matrix in Fortran's.
        factor, info = lapack.dpotrf(matrix.at(k).T, lower=1, overwrite_a=1, clean=0)
        assert info == 0

        def solve(b):
            solved, info = lapack.dpotrs(factor, b, lower=1)
            assert info == 0
            return solved

        return solve

    return factorize
