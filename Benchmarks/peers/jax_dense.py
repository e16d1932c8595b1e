"""Dense JAX: one compiled function from the conductances to the next ones and the update, in double precision."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import cho_factor, cho_solve

from one_factor import RATE

jax.config.update("jax_enable_x64", True)
# Each step is waited for: handing it to another thread only costs.
jax.config.update("jax_cpu_enable_async_dispatch", False)


def scattered(task):
    """The Laplacian of the unknown nodes by adding each conductance to its places."""
    row, column, edge, sign = task.laplacian_triplets()
    slots = row * task.n + column

    def laplacian(k):
        flat = jnp.zeros(task.n * task.n).at[slots].add(sign * k[edge])
        return flat.reshape(task.n, task.n)

    return laplacian


def gathered(task):
    """The same by looking up the conductance of each place; no two resistors may be parallel."""
    row, column, edge, _ = task.laplacian_triplets()
    none = len(task.conductances)
    between = np.full((task.n, task.n), none)
    off_diagonal = row != column
    between[row[off_diagonal], column[off_diagonal]] = edge[off_diagonal]
    at = [[] for _ in range(task.n)]
    for node, resistor in zip(row[~off_diagonal], edge[~off_diagonal]):
        at[node].append(resistor)
    most = max(map(len, at))
    at = np.array([resistors + [none] * (most - len(resistors)) for resistors in at])

    def laplacian(k):
        padded = jnp.append(k, 0.0)
        return jnp.diag(padded[at].sum(axis=1)) - padded[between]

    return laplacian


def by_cholesky(matrix, b):
    return cho_solve(cho_factor(matrix, lower=True), b)


def by_lu(matrix, b):
    return jnp.linalg.solve(matrix, b)


class Jax:
    """
    Parameters
    ----------
    laplacian : `scattered` or `gathered`.
    solve : `by_cholesky` or `by_lu`.
    superposed : solve for unit inputs and unit currents at the outputs, and combine these for all samples.
    steps : steps in one call of the compiled function.
    """

    def __init__(self, task, laplacian, solve, superposed=False, steps=1):
        self.task, self.steps = task, steps
        matrix = laplacian(task)
        nodes, inputs, edges = task.source_edges()
        width, samples = len(task.sources), task.samples
        x, targets = task.inputs.T, task.targets.T
        at_outputs = np.zeros((task.n, len(task.outputs)))
        at_outputs[task.outputs, np.arange(len(task.outputs))] = 1

        def drops(unknown, held):
            voltages = jnp.concatenate([unknown, held, jnp.zeros((1, unknown.shape[1]))])
            return voltages[task.a] - voltages[task.b]

        def currents(k):
            return jnp.zeros((task.n, width)).at[nodes, inputs].add(k[edges])

        def each_sample(k):
            solved = solve(matrix(k), jnp.hstack([currents(k) @ x, at_outputs]))
            free = solved[:, :samples]
            adjoint = solved[:, samples:] @ (free[task.outputs] - targets)
            return (drops(free, x) * drops(adjoint, jnp.zeros_like(x))).sum(axis=1) / samples

        def superpose(k):
            solved = solve(matrix(k), jnp.hstack([currents(k), at_outputs]))
            errors = solved[task.outputs, :width] @ x - targets
            held = np.hstack([np.eye(width), np.zeros((width, len(task.outputs)))])
            fields = drops(solved, held)
            return ((fields[:, :width] @ (x @ errors.T / samples)) * fields[:, width:]).sum(axis=1)

        def step(k, _=None):
            update = (superpose if superposed else each_sample)(k)
            return k + RATE * update, update

        def run(k):
            if steps == 1:
                return step(k)
            k, updates = jax.lax.scan(step, k, length=steps)
            return k, updates[0]

        self.compiled = jax.jit(run)

    def advance(self, k):
        k, update = self.compiled(k)
        update.block_until_ready()
        return k, update
