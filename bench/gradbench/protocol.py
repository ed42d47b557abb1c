"""The tool's side of GradBench's protocol: one JSON message per line from standard input, one answer per line."""

import ctypes
import json
import sys
import time
import traceback
from pathlib import Path


def status(field):
    """A field of the process's status in bytes, such as VmRSS."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return 1024 * int(line.split()[1])
    raise KeyError(field)


def peak_memory(call):
    """The bytes that a call adds to the resident memory at its peak, results included."""
    time.sleep(0.1)  # Some tools free the memory of the call before in other threads.
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # Resets VmHWM to VmRSS.
    before = status("VmRSS")
    result = call()
    peak = status("VmHWM") - before
    del result
    return max(0, peak)


def evaluate(call, convert, runs, memory):
    """Runs a prepared call as often as the eval asks; returns its output and the times of the runs.

    The first call is not counted: it compiles what a tool compiles on first use.
    """
    call()
    response = {"success": True}
    if memory:
        response["memory"] = max(peak_memory(call) for _ in range(2))
    runs = runs if isinstance(runs, dict) else {}
    nanoseconds, result, start = [], None, time.perf_counter()
    while not nanoseconds or len(nanoseconds) < runs.get("min_runs", 1) or (
        time.perf_counter() - start < runs.get("min_seconds", 0)
    ):
        result = None
        before = time.perf_counter_ns()
        result = call()
        nanoseconds.append(time.perf_counter_ns() - before)
    response["output"] = convert(result)
    response["timings"] = [{"name": "evaluate", "nanoseconds": time} for time in nanoseconds]
    return response


def answer(message, tool, define, prepare):
    kind = message["kind"]
    if kind == "start":
        return {"tool": tool}
    if kind == "define":
        start = time.perf_counter_ns()
        define(message["module"])
        return {"success": True, "timings": [{"name": "define", "nanoseconds": time.perf_counter_ns() - start}]}
    if kind == "evaluate":
        memory = message.get("memory", False)  # A field of our driver, not of the protocol.
        call, convert = prepare(message["module"], message["function"], message["input"], memory)
        return evaluate(call, convert, message["input"], memory)
    return {}


def serve(tool, define, prepare):
    """Answers messages until the input ends.

    `define(module)` makes a module ready, `prepare(module, function, input, memory)` returns a call without arguments and
    a function that converts its result to JSON. Both raise an exception for what the tool does not have.
    """
    for line in sys.stdin:
        message = json.loads(line)
        try:
            response = answer(message, tool, define, prepare)
        except (Exception, SystemExit):  # common.run exits with the compiler's output.
            response = {"success": False, "error": traceback.format_exc()}
        print(json.dumps({"id": message["id"], **response}), flush=True)
