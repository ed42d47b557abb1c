"""Programs of the tests."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
WAVE = ROOT / "examples" / "wave" / "wave.mlir"
"""The sum of sin(a x) over a vector of any length."""

SINE = """
func.func @sine(%x: f64 {dp.name = "x"}) -> (f64 {dp.name = "y"}) {
  %y = scalar.sin %x : f64
  return %y : f64
}
"""

CHECKED = """
func.func @divide(%a: i64 {dp.name = "a"}, %b: i64 {dp.name = "b"}) -> (i64 {dp.name = "q"}) {
  %q = arith.divsi %a, %b : i64
  return %q : i64
}
"""


def copies(type):
    """A function that returns its vector and its number."""
    return f"""
func.func @copies(%x: tensor<?x{type}> {{dp.name = "x"}}, %n: {type} {{dp.name = "n"}})
    -> (tensor<?x{type}> {{dp.name = "y"}}, {type} {{dp.name = "m"}}) {{
  return %x, %n : tensor<?x{type}>, {type}
}}
"""


def long(count):
    """A function of many operations, which takes a while to compile."""
    lines = ["func.func @long(%x0: f64) -> f64 {"]
    for index in range(count):
        name = ("sin", "exp", "tanh", "cos")[index % 4]
        lines.append(f"  %y{index} = scalar.{name} %x{index} : f64")
        lines.append(f"  %x{index + 1} = scalar.mul %y{index}, %x{index // 2} : f64")
    return "\n".join([*lines, f"  return %x{count} : f64", "}"])
