"""Writes the tables of docs/performance.md from what bench.py measured: python report.py [FILE]

With FILE they take the place of what is between its lines `<!-- peers -->` and `<!-- /peers -->`.
"""

import glob
import json
import os
import re
import sys

import numpy as np

from bench import RESULTS
from contenders import FURTHER, OURS, PEERS

NGSPICE_PEERS = ["PySpice", "ngspice subprocess"]
NGSPICE_ENGINE = "spicelearn, ngspice"


def number(value):
    """Three digits that count, no exponent."""
    digits = max(0, 2 - int(np.floor(np.log10(value))))
    return f"{value:,.{digits}f}"


def milliseconds(result):
    low, median, high = np.percentile(np.array(result["seconds"]) * 1e3, [10, 50, 90])
    return f"{number(median)} ({number(low)}–{number(high)})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


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
                   "times our ngspice engine, superposition off")]
    return "\n\n".join(parts)


def main():
    cells = []
    for path in glob.glob(os.path.join(RESULTS, "*.json")):
        with open(path) as file:
            cells.append(json.load(file))
    if not cells:
        sys.exit("no measurements yet: python bench.py")
    text = report(cells)
    print(text)
    if len(sys.argv) > 1:
        with open(sys.argv[1]) as file:
            page = file.read()
        begin, end = "<!-- peers -->", "<!-- /peers -->"
        page, count = re.subn(
            f"{begin}.*{end}", lambda _: f"{begin}\n\n{text}\n\n{end}", page, flags=re.DOTALL)
        if count != 1:
            sys.exit(f"{sys.argv[1]} has no {begin} … {end}")
        with open(sys.argv[1], "w") as file:
            file.write(page)


if __name__ == "__main__":
    main()
