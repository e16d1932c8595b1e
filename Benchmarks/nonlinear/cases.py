"""The circuits by name: deck, whose update has to agree, how a step of ours is timed, and the peers."""

from dataclasses import dataclass, field

# What an update may differ by, over its largest element. The peers' diodes are Shockley's, ngspice's are so only
# above −3 kT/q (below, a cubic takes over): 5e-9 on XOR. ngspice's own tolerances leave 2e-8 in the largest net, and a
# gradient that is wrong in one element is off by far more.
BOUND = 1e-6


@dataclass
class Case:
    """
    Attributes
    ----------
    circuit : what the table calls it.
    deck : a netlist of the repository, ("nmos", side) or ("lattice", side, samples).
    reference : flags of `solve` for the update that peers have to find.
    training : flags of `train` for the same update.
    window : between which two numbers of steps a training is timed: none of 100, 200, 400 … lies between, at which
        ngspice confirms states.
    pace : the rate of Adam, the largest change of a value in a step, at which the training lasts that long.
    peers : {name: module}.
    """

    circuit: str
    deck: object
    reference: list
    training: list
    window: tuple
    pace: float
    peers: dict = field(default_factory=dict)


GRADIENT = ["--rule", "gradient", "--engine", "native"]
LIMIT = ["--rule", "al", "--nudging", "limit", "--engine", "native"]
GATES = ["--rule", "ep", "--nudge", "1", "--nudging", "one-sided", "--local", "drops", "--engine", "native"]
DIODE_PEERS = {
    "voltax": "voltax_adjoint", "neospice": "neospice_adjoint", "circulax": "circulax_adjoint",
    "JAX by hand": "jax_by_hand"}
NGSPICE = {"libngspice by ctypes": "ngspice_gates", "PySpice": "pyspice_gates"}
VOLTAX = {"voltax": "voltax_adjoint"}

CASES = {
    "xor": Case(
        "XOR: 30 resistors, 4 diodes, 4 samples", "diodes.cir", GRADIENT, LIMIT, (810, 1590), 0.002, DIODE_PEERS),
    "nmos18": Case("18 NMOS channels, 1 sample", ("nmos", 3), GATES, GATES, (1610, 3190), 1e-4, NGSPICE),
    "nmos200": Case("200 NMOS channels, 1 sample", ("nmos", 10), GATES, GATES, (410, 790), 1e-4, NGSPICE),
    "nmos1800": Case("1,800 NMOS channels, 1 sample", ("nmos", 30), GATES, GATES, (210, 390), 1e-4, NGSPICE),
    **{f"lattice{side}": Case(
        f"{2 * side * (side - 1):,} resistors, 16 samples", ("lattice", side, 16), ["--rule", "gradient"], [],
        window, 0.01, VOLTAX)
       for side, window in {3: (1610, 3190), 8: (1610, 3190), 23: (810, 1590), 71: (810, 1590)}.items()},
}
