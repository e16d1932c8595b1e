"""The package against the program's own commands, on the decks of netlists/."""

import gc
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np

from spicelearn import Circuit, SpicelearnError, train
from spicelearn.program import flags, program

ROOT = Path(__file__).parents[2]
NETLISTS = ROOT / "netlists"


def solve(deck, *options):
    result = subprocess.run([program(), "solve", deck, *options, "--json"], capture_output=True, check=True)
    return json.loads(result.stdout)


class CircuitTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.deck = NETLISTS / "two-output.cir"

    def circuit(self, deck=None, **options):
        circuit = Circuit(deck or self.deck, **options)
        self.addCleanup(circuit.close)
        return circuit

    def test_an_update_has_the_bits_of_solve(self):
        for rule in ("al", "cl", "ep"):
            circuit = self.circuit()
            solved = solve(self.deck, "--rule", rule, "--engine", circuit.engine)
            update = circuit.update(rule=rule)
            self.assertEqual(dict(zip(circuit.resistors, update.update)), solved["update"])
            self.assertEqual(update.loss, solved["loss"])
            self.assertEqual(update.nudge, solved["nudge"])

    def test_an_own_step_lowers_the_loss(self):
        circuit = self.circuit()
        before = circuit.update()
        circuit.variables += 0.01 * before.velocity / np.abs(before.velocity).max()
        self.assertLess(circuit.update().loss, before.loss)

    def test_the_gradient_is_that_of_differences(self):
        for deck in ("two-output.cir", "regression.cir", "diodes.cir"):
            circuit = self.circuit(NETLISTS / deck)
            gradient = circuit.gradient().gradient
            start = circuit.variables
            step = 1e-4 * np.abs(start)
            for place in range(min(3, len(start))):
                losses = []
                for sign in (1, -1):
                    moved = start.copy()
                    moved[place] += sign * step[place]
                    circuit.set(variables=moved)
                    losses.append(circuit.predict().loss)
                difference = (losses[0] - losses[1]) / (2 * step[place])
                # The difference leaves out the square of the step, 1e-8, and rounds at 1e-12 of the loss.
                self.assertAlmostEqual(gradient[place], difference, delta=1e-5 * np.abs(gradient).max())
            circuit.variables = start

    def test_the_limit_of_al_is_the_gradient(self):
        circuit = self.circuit()
        np.testing.assert_allclose(circuit.update(rule="al").velocity, -circuit.gradient().gradient, rtol=1e-9)

    def test_own_samples_and_those_of_the_deck(self):
        circuit = self.circuit(NETLISTS / "regression.cir")
        x, y = circuit.samples()
        self.assertEqual(x.shape[1], len(circuit.inputs))
        np.testing.assert_allclose(circuit.update(x, y).velocity, circuit.update().velocity, rtol=1e-9)
        one = circuit.update(x[1], y[1]).velocity
        np.testing.assert_allclose(circuit.update(samples=[1]).velocity, one, rtol=1e-9)
        # The update is a mean over samples.
        halves = circuit.update(x[:2], y[:2]).velocity
        np.testing.assert_allclose(halves, (circuit.update(samples=0).velocity + one) / 2, rtol=1e-8)

    def test_currents_of_an_own_rule_make_the_states_of_al(self):
        circuit = self.circuit()
        states = circuit.states(rule="al", nudge=0.1)
        own = circuit.states(currents=-0.1 * states.errors)
        np.testing.assert_allclose(own.nudged, states.nudged, rtol=1e-12)
        np.testing.assert_array_equal(own.free, states.free)

    def test_values_are_set_within_bounds(self):
        circuit = self.circuit()
        circuit.set({"R1": 3.5})
        self.assertEqual(circuit.values[circuit.names.index("R1")], 3.5)
        before = circuit.values
        for values, kind in (({"R1": -1}, "value"), ({"R99": 1}, "request")):
            with self.assertRaises(SpicelearnError) as caught:
                circuit.set(values)
            self.assertEqual(caught.exception.kind, kind)
        with self.assertRaises(ValueError):
            circuit.set([1, 2])
        np.testing.assert_array_equal(circuit.values, before)
        circuit.values = before * 2
        np.testing.assert_allclose(circuit.values, before * 2, rtol=1e-15)
        circuit.set({"R1": 1e99}, clip=True)
        self.assertAlmostEqual(circuit.values[0] / circuit.parameters[0].max, 1, 12)

    def test_a_written_deck_has_the_values(self):
        circuit = self.circuit()
        circuit.variables += 0.01
        path = os.path.join(self.folder.name, "trained.cir")
        circuit.write(path)
        self.assertEqual(self.circuit(path).values.tolist(), circuit.values.tolist())
        np.testing.assert_allclose(self.circuit(path).predict().outputs, circuit.predict().outputs, rtol=1e-12)

    def test_classes(self):
        circuit = self.circuit(NETLISTS / "iris.cir")
        x, shares = circuit.samples("test")
        names = np.array(circuit.classes)[shares.argmax(1)]
        answer = circuit.predict(x, names)
        self.assertEqual(answer.accuracy, np.mean(np.array(answer.answers) == names))
        np.testing.assert_allclose(answer.probabilities.sum(1), 1)
        self.assertEqual(circuit.predict(x, shares.argmax(1)).loss, answer.loss)
        with self.assertRaises(ValueError):
            circuit.predict(x[0], ["rose"])
        with self.assertRaises(SpicelearnError) as caught:
            circuit.update(rule="ep")
        self.assertEqual(caught.exception.kind, "unsupported")

    def test_errors_end_nothing(self):
        circuit = self.circuit()
        for options in ({"rule": "backprop"}, {"samples": [7]}, {"part": "test"}, {"nudge": -1}, {"speed": 3}):
            with self.assertRaises(SpicelearnError) as caught:
                circuit.update(**options)
            self.assertEqual(caught.exception.kind, "request", options)
        self.assertEqual(circuit.update().velocity.shape, (6,))

    def test_a_wrong_deck_is_an_error_with_its_message(self):
        deck = os.path.join(self.folder.name, "wrong.cir")
        Path(deck).write_text("t\nV1 a 0 1\nR1 a 0 1k\n*.learn output V(nowhere)=1\n.end\n")
        with self.assertRaisesRegex(SpicelearnError, "nowhere") as caught:
            Circuit(deck)
        self.assertEqual(caught.exception.status, 65)
        with self.assertRaises(SpicelearnError) as caught:
            Circuit(os.path.join(self.folder.name, "missing.cir"))
        self.assertEqual(caught.exception.status, 66)

    def test_the_process_ends_with_the_circuit(self):
        circuit = Circuit(self.deck)
        process = circuit._process
        circuit.close()
        self.assertEqual(process.returncode, 0)
        with self.assertRaises(SpicelearnError):
            circuit.update()
        circuit = Circuit(self.deck)
        process = circuit._process
        del circuit
        gc.collect()
        self.assertEqual(process.returncode, 0)

    def test_a_killed_program_is_an_error(self):
        circuit = self.circuit()
        circuit._process.kill()
        with self.assertRaises(SpicelearnError):
            circuit.update()

    def test_a_program_that_is_not_there(self):
        before = os.environ["SPICELEARN"]
        self.addCleanup(os.environ.__setitem__, "SPICELEARN", before)
        os.environ["SPICELEARN"] = "/nowhere/spicelearn"
        with self.assertRaisesRegex(SpicelearnError, "/nowhere/spicelearn"):
            Circuit(self.deck)


class TrainTests(unittest.TestCase):
    def test_json_and_history(self):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "trained.cir")
            training = train(NETLISTS / "two-output.cir", out, history=True, rule="al")
            self.assertTrue(training["converged"])
            self.assertTrue(os.path.exists(out))
            self.assertAlmostEqual(training.history["loss"][0] / training["loss"]["initial"], 1, 12)
            self.assertFalse(train(NETLISTS / "unreachable.cir", out, steps=3)["converged"])
            with self.assertRaisesRegex(SpicelearnError, "missing.cir") as caught:
                train("missing.cir", out)
            self.assertEqual(caught.exception.status, 66)

    def test_options_become_flags(self):
        self.assertEqual(
            flags({"set_options": True, "rate": -1, "output": ["V(a)", "V(b)"], "class_": "c", "json": False}),
            ["--set-options", "--rate=-1", "--output=V(a)", "--output=V(b)", "--class=c"],
        )


if __name__ == "__main__":
    unittest.main()
