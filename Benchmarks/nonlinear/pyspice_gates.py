"""PySpice's binding of libngspice: the commands of ngspice_gates, sent and answered through PySpice.

PySpice warns that it does not know this release of ngspice, and works.
"""

import logging

import numpy as np
from PySpice.Spice.NgSpice.Shared import NgSpiceShared

from ngspice_gates import LOOSE, TIE, netlist, nodes_and_ends, read

logging.disable(logging.WARNING)


class Altered:
    """One step: the update of every gate, V². values: V."""

    def __init__(self, gates):
        self.ngspice = NgSpiceShared.new_instance()
        self.ngspice.load_circuit("\n".join(netlist(gates)))
        self.names = gates.names
        self.nodes, self.a, self.b = nodes_and_ends(gates)
        self.voltages = np.zeros(len(self.nodes) + 1)

    def drops(self):
        self.ngspice.exec_command("op")
        plot = self.ngspice.plot(None, self.ngspice.last_plot)
        self.voltages[:-1] = [plot[node]._data[0] for node in self.nodes]
        return self.voltages[self.a] - self.voltages[self.b]

    def step(self, values):
        command = self.ngspice.exec_command
        command("destroy all")
        for name, value in zip(self.names, values.tolist()):
            command(f"alter {name} = {value!r}")
        command(f"alter rtie = {LOOSE}")
        free = self.drops()
        command(f"alter rtie = {TIE}")
        tied = self.drops()
        return 0.5 * (free**2 - tied**2)


def variants(gates):
    yield "NgSpiceShared", Altered(gates)
