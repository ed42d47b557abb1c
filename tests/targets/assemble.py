"""Assembles kernels with NVIDIA's ptxas for each chip: assemble.py PTXAS FOLDER.

No kernel may spill registers, keep anything on a stack, or take more registers than the budget.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

CHIPS = ["sm_80", "sm_90"]
# With at most this many registers per thread, two blocks of 256 threads fit on a multiprocessor.
BUDGET = 128

USED = re.compile(r"Used (\d+) registers")
SPILLS = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")


def complaints(ptxas, path, chip):
    """The problems of the kernels in a file, and the maximum number of registers that they use."""
    command = [ptxas, f"-arch={chip}", "-v", str(path), "-o", os.devnull]
    done = subprocess.run(command, capture_output=True, text=True)
    text = done.stdout + done.stderr
    if done.returncode != 0:
        return [f"{path.name}, {chip}: {text.strip()}"], 0
    registers = [int(number) for number in USED.findall(text)]
    wrong = [f"{path.name}, {chip}: {number} registers, over {BUDGET}" for number in registers if number > BUDGET]
    for numbers in SPILLS.findall(text):
        if any(int(number) for number in numbers):
            wrong.append(f"{path.name}, {chip}: stack, spill stores, spill loads: {', '.join(numbers)} bytes")
    return wrong, max(registers, default=0)


def main(ptxas, folder):
    paths = sorted(pathlib.Path(folder).glob("*.ptx"))
    # A program may require the later chip.
    jobs = [(path, chip) for path in paths for chip in CHIPS if chip >= target(path)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        done = list(pool.map(lambda job: complaints(ptxas, *job), jobs))
    wrong = [line for lines, _ in done for line in lines]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    most = max((registers for _, registers in done), default=0)
    print(f"ptxas: {len(paths)} programs, for {' and '.join(CHIPS)}; at most {most} registers, {len(wrong)} complaints")
    return 1 if wrong or not paths else 0


def target(path):
    """The chip that a program is compiled for."""
    return re.search(r"^\.target (sm_\d+)", path.read_text(), re.MULTILINE)[1]


sys.exit(main(*sys.argv[1:]))
