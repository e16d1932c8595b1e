"""Trains netlists/iris.cir by the rule al and an optimizer of its own: sign descent with momentum.

Run from the repository: PYTHONPATH=Python python3 Python/examples/iris_own_rule.py [trained.cir]
"""

import sys
from pathlib import Path

import numpy as np

from spicelearn import Circuit

deck = Path(__file__).parents[2] / "netlists/iris.cir"
random = np.random.default_rng(1)

with Circuit(deck) as circuit:
    x, y = circuit.samples("train")
    velocity = np.zeros(len(circuit.names))
    for epoch in range(40):
        rate = 0.05 * (1 - epoch / 40)
        for batch in np.array_split(random.permutation(len(x)), 7):
            # The circuit's own learning signal: −∂loss/∂ln(conductance) of each resistor.
            signal = circuit.update(x[batch], y[batch], rule="al").velocity
            velocity = 0.8 * velocity + 0.2 * np.sign(signal)
            circuit.variables += rate * velocity
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: training loss {circuit.predict().loss:.4f}")
    test = circuit.predict(part="test")
    print(f"held out: {100 * test.accuracy:.1f} % of {len(test.answers)} irises")
    if len(sys.argv) > 1:
        circuit.write(sys.argv[1])
