"""Analog circuits that learn: states, updates and gradients of a SPICE netlist."""

from .circuit import Answer, Circuit, Parameter
from .errors import SpicelearnError
from .training import Training, train

__version__ = "0.1.0"
__all__ = ["Answer", "Circuit", "Parameter", "SpicelearnError", "Training", "train"]
