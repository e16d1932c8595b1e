"""Measures one peer on one deck: python measure.py DECK PEER UPDATE SECONDS

UPDATE is a file with spicelearn's update, a number a line. Prints a JSON object: the variant that was fastest, how
far the update of the worst variant is from spicelearn's, and the seconds of each of its steps.
"""

import json
import os
import sys
import time

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from contenders import DENSE, FURTHER, LARGE, PEERS
from task import Task

TRIAL = 0.2  # seconds in which a variant shows how fast it is
SLOW = 5  # seconds a step, from which on the trial is all that is measured
MOST = 10_000
FEWEST = 3


def difference(update, expected):
    """The largest difference over the largest element."""
    return float(np.abs(update - expected).max() / np.abs(expected).max())


def steps(peer, k, budget, fewest):
    """Seconds of each step; a call that takes several counts as one of their mean."""
    times, total = [], 0.0
    while len(times) < fewest or (total < budget and len(times) < MOST):
        start = time.perf_counter()
        k, _ = peer.advance(k)
        elapsed = time.perf_counter() - start
        times.append(elapsed / getattr(peer, "steps", 1))
        total += elapsed
    return times


def measure(deck, name, expected, budget):
    task = Task(deck)
    best, worst = None, 0.0
    # Threads help where matrices are large, and only if the machine has nothing else to do.
    counts = {1, os.cpu_count()} if name in DENSE and task.n >= LARGE else {1}
    for variant, peer in {**PEERS, **FURTHER}[name](task):
        for threads in sorted(counts):
            with threadpool_limits(threads):
                k, update = peer.advance(task.conductances)
                seconds = steps(peer, k, TRIAL, 1)
            worst = max(worst, difference(np.asarray(update), expected))
            if best is None or np.median(seconds) < np.median(best[0]):
                best = (seconds, f"{variant}, {threads} threads" if threads > 1 else variant, peer, threads)
    if best is None:
        return None
    seconds, variant, peer, threads = best
    blas = {
        f"{library['internal_api']} {library['version']} ({library['architecture']})"
        for library in threadpool_info() if library["user_api"] == "blas"}
    if np.median(seconds) < SLOW:
        with threadpool_limits(threads):
            k, _ = peer.advance(task.conductances)
            seconds = steps(peer, k, budget, FEWEST)
    return {"variant": variant, "difference": worst, "blas": sorted(blas), "seconds": seconds}


if __name__ == "__main__":
    deck, name, update, budget = sys.argv[1:]
    print(json.dumps(measure(deck, name, np.loadtxt(update, ndmin=1), float(budget))))
