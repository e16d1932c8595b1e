"""A learning task as arrays, read from the deck and the CSV file that spicelearn reads.

Only what the benchmark's lattices contain: resistors, grounded voltage sources that are all inputs, outputs
that are node voltages, and data for each.
"""

import csv
import os
import re

import numpy as np


class Task:
    """
    Attributes
    ----------
    names : resistors, in the deck's order (E).
    ends : their two nodes as text (E pairs).
    conductances : S, array of E.
    a, b : the two nodes of each resistor as numbers, arrays of E. Unknown nodes come first (0 … n−1), then
        the sources' nodes in the order of `sources`, then ground.
    n : number of unknown nodes.
    sources : name and node of each input source.
    outputs : unknown nodes of the outputs, array of O.
    inputs : V, array of samples × sources.
    targets : V, array of samples × outputs.
    nudge : the nudging strength h, S.
    """

    def __init__(self, path):
        self.names, self.ends, values = [], [], []
        self.sources = []
        with open(path) as deck:
            next(deck)
            for line in deck:
                words = line.split()
                if line[0] == "R":
                    self.names.append(words[0])
                    self.ends.append((words[1], words[2]))
                    values.append(float(words[3]))
                elif line[0] == "V":
                    assert words[2] == "0", "a source that is not grounded"
                    self.sources.append((words[0], words[1]))
                elif line.startswith("*.learn output"):
                    output_names = words[2:]
                elif line.startswith("*.learn data"):
                    data = words[2]
                elif line.startswith("*.learn rule"):
                    self.nudge = float(re.search(r"nudge=(\S+)", line)[1])
        self.conductances = 1 / np.array(values)

        held = [node for _, node in self.sources] + ["0"]
        nodes = dict.fromkeys(node for pair in self.ends for node in pair)
        self.unknowns = [node for node in nodes if node not in held]
        number = {node: i for i, node in enumerate(self.unknowns + held)}
        self.n = len(self.unknowns)
        self.a, self.b = np.array([[number[x], number[y]] for x, y in self.ends]).T.copy()
        self.output_nodes = [name[2:-1] for name in output_names]
        self.outputs = np.array([number[node] for node in self.output_nodes])

        with open(os.path.join(os.path.dirname(path), data)) as table:
            rows = list(csv.DictReader(table))
        self.inputs = np.array([[float(row[name]) for name, _ in self.sources] for row in rows])
        self.targets = np.array([[float(row[name]) for name in output_names] for row in rows])
        self.samples = len(rows)

    def laplacian_triplets(self):
        """Row, column, resistor and sign of each term k of the Laplacian of the unknown nodes."""
        a, b, edge = self.a, self.b, np.arange(len(self.a))
        row = np.concatenate([a, b, a, b])
        column = np.concatenate([a, b, b, a])
        edge = np.tile(edge, 4)
        sign = np.repeat([1.0, 1.0, -1.0, -1.0], len(a))
        inside = (row < self.n) & (column < self.n)
        return row[inside], column[inside], edge[inside], sign[inside]

    def source_edges(self):
        """Unknown node, input and resistor of each resistor between an unknown node and an input."""
        nodes, inputs, edges = [], [], []
        last = self.n + len(self.sources)
        for u, s in ((self.a, self.b), (self.b, self.a)):
            found = np.flatnonzero((u < self.n) & (s >= self.n) & (s < last))
            nodes.append(u[found])
            inputs.append(s[found] - self.n)
            edges.append(found)
        return np.concatenate(nodes), np.concatenate(inputs), np.concatenate(edges)
