"""The whole training of digits-diodes.cir, by numpy and by spicelearn: python digits.py DECKS EXPECTED CHECK STEPS

CHECK is a deck of few samples, EXPECTED spicelearn's update on them. Prints what numpy took, s, the accuracy it
reached, and the difference of its update.
"""

import json
import pathlib
import sys
import time

import numpy as np

from digits_layers import Layers, read, train


def main(decks, expected, check, steps):
    deck = pathlib.Path(decks) / "digits-diodes.cir"
    inputs, classes = read(deck.with_name("digits.csv"))
    layers = Layers(deck)
    few = read(pathlib.Path(check).with_suffix(".csv"))
    *updates, _ = layers.updates(*few, np.zeros((len(few[0]), len(layers.sign))))
    mine = np.array([updates[second][i, j] for second, i, j in layers.places.values()])
    wanted = np.loadtxt(expected)
    start = time.perf_counter()
    accuracy = train(layers, inputs, classes, steps)
    print(json.dumps({
        "seconds": time.perf_counter() - start, "accuracy": accuracy,
        "difference": float(np.abs(mine - wanted).max() / np.abs(wanted).max())}))


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
