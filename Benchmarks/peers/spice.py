"""What the peers that use ngspice share: the update from a free and a nudged state, and sources by sample.

AL injects the currents −h e at the outputs. In a linear circuit the state at −h mirrors the one at +h, so two
operating points a sample are enough: −((Δv⁺)² − (Δv⁻)²)/4h = Δv (Δv − Δv⁺)/h.
"""

import numpy as np

from one_factor import RATE


class Drops:
    """
    Parameters
    ----------
    nodes : names of the nodes whose voltages are given, in any case, in their order.
    """

    def __init__(self, task, nodes):
        place = {node.lower(): i for i, node in enumerate(nodes)}
        ground = place["0"] = len(nodes)
        self.a = np.array([place[a.lower()] for a, _ in task.ends])
        self.b = np.array([place[b.lower()] for _, b in task.ends])
        self.outputs = np.array([place[node.lower()] for node in task.output_nodes])
        self.voltages = np.zeros((ground + 1, task.samples))
        self.task = task

    def of(self, voltages):
        """Drops, E × samples, of node voltages (nodes × samples)."""
        self.voltages[:-1] = voltages
        return self.voltages[self.a] - self.voltages[self.b]

    def errors(self, voltages):
        """Outputs minus targets, V, outputs × samples."""
        return voltages[self.outputs] - self.task.targets.T

    def advance(self, k, free, nudged):
        """The next conductances and the update."""
        drops = self.of(free)
        update = (drops * (drops - self.of(nudged))).mean(axis=1) / self.task.nudge
        return k + RATE * update, update


def by_sample(values):
    """The expression of a behavioural source that has these values at V(sample) = 0, 1, 2, …"""
    return "pwl(v(sample)," + ",".join(f"{i},{value!r}" for i, value in enumerate(values)) + ")"
