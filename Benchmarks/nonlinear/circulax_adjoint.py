"""circulax: its Newton solver, differentiated by JAX through optimistix's implicit adjoint, the samples by vmap.

Its time steps play no part. `g_leak` is a conductance at each node, 1e-9 S by default: far too much for six digits.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from circulax import compile_circuit
from circulax.components.electronic import Diode, Resistor, VoltageSource

from circuit import JUNCTION_CONDUCTANCE, THERMAL_VOLTAGE, Circuit


def build(circuit, **options):
    names = [*circuit.unknowns, *circuit.held_nodes, "0"]
    instances, ports = {"GND": {"component": "ground"}}, {node: [] for node in names}
    ports["0"].append("GND,p1")

    def place(name, component, settings, a, b):
        instances[name] = {"component": component, "settings": settings}
        ports[a].append(f"{name},p1")
        ports[b].append(f"{name},p2")

    for j, node in enumerate(circuit.held_nodes):
        place(f"V{j}", "source", {"V": float(circuit.held[0, j])}, node, "0")
    for name, a, b, value in zip(circuit.names, circuit.a, circuit.b, circuit.values):
        place(name, "resistor", {"R": float(value)}, names[a], names[b])
    for j, (a, k, saturation) in enumerate(zip(circuit.anode, circuit.cathode, circuit.saturation)):
        place(f"D{j}", "diode", {"Is": float(saturation), "Vt": THERMAL_VOLTAGE}, names[a], names[k])
    connections = {at[0]: tuple(at[1:]) for at in ports.values()}
    models = {
        "resistor": Resistor, "source": VoltageSource, "diode": Diode, "ground": lambda: 0}
    return compile_circuit(
        {"instances": instances, "connections": connections, "ports": {}}, models, **options), ports


class Adjoint:
    """One step: the update −∂loss/∂k of every resistor. values: Ω."""

    def __init__(self, circuit, backend):
        built, ports = build(circuit, backend=backend, g_leak=JUNCTION_CONDUCTANCE)
        groups = built.groups
        of = {name: group for group, parts in groups.items() for name in parts.index_map}
        resistors, sources = of[circuit.names[0]], of["V0"]
        rows = jnp.array([groups[resistors].index_map[name] for name in circuit.names])
        columns = jnp.array([groups[sources].index_map[f"V{j}"] for j in range(circuit.held.shape[1])])
        outputs = jnp.array([built.port_map[ports[node][0]] for node in circuit.output_nodes])
        held, targets = jnp.asarray(circuit.held), jnp.asarray(circuit.targets)

        def loss(values, guesses):
            resistor = eqx.tree_at(
                lambda g: g.params.R, groups[resistors], groups[resistors].params.R.at[rows].set(values))

            def solve(volts, guess):
                source = eqx.tree_at(
                    lambda g: g.params.V, groups[sources], groups[sources].params.V.at[columns].set(volts))
                return built.solver.solve_dc(
                    {**groups, resistors: resistor, sources: source}, guess, rtol=1e-6, atol=1e-9)

            states = jax.vmap(solve)(held, guesses)
            errors = states[:, outputs] - targets
            return 0.5 * jnp.mean(jnp.sum(errors**2, axis=1)), states

        @jax.jit
        def step(values, guesses):
            (_, states), slope = jax.value_and_grad(loss, has_aux=True)(values, guesses)
            return slope * values**2, states

        self.compiled = step
        self.states = jnp.zeros((circuit.samples, built.sys_size))

    def step(self, values):
        update, self.states = self.compiled(values, self.states)
        return np.asarray(update)


def read(path):
    return Circuit(path)


def variants(circuit):
    for backend in ("dense", "klu", "klu_split"):
        yield f"{backend}, from the last state", Adjoint(circuit, backend)
