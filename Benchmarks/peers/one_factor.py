"""A step of Adjoint Coupled Learning from one factorization of the circuit's matrix.

The free states solve L v = −L_IS x, the adjoint fields L a = P e with the errors e of the outputs. The
nudged states are v ∓ h a exactly, so the centered update −((Δv⁺)² − (Δv⁻)²)/4h is Δv·Δa, averaged over samples.
"""

import numpy as np

RATE = 1e-12  # S²/V²: changes every conductance, and no error


class OneFactor:
    """All samples as right-hand sides of one factorization.

    Parameters
    ----------
    task : Task
    factorize : function of the conductances (E) that returns `solve`, a function of right-hand sides (n × m).
    held : voltages of the inputs, V, in each of the m fields whose drops a step needs (inputs × m).
    """

    def __init__(self, task, factorize, held):
        self.task, self.factorize = task, factorize
        nodes, inputs, self.source_edges = task.source_edges()
        width = len(task.sources)
        self.source_slots = nodes * width + inputs
        self.currents = np.zeros((task.n, width))
        self.at_outputs = np.zeros((task.n, len(task.outputs)))
        self.at_outputs[task.outputs, np.arange(len(task.outputs))] = 1
        self.transposed_inputs = np.ascontiguousarray(task.inputs.T)
        self.voltages = np.vstack(
            [np.zeros((task.n, held.shape[1])), held, np.zeros((1, held.shape[1]))])
        self.heads = np.empty((len(task.a), held.shape[1]))
        self.tails = np.empty_like(self.heads)

    def unit_currents(self, k):
        """The currents −L_IS that 1 V at each input drives into the unknown nodes, n × inputs."""
        np.copyto(
            self.currents.reshape(-1),
            np.bincount(self.source_slots, k[self.source_edges], self.currents.size))
        return self.currents

    def drops(self, *unknown):
        """Voltage drops, E × m, of fields given by the voltages of the unknown nodes, side by side."""
        np.concatenate(unknown, axis=1, out=self.voltages[: self.task.n])
        self.voltages.take(self.task.a, axis=0, out=self.heads, mode="clip")
        self.voltages.take(self.task.b, axis=0, out=self.tails, mode="clip")
        return np.subtract(self.heads, self.tails, out=self.heads)


class EachSample(OneFactor):
    """The free state and the adjoint field of each sample."""

    def __init__(self, task, factorize):
        inputs = task.inputs.T
        super().__init__(task, factorize, np.hstack([inputs, np.zeros_like(inputs)]))

    def advance(self, k):
        task, samples = self.task, self.task.samples
        solve = self.factorize(k)
        currents = self.unit_currents(k) @ self.transposed_inputs
        if samples <= len(task.outputs):
            free = solve(currents)
            errors = free[task.outputs] - task.targets.T
            adjoint = solve(self.at_outputs @ errors)
        else:
            solved = solve(np.hstack([currents, self.at_outputs]))
            free = solved[:, :samples]
            errors = free[task.outputs] - task.targets.T
            adjoint = solved[:, samples:] @ errors
        drops = self.drops(free, adjoint)
        update = np.einsum("es,es->e", drops[:, :samples], drops[:, samples:])
        update /= samples
        return k + RATE * update, update


class Superposed(OneFactor):
    """The fields of unit inputs and of unit currents at the outputs, from which all samples follow.

    With G and H the drops of those fields, the update is the diagonal of G C Hᵀ, C the mean of x eᵀ: the
    number of samples costs nothing.
    """

    def __init__(self, task, factorize):
        width = len(task.sources)
        super().__init__(
            task, factorize, np.hstack([np.eye(width), np.zeros((width, len(task.outputs)))]))

    def advance(self, k):
        task, width = self.task, len(self.task.sources)
        solved = self.factorize(k)(np.hstack([self.unit_currents(k), self.at_outputs]))
        errors = solved[task.outputs, :width] @ self.transposed_inputs - task.targets.T
        correlation = self.transposed_inputs @ errors.T / task.samples
        drops = self.drops(solved)
        update = np.einsum("eo,eo->e", drops[:, :width] @ correlation, drops[:, width:])
        return k + RATE * update, update
