"""Times spicelearn and its peers on nonlinear circuits: python bench.py SPICELEARN [options] [CASE …]

In each round all contenders of a case run one after another, each in a process of its own; a ratio is that of two
times of one round, and the report has the median over the rounds. Every update is compared with that of `spicelearn
solve --json` first: the exit status is 1 if one differs. Results are kept in results/CASE.json.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version

import numpy as np

from cases import BOUND, CASES, GRADIENT
from ours import Ours

HERE = pathlib.Path(__file__).resolve().parent
DECKS = HERE.parents[1] / "netlists"
RESULTS = HERE / "results"
# circulax wants an older JAX than the newest, and has an environment of its own, where it can be installed.
CIRCULAX = HERE / ".venv-circulax/bin/python"
PACKAGES = ("voltax", "neospice", "PySpice", "jax", "numpy")
ENVIRONMENT = dict(os.environ, OPENBLAS_NUM_THREADS="1", JAX_ENABLE_X64="1")
OURS, STILL = "spicelearn", "spicelearn, values at rest"
DIGITS = "digits"
DIGITS_STEPS = 900
CHECKED = 32  # samples of the digits


def output(command):
    return json.loads(subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT).stdout.splitlines()[-1])


def interpreter(module):
    """The Python that has a peer, or none."""
    if module != "circulax_adjoint":
        return sys.executable
    return CIRCULAX if CIRCULAX.exists() else None


def machine():
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as info:
            model = re.search(r"model name\s*: (.*)", info.read())[1]
    packages = {name: version(name) for name in PACKAGES}
    if CIRCULAX.exists():
        found = "import importlib.metadata as m; print(m.version('circulax'), m.version('jax'))"
        words = subprocess.run([CIRCULAX, "-c", found], capture_output=True, text=True).stdout.split()
        packages["circulax"] = f"{words[0]} with jax {words[1]}"
    return {
        "processor": model, "cores": os.cpu_count(), "system": platform.system(),
        "python": platform.python_version(), "packages": packages}


class Rounds:
    """What the contenders of a case took, s a step, a number for each round."""

    def __init__(self, ours, name):
        self.ours, self.name = ours, name
        self.times, self.differences, self.variants, self.loads = {}, {}, {}, []

    def add(self, contender, seconds, difference=None, variant=None):
        self.times.setdefault(contender, []).append(seconds)
        if difference is not None:
            self.differences[contender] = max(difference, self.differences.get(contender, 0))
            self.variants[contender] = variant
        tail = "" if difference is None else f"  difference {difference:.0e}  {variant or ''}"
        print(f"{self.name:10} {contender:28} {1e3 * seconds:12.4f} ms{tail}", flush=True)

    def steps(self, case, deck, expected, seconds):
        """One round of a case whose steps are timed."""
        self.add(OURS, self.ours.step(deck, case, moving=True))
        for peer, module in case.peers.items():
            python = interpreter(module)
            if python is None:
                continue
            known = [self.variants[peer]] if peer in self.variants else []
            found = output([python, HERE / "measure.py", module, deck, expected, str(seconds), *known])
            self.add(peer, statistics.median(found["seconds"]), found["difference"], found["variant"])
        self.add(STILL, self.ours.step(deck, case, moving=False))

    def digits(self, check, expected):
        """One round of the whole training of the digits."""
        flags = ["--until", "accuracy>=1", "--epochs", 23]
        self.add(OURS, self.ours.seconds(DECKS / "digits-diodes.cir", DIGITS_STEPS, flags) / DIGITS_STEPS)
        found = output([sys.executable, HERE / "digits.py", DECKS, expected, check, str(DIGITS_STEPS)])
        self.add("numpy, by layers", found["seconds"] / DIGITS_STEPS, found["difference"],
                 f"accuracy {found['accuracy']:.3f}")

    def keep(self, circuit):
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{self.name}.json").write_text(json.dumps({
            "circuit": circuit, "times": self.times, "differences": self.differences, "variants": self.variants,
            "loads": self.loads, "date": time.strftime("%-d %B %Y"), "machine": machine()}))


def few_digits(folder):
    """A deck of the first digits, all to be learned."""
    text = (DECKS / "digits-diodes.cir").read_text()
    deck = folder / "few.cir"
    deck.write_text(text.replace("*.learn test split=0.3\n", "").replace("data digits.csv", "data few.csv"))
    rows = (DECKS / "digits.csv").read_text().splitlines(keepends=True)
    deck.with_suffix(".csv").write_text("".join(rows[: CHECKED + 1]))
    return deck


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="measured of each peer in each round")
    parser.add_argument("cases", nargs="*", default=[*CASES, DIGITS])
    options = parser.parse_intermixed_args()
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ours = Ours(options.program.resolve(), DECKS, folder)
        for name in options.cases:
            rounds = Rounds(ours, name)
            case = CASES.get(name)
            deck = ours.deck(case) if case else few_digits(folder)
            expected = folder / "expected"
            np.savetxt(expected, ours.update(deck, case.reference if case else GRADIENT), fmt="%.17g")
            for _ in range(options.rounds):
                rounds.loads.append(os.getloadavg()[0])
                print(f"{name}: load {rounds.loads[-1]:.2f}", flush=True)
                if case:
                    rounds.steps(case, deck, expected, options.seconds)
                else:
                    rounds.digits(deck, expected)
                rounds.keep(case.circuit if case else f"digits, 64 diodes: {DIGITS_STEPS} steps")
            wrong += [
                f"{peer} on {name}: {difference:.0e}" for peer, difference in rounds.differences.items()
                if not difference <= BOUND]
    for line in wrong:
        print(f"the update differs from spicelearn's by more than {BOUND}: {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
