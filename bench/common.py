"""What the benchmarks share."""

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
    """The folder under target/ for what a benchmark makes."""
    folder = ROOT / "target" / "bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run(*command):
    """Runs a command to its end; its output and the seconds it took."""
    start = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr, seconds


def compile_library(model, library, *options):
    """Has dpc write a library and its header; the seconds it took."""
    return run(DPC, model, *options, "-o", library)[1]


def compile_harness(source, program, folder, library):
    """Compiles a C program against a library in a folder and its header."""
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-I", folder]
    link = ["-L", folder, f"-l{library}", f"-Wl,-rpath,{folder}", "-lm"]
    run(CLANG, *flags, source, "-o", program, *link)


class Harness:
    """A program that takes a line of numbers and answers with the seconds of one call."""

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
    """The seconds that one of `count` calls takes."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def interleave(contestants, rounds):
    """Medians, by name, of one sample each in every round: drifts meet all alike.

    The order alternates, so that nobody always follows the same neighbour.
    """
    samples = {name: [] for name in contestants}
    for sample in contestants.values():
        sample()
    for index in range(rounds):
        order = list(contestants) if index % 2 else list(reversed(contestants))
        for name in order:
            samples[name].append(contestants[name]())
    return {name: statistics.median(times) for name, times in samples.items()}
