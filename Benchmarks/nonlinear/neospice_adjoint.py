"""neospice: its adjoint sensitivities, a call for each sample, in a loop of Python.

`sensitivity` knows no batches of samples; resistances are set one by one. It solves each sample anew.
"""

import neospice
import numpy as np

from circuit import Circuit


class Adjoint:
    """One step: the update −∂loss/∂k of every resistor. values: Ω."""

    def __init__(self, circuit, setter, tolerance=None):
        self.circuit = circuit
        self.simulator = neospice.Simulator()
        options = [f".options reltol={tolerance} vntol=1e-12 abstol=1e-15"] if tolerance else []
        self.parsed = self.simulator.parse("\n".join([*circuit.lines, *options, ".op", ".end", ""]))
        # What neospice can't read, it leaves out.
        missing = set(map(str.lower, circuit.names)) - set(map(str.lower, self.parsed.device_names()))
        assert not missing, f"neospice left out {missing}"
        self.set = getattr(self.parsed, setter)
        self.names = [name.lower() for name in circuit.names]
        self.inputs = [name.lower() for name in circuit.input_names]
        self.outputs = [f"v({node})" for node in circuit.output_nodes]

    def step(self, values):
        for name, value in zip(self.names, values.tolist()):
            self.set(name, value)
        slope = 0.0
        for inputs, targets in zip(self.circuit.inputs.tolist(), self.circuit.targets):
            for name, value in zip(self.inputs, inputs):
                self.set(name, value)
            result = self.simulator.sensitivity(self.parsed, self.outputs, self.names)
            assert result.status.converged
            slope = slope + (np.asarray(result.values) - targets) @ np.asarray(result.jacobian)
        return slope * values**2 / self.circuit.samples


def read(path):
    return Circuit(path)


def variants(circuit):
    for setter in ("set_param", "update_param"):
        yield f"{setter}, default tolerances", Adjoint(circuit, setter)
        yield f"{setter}, reltol 1e-6", Adjoint(circuit, setter, "1e-6")
