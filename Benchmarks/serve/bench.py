"""What an update takes through Python and `spicelearn serve`, and within a training.

usage: bench.py SPICELEARN [ROUNDS]    (numpy, and the package of Python/ on the path)

A lattice of 112 resistors learns 16 samples by AL with the sparse engine. Runs take turns: in each round a training of
few and of many plain steps, whose difference over the steps between is a step in process (update, step and history of
the best values), one by one and superposed; then as many updates through Python, for the deck's own samples, for arrays
of the caller's, and with new values before each. The table has medians over the rounds.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

program = sys.argv[1]
os.environ["SPICELEARN"] = program
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
FEW, MANY = 500, 5500

from spicelearn import Circuit  # noqa: E402


def training(deck, folder, steps, *flags):
    run = subprocess.run(
        [program, "train", deck, "-o", folder / "out.cir", "--steps", str(steps), "--optimizer", "plain",
         "--rate", "1e-9", "--tolerance", "1e-14", "--nudge", "1e-3", "--engine", "sparse", "--json", *flags],
        capture_output=True, text=True)
    result = json.loads(run.stdout)
    if result["steps"] != steps:
        sys.exit(f"{result['steps']} steps, not {steps}: {result['reason']}")
    return result["seconds"]


def in_process(deck, folder, *flags):
    few, many = (training(deck, folder, steps, *flags) for steps in (FEW, MANY))
    return (many - few) / (MANY - FEW)


def timed(call, count=2000):
    for _ in range(100):
        call()
    began = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - began) / count


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    deck = folder / "lattice.cir"
    subprocess.run([program, "generate", "lattice", "-o", deck], check=True, capture_output=True)
    random = np.random.default_rng(1)
    text = deck.read_text()
    with Circuit(deck) as circuit:
        outputs = circuit.outputs
    source = next(line.split()[0] for line in text.splitlines() if line.startswith("V"))
    x = random.uniform(0.5, 1.5, (16, 1))
    y = random.uniform(0.2, 0.8, (16, len(outputs)))
    rows = [",".join([source, *(f'"{name}"' for name in outputs)])]
    rows += [",".join(repr(float(number)) for number in row) for row in np.hstack([x, y])]
    (folder / "data.csv").write_text("\n".join(rows) + "\n")
    lines = [line for line in text.splitlines() if not line.startswith("*.learn output")]
    lines[-1:-1] = [f"*.learn output {' '.join(outputs)}", "*.learn data data.csv"]
    deck.write_text("\n".join(lines) + "\n")

    figures = {}
    with Circuit(deck, engine="sparse", nudge=1e-3) as circuit:
        size = len(circuit.resistors)
        theta = circuit.variables
        for _ in range(rounds):
            for label, seconds in (
                ("train, superposed", lambda: in_process(deck, folder)),
                ("train, sample by sample", lambda: in_process(deck, folder, "--superposition", "off")),
                ("Python, the deck's samples", lambda: timed(circuit.update)),
                ("Python, own arrays", lambda: timed(lambda: circuit.update(x, y))),
                ("Python, new values and an update", lambda: timed(
                    lambda: (circuit.set(variables=theta), circuit.update()))),
                ("Python, values alone", lambda: timed(lambda: circuit.set(variables=theta))),
            ):
                figures.setdefault(label, []).append(seconds())
    floor = statistics.median(figures["train, superposed"])
    print(f"E = {size}, 16 samples, {rounds} rounds\n")
    print("| | µs | a second | times a step in process |\n| --- | ---: | ---: | ---: |")
    for label, seconds in figures.items():
        median = statistics.median(seconds)
        print(f"| {label} | {1e6 * median:.0f} | {1 / median:,.0f} | {median / floor:.2f} |")
