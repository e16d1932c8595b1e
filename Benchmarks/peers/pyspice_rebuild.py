"""PySpice: a `Circuit` built anew at each step, solved by libngspice in the same process."""

import logging

import numpy as np
from PySpice.Spice.NgSpice.Shared import NgSpiceShared
from PySpice.Spice.Netlist import Circuit

from spice import Drops, by_sample

# It names the releases of ngspice that it knows, and warns of any later one.
logging.getLogger("PySpice").setLevel(logging.CRITICAL)


class PySpice:
    def __init__(self, task):
        self.task = task
        self.numbers = [name[1:] for name in task.names]
        self.drops = None

    def circuit(self, k):
        circuit = Circuit("step")
        for number, (a, b), resistance in zip(self.numbers, self.task.ends, (1 / k).tolist()):
            circuit.R(number, a, b, resistance)
        return circuit

    def voltages(self, analysis):
        """Node voltages, nodes × points."""
        nodes = analysis.nodes
        if self.drops is None:
            self.nodes = [node for node in nodes if node != "sample"]
            self.drops = Drops(self.task, self.nodes)
        return np.array([nodes[node] for node in self.nodes])


class EachPoint(PySpice):
    """An operating point for each state: sources get new values, ngspice the whole netlist."""

    def advance(self, k):
        task = self.task
        circuit = self.circuit(k)
        sources = [circuit.V(name[1:], node, 0, 0) for name, node in task.sources]
        nudges = [circuit.I(o, 0, node, 0) for o, node in enumerate(task.output_nodes)]
        simulator = circuit.simulator()

        def solve(values, currents):
            for source, value in zip(sources, values):
                source.dc_value = value
            for nudge, current in zip(nudges, currents):
                nudge.dc_value = current
            voltages = self.voltages(simulator.operating_point())
            simulator.ngspice.remove_circuit()
            return voltages[:, 0]

        free, nudged = [], []
        for inputs, targets in zip(task.inputs.tolist(), task.targets):
            free.append(solve(inputs, [0] * len(nudges)))
            errors = free[-1][self.drops.outputs] - targets
            nudged.append(solve(inputs, (-task.nudge * errors).tolist()))
        return self.drops.advance(k, np.column_stack(free), np.column_stack(nudged))


class Sweeps(PySpice):
    """A DC sweep over the samples for the free states, and one for the nudged ones."""

    def advance(self, k):
        task = self.task
        circuit = self.circuit(k)
        circuit.V("sample", "sample", 0, 0)
        for (name, node), values in zip(task.sources, task.inputs.T.tolist()):
            circuit.BehavioralSource(name, node, 0, voltage_expression=by_sample(values))
        nudges = [
            circuit.BehavioralSource(f"I{o}", 0, node, current_expression="0")
            for o, node in enumerate(task.output_nodes)]
        simulator = circuit.simulator()

        def solve():
            voltages = self.voltages(simulator.dc(Vsample=slice(0, task.samples - 1, 1)))
            simulator.ngspice.remove_circuit()
            return voltages

        free = solve()
        for nudge, values in zip(nudges, (-task.nudge * self.drops.errors(free)).tolist()):
            nudge.current_expression = by_sample(values)
        return self.drops.advance(k, free, solve())
