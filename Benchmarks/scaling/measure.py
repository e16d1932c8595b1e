"""Measures how cost grows and how far it is from the floor: python measure.py [SECTION …] [--sides SIDE …]

Sections: sizes, samples, floor, start, training; each is kept in results/SECTION.json. With --sides only lattices of
these are measured, and what is kept of others stays.
"""

import argparse
import json
import os
import subprocess
import time

from run import BARE_CHOLMOD, BARE_START, ENVIRONMENT, RESULTS, ROOT, SPICELEARN
from run import lattice, run, summary, time_steps

# 12 to 998,284 resistors; ngspice orders lattices of more than 10⁴ in minutes.
SIDES = [3, 5, 8, 13, 23, 41, 71, 130, 224, 400, 707]
LARGEST_OF_NGSPICE = 71
SAMPLES = [1, 4, 16, 64, 256, 1000]
STARTS = 50
# Right-hand sides of a superposed step: two inputs, four outputs.
SOLVES = 6


def sizes(sides):
    """A step of 16 samples on lattices of every size."""
    for engine in ("sparse", "ngspice"):
        for side in sides or SIDES:
            if engine == "sparse" or side <= LARGEST_OF_NGSPICE:
                yield time_steps(side, 16, engine, "on", 2)


def samples(sides):
    """A step of 1 to 1,000 samples on two lattices."""
    for side in sides or (8, 23):
        for engine in ("sparse", "ngspice"):
            for superposition in ("on", "off"):
                for count in SAMPLES:
                    yield time_steps(side, count, engine, superposition, 1)


def floor(sides):
    """A superposed step of the sparse engine and, in turn with it, CHOLMOD's factorization and solutions.

    Ratios are those of neighbouring runs, which a machine whose speed drifts leaves alone.
    """
    for side in sides or (23, 71, 224, 707):
        steps, rounds, seconds = (300, 5, 0.5) if side < 100 else (30, 3, 2) if side < 300 else (10, 2, 10)
        # The supernodal form has long won where two forms take too long.
        forms = ["simplicial", "supernodal"] if side < 300 else ["supernodal"]
        turns = [
            (min((bare(side, steps, form) for form in forms), key=lambda run: run["total"]["median"]),
             time_steps(side, 16, "sparse", "on", seconds))
            for _ in range(rounds)]
        ratios = [ours["seconds"]["median"] / bare["total"]["median"] for bare, ours in turns]
        middle = sorted(range(rounds), key=ratios.__getitem__)[rounds // 2]
        yield {"side": side, "ratios": sorted(ratios), "bare": turns[middle][0], "ours": turns[middle][1]}


def bare(side, steps, form):
    """Seconds of a factorization, of the solutions, and of both in `bare_cholmod`."""
    output, memory = run(BARE_CHOLMOD, lattice(side, 16), steps, SOLVES, form)
    times = [[float(word) for word in line.split()] for line in output.splitlines()]
    return {
        "form": form, "memory": memory, "factor": summary([factor for factor, _ in times]),
        "solve": summary([solve for _, solve in times]), "total": summary([sum(both) for both in times])}


def start(_):
    """The whole process of `spicelearn solve` on the smallest deck, and of the bare C program."""
    commands = {
        "spicelearn solve": [SPICELEARN, "solve", os.path.join(ROOT, "netlists/divider.cir")],
        "bare C": [BARE_START]}
    times = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            begin = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
            times[name].append(time.perf_counter() - begin)
    for name, values in times.items():
        yield {"name": name, "seconds": summary(values)}


def training(sides):
    """A training of the largest lattice, with momentum, to 1e-6 of the loss that it starts with."""
    for side in sides or SIDES[-1:]:
        yield train_lattice(side)


def train_lattice(side):
    deck = os.path.join(RESULTS, f"training-{side}.cir")
    trained = os.path.join(RESULTS, "trained.cir")
    if not os.path.exists(deck):
        run(SPICELEARN, "generate", "lattice", "--rows", side, "--columns", side, "-o", deck)

    def train(*options):
        """What a training says of itself, its seconds, and its memory."""
        command = [
            SPICELEARN, "train", deck, "-o", trained, "--engine", "sparse", "--optimizer", "momentum",
            "--json", *options]
        begin = time.perf_counter()
        # 2 is a training that ended short of its tolerance.
        output, memory = run(*command, accepts=(0, 2))
        return json.loads(output), time.perf_counter() - begin, memory

    first, overhead, _ = train("--steps", 1)
    # Four outputs within this error have at most 1e-6 of the loss.
    tolerance = (first["loss"]["initial"] * 1e-6 / 2) ** 0.5
    result, seconds, memory = train("--tolerance", tolerance)
    return {
        "side": side, "steps": result["steps"], "loss": result["loss"], "seconds": seconds,
        "a step": (seconds - overhead) / max(1, result["steps"] - first["steps"]),
        "memory": memory, "converged": result["converged"]}


SECTIONS = {f.__name__: f for f in (sizes, samples, floor, start, training)}


def kept(path, sides):
    """Rows of earlier runs, of other sides."""
    if not sides or not os.path.exists(path):
        return []
    with open(path) as file:
        return [row for row in json.load(file) if row["side"] not in sides]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sides", type=int, nargs="+", default=[])
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    options = parser.parse_args()
    os.makedirs(RESULTS, exist_ok=True)
    for section in options.sections or SECTIONS:
        path = os.path.join(RESULTS, f"{section}.json")
        rows = kept(path, options.sides)
        for row in SECTIONS[section](options.sides):
            rows.append(row)
            print(section, json.dumps(row), flush=True)
        with open(path, "w") as file:
            json.dump(rows, file)


if __name__ == "__main__":
    main()
