"""libngspice in this process, by ctypes: the least that Python can put between a script and ngspice."""

import ctypes
import ctypes.util

EXIT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_bool, ctypes.c_bool, ctypes.c_int, ctypes.c_void_p)
SEND = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)


class Vector(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("type", ctypes.c_int), ("flags", ctypes.c_short),
        ("real", ctypes.POINTER(ctypes.c_double)), ("complex", ctypes.c_void_p), ("length", ctypes.c_int)]


class Ngspice:
    """The one instance of a process. errors: what ngspice has said on its standard error."""

    def __init__(self, lines):
        self.library = ctypes.CDLL(ctypes.util.find_library("ngspice"))
        self.library.ngGet_Vec_Info.restype = ctypes.POINTER(Vector)
        self.errors, self.version = [], ""
        self.callbacks = SEND(self.heard), EXIT(lambda *_: 0)
        self.library.ngSpice_Init(self.callbacks[0], None, self.callbacks[1], None, None, None, None)
        self.command("version -f")
        texts = (ctypes.c_char_p * (len(lines) + 1))(*(line.encode() for line in lines), None)
        assert self.library.ngSpice_Circ(texts) == 0, self.errors

    def heard(self, text, *_):
        if text.startswith(b"stderr"):
            self.errors.append(text.decode())
        elif b"ngspice-" in text:
            self.version = text.split(b"ngspice-")[1].split()[0].decode()
        return 0

    def command(self, text):
        if self.library.ngSpice_Command(text if isinstance(text, bytes) else text.encode()):
            raise RuntimeError(f"{text}: {self.errors[-3:]}")

    def value(self, name):
        """The value of a vector of the current plot. name: bytes."""
        return self.library.ngGet_Vec_Info(name).contents.real[0]
