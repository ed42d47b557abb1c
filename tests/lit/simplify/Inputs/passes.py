"""Counts the passes over memory of a lowered function, and those of a list made by hand:
passes.py FILE FUNCTION LIST.

A pass is a structured operation that walks a matrix: one operand at least has two dimensions
or more. Beside them, tensors with a number a row or a column are small. What sums start
from is no pass: a product's kernel stores instead of adding, and the other sums here are vectors."""

import re
import sys

MATRIX = r"tensor<(?:\?|\d+)x(?:\?|\d+)x"


def passes(file, function):
    text = open(file).read()
    body = re.search(rf"^ *func\.func @{function}\(.*?\n  }}\n", text, re.S | re.M)[0]
    inputs = " ".join(re.findall(r"ins\(([^:]*):", body))
    read = set(re.findall(r"%[\w#]+", inputs))
    found = {"dots": 0, "other passes": 0}
    for result, name, rest in re.findall(r"(%\w+)(?::\d+)? = linalg\.(\w+) (.*)", body):
        if name == "index" or not re.search(MATRIX, rest) or (name == "fill" and result not in read):
            continue
        found["dots" if name == "contract" else "other passes"] += 1
    return found


def by_hand(file):
    lines = open(file).read().splitlines()
    return {"dots": sum(line.startswith("dot ") for line in lines),
            "other passes": sum(line.startswith("pass ") for line in lines)}


found, hand = passes(*sys.argv[1:3]), by_hand(sys.argv[3])
for kind in found:
    verdict = "no more" if found[kind] <= hand[kind] else "MORE"
    print(f"{kind}: {found[kind]}, by hand {hand[kind]}: {verdict}")
