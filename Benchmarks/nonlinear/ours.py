"""A step of spicelearn, timed from outside: a long training less a short one, over the steps between.

That leaves out loading and what ngspice confirms at the start and the end. Values move by Adam, whose rate is the
largest relative change of any of them; at the tiny fixed rate they stay where they are, and an engine that begins from
its last state finds it at once.
"""

import json
import re
import statistics
import subprocess
import time

import lattice

STILL = ["--optimizer", "plain", "--rate", "1e-9"]
REPEATS = 5


class Ours:
    """program: spicelearn's path; decks: the folder of the netlists; folder: where files are written."""

    def __init__(self, program, decks, folder):
        self.program, self.decks, self.folder = program, decks, folder

    def run(self, *words):
        """What a command prints as JSON. Its exit code tells also that a training has not converged."""
        done = subprocess.run([self.program, *map(str, words)], capture_output=True, text=True)
        if done.returncode not in (0, 2):
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)

    def deck(self, case):
        if isinstance(case.deck, str):
            return self.decks / case.deck
        family, side, *samples = case.deck
        path = self.folder / f"{family}{side}.cir"
        if family == "lattice":
            return lattice.write(path, side, *samples)
        subprocess.run(
            [self.program, "generate", family, "--periodic", "--rows", str(side), "--columns", str(side), "-o", path],
            check=True, capture_output=True)
        return path

    def update(self, deck, flags):
        """What peers have to find, in the deck's order: of resistors, or of the gates' sources."""
        solved = self.run("solve", deck, "--json", *flags)
        updates = solved.get("valueUpdates") or solved["update"]
        with open(deck) as lines:
            names = re.findall(r"^(\w+)", lines.read(), flags=re.MULTILINE)
        return [updates[name] for name in names if name in updates]

    def seconds(self, deck, steps, flags):
        result = self.run(
            "train", deck, "-o", self.folder / "trained.cir", "--steps", steps, "--tolerance", "1e-14", "--json",
            *flags)
        if result["steps"] != steps:
            raise RuntimeError(f"{deck}: {result['steps']} steps and {result['reason']}, not {steps} steps")
        return result["seconds"]

    def step(self, deck, case, moving):
        """Seconds: the median of a few."""
        few, many = case.window
        pace = ["--optimizer", "adam", "--rate", str(case.pace)] if moving else STILL
        flags = [*case.training, *pace]
        # A large circuit's steps outweigh what differs between two starts.
        start = time.monotonic()
        times = []
        while len(times) < REPEATS and (not times or time.monotonic() - start < 20):
            short = self.seconds(deck, few, flags)
            times.append((self.seconds(deck, many, flags) - short) / (many - few))
        return statistics.median(times)
