"""Writes the tables of docs/performance.md from what bench.py measured: PYTHONPATH=.. python report.py [FILE]

With FILE they take the place of what is between its lines `<!-- peers -->` and `<!-- /peers -->`.
"""

import glob
import json
import os
import sys

import numpy as np

from bench import RESULTS
from contenders import FURTHER, OURS, PEERS
from tables import number, publish, spread, table

NGSPICE_PEERS = ["PySpice", "ngspice subprocess", "PySpice, sweeps", "ngspice subprocess, sweeps"]
NGSPICE_ENGINE = "spicelearn, ngspice"
NGSPICE_SUPERPOSED = "spicelearn, ngspice, superposed"


def milliseconds(result):
    return spread(*np.percentile(np.array(result["seconds"]) * 1e3, [10, 50, 90]))


def edges(cell):
    return 2 * cell["side"] * (cell["side"] - 1)


def times(cells, names):
    head = ["ms a step: median (10 %–90 %)", *(f"E = {edges(cell)}" for cell in cells)]
    return table(head, [
        [name, *(milliseconds(c["results"][name]) if name in c["results"] else "–" for c in cells)]
        for name in names])


def median(cell, name):
    return np.median(cell["results"][name]["seconds"]) if name in cell["results"] else np.inf


def ratios(cells, names, ours, title):
    """How many times the time of the fastest of `ours` each of `names` takes."""
    rows = []
    for name in names:
        ratio = [median(c, name) / min(median(c, our) for our in ours) for c in cells]
        rows.append([name, *(number(r) if np.isfinite(r) else "–" for r in ratio)])
    return table([title, *(f"E = {edges(cell)}" for cell in cells)], rows)


def provenance(cells):
    last = cells[-1]["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in last["packages"].items())
    blas = {
        name: sorted({text for c in cells for text in c["results"].get(name, {}).get("blas", [])})
        for name in (NGSPICE_ENGINE, "numpy, dense")}
    worst = max(r["difference"] for c in cells for r in c["results"].values())
    return (
        f"{last['processor']}, {last['cores']} cores, {last['system']}; Python {last['python']}, {packages}. "
        f"BLAS of spicelearn and scikit-sparse: {', '.join(blas[NGSPICE_ENGINE])}; of the other peers: "
        f"{', '.join(blas['numpy, dense'])}. Largest difference of any update from spicelearn's: {worst:.0e} of "
        "its largest element.")


def report(cells):
    parts = [provenance(cells)]
    for samples in sorted({c["samples"] for c in cells}):
        those = sorted((c for c in cells if c["samples"] == samples), key=edges)
        parts += [
            f"### B = {samples}",
            times(those, [*PEERS, *FURTHER, *OURS]),
            ratios(those, [*PEERS, *FURTHER], list(OURS), "times our fastest"),
            ratios(those, NGSPICE_PEERS, [NGSPICE_ENGINE],
                   "times our ngspice engine, superposition off"),
            ratios(those, NGSPICE_PEERS, [NGSPICE_ENGINE, NGSPICE_SUPERPOSED],
                   "times our ngspice engine")]
    return "\n\n".join(parts)


def main():
    cells = []
    for path in glob.glob(os.path.join(RESULTS, "*.json")):
        with open(path) as file:
            cells.append(json.load(file))
    if not cells:
        sys.exit("no measurements yet: python bench.py")
    publish(report(cells), "peers", sys.argv[1:])


if __name__ == "__main__":
    main()
