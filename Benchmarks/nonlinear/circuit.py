"""A learning task as arrays, read from the deck and the CSV file that spicelearn reads.

Only what the benchmark's decks contain: resistors, diodes to any node, grounded voltage sources, controlled sources
whose control is such a source's node, outputs that are node voltages, squared errors, data for each.
"""

import csv
import os

import numpy as np

SUFFIXES = {"k": 1e3, "meg": 1e6, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12}
# kT/q at ngspice's default of 27 °C, by ngspice's constants, and the conductance that it adds to each junction.
THERMAL_VOLTAGE = 1.38064852e-23 * 300.15 / 1.6021766208e-19
JUNCTION_CONDUCTANCE = 1e-12


def number(text):
    for suffix, factor in sorted(SUFFIXES.items(), key=lambda item: -len(item[0])):
        if text.lower().endswith(suffix):
            return float(text[: -len(suffix)]) * factor
    return float(text)


class Circuit:
    """
    Attributes
    ----------
    names, values : resistors in the deck's order and their resistances, Ω (E).
    a, b : the two nodes of each resistor as numbers, arrays of E. Unknown nodes come first (0 … n−1), then the nodes
        that sources hold (n … n+h−1), then ground.
    anode, cathode, saturation : of each diode, saturation currents in A.
    held : V, array of samples × h.
    outputs, targets : unknown nodes of the outputs (O); V, array of samples × O.
    inputs : V, array of samples × input sources; input_names: their names.
    lines : the deck's lines without what spicelearn reads, for simulators that read netlists.
    """

    def __init__(self, path):
        with open(path) as deck:
            text = [line.strip() for line in deck]
        self.lines = [text[0]] + [
            line for line in text[1:] if line and line[0] != "*" and line not in (".op", ".end")]
        resistors, diodes, sources, controlled, models, outputs = [], [], {}, {}, {}, []
        for line in self.lines[1:]:
            words = line.split()
            kind = words[0][0].upper()
            if kind == "R":
                resistors.append((words[0], words[1], words[2], number(words[3])))
            elif kind == "D":
                diodes.append(words[1:4])
            elif kind == "V":
                sources[words[0]] = (words[1], number(words[3]))
            elif kind == "E":
                controlled[words[1]] = (words[3], float(words[5]))
            elif words[0] == ".model":
                models[words[1]] = number(words[2].split("is=")[1].rstrip(")"))
        for line in text:
            if line.startswith("*.learn output"):
                outputs += line.split()[2:]
            elif line.startswith("*.learn data"):
                data = line.split()[2]

        held = [node for node, _ in sources.values()] + list(controlled)
        nodes = dict.fromkeys(node for _, a, b, _ in resistors for node in (a, b))
        self.unknowns = [node for node in nodes if node not in held and node != "0"]
        self.held_nodes = held
        place = {node: i for i, node in enumerate([*self.unknowns, *held, "0"])}
        self.n = len(self.unknowns)
        self.ground = len(place) - 1
        self.names = [name for name, *_ in resistors]
        self.values = np.array([value for *_, value in resistors])
        self.a = np.array([place[a] for _, a, _, _ in resistors])
        self.b = np.array([place[b] for _, _, b, _ in resistors])
        self.anode = np.array([place[a] for a, _, _ in diodes], int)
        self.cathode = np.array([place[k] for _, k, _ in diodes], int)
        self.saturation = np.array([models[model] for *_, model in diodes])
        output_nodes = [name.split("=")[0][2:-1] for name in outputs]
        self.output_nodes = output_nodes
        self.outputs = np.array([place[node] for node in output_nodes])

        with open(os.path.join(os.path.dirname(path), data)) as table:
            rows = list(csv.DictReader(table))
        self.input_names = [name for name in rows[0] if name in sources]
        self.inputs = np.array([[float(row[name]) for name in self.input_names] for row in rows])
        self.targets = np.array([[float(row[f"V({node})"]) for node in output_nodes] for row in rows])
        self.samples = len(rows)
        volts = {node: np.full(self.samples, value) for node, value in sources.values()}
        for column, name in enumerate(self.input_names):
            volts[sources[name][0]] = self.inputs[:, column]
        for node, (control, gain) in controlled.items():
            volts[node] = gain * volts[control]
        self.held = np.array([volts[node] for node in held]).T
