import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

PYTHON = Path(__file__).parents[1]


class ExampleTests(unittest.TestCase):
    def test_irises_by_an_own_rule(self):
        result = subprocess.run(
            [sys.executable, PYTHON / "examples/iris_own_rule.py"],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(PYTHON)},
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        share = re.search(r"held out: ([\d.]+) %", result.stdout)
        self.assertGreater(float(share[1]), 93)


if __name__ == "__main__":
    unittest.main()
