"""Straight-line programs of any length: generate.py OPERATIONS [SEED] prints one.

A program has 100 scalar arguments. Each operation uses one or two of the 50 latest
values, and every value is used, so that none is dead; the last operations add up the
unused values. Sines, cosines and hyperbolic tangents keep values small.
"""

import random
import sys

INPUTS, LATEST = 100, 50
OPERATIONS = ["add", "sub", "mul", "sin", "cos", "tanh"]
UNARY = {"sin", "cos", "tanh"}


def program(operations, seed=0):
    choose = random.Random(seed)
    values = [f"%x{index}" for index in range(INPUTS)]
    unused = dict.fromkeys(values)
    lines = []

    def emit(kind, *operands):
        value = f"%{len(lines)}"
        lines.append(f"  {value} = scalar.{kind} {', '.join(operands)} : f64")
        for operand in operands:
            unused.pop(operand, None)
        unused[value] = None
        values.append(value)

    # Adding up n values takes n - 1 operations.
    while len(lines) + len(unused) < operations:
        # The oldest unused value, if it is about to leave the 50 latest ones.
        first = next(iter(unused))
        if len(unused) < LATEST and first in values[-LATEST + 1 :]:
            first = choose.choice(values[-LATEST:])
        kind = choose.choice(OPERATIONS)
        emit(kind, first, *([] if kind in UNARY else [choose.choice(values[-LATEST:])]))
    if len(lines) + len(unused) == operations:
        emit("sin", next(iter(unused)))
    while len(unused) > 1:
        first, second, *_ = unused
        emit("add", first, second)

    arguments = ", ".join(f"{value}: f64" for value in values[:INPUTS])
    return "\n".join([f"func.func @f({arguments}) -> f64 {{", *lines, f"  return {values[-1]} : f64", "}", ""])


if __name__ == "__main__":
    print(program(*map(int, sys.argv[1:])), end="")
