"""Prints a function of as many loops as the argument says, each of which starts from the result of the one before."""

import sys

print("func.func @f(%x: tensor<?xf64>, %s: index) -> tensor<?xf64> {")
print("  %c0 = arith.constant 0 : index\n  %c1 = arith.constant 1 : index")
value = "%x"
for number in range(int(sys.argv[1])):
    print(f"  %r{number} = scf.for %i = %c0 to %s step %c1 iter_args(%t = {value}) -> tensor<?xf64> {{")
    print("    %y = scalar.sin %t : tensor<?xf64>\n    scf.yield %y : tensor<?xf64>\n  }")
    value = f"%r{number}"
print(f"  return {value} : tensor<?xf64>\n}}")
