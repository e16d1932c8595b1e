"""Where the program is, and how its options are written."""

import os
import shutil

from .errors import SpicelearnError


def program():
    """The path of the program: the variable SPICELEARN, or what the PATH has."""
    named = os.environ.get("SPICELEARN")
    found = shutil.which(named or "spicelearn")
    if found is None:
        raise SpicelearnError(
            f"SPICELEARN names no program: {named}"
            if named
            else "there is no program spicelearn on the PATH: install it, or name it by the variable SPICELEARN"
        )
    return found


def flags(options):
    """Options as a command line has them: rule="al" is --rule al, json=True is --json, a list repeats its flag."""
    words = []
    for name, value in options.items():
        # A name that Python keeps for itself ends in _: class_.
        flag = "--" + name.rstrip("_").replace("_", "-")
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is True:
                words.append(flag)
            elif one is not None and one is not False:
                # One word, so that a value may begin with -.
                words.append(f"{flag}={os.fspath(one) if isinstance(one, os.PathLike) else one}")
    return words


def message(text):
    """What the program printed, without its own name before it."""
    text = text.strip()
    start = "spicelearn: error: "
    return text[len(start) :] if text.startswith(start) else text or "spicelearn ended without a word"
