"""A circuit that stays loaded in a process of spicelearn serve."""

import base64
import json
import os
import subprocess
import tempfile
import warnings
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from .errors import SpicelearnError
from .program import flags, message, program

PROTOCOL = 1
_DOUBLE = np.dtype("<f8")


@dataclass(frozen=True)
class Parameter:
    """A trained number: its bounds in its unit, and which function of it is the trained variable."""

    name: str
    unit: str
    min: float
    max: float
    variable: str


class Answer(SimpleNamespace):
    """An answer's members as attributes, or by name in brackets; tables of numbers are arrays."""

    def __getitem__(self, name):
        return vars(self)[name]

    def __contains__(self, name):
        return name in vars(self)

    def __getattr__(self, name):
        raise AttributeError(f"this answer has no {name}: it has {', '.join(vars(self))}")


class Circuit:
    """A deck that is loaded once and then asked for states, updates, gradients and predictions.

    deck: the path of a netlist.
    options: flags of `spicelearn serve`, like rule="ep", output=["V(b)=0.2"], engine="ngspice".

    x are the values of the input sources, a row for each sample; y what the loss takes for each output: volts, or
    with classes their names, their numbers or shares. Left out, they are the deck's own; samples=[0, 3] chooses
    among these, and part="test" takes those that are kept for testing.

    >>> with Circuit("netlists/two-output.cir") as circuit:
    ...     circuit.update(rule="al").velocity.shape
    (6,)
    """

    def __init__(self, deck, **options):
        self._process = None
        self._log = tempfile.TemporaryFile()
        self._next = 1
        try:
            # A group of its own: Ctrl-C is for Python to answer, and the end of input ends the process.
            self._process = subprocess.Popen(
                [program(), "serve", os.fspath(deck), *flags(options)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                start_new_session=True,
            )
            greeting = self._receive()
        except BaseException:
            self.close()
            raise
        spoken = vars(greeting).get("protocol")
        if spoken != PROTOCOL:
            self.close()
            raise SpicelearnError(f"this package speaks protocol {PROTOCOL}, and the program {spoken}")
        said = self._said()
        if said:
            warnings.warn(said, stacklevel=2)
        self.title = greeting["title"]
        self.version = greeting["version"]
        self.engine = greeting["engine"]
        self.rule = greeting["rule"]
        self.inputs = greeting["inputs"]
        self.outputs = greeting["outputs"]
        self.nodes = greeting["nodes"]
        self.resistors = greeting["resistors"]
        self.classes = vars(greeting).get("classes")
        self._has_goals = greeting["hasGoals"]
        self.parameters = [
            Parameter(*(entry[key] for key in ("name", "unit", "min", "max", "variable")))
            for entry in greeting["parameters"]
        ]
        self.names = [parameter.name for parameter in self.parameters]
        self._values = np.array([entry["value"] for entry in greeting["parameters"]])
        self._variables = None

    # What is asked for

    def states(self, x=None, y=None, *, currents=None, **options):
        """The free and the nudged state of each sample.

        currents: amperes into each output, a row for each sample: the nudge of a rule of your own.
        Returns `free`, `nudged` and, centered, `opposite` (rows over samples, columns as in `nodes`, V), `outputs`
        and, where there are targets, `errors`, `loss` and the `nudge`.
        """
        if currents is not None:
            options["currents"] = _packed(currents, len(self.outputs))
        return self._ask("states", self._chosen(x, y, options))

    def update(self, x=None, y=None, **options):
        """What the rule changes, the mean over samples.

        options: rule, nudge (a strength, or "auto"), nudging, samples, part.
        Returns `velocity` (dθ/dt in the order of `names`, θ the trained variables), `update` (dk/dt in that of
        `resistors`), `outputs`, `errors`, `loss` and the `nudge`.
        """
        return self._ask("update", self._chosen(x, y, options))

    def gradient(self, x=None, y=None, **options):
        """The exact gradient ∂loss/∂θ in the order of `names`, with `outputs`, `errors` and `loss`."""
        return self._ask("gradient", self._chosen(x, y, options))

    def predict(self, x=None, y=None, **options):
        """The `outputs` of each sample; with classes also `answers` and, with cross-entropy, `probabilities`."""
        return self._ask("predict", self._chosen(x, y, options))

    def samples(self, part="train"):
        """The deck's own samples, (x, y), for training or for testing."""
        answer = self._ask("samples", {"part": part})
        return answer.inputs, answer.targets

    # What is trained

    @property
    def values(self):
        """What is trained, in the order of `names`: Ω of resistors, otherwise the number in the deck."""
        return self._values.copy()

    @values.setter
    def values(self, values):
        self.set(values)

    @property
    def variables(self):
        """The trained variables θ, of which `velocity` is the rate: conductances, their logarithms, ….

        Setting them keeps each value within its bounds.
        """
        if self._variables is None:
            self.set({})
        return self._variables.copy()

    @variables.setter
    def variables(self, variables):
        self.set(variables=variables, clip=True)

    def set(self, values=None, *, variables=None, clip=False):
        """Sets trained numbers: a dictionary by name, all values in the order of `names`, or all θ.

        clip: whether what lies beyond a bound is set to it, and is no error.
        """
        request = {"clip": True} if clip else {}
        if variables is not None:
            request["variables"] = _packed(variables, len(self.names))
        if isinstance(values, dict):
            request["values"] = {name: float(value) for name, value in values.items()}
        elif values is not None:
            request["values"] = _packed(values, len(self.names))
        answer = self._ask("set", request)
        self._values, self._variables = answer["values"], answer["variables"]

    def write(self, path):
        """Writes the netlist with the present values, every other byte as it was."""
        self._ask("write", {"path": os.path.abspath(os.fspath(path))})

    # The process

    def close(self):
        """Ends the process; the circuit can't be asked any more."""
        process, self._process = self._process, None
        if process is not None:
            for stream in (process.stdin, process.stdout):
                try:
                    stream.close()
                except OSError:
                    pass
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._log is not None:
            self._log.close()
            self._log = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_process", None) is not None:
            self.close()

    def __repr__(self):
        return f"<Circuit {self.title!r}: {len(self.names)} parameters, engine {self.engine}>"

    def _chosen(self, x, y, options):
        if x is not None:
            options["inputs"] = _packed(x, len(self.inputs))
        if y is not None:
            options["targets"] = _packed(self._targets(y), len(self.outputs))
        if options.get("samples") is not None:
            options["samples"] = [int(index) for index in np.atleast_1d(options["samples"])]
        return {name: value for name, value in options.items() if value is not None}

    def _targets(self, y):
        """Shares of classes where each sample has the name or the number of its class."""
        y = np.asarray(y)
        if self.classes is None or self._has_goals or y.ndim != 1 or y.dtype.kind not in "UOiu":
            return y
        if y.dtype.kind in "UO":
            unknown = sorted({str(name) for name in y} - set(self.classes))
            if unknown:
                raise ValueError(f"{unknown[0]} is none of the classes {', '.join(self.classes)}")
            y = np.array([self.classes.index(str(name)) for name in y])
        elif y.size and not (0 <= y.min() and y.max() < len(self.classes)):
            raise ValueError(f"classes are numbered from 0 to {len(self.classes) - 1}")
        return np.eye(len(self.classes))[y]

    def _ask(self, verb, request):
        if self._process is None:
            raise SpicelearnError("the circuit is closed")
        number, self._next = self._next, self._next + 1
        line = json.dumps({"id": number, "do": verb, "binary": True, **request}, allow_nan=False)
        try:
            try:
                self._process.stdin.write(line.encode() + b"\n")
                self._process.stdin.flush()
            except BrokenPipeError:
                pass
            answer = self._receive()
        except BaseException:
            # Half an answer may be left in the pipe.
            self.close()
            raise
        members = vars(answer)
        if members.pop("id") != number:
            self.close()
            raise SpicelearnError("the program answered another request")
        if not members.pop("ok"):
            error = answer["error"]
            raise SpicelearnError(error.message, error.kind, vars(error).get("cause"))
        return answer

    def _receive(self):
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            status = self._process.wait()
            raise SpicelearnError(message(self._said()), status=status)
        return json.loads(line, object_hook=_unpacked)

    def _said(self):
        self._log.seek(0)
        return self._log.read().decode(errors="replace").strip()


def _packed(numbers, columns):
    """A table as the program reads it: one row where there is but one dimension."""
    table = np.atleast_2d(np.asarray(numbers, dtype=_DOUBLE))
    if table.ndim != 2 or table.shape[1] != columns:
        # A column of samples of one input or output.
        if columns == 1 and np.ndim(numbers) == 1:
            table = table.reshape(-1, 1)
        else:
            raise ValueError(f"an array of shape {np.shape(numbers)} has not {columns} columns")
    if not np.isfinite(table).all():
        raise ValueError("a number is not finite")
    if table.size <= 16:
        return table.tolist()
    return {"base64": base64.b64encode(table.tobytes()).decode(), "shape": table.shape}


def _unpacked(members):
    if members.keys() == {"base64", "shape"}:
        numbers = np.frombuffer(base64.b64decode(members["base64"]), dtype=_DOUBLE)
        return numbers.astype(float).reshape(members["shape"])
    return Answer(**members)
