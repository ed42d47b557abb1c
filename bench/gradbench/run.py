"""GradBench's evals: dpc, JAX and PyTorch, each as a tool that speaks GradBench's protocol."""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from common import DPC  # noqa: E402
from evals import EVALS, EXPECTED, difference  # noqa: E402

ROUNDS = 5
# A message asks for as many runs as take this time. A tool that is slower than the second one is asked only once.
SECONDS, SLOW = 0.05, 1.0
TOLERANCE = 1e-9
TOOLS = {"dpc": "tool.py", "JAX": "jax_tool.py", "PyTorch": "torch_tool.py"}
# Processes of their own measure the memory; in them, malloc returns what is freed to the system at once.
RETURN_MEMORY = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "0"}


class Tool:
    """A tool as a child process, and the eval's side of the protocol."""

    def __init__(self, script, variables):
        limits = {**variables, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu", "DPC": DPC}
        flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        environment = {"XLA_FLAGS": flags, **os.environ, **limits}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, HERE / script], text=True, env=environment, **pipes)
        self.number = 0

    def send(self, kind, **fields):
        message = json.dumps({"id": self.number, "kind": kind, **fields})
        return self.send_text(message)

    def send_text(self, message):
        self.process.stdin.write(message + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args[1]} ended with status {self.process.wait()}")
        response = json.loads(line)
        assert response["id"] == self.number
        self.number += 1
        return response

    def evaluate(self, module, function, data, **fields):
        """`data` is the JSON of the input."""
        header = {"id": self.number, "kind": "evaluate", "module": module, "function": function, **fields}
        response = self.send_text(json.dumps(header)[:-1] + f', "input": {data}}}')
        if not response["success"]:
            sys.exit(f"{module}, {function}: {self.process.args[1]} failed\n{response['error']}")
        return response

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Comparison:
    """An eval of one size: medians of times and the memory of each tool and function."""

    def __init__(self, module, size, tools, measurers):
        self.module, self.tools, self.measurers = module, tools, measurers
        primal, gradient, make, _ = EVALS[module]
        self.functions = primal, gradient
        data = make(*size)
        self.expected = dict(zip(self.functions, EXPECTED[module](data)))
        runs = {"min_runs": 1, "min_seconds": SECONDS}
        self.data = json.dumps({**data, **runs} if isinstance(data, dict) else data)
        self.times = {(name, function): [] for name in tools for function in self.functions}
        self.outputs = {}

    def ask(self, name, function):
        times = self.times[name, function]
        if times and times[0] > SLOW:
            return
        response = self.tools[name].evaluate(self.module, function, self.data)
        times.append(statistics.median(timing["nanoseconds"] for timing in response["timings"]) / 1e9)
        worst = difference(self.expected[function], response["output"])
        valid = bool(worst < TOLERANCE)
        self.tools[name].send("analysis", of=response["id"], valid=valid)
        assert valid, f"{self.module}, {function}: {name} differs by {worst}"
        self.outputs[name, function] = response["output"]

    def run(self):
        for index in range(ROUNDS):
            for name in list(self.tools)[:: 1 if index % 2 else -1]:
                for function in self.functions:
                    self.ask(name, function)
        # The tools agree with one another, element by element.
        for name, function in self.outputs:
            worst = difference(self.outputs["dpc", function], self.outputs[name, function])
            assert worst < TOLERANCE, f"{self.module}, {function}: dpc and {name} differ by {worst}"
        return {key: statistics.median(times) for key, times in self.times.items()}

    def memory(self, name):
        """The bytes that a call of the gradient needs at its peak."""
        return self.measurers[name].evaluate(self.module, self.functions[1], self.data, memory=True)["memory"]


def milliseconds(seconds):
    return f"{1e3 * seconds:.{3 if seconds < 0.1 else 1}f}"


def report(comparison, size, times):
    primal, gradient = comparison.functions
    title = f"{comparison.module} {' '.join(f'{extent:,}' for extent in size)}"
    for name in comparison.tools:
        value, slope = times[name, primal], times[name, gradient]
        memory = comparison.memory(name) / 1e6
        line = f"  {title:20} {name:8} {milliseconds(value):>10} {milliseconds(slope):>10} {slope / value:7.2f}"
        if name == "dpc":
            others = [other for other in comparison.tools if other != name]
            for function in comparison.functions if others else ():
                best = min(others, key=lambda other: times[other, function])
                line += f" {times[name, function] / times[best, function]:7.3f} of {best:8}"
        else:
            line += " " * 40
        print(f"{line.ljust(100)} {memory:8.1f}", flush=True)


def main():
    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    chosen = sys.argv[1:] or list(EVALS)
    packages = {"JAX": "jax", "PyTorch": "torch"}
    missing = [name for name, package in packages.items() if not importlib.util.find_spec(package)]
    tools, measurers = (
        {name: Tool(script, variables) for name, script in TOOLS.items() if name not in missing}
        for variables in ({}, RETURN_MEMORY)
    )
    if missing:
        print(f"  without {' and '.join(missing)}, which this Python does not have")
    print(f"  {'eval and size':20} {'tool':8} {'primal ms':>10} {'gradient':>10} {'ratio':>7}"
          f" {'primal / best':19} {'gradient / best':19} {'peak MB':>10}")
    for module in chosen:
        for tool in (*tools.values(), *measurers.values()):
            tool.send("start", eval=module)
            answer = tool.send("define", module=module)
            assert answer["success"], answer["error"]
        for size in EVALS[module][3]:
            comparison = Comparison(module, size, tools, measurers)
            report(comparison, size, comparison.run())
    for tool in (*tools.values(), *measurers.values()):
        tool.close()


main()
