"""Writes a section of docs/performance.md from what bench.py measured: PYTHONPATH=.. python report.py [FILE]

With FILE it takes the place of what is between its lines `<!-- nonlinear -->` and `<!-- /nonlinear -->`.
"""

import json
import statistics
import sys

from bench import DIGITS, OURS, RESULTS, STILL
from cases import CASES
from tables import number, publish, table

HEAD = ["circuit", "against", "its ms a step", "ours", "ratio", "ours, at rest", "ratio", "differs by"]


def signed(value):
    """A number of three digits; what noise makes of a step that is too short to be seen is a dash."""
    return number(value) if value > 0 else "–"


def rows(result):
    times = result["times"]
    ours, still = times[OURS], times.get(STILL)
    lines = []
    for peer, its in times.items():
        if peer in (OURS, STILL):
            continue
        ratios = [statistics.median(a / b for a, b in zip(its, other)) if other else 0 for other in (ours, still)]
        lines.append([
            result["circuit"], f"{peer} ({result['variants'][peer]})", signed(1e3 * statistics.median(its)),
            signed(1e3 * statistics.median(ours)), signed(ratios[0]),
            signed(1e3 * statistics.median(still)) if still else "–", signed(ratios[1]),
            f"{result['differences'][peer]:.0e}"])
    return lines


def provenance(results):
    last = max(results, key=lambda result: result["written"])
    machine = last["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    loads = [load for result in results for load in result["loads"]]
    rounds = [len(result["times"][OURS]) for result in results]
    return (
        f"{last['date']}; {machine['processor']}, {machine['cores']} cores, {machine['system']}; Python "
        f"{machine['python']}, {packages}. Medians over at least {min(rounds)} rounds; load average "
        f"{min(loads):.1f} to {max(loads):.1f}.")


def main():
    results = []
    for name in [*CASES, DIGITS]:
        path = RESULTS / f"{name}.json"
        if path.exists():
            results.append({"written": path.stat().st_mtime, **json.loads(path.read_text())})
    if not results:
        sys.exit("no measurements yet: python bench.py SPICELEARN")
    body = table(HEAD, [row for result in results for row in rows(result)])
    body = body.replace("| --- | ---: |", "| --- | --- |", 1)  # the peers' names are text too
    publish(provenance(results) + "\n\n" + body, "nonlinear", sys.argv[1:])


if __name__ == "__main__":
    main()
