"""Code shared by the benchmarks."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DPC = os.environ.get("DPC", str(ROOT / "target" / "release" / "dpc"))
CLANG = os.environ.get("CLANG", "clang-22")


def workspace(name):
    """The directory under target/ for the files of a benchmark."""
    folder = ROOT / "target" / "bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run(*command):
    """Runs a command; returns its output and its time in seconds."""
    start = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr, seconds


def compile_library(model, library, *options):
    """Compiles a library and its header with dpc; returns the time in seconds."""
    return run(DPC, model, *options, "-o", library)[1]


def compile_harness(source, program, folder, library):
    """Compiles a C program with a library and its header from a directory."""
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-I", folder, "-I", ROOT / "bench"]
    link = ["-L", folder, f"-l{library}", f"-Wl,-rpath,{folder}", "-lm"]
    run(CLANG, *flags, source, "-o", program, *link)


class Harness:
    """A child process that reads a line of numbers and prints the time of one call in seconds."""

    def __init__(self, *command):
        words = [str(word) for word in command]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, *numbers):
        self.process.stdin.write(" ".join(map(str, numbers)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.process.args[0]} ended with status {self.process.wait()}")
        return float(answer)


def repeat(call, count):
    """The mean time of `count` calls, in seconds."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def interleave(sides, rounds):
    """Medians by name. Each round takes one sample of each, so that drift affects all alike.

    The order alternates, so that no sample always follows the same one.
    """
    samples = {name: [] for name in sides}
    for sample in sides.values():
        sample()
    for index in range(rounds):
        order = list(sides) if index % 2 else list(reversed(sides))
        for name in order:
            samples[name].append(sides[name]())
    return {name: statistics.median(times) for name, times in samples.items()}
