"""What a training step takes with the native engine and with ngspice, on circuits with semiconductors.

usage: bench.py SPICELEARN DECKS [ROUNDS]

Runs take turns: in each round both engines train each circuit for a few and for more steps, one after another. A
step is the difference over the steps between, which leaves out loading and what ngspice confirms; the table has medians
over the rounds and the ratio of the medians. Trainings are by AL at a small rate, so that circuits change as in the
middle of a training; ngspice runs in the same process (--isolation off).
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

program, decks = sys.argv[1], Path(sys.argv[2])
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
folder = Path(tempfile.mkdtemp())
FLAGS = ["--optimizer", "plain", "--rate", "1e-3", "--tolerance", "1e-14", "--json"]
NUDGES = {"centered": ["--nudge", "1e-7"], "limit": ["--nudging", "limit"]}


def lattice(nodes):
    path = folder / f"nmos-{nodes}.cir"
    subprocess.run(
        [program, "generate", "nmos", "--rows", str(nodes), "--columns", str(nodes), "-o", path],
        check=True, capture_output=True)
    return path


def seconds(deck, engine, steps, nudge):
    flags = ["--engine", engine] + (["--isolation", "off"] if engine == "ngspice" else [])
    run = subprocess.run(
        [program, "train", deck, "-o", folder / "out.cir", "--steps", str(steps)]
        + flags + FLAGS + NUDGES[nudge], capture_output=True, text=True)
    result = json.loads(run.stdout)
    if result["steps"] != steps or result["engine"] != engine:
        sys.exit(f"{deck}: {result['steps']} steps by {result['engine']}, not {steps} by {engine}")
    return result["seconds"]


def step(deck, engine, few, many, nudge):
    return (seconds(deck, engine, many, nudge) - seconds(deck, engine, few, nudge)) / (many - few)


# Circuit, and between how many steps the two engines are timed.
CASES = [
    ("XOR: 30 resistors, 4 diodes, 4 samples", decks / "diodes.cir", (100, 1100), (50, 350)),
    ("12 NMOS channels, 1 sample", lattice(3), (50, 2050), (20, 220)),
    ("180 NMOS channels, 1 sample", lattice(10), (20, 420), (4, 24)),
    # ngspice has not ended a first step after ten minutes.
    ("1740 NMOS channels, 1 sample", lattice(30), (5, 205), None),
]

print("| circuit | nudging | native, ms a step | ngspice, ms a step | ratio |")
print("| --- | --- | --- | --- | --- |")
for name, deck, native, ngspice in CASES:
    for nudge in NUDGES:
        times = {"native": [], "ngspice": []}
        for _ in range(rounds):
            times["native"].append(step(deck, "native", *native, nudge))
            if ngspice:
                times["ngspice"].append(step(deck, "ngspice", *ngspice, nudge))
        ours = 1e3 * statistics.median(times["native"])
        if not ngspice:
            print(f"| {name} | {nudge} | {ours:.3g} | – | – |", flush=True)
            continue
        theirs = 1e3 * statistics.median(times["ngspice"])
        print(f"| {name} | {nudge} | {ours:.3g} | {theirs:.3g} | {theirs / ours:.3g} |", flush=True)
