"""ngspice in the process, as projects with networks of transistors use it: `alter` and `op` for each state.

A step alters the voltage of every gate, solves the free state, ties the output to its target through 1 Ω, solves
again, and takes from each gate what the square of its transistor's drop grew by. The tie is a resistor of the deck that
is altered between 1 Ω and 1 PΩ.
"""

import numpy as np

from ngspice_library import Ngspice

TIE, LOOSE = 1.0, 1e15


class Gates:
    """
    Attributes
    ----------
    ends : drain and source of each transistor (E pairs).
    names, values : of the gates' sources, in that order; V.
    output, target : the node of the output; V, as text.
    """

    def __init__(self, path):
        with open(path) as deck:
            text = [line.strip() for line in deck]
        self.lines = [text[0]] + [
            line for line in text[1:] if line and line[0] != "*" and line not in (".op", ".end")]
        words = [line.split() for line in self.lines[1:]]
        self.ends = [(w[1], w[3]) for w in words if w[0][0] == "M"]
        gates = [w for w in words if w[0].startswith("VG")]
        self.names = [w[0] for w in gates]
        self.values = np.array([float(w[3]) for w in gates])
        output = next(line for line in text if line.startswith("*.learn output")).split()[2]
        self.output, self.target = output[2:].split(")=")


def netlist(gates):
    """The deck's lines with the tie."""
    return [*gates.lines, f"Vtie tie 0 {gates.target}", f"Rtie tie {gates.output} {LOOSE}", ".end"]


def nodes_and_ends(gates):
    """The nodes without ground, and the places among them (ground is last) of drains and sources."""
    nodes = [*dict.fromkeys(node for pair in gates.ends for node in pair if node != "0"), "0"]
    place = {node: i for i, node in enumerate(nodes)}
    drains, sources = np.array([[place[a], place[b]] for a, b in gates.ends]).T
    return nodes[:-1], drains, sources


class Altered:
    """One step: the update of every gate, V². values: V. Tolerances are ngspice's own: they suffice."""

    def __init__(self, gates):
        self.ngspice = Ngspice(netlist(gates))
        self.names = [f"alter {name} = ".encode() for name in gates.names]
        nodes, self.a, self.b = nodes_and_ends(gates)
        self.nodes = [node.encode() for node in nodes]
        self.voltages = np.zeros(len(nodes) + 1)

    def drops(self):
        self.ngspice.command(b"op")
        self.voltages[:-1] = [self.ngspice.value(node) for node in self.nodes]
        return self.voltages[self.a] - self.voltages[self.b]

    def step(self, values):
        command = self.ngspice.command
        command(b"destroy all")  # ngspice keeps every plot, and what it searches grows
        for name, value in zip(self.names, values.tolist()):
            command(name + repr(value).encode())
        command(f"alter rtie = {LOOSE}")
        free = self.drops()
        command(f"alter rtie = {TIE}")
        tied = self.drops()
        return 0.5 * (free**2 - tied**2)


def read(path):
    return Gates(path)


def variants(gates):
    yield "alter and op", Altered(gates)
