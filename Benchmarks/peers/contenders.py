"""The peers by name, each with the variants among which the fastest is measured.

A peer is a function that yields its variants for a task, each made when its turn comes: an object with
`advance(k) → (next k, update)`. Modules are imported where they are needed, so that a peer's process holds its
own libraries only.
"""

from one_factor import EachSample, Superposed

# From this many unknowns on, variants that can't win are not tried: LU does twice Cholesky's work, ngspice orders
# the matrix anew for each operating point, and how a dense matrix is filled is lost in its factorization.
LARGE = 1000


def stepping(method, factorizations):
    """The peer whose variants step by `method`, each with one of the factorizations yielded for the task."""

    def peer(task):
        for name, factorize in factorizations(task):
            yield name, method(task, factorize)

    return peer


def spsolve_variants(task):
    from sparse import solve_each

    for order in ("MMD_AT_PLUS_A", "COLAMD"):
        yield order, solve_each(task, order)


def superlu_variants(task):
    from sparse import SYMMETRIC, superlu

    symmetric = dict(permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0, options=SYMMETRIC)
    yield "minimum degree", superlu(task, **symmetric)
    yield "small panels", superlu(task, relax=1, panel_size=1, **symmetric)


def superlu_kept(task):
    from sparse import superlu_ordered

    yield "kept ordering", superlu_ordered(task)
    yield "kept ordering, small panels", superlu_ordered(task, relax=4, panel_size=1)


def numpy_variants(task):
    import dense

    yield "Cholesky", dense.cholesky(task)
    if task.n < LARGE:
        yield "LU", dense.lu(task)


def jax_variants(task, **options):
    from jax_dense import Jax, by_cholesky, by_lu, gathered, scattered

    small = task.n < LARGE
    for matrix in (scattered, gathered) if small else (scattered,):
        for solve in (by_cholesky, by_lu) if small else (by_cholesky,):
            yield f"{matrix.__name__}, {solve.__name__}", Jax(task, matrix, solve, **options)


def jax_dense(task):
    yield from jax_variants(task)


def jax_superposed(task):
    yield from jax_variants(task, superposed=True)


def jax_scan(task):
    if task.n < LARGE:
        for superposed in (False, True):
            for name, peer in jax_variants(task, superposed=superposed, steps=100):
                yield name + (", superposed" if superposed else ""), peer


def scipy_banded(task):
    from sparse import banded

    yield "each sample", EachSample(task, banded(task))
    yield "superposed", Superposed(task, banded(task))


def scikit_sparse(task):
    from sparse import cholmod

    for mode in ("simplicial", "supernodal"):
        yield f"{mode}, each sample", EachSample(task, cholmod(task, mode))
        yield f"{mode}, superposed", Superposed(task, cholmod(task, mode))


def pyspice(task):
    import pyspice_rebuild

    yield "operating points", pyspice_rebuild.EachPoint(task)


def pyspice_sweeps(task):
    import pyspice_rebuild

    if task.samples > 1:
        yield "sweeps", pyspice_rebuild.Sweeps(task)


def ngspice_process(task):
    import ngspice_process

    yield "operating points", ngspice_process.Interactive(task)


def ngspice_sweeps(task):
    import ngspice_process

    if task.samples > 1:
        yield "sweeps", ngspice_process.Sweeps(task)
    yield "twin networks", ngspice_process.Twins(task)


PEERS = {
    "scipy spsolve, each sample": stepping(EachSample, spsolve_variants),
    "scipy splu, one factorization": stepping(EachSample, superlu_variants),
    "numpy, dense": stepping(EachSample, numpy_variants),
    "JAX, dense": jax_dense,
    "PySpice": pyspice,
    "ngspice subprocess": ngspice_process,
}

# What nobody does today: the same tools used as they can be used best, our superposition handed to the peers, a
# hundred steps compiled into one call, and solvers that suit the matrix better.
FURTHER = {
    "PySpice, sweeps": pyspice_sweeps,
    "ngspice subprocess, sweeps": ngspice_sweeps,
    "scipy splu, ordering kept": stepping(EachSample, superlu_kept),
    "scipy splu, kept, superposed": stepping(Superposed, superlu_kept),
    "numpy, dense, superposed": stepping(Superposed, numpy_variants),
    "JAX, dense, superposed": jax_superposed,
    "JAX, dense, 100 steps a call": jax_scan,
    "scipy banded Cholesky": scipy_banded,
    "scikit-sparse (CHOLMOD)": scikit_sparse,
}

# Name: engine and superposition, as engine-steps wants them.
OURS = {
    "spicelearn, ngspice": ("ngspice", "off"),
    "spicelearn, ngspice, superposed": ("ngspice", "on"),
    "spicelearn, sparse": ("sparse", "off"),
    "spicelearn, sparse, superposed": ("sparse", "on"),
}

# Whose BLAS may use all cores where the problem is large.
DENSE = [name for name in [*PEERS, *FURTHER] if "dense" in name]
