"""digits-diodes.cir by numpy, written for two layers: what a script does that knows the net's shape.

Hidden nodes see each other only through the outputs, so that a state of a batch is a diagonal and a matrix of
outputs × outputs for each sample. Newton's method limits the diodes' voltages as SPICE does, and begins where the
sample's state was found an epoch ago. Gradient by the adjoint state, Adam on the logarithms of the conductances.
"""

import csv
import os

import numpy as np

from circuit import JUNCTION_CONDUCTANCE, THERMAL_VOLTAGE, number

LAST_STEP = 1e-7  # V; the error of Newton's last step is its square over a thermal voltage
TEMPERATURE = 0.02  # V, of the cross-entropy
VOLTS = 8.0


class Layers:
    """
    Attributes
    ----------
    first : S, conductances between hidden nodes and inputs, hidden × inputs (pairs of pixels, then the bias).
    second : S, between hidden nodes and outputs, hidden × outputs.
    sign : +1 for a diode from its hidden node to ground, −1 for one from ground.
    """

    def __init__(self, deck):
        resistors, signs = [], []
        with open(deck) as lines:
            for words in (line.split() for line in lines):
                if words and words[0][0] == "R":
                    resistors.append((words[0], words[1], words[2], number(words[3])))
                elif words and words[0][0] == "D" and words[0][1:].isdigit():
                    signs.append(1.0 if words[2] == "0" else -1.0)
        inputs = [f"{side}{pixel}" for pixel in [*range(1, 65), "b"] for side in "pn"]
        place = {node: i for i, node in enumerate(inputs)}
        self.sign = np.array(signs)
        hidden = len(signs)
        outputs = len({b for _, _, b, _ in resistors if b[0] == "y"})
        self.first, self.second = np.zeros((hidden, len(inputs))), np.zeros((hidden, outputs))
        self.places = {}
        for name, a, b, value in resistors:
            if b[0] == "y":
                at = self.second, int(a.split("_")[1]) - 1, int(b[1:]) - 1
            else:
                at = self.first, int(b.split("_")[1]) - 1, place[a]
            at[0][at[1:]] = 1 / value
            self.places[name] = (at[0] is self.second, *at[1:])
        self.saturation = 1e-9
        self.critical = THERMAL_VOLTAGE * np.log(THERMAL_VOLTAGE / (np.sqrt(2) * self.saturation))

    def states(self, inputs, start):
        """Hidden and output voltages of samples, and what solves the linearised circuit. start: hidden, V."""
        first, second, sign = self.first, self.second, self.sign
        driven = inputs @ first.T
        own = first.sum(axis=1) + second.sum(axis=1)
        ends = second.sum(axis=0)
        hidden = start
        bias = sign * hidden
        while True:
            forward = self.saturation * np.exp(bias / THERMAL_VOLTAGE)
            slope = forward / THERMAL_VOLTAGE + JUNCTION_CONDUCTANCE
            current = forward - self.saturation + JUNCTION_CONDUCTANCE * bias
            diagonal = own + slope
            right = driven - sign * (current - slope * bias)
            weighted = second.T / diagonal[:, None, :]
            matrix = np.diag(ends) - weighted @ second
            outputs = np.linalg.solve(matrix, (weighted @ right[..., None]))[..., 0]
            hidden = (right + outputs @ second.T) / diagonal
            wanted = sign * hidden
            change = np.abs(wanted - bias).max()
            if change < LAST_STEP:
                return hidden, outputs, (diagonal, weighted, matrix)
            # SPICE's pnjlim, for all diodes at once.
            ahead = 1 + (wanted - bias) / THERMAL_VOLTAGE
            limited = np.where(
                bias > 0,
                np.where(ahead > 0, bias + THERMAL_VOLTAGE * np.log(np.maximum(ahead, 1e-300)), self.critical),
                THERMAL_VOLTAGE * np.log(np.maximum(wanted, 1e-300) / THERMAL_VOLTAGE))
            far = (wanted > self.critical) & (np.abs(wanted - bias) > 2 * THERMAL_VOLTAGE)
            bias = np.where(far, limited, wanted)

    def updates(self, inputs, classes, start):
        """−∂loss/∂k of both layers, means over the samples, and the hidden voltages."""
        hidden, outputs, (diagonal, weighted, matrix) = self.states(inputs, start)
        shares = np.exp((outputs - outputs.max(axis=1, keepdims=True)) / TEMPERATURE)
        shares /= shares.sum(axis=1, keepdims=True)
        shares[np.arange(len(classes)), classes] -= 1
        ends = np.linalg.solve(matrix, (shares / (TEMPERATURE * len(classes)))[..., None])[..., 0]
        inner = (ends @ self.second.T) / diagonal
        own = (hidden * inner).sum(axis=0)[:, None]
        return (own - inner.T @ inputs,
                own + (outputs * ends).sum(axis=0) - hidden.T @ ends - inner.T @ outputs, hidden)


def read(path):
    """Inputs, V, and classes of all samples."""
    with open(path) as table:
        rows = np.array(list(csv.reader(table))[1:], dtype=float)
    volts = rows[:, :-1] * (2 * VOLTS / 16) - VOLTS
    pairs = np.stack([volts, -volts], axis=2).reshape(len(rows), -1)
    bias = np.tile([VOLTS, -VOLTS], (len(rows), 1))
    return np.concatenate([pairs, bias], axis=1), rows[:, -1].astype(int)


def train(layers, inputs, classes, steps, batch=32, rate=0.05, seed=1):
    """Trains on seven tenths, asks after each epoch for the accuracy on the rest, and returns the last one."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(len(inputs))
    learned, tested = np.split(order, [round(0.7 * len(order))])
    epochs = -(-steps // -(-len(learned) // batch))
    states = np.zeros((len(inputs), len(layers.sign)))
    matrices = layers.first, layers.second
    logs = [np.log(matrix) for matrix in matrices]
    moments = [np.zeros_like(log) for log in logs]
    squares = [np.zeros_like(log) for log in logs]
    done, accuracy = 0, 0.0
    for epoch in range(epochs):
        pace = rate * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        shuffled = draw.permutation(learned)
        for begin in range(0, len(shuffled), batch):
            if done == steps:
                return accuracy
            done += 1
            chosen = shuffled[begin : begin + batch]
            *updates, states[chosen] = layers.updates(inputs[chosen], classes[chosen], states[chosen])
            for matrix, log, update, moment, square in zip(matrices, logs, updates, moments, squares):
                slope = update * matrix
                moment += 0.1 * (slope - moment)
                square += 0.001 * (slope**2 - square)
                log += pace * (moment / (1 - 0.9**done)) / (np.sqrt(square / (1 - 0.999**done)) + 1e-12)
                np.exp(log, out=matrix)
        states[tested], outputs, _ = layers.states(inputs[tested], states[tested])
        accuracy = (outputs.argmax(axis=1) == classes[tested]).mean()
    return accuracy
