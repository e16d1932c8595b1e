"""Draws the curves into docs/figures and writes their tables: PYTHONPATH=.. python report.py [FILE]

With FILE the tables take the place of what is between its lines `<!-- scaling -->` and `<!-- /scaling -->`.
"""

import json
import math
import os
import statistics
import subprocess
import sys

from run import RESULTS, ROOT, edges
from tables import number, publish, spread, table

FIGURES = os.path.join(ROOT, "docs/figures")
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]
# Exponents are those of the circuits and numbers of samples where fixed costs no longer count.
LEAST_EDGES = 1000
LEAST_SAMPLES = 16


def read(section):
    path = os.path.join(RESULTS, f"{section}.json")
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return json.load(file)


def milliseconds(times):
    return spread(*(1e3 * times[key] for key in ("low", "median", "high")))


def exponent(points, least):
    """p of the power law y ∝ x^p through the points with x of at least `least`; None if they are too few."""
    logs = [(math.log(x), math.log(y)) for x, y in points if x >= least]
    if len(logs) < 3:
        return None
    return statistics.linear_regression(*zip(*logs)).slope


def power(points, least, name):
    """A series' name with its exponent."""
    p = exponent(points, least)
    return name if p is None else f"{name}, ∝ {{/:Italic x}}^{{{p:.2f}}}"


def draw(file, panels):
    """Panels of logarithmic curves side by side: title, axes, and series of name and points."""
    script = [
        f"set terminal svg enhanced size {520 * len(panels)},460 font 'Helvetica,13' background '#FFFFFF'",
        "set encoding utf8", "set border 3 lw 1 lc rgb '#333333'", "set tics nomirror out scale 0.7",
        "set grid lw 0.5 lc rgb '#DDDDDD'", "set log xy", "set format '10^{%L}'",
        "set lmargin 10", "set rmargin 3", "set tmargin 3", "set bmargin 7",
        "set key below vertical maxrows 3 Left reverse samplen 1.5 spacing 1.15 width 1 font ',12'"]
    for p, (_, _, _, series) in enumerate(panels):
        for s, (_, points) in enumerate(series):
            script += [f"$data_{p}_{s} << EOD", *(f"{x:.7g} {y:.7g}" for x, y in points), "EOD"]
    script.append(f"set multiplot layout 1,{len(panels)}")
    for p, (title, x, y, series) in enumerate(panels):
        curves = [
            f"$data_{p}_{s} using 1:2 with linespoints pt {4 + 2 * s} ps 0.7 lw 1.5 "
            f"lc rgb '{COLOURS[s]}' title \"{name}\"" for s, (name, _) in enumerate(series)]
        script += [f"set title '{title}'", f"set xlabel '{x}'", f"set ylabel '{y}'", "plot " + ", ".join(curves)]
    script += ["unset multiplot", ""]
    drawn = subprocess.run(["gnuplot"], input="\n".join(script), stdout=subprocess.PIPE, text=True, check=True)
    with open(os.path.join(FIGURES, file), "w") as out:
        out.write(drawn.stdout)


def sizes():
    rows = read("sizes")
    by_engine = {
        engine: sorted((r for r in rows if r["engine"] == engine), key=lambda r: r["side"])
        for engine in ("sparse", "ngspice")}

    def points(engine, value):
        return [(edges(r["side"]), value(r)) for r in by_engine[engine]]

    def time(row):
        return row["seconds"]["median"]

    def memory(row):
        return row["memory"]

    draw("scaling-size.svg", [
        (title, "resistors", axis, [
            (power(points(engine, value), LEAST_EDGES, engine), points(engine, value))
            for engine in by_engine])
        for title, axis, value in (
            ("Time of a step, 16 samples", "s", time), ("Peak memory of the process", "MB", memory))])
    fits = [
        f"{what} of the {engine} engine grows as E^{exponent(points(engine, value), LEAST_EDGES):.2f}"
        for engine in by_engine for what, value in (("the time", time), ("the memory", memory))
        if exponent(points(engine, value), LEAST_EDGES) is not None]
    other = {r["side"]: r for r in by_engine["ngspice"]}
    body = [[
        f"{edges(r['side']):,}", milliseconds(r["seconds"]), number(r["memory"]),
        number(r["factorizations"]),
        *([milliseconds(other[r["side"]]["seconds"]), number(other[r["side"]]["memory"])]
          if r["side"] in other else ["–", "–"])] for r in by_engine["sparse"]]
    return [
        "### Resistors",
        "![Time and memory against the number of resistors](figures/scaling-size.svg)",
        table([
            "E", "sparse, ms (10 %–90 %)", "MB", "factorizations a step", "ngspice, ms (10 %–90 %)", "MB"],
            body),
        *([f"From E = {LEAST_EDGES} on, " + ", ".join(fits) + "."] if fits else [])]


def samples():
    rows = read("samples")
    sides = sorted({r["side"] for r in rows})
    cases = {
        (engine, on): f"{engine}, {'superposed' if on == 'on' else 'each sample'}"
        for on in ("on", "off") for engine in ("sparse", "ngspice")}

    def points(side, case):
        return sorted(
            (r["samples"], r["seconds"]["median"]) for r in rows
            if r["side"] == side and (r["engine"], r["superposition"]) == case)

    draw("scaling-samples.svg", [
        (f"Time of a step, {edges(side)} resistors", "samples", "s", [
            (power(points(side, case), LEAST_SAMPLES, name), points(side, case)) for case, name in cases.items()])
        for side in sides])
    counts = sorted({r["samples"] for r in rows})
    body = [
        [f"E = {edges(side)}, {name}", *(number(1e3 * dict(points(side, case))[count]) for count in counts),
         f"{exponent(points(side, case), LEAST_SAMPLES):.2f}"]
        for side in sides for case, name in cases.items()]
    return [
        "### Samples",
        "![Time against the number of samples](figures/scaling-samples.svg)",
        table(["ms a step, B =", *(f"{count:,}" for count in counts), "exponent"], body)]


def floor():
    return [
        "### The floor: bare CHOLMOD",
        table(
            ["E", "factorization, ms", "6 solutions, ms", "both, ms", "form", "spicelearn, ms",
             "ratio (least–largest)"],
            [[
                f"{edges(r['side']):,}",
                *(number(1e3 * r["bare"][part]["median"]) for part in ("factor", "solve", "total")),
                r["bare"]["form"], number(1e3 * r["ours"]["seconds"]["median"]),
                f"{statistics.median_low(r['ratios']):.2f} ({r['ratios'][0]:.2f}–{r['ratios'][-1]:.2f})"]
             for r in sorted(read("floor"), key=lambda r: r["side"])])]


def start():
    rows = read("start")
    return [
        "### Start",
        table(["whole process", "ms (10 %–90 %)"], [[r["name"], milliseconds(r["seconds"])] for r in rows])]


def training():
    return [
        "### A whole training, with momentum",
        table(
            ["E", "steps", "loss, V²", "s, reading and writing included", "s a step", "MB"],
            [[
                f"{edges(r['side']):,}", str(r["steps"]),
                f"{r['loss']['initial']:.2e} → {r['loss']['final']:.2e}", number(r["seconds"]),
                number(r["a step"]), number(r["memory"])] for r in read("training")])]


def main():
    publish(
        "\n\n".join(
            part for section in (sizes, samples, floor, start, training) if read(section.__name__)
            for part in section()),
        "scaling", sys.argv[1:])


if __name__ == "__main__":
    main()
