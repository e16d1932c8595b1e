"""Square lattices with two inputs, four outputs and data for them, as decks: those of bench-peers, other numbers."""

import random

import numpy as np


def write(path, side, samples):
    """Writes a lattice of side × side nodes, and its data beside it. The same numbers in every run."""
    draw = random.Random(1)

    def node(row, column):
        return "0" if row == column == side - 1 else f"n{row}_{column}"

    lines = ["Square lattice", "V1 n0_0 0 1", f"V2 n0_{side - 1} 0 0.5"]
    for row in range(side):
        for column in range(side):
            for down, right in ((0, 1), (1, 0)):
                if row + down < side and column + right < side:
                    ends = node(row, column), node(row + down, column + right)
                    lines.append(f"R{len(lines) - 2} {ends[0]} {ends[1]} {draw.uniform(500, 2000)!r}")
    middle = side // 2
    outputs = [f"V({node(*at)})" for at in ((middle, middle), (middle, 0), (0, middle), (side - 1, 0))]
    data = path.with_suffix(".csv")
    lines += [
        "*.learn input V1 V2", "*.learn output " + " ".join(outputs), f"*.learn data {data.name}", ".op", ".end", ""]
    path.write_text("\n".join(lines))
    table = np.random.default_rng(2).uniform(0, 1, (samples, 6))
    data.write_text("\n".join(
        [",".join(["V1", "V2", *outputs])] + [",".join(map(repr, row.tolist())) for row in table] + [""]))
    return path
