"""Measures one peer on one deck: python measure.py MODULE DECK EXPECTED SECONDS [VARIANT]

MODULE has `read(deck)`, whose result has the `values` that are trained, and `variants(…)`, which yields names and
objects with `step(values) → update`. EXPECTED is a file with spicelearn's update, a number a line. Without VARIANT
each of them is tried, and the fastest measured. Prints a JSON object: the variant, the largest difference of any
variant's update from spicelearn's, and the seconds of each step. All values move by up to 1 % from step to step.
"""

import importlib
import itertools
import json
import sys
import time

import numpy as np

TRIAL = 0.3  # seconds in which a variant shows how fast it is
FEWEST, MOST = 3, 10_000


def moved(values):
    """The values, each up to 1 % off, in a way that repeats after many steps only."""
    draw = np.random.default_rng(1)
    factors = 1 + draw.uniform(-0.01, 0.01, (64, len(values)))
    return itertools.cycle(values * factors)


def steps(peer, moving, budget):
    """Seconds of each step."""
    times = []
    while len(times) < FEWEST or (sum(times) < budget and len(times) < MOST):
        values = next(moving)
        start = time.perf_counter()
        peer.step(values)
        times.append(time.perf_counter() - start)
    return times


def measure(module, deck, expected, budget, wanted=None):
    module = importlib.import_module(module)
    task = module.read(deck)
    moving = moved(task.values)
    best, worst = None, 0.0
    for name, peer in module.variants(task):
        if wanted not in (None, name):
            continue
        # The second of two, so that one that begins from its last state shows how far that takes it.
        peer.step(next(moving))
        update = peer.step(task.values)
        worst = max(worst, float(np.abs(update - expected).max() / np.abs(expected).max()))
        times = steps(peer, moving, TRIAL)
        if best is None or np.median(times) < best[0]:
            best = np.median(times), name, peer
    _, name, peer = best
    return {"variant": name, "difference": worst, "seconds": steps(peer, moving, budget)}


if __name__ == "__main__":
    module, deck, expected, budget, *variant = sys.argv[1:]
    print(json.dumps(measure(module, deck, np.loadtxt(expected, ndmin=1), float(budget), *variant)))
