"""ngspice as a subprocess for each step: the netlist as text, the node voltages from a binary raw file."""

import os
import re
import subprocess
import tempfile

import numpy as np

from spice import Drops, by_sample


class Process:
    """Common to the ways in which a step can be written as a netlist.

    The shared memory of the machine holds the raw file, and ngspice starts without its code models.
    """

    def __init__(self, task):
        self.task = task
        self.prefixes = [f"{name} {a} {b} " for name, (a, b) in zip(task.names, task.ends)]
        folder = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.folder = tempfile.TemporaryDirectory(dir=folder)
        self.raw = os.path.join(self.folder.name, "out.raw")
        self.environment = dict(os.environ, SPICE_SCRIPTS=self.folder.name)
        self.names = None

    def resistors(self, k):
        return map("".join, zip(self.prefixes, map(repr, (1 / k).tolist())))

    def run(self, lines):
        """The values, points × vectors, of all plots that ngspice wrote."""
        if os.path.exists(self.raw):
            os.remove(self.raw)
        text = "\n".join(["step", *lines, ".end", ""]).encode()
        done = subprocess.run(
            ["ngspice", "-n", "-b", "-r", self.raw], input=text, env=self.environment,
            capture_output=True)
        try:
            with open(self.raw, "rb") as file:
                return self.parse(file.read())
        except FileNotFoundError:
            raise RuntimeError(done.stderr.decode()) from None

    def parse(self, data):
        if self.names is None:
            header = data[: data.index(b"Binary:\n")].decode()
            self.names = [
                line.split()[1] for line in header.split("Variables:\n")[1].splitlines()]
            wanted = [re.fullmatch(r"v\((.*)\)", name) for name in self.names]
            self.vectors = np.array([i for i, match in enumerate(wanted) if match])
            self.nodes = [match[1] for match in wanted if match]
        parts, width, place = [], len(self.names), 0
        while (place := data.find(b"Binary:\n", place)) >= 0:
            points = int(re.search(rb"No. Points: (\d+)", data[:place])[1])
            parts.append(np.frombuffer(data, float, points * width, place + 8))
            place += 8 + 8 * points * width
        return np.concatenate(parts).reshape(-1, width)[:, self.vectors].T


class Interactive(Process):
    """One process; its script alters sources, solves, and computes each nudge from the free state."""

    def __init__(self, task):
        super().__init__(task)
        self.fixed = [f"{name} {node} 0 0" for name, node in task.sources]
        self.fixed += [f"I{o} 0 {node} 0" for o, node in enumerate(task.output_nodes)]
        script = [".control", "set filetype=binary", "set appendwrite"]
        write = f"write {self.raw} all"
        for inputs, targets in zip(task.inputs.tolist(), task.targets.tolist()):
            script += [f"alter {s[0]} = {x!r}" for s, x in zip(task.sources, inputs)]
            script += [f"alter i{o} = 0" for o in range(len(targets))]
            script += ["op", write]
            script += [
                f"alter i{o} = -{task.nudge!r}*(v({node})-{d!r})"
                for o, (node, d) in enumerate(zip(task.output_nodes, targets))]
            script += ["op", write]
        self.script = script + ["quit", ".endc"]
        self.drops = None

    def advance(self, k):
        voltages = self.run([*self.resistors(k), *self.fixed, *self.script])
        self.drops = self.drops or Drops(self.task, self.nodes)
        return self.drops.advance(k, voltages[:, 0::2], voltages[:, 1::2])


class Sweeps(Process):
    """A process for the free states and one for the nudged ones, each a DC sweep over the samples."""

    def __init__(self, task):
        super().__init__(task)
        self.fixed = [
            f"B{name} {node} 0 V={by_sample(values)}"
            for (name, node), values in zip(task.sources, task.inputs.T.tolist())]
        self.fixed += ["Vsample sample 0 0", f".dc Vsample 0 {task.samples - 1} 1"]
        self.drops = None

    def advance(self, k):
        resistors = list(self.resistors(k))
        free = self.run([*resistors, *self.fixed])
        self.drops = self.drops or Drops(self.task, self.nodes)
        currents = (-self.task.nudge * self.drops.errors(free)).tolist()
        nudged = self.run([
            *resistors, *self.fixed,
            *(f"BI{o} 0 {node} I={by_sample(values)}"
              for o, (node, values) in enumerate(zip(self.task.output_nodes, currents)))])
        return self.drops.advance(k, free, nudged)


class Twins(Process):
    """One process and one sweep: a nudged copy of the network beside the free one, at the same inputs."""

    def __init__(self, task):
        super().__init__(task)
        shared = {"0"} | {node for _, node in task.sources}

        def twin(node):
            return node if node in shared else f"twin_{node}"

        self.twins = [
            f"Rtwin_{name} {twin(a)} {twin(b)} " for name, (a, b) in zip(task.names, task.ends)]
        if task.samples == 1:
            self.fixed = [
                f"{name} {node} 0 {x!r}" for (name, node), x in zip(task.sources, task.inputs[0].tolist())]
            targets = [repr(target) for target in task.targets[0].tolist()]
            self.fixed.append(".op")
        else:
            self.fixed = [
                f"B{name} {node} 0 V={by_sample(values)}"
                for (name, node), values in zip(task.sources, task.inputs.T.tolist())]
            targets = [by_sample(values) for values in task.targets.T.tolist()]
            self.fixed += ["Vsample sample 0 0", f".dc Vsample 0 {task.samples - 1} 1"]
        self.fixed += [
            f"BI{o} 0 {twin(node)} I=-{task.nudge!r}*(v({node})-{target})"
            for o, (node, target) in enumerate(zip(task.output_nodes, targets))]
        self.shared = shared
        self.drops = None

    def advance(self, k):
        values = list(map(repr, (1 / k).tolist()))
        voltages = self.run([
            *map("".join, zip(self.prefixes, values)), *map("".join, zip(self.twins, values)),
            *self.fixed])
        if self.drops is None:
            place = {node: i for i, node in enumerate(self.nodes)}
            free = [node for node in self.nodes if not node.startswith("twin_")]
            self.free = np.array([place[node] for node in free])
            self.nudged = np.array([place.get(f"twin_{node}", place[node]) for node in free])
            self.drops = Drops(self.task, free)
        return self.drops.advance(k, voltages[self.free], voltages[self.nudged])
