"""What the benchmarks' reports share: numbers and tables in Markdown, and their place in a page.

Scripts put this folder on PYTHONPATH.
"""

import math
import re
import sys


def number(value):
    """Three digits that count, no exponent."""
    digits = max(0, 2 - math.floor(math.log10(value)))
    return f"{value:,.{digits}f}"


def spread(low, median, high):
    """The median, and in brackets the percentiles around it."""
    return f"{number(median)} ({number(low)}–{number(high)})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def publish(text, section, pages):
    """Prints a report, and puts it in place of what pages have between `<!-- SECTION -->` and `<!-- /SECTION -->`.

    pages: paths of the pages.
    """
    print(text)
    begin, end = f"<!-- {section} -->", f"<!-- /{section} -->"
    for path in pages:
        with open(path) as file:
            page = file.read()
        page, count = re.subn(
            f"{begin}.*{end}", lambda _: f"{begin}\n\n{text}\n\n{end}", page, flags=re.DOTALL)
        if count != 1:
            sys.exit(f"{path} has no {begin} … {end}")
        with open(path, "w") as file:
            file.write(page)
