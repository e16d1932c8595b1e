"""JAX, written for this circuit: Newton's method for all samples at once, the adjoint by hand, compiled.

Held nodes are no unknowns. Each step begins from the states of the last. Variants solve the small systems by LAPACK,
or by an elimination that is unrolled at compile time (the matrix is symmetric and positive definite).
"""

import jax
import jax.numpy as jnp
import numpy as np

from circuit import JUNCTION_CONDUCTANCE, THERMAL_VOLTAGE, Circuit

# Newton's last step is at most this, V; its error is the square of it over a thermal voltage.
LAST_STEP = 1e-7


def lapack(matrix, right):
    return jnp.linalg.solve(matrix, right[..., None])[..., 0]


def unrolled(matrix, right):
    """Gauss's elimination without pivots, a line of code for each row."""
    n = right.shape[-1]
    rows = [jnp.concatenate([matrix[..., i, :], right[..., i : i + 1]], axis=-1) for i in range(n)]
    for i in range(n):
        for j in range(i + 1, n):
            rows[j] = rows[j] - rows[j][..., i : i + 1] / rows[i][..., i : i + 1] * rows[i]
    found = [None] * n
    for i in reversed(range(n)):
        rest = rows[i][..., n] - sum(rows[i][..., j] * found[j] for j in range(i + 1, n))
        found[i] = rest / rows[i][..., i]
    return jnp.stack(found, axis=-1)


class ByHand:
    """One step: the update −∂loss/∂k of every resistor. values: Ω."""

    def __init__(self, circuit, solve):
        n, total = circuit.n, circuit.ground + 1
        incidence = np.zeros((len(circuit.values), total))
        incidence[np.arange(len(circuit.values)), circuit.a] += 1
        incidence[np.arange(len(circuit.values)), circuit.b] -= 1
        junctions = np.zeros((len(circuit.anode), total))
        junctions[np.arange(len(circuit.anode)), circuit.anode] += 1
        junctions[np.arange(len(circuit.anode)), circuit.cathode] -= 1
        held = jnp.concatenate([circuit.held, np.zeros((circuit.samples, 1))], axis=1)
        drops, junction = jnp.asarray(incidence), jnp.asarray(junctions)
        outputs, targets = jnp.asarray(circuit.outputs), jnp.asarray(circuit.targets)
        saturation = jnp.asarray(circuit.saturation)

        def currents(voltages):
            bias = voltages @ junction[:, :n].T + held @ junction[:, n:].T
            forward = saturation * jnp.exp(bias / THERMAL_VOLTAGE)
            return (forward - saturation + JUNCTION_CONDUCTANCE * bias,
                    forward / THERMAL_VOLTAGE + JUNCTION_CONDUCTANCE)

        @jax.jit
        def step(values, start):
            laplacian = drops[:, :n].T @ (drops / values[:, None])
            inner, from_held = laplacian[:, :n], held @ laplacian[:, n:].T

            def jacobian(slopes):
                return inner + jnp.einsum("sd,di,dj->sij", slopes, junction[:, :n], junction[:, :n])

            def body(state):
                voltages, _ = state
                current, slope = currents(voltages)
                residual = voltages @ inner.T + from_held + current @ junction[:, :n]
                change = solve(jacobian(slope), -residual)
                return voltages + change, jnp.max(jnp.abs(change))

            voltages, _ = jax.lax.while_loop(lambda state: state[1] > LAST_STEP, body, (start, jnp.inf))
            errors = jnp.zeros_like(voltages).at[:, outputs].add(voltages[:, outputs] - targets)
            adjoint = solve(jacobian(currents(voltages)[1]), errors)
            free = voltages @ drops[:, :n].T + held @ drops[:, n:].T
            return jnp.mean(free * (adjoint @ drops[:, :n].T), axis=0), voltages

        self.compiled = step
        self.voltages = jnp.zeros((circuit.samples, n))

    def step(self, values):
        update, self.voltages = self.compiled(values, self.voltages)
        return np.asarray(update)


def read(path):
    return Circuit(path)


def variants(circuit):
    yield "LAPACK", ByHand(circuit, lapack)
    if circuit.n <= 8:
        yield "unrolled", ByHand(circuit, unrolled)
