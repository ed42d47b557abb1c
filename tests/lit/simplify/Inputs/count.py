"""Counts the operations of two functions, one found, one written by hand:
count.py FILE FUNCTION FILE FUNCTION."""

import re
import sys

# Numbers cost nothing beside tensors: an elementwise operation counts where it makes a tensor.
KINDS = {
    "dots": r"= array\.dot ",
    "reductions": r"= array\.reduce ",
    "elementwise": r"= scalar\.\w+ .*: .*tensor<\S+$",
    "transposes": r"= array\.transpose ",
}


def count(file, function):
    text = open(file).read()
    body = re.search(rf"^ *func\.func @{function}\(.*?\n( *)}}\n", text, re.S | re.M)[0]
    return {kind: len(re.findall(pattern, body, re.M)) for kind, pattern in KINDS.items()}


found, by_hand = count(*sys.argv[1:3]), count(*sys.argv[3:5])
for kind in KINDS:
    verdict = "no more" if found[kind] <= by_hand[kind] else "MORE"
    print(f"{kind}: {found[kind]}, by hand {by_hand[kind]}: {verdict}")
