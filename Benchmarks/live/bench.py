"""What `train --live` costs a training: without a page, and with one that reads every report.

usage: bench.py SPICELEARN [ROUNDS]

Trainings of fixed length take turns: in each round one without `--live`, one with it that nobody looks at, and one
whose page is open, which is here a reader that does what the page does: it listens to /events and fetches
/report.json at each news. Seconds are those that the training says it took, medians over rounds.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

program = sys.argv[1]
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
netlists = Path(__file__).resolve().parents[2] / "netlists"
# Rates at which nothing is reached: every training takes all its steps.
CASES = {
    "lattice-8x8.cir, sparse": ("lattice-8x8.cir", 300_000, ["--engine", "sparse"]),
    "diodes.cir, native": ("diodes.cir", 60_000, ["--engine", "native"]),
    "diodes.cir, ngspice": ("diodes.cir", 3_000, ["--engine", "ngspice"]),
}


def read(address, counts):
    """Reads every report until the training ends."""
    with urllib.request.urlopen(address + "events") as events:
        for line in events:
            if line.startswith(b"event: end"):
                return
            if line.startswith(b"data:"):
                with urllib.request.urlopen(address + "report.json") as report:
                    json.load(report)
                counts.append(1)


def seconds(deck, steps, flags, folder, live=False, page=False):
    process = subprocess.Popen(
        [program, "train", netlists / deck, "-o", folder / "out.cir", "--steps", str(steps), "--optimizer", "plain",
         "--rate", "1e-12", "--tolerance", "1e-14", "--json", *flags, *(["--live"] if live else [])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    counts, reader = [], None
    while live and reader is None:
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        if found:
            reader = threading.Thread(target=read if page else lambda *_: None, args=(found[0], counts))
            reader.start()
        elif not line:
            sys.exit(f"{deck}: no page")
    output, errors = process.communicate()
    if reader:
        reader.join()
    result = json.loads(output)
    if result["steps"] != steps:
        sys.exit(f"{deck}: {result['steps']} steps, not {steps}: {errors}")
    return result["seconds"], len(counts)


print(f"{rounds} rounds\n\n| | s | with --live | page open | reports |\n| --- | ---: | ---: | ---: | ---: |")
with tempfile.TemporaryDirectory() as name:
    for label, (deck, steps, flags) in CASES.items():
        runs = [
            [seconds(deck, steps, flags, Path(name), **how) for how in ({}, {"live": True}, {"live": True, "page": True})]
            for _ in range(rounds)
        ]
        alone = statistics.median(run[0][0] for run in runs)
        # A round's runs follow each other, so that their ratio is freer of what else the machine does.
        closed, opened = (statistics.median(run[k][0] / run[0][0] - 1 for run in runs) for k in (1, 2))
        reports = statistics.median(run[2][1] for run in runs)
        print(f"| {label} | {alone:.2f} | {100 * closed:+.1f} % | {100 * opened:+.1f} % | {reports:.0f} |", flush=True)
