"""The command train, with its JSON and its history."""

import csv
import json
import os
import subprocess
import tempfile

import numpy as np

from .errors import SpicelearnError
from .program import flags, message, program

# 0 converged; 2 ended short of what was asked for, with a deck all the same.
_TRAINED = (0, 2)


class Training(dict):
    """What `train --json` prints (docs/json.md), with its `history`, if that was asked for."""

    history = None


def train(deck, out, *, history=False, **options):
    """Trains a deck and writes the trained one.

    options: flags of `spicelearn train`, like rule="ep", steps=1000, set_options=True.
    history: whether to keep one: a DataFrame where pandas is there, otherwise a dictionary of arrays by column.
    Returns the command's JSON; a training that ended short of its tolerance is no error (`converged`).
    """
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "history.csv")
        words = ["train", os.fspath(deck), "-o", os.fspath(out), "--json", *flags(options)]
        if history:
            words += ["--history", file]
        result = subprocess.run([program(), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if result.returncode not in _TRAINED:
            raise SpicelearnError(message(result.stderr), status=result.returncode)
        training = Training(json.loads(result.stdout))
        if history:
            training.history = _history(file)
        return training


def _history(file):
    try:
        import pandas
    except ImportError:
        with open(file, newline="") as lines:
            header, *rows = csv.reader(lines)
        return {name: np.array([float(row[place] or "nan") for row in rows]) for place, name in enumerate(header)}
    return pandas.read_csv(file)
