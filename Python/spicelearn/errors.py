class SpicelearnError(Exception):
    """What the program says went wrong.

    kind: of an answer, as docs/serve.md lists them ("request", "value", "engine", …); "exit" where the
        program ended.
    cause: what went wrong in ngspice ("died", "convergence", …); None otherwise.
    status: the exit code of a program that ended; None otherwise.
    """

    def __init__(self, message, kind="exit", cause=None, status=None):
        super().__init__(message)
        self.kind = kind
        self.cause = cause
        self.status = status
