"""Runs every contender on every cell, in turn: python bench.py [options] [CELL …], CELL being SIDExSAMPLES.

Each runs in a process of its own, all of them once a round, so that a drift of the machine meets them alike. Every
update is compared with `spicelearn solve --json`; the exit status is 1 if one differs.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version

import numpy as np

from contenders import FURTHER, OURS, PEERS
from measure import difference

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RESULTS = os.path.join(HERE, "results")
ENGINE_STEPS = os.path.join(ROOT, "Benchmarks/.build/release/engine-steps")
SPICELEARN = os.path.join(ROOT, ".build/release/spicelearn")
CELLS = [f"{side}x{samples}" for samples in (1, 16) for side in (3, 8, 23, 71)]
# The largest difference of an update, over its largest element.
BOUND = 1e-9
# Small factorizations suffer from threads; peers with large dense ones choose for themselves.
ENVIRONMENT = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
PEER_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}


def output(command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def run_ours(name, deck, expected, seconds):
    engine, superposition = OURS[name]
    update = deck + ".update"
    times = output(
        [ENGINE_STEPS, "time", deck, engine, superposition, str(seconds), update], env=ENVIRONMENT)
    return {
        "variant": "", "blas": our_blas(),
        "seconds": [float(line) for line in times.splitlines() if not line.startswith("#")],
        "difference": difference(np.loadtxt(update, ndmin=1), np.loadtxt(expected, ndmin=1))}


def our_blas():
    """The file that the dynamic linker takes for BLAS."""
    if not sys.platform.startswith("linux"):
        return []
    found = re.findall(r"libblas\S* => (\S+)", output(["ldd", ENGINE_STEPS]))
    return [os.path.realpath(path) for path in found]


def run_peer(name, deck, expected, seconds):
    measure = os.path.join(HERE, "measure.py")
    return json.loads(output(
        [sys.executable, measure, deck, name, expected, str(seconds)], env=PEER_ENVIRONMENT))


def machine():
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as info:
            model = re.search(r"model name\s*: (.*)", info.read())[1]
    packages = ("numpy", "scipy", "jax", "PySpice", "scikit-sparse")
    return {
        "processor": model, "cores": os.cpu_count(), "system": platform.system(),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in packages}}


def run_cell(cell, names, rounds, seconds):
    """Results by contender, kept in results/CELL.json together with those of earlier runs of other contenders."""
    side, samples = map(int, cell.split("x"))
    deck = os.path.join(RESULTS, f"{cell}.cir")
    output([ENGINE_STEPS, "lattice", str(side), str(samples), deck])
    solved = json.loads(output([SPICELEARN, "solve", deck, "--json"]))["update"]
    with open(deck) as lines:
        resistors = [line.split()[0] for line in lines if line.startswith("R")]
    expected = os.path.join(RESULTS, f"{cell}.expected")
    np.savetxt(expected, [solved[name] for name in resistors], fmt="%.17g")

    path = os.path.join(RESULTS, f"{cell}.json")
    kept = {}
    if os.path.exists(path):
        with open(path) as file:
            kept = json.load(file)["results"]
    results = {}
    for _ in range(rounds):
        for name in names:
            run = run_ours if name in OURS else run_peer
            result = run(name, deck, expected, seconds)
            if result is None:
                continue
            if name in results:
                result["seconds"] += results[name]["seconds"]
                result["difference"] = max(result["difference"], results[name]["difference"])
            results[name] = result
            print_line(cell, name, result)
            with open(path, "w") as file:
                json.dump({
                    "side": side, "samples": samples, "machine": machine(),
                    "results": {**kept, **results}}, file)
    return [name for name, result in results.items() if not result["difference"] <= BOUND]


def print_line(cell, name, result):
    low, median, high = np.percentile(np.array(result["seconds"]) * 1e3, [10, 50, 90])
    print(
        f"{cell:6} {name:32} {median:11.4f} ms ({low:.4f} – {high:.4f})  "
        f"difference {result['difference']:.0e}  {result['variant']}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1, help="measured in each round")
    parser.add_argument("--only", default="", help="contenders whose names contain this")
    parser.add_argument("cells", nargs="*", default=CELLS)
    options = parser.parse_args()
    os.makedirs(RESULTS, exist_ok=True)
    names = [name for name in [*OURS, *PEERS, *FURTHER] if options.only in name]
    wrong = []
    for cell in options.cells:
        for name in run_cell(cell, names, options.rounds, options.seconds):
            wrong.append(f"{name} on {cell}")
    for name in wrong:
        print(f"the update of {name} differs from spicelearn's by more than {BOUND}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
