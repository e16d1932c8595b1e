"""Runs programs and sums up what they measured."""

import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BENCHMARKS = os.path.dirname(HERE)
ROOT = os.path.dirname(BENCHMARKS)
RESULTS = os.path.join(HERE, "results")
ENGINE_STEPS = os.path.join(BENCHMARKS, ".build/release/engine-steps")
SPICELEARN = os.path.join(ROOT, ".build/release/spicelearn")
BARE_CHOLMOD = os.path.join(BENCHMARKS, "floors/bare_cholmod")
BARE_START = os.path.join(BENCHMARKS, "floors/bare_start")
# One thread: small factorizations suffer from more.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **os.environ}


def run(*command, accepts=(0,)):
    """Standard output, and the largest resident memory of the process in MB.

    accepts: exit statuses that are no failure.
    """
    words = [str(word) for word in command]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepts:
        raise subprocess.CalledProcessError(process.returncode, words)
    # Kilobytes, but bytes on macOS.
    return output, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def lattice(side, samples):
    """The path of a lattice's deck, which is written unless it is there."""
    os.makedirs(RESULTS, exist_ok=True)
    deck = os.path.join(RESULTS, f"{side}x{samples}.cir")
    if not os.path.exists(deck):
        run(ENGINE_STEPS, "lattice", side, samples, deck)
    return deck


def edges(side):
    return 2 * side * (side - 1)


def summary(values):
    """The 10th percentile, the median and the 90th percentile."""
    deciles = statistics.quantiles(values, n=10, method="inclusive")
    return {"low": deciles[0], "median": deciles[4], "high": deciles[8]}


def time_steps(side, samples, engine, superposition, seconds):
    """Seconds a step, memory [MB], and factorizations a step (None for ngspice)."""
    output, memory = run(
        ENGINE_STEPS, "time", lattice(side, samples), engine, superposition, seconds)
    lines = output.splitlines()
    times = [float(line) for line in lines if not line.startswith("#")]
    factorizations = None
    if lines[0].startswith("#"):
        factorizations = int(lines[0].split()[1]) / len(times)
    return {
        "side": side, "samples": samples, "engine": engine, "superposition": superposition,
        "seconds": summary(times), "memory": memory, "factorizations": factorizations}
