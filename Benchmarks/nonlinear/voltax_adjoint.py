"""voltax: the samples by vmap, the gradient by its adjoint, one compiled function a step.

Nodes that sources hold are sources fed from the data, controlled ones too: no more unknowns than voltax needs.
Variants differ in its options and in where Newton's method begins. A linear circuit needs one iteration, and no
second one to see that it has converged.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import voltax as vx

from circuit import JUNCTION_CONDUCTANCE, THERMAL_VOLTAGE, Circuit

# From this many unknowns on, dense matrices can't win, and the 1e-12 S that voltax has at every node by default make
# more than a millionth of an update. Its stepping of that conductance also costs a factorization for each sample of
# a linear circuit, where without it there is one for all.
LARGE = 500


def build(circuit):
    names = [*circuit.unknowns, *circuit.held_nodes, "0"]
    builder = vx.CircuitBuilder()
    for j, node in enumerate(circuit.held_nodes):
        builder.vsource(node, "0", float(circuit.held[0, j]), name=f"V{j}", group="held")
    for name, a, b, value in zip(circuit.names, circuit.a, circuit.b, circuit.values):
        builder.resistor(names[a], names[b], float(value), name=name, group="resistors")
    for j, (a, k, saturation) in enumerate(zip(circuit.anode, circuit.cathode, circuit.saturation)):
        builder.diode(names[a], names[k], name=f"D{j}", group="diodes", is_=saturation, vt=THERMAL_VOLTAGE)
        builder.resistor(names[a], names[k], 1 / JUNCTION_CONDUCTANCE, name=f"Rgmin{j}", group="junctions")
    return builder.build()


class Adjoint:
    """One step: the update −∂loss/∂k of every resistor. values: Ω."""

    def __init__(self, circuit, options, warm):
        built = build(circuit)
        outputs = [built.layout.node(node) for node in circuit.output_nodes]
        held, targets = jnp.asarray(circuit.held), jnp.asarray(circuit.targets)
        resistors, sources = built.elements["resistors"], built.elements["held"]

        def loss(log_resistance, guesses):
            elements = eqx.tree_at(lambda r: r.log_r, resistors, log_resistance)
            trained = built.replace("resistors", elements)

            def solve(volts, guess):
                return vx.dc(trained.replace("held", sources.with_dc(volts)), guess=guess, options=options).z

            states = jax.vmap(solve)(held, guesses)
            errors = states[:, jnp.array(outputs)] - targets
            return 0.5 * jnp.mean(jnp.sum(errors**2, axis=1)), states

        @jax.jit
        def step(values, guesses):
            (_, states), slope = jax.value_and_grad(loss, has_aux=True)(jnp.log(values), guesses)
            return slope * values, states

        self.compiled, self.warm = step, warm
        self.states = self.start = jnp.zeros((circuit.samples, built.size))

    def step(self, values):
        update, states = self.compiled(values, self.states if self.warm else self.start)
        self.states = states
        return np.asarray(update)


def read(path):
    return Circuit(path)


def variants(circuit):
    linear = len(circuit.anode) == 0
    large = circuit.n >= LARGE
    for name, settings in {
        **({} if large else {"defaults": {}}),
        "no stepping": {"gmin_steps": 0, "gmin": 0.0},
        **({"one iteration": {"gmin_steps": 0, "gmin": 0.0, "max_steps": 1, "max_dv": 1e9}} if linear else {}),
    }.items():
        for solver in ("sparse",) if large else ("dense", "sparse"):
            for warm in (False,) if linear else (False, True):
                title = f"{name}, {solver}, " + ("from the last state" if warm else "from zero")
                yield title, Adjoint(circuit, vx.Options(solver=solver, **settings), warm)
