"""Programs of any size, with many small parts of one kind: cases.py CASE COUNT prints one."""

import sys

WIDTH = 64


def extracts(count):
    """Reads each element of a vector at a constant index."""
    yield f"func.func @f(%x: tensor<{count}xf64>) -> f64 {{\n  %a0 = scalar.constant 0.0 : f64"
    for index in range(count):
        yield f"  %i{index} = arith.constant {index} : index"
        yield f"  %e{index} = tensor.extract %x[%i{index}] : tensor<{count}xf64>"
        yield f"  %s{index} = scalar.sin %e{index} : f64"
        yield f"  %a{index + 1} = scalar.add %a{index}, %s{index} : f64"
    yield f"  return %a{count} : f64\n}}"


def slices(count):
    """A deep network whose parameters are slices of one flat vector."""
    whole = count * WIDTH
    vector = f"tensor<{WIDTH}xf32>"
    yield f"func.func @f(%t: tensor<{whole}xf32>, %x: {vector}) -> f32 {{\n  %z = scalar.constant 0.0 : f32"
    yield f"  %zeros = array.broadcast %z dims [] : f32 to {vector}"
    yield f"  %h0 = scalar.add %x, %zeros : {vector}"
    for index in range(count):
        yield (f"  %w{index} = array.slice %t starts [{index * WIDTH}] strides [1] : "
               f"tensor<{whole}xf32> to {vector}")
        yield f"  %m{index} = scalar.mul %h{index}, %w{index} : {vector}"
        yield f"  %b{index} = scalar.add %m{index}, %x : {vector}"
        yield f"  %h{index + 1} = scalar.tanh %b{index} : {vector}"
    yield f"  %r = array.reduce add %h{count} dims [0] : {vector}"
    yield "  %v = tensor.extract %r[] : tensor<f32>\n  return %v : f32\n}"


def branches(count):
    """A sequence of branches on scalars."""
    yield "func.func @f(%x: f64) -> f64 {\n  %one = scalar.constant 1.0 : f64\n  %a0 = scalar.mul %x, %one : f64"
    for index in range(count):
        yield f"  %c{index} = scalar.constant {index / count} : f64"
        yield f"  %p{index} = scalar.compare gt %a{index}, %c{index} : f64"
        yield f"  %a{index + 1} = scf.if %p{index} -> f64 {{"
        yield f"    %s = scalar.sin %a{index} : f64\n    scf.yield %s : f64\n  }} else {{"
        yield f"    %s = scalar.cos %a{index} : f64\n    scf.yield %s : f64\n  }}"
    yield f"  return %a{count} : f64\n}}"


def nested(count):
    """A chain of functions, each of which calls the next."""
    for index in range(count):
        visibility = "" if index == 0 else "private "
        name = "f" if index == 0 else f"f{index}"
        yield f"func.func {visibility}@{name}(%x: f64) -> f64 {{\n  %s = scalar.sin %x : f64"
        yield f"  %y = func.call @f{index + 1}(%s) : (f64) -> f64\n  return %y : f64\n}}"
    yield f"func.func private @f{count}(%x: f64) -> f64 {{\n  %s = scalar.cos %x : f64\n  return %s : f64\n}}"


def calls(count):
    """A sequence of calls of one function."""
    yield "func.func private @g(%x: f64) -> f64 {\n  %s = scalar.sin %x : f64\n  return %s : f64\n}"
    yield "func.func @f(%a0: f64) -> f64 {"
    for index in range(count):
        yield f"  %a{index + 1} = func.call @g(%a{index}) : (f64) -> f64"
    yield f"  return %a{count} : f64\n}}"


def tensors(count):
    """Small tensor operations, with a reduction of rows in each step."""
    square, row = "tensor<8x8xf64>", "tensor<8xf64>"
    yield f"func.func @f(%a0: {square}) -> f64 {{"
    for index in range(count):
        yield f"  %s{index} = scalar.sin %a{index} : {square}"
        yield f"  %r{index} = array.reduce add %s{index} dims [1] : {square}"
        yield f"  %b{index} = array.broadcast %r{index} dims [0] : {row} to {square}"
        yield f"  %a{index + 1} = scalar.mul %b{index}, %s{index} : {square}"
    yield f"  %r = array.reduce add %a{count} dims [0, 1] : {square}"
    yield "  %v = tensor.extract %r[] : tensor<f64>\n  return %v : f64\n}"


def maps(count):
    """A sequence of maps over vectors."""
    vector = "tensor<8xf64>"
    yield f"func.func @f(%a0: {vector}) -> f64 {{"
    for index in range(count):
        yield f"  %a{index + 1} = array.map(%a{index}) : ({vector}) -> {vector} {{\n  ^bb0(%e: f64):"
        yield "    %s = scalar.sin %e : f64\n    array.yield %s : f64\n  }"
    yield f"  %r = array.reduce add %a{count} dims [0] : {vector}"
    yield "  %v = tensor.extract %r[] : tensor<f64>\n  return %v : f64\n}"


CASES = [extracts, slices, branches, nested, calls, tensors, maps]


def program(case, count):
    """The text of a program."""
    return "\n".join(case(count)) + "\n"


if __name__ == "__main__":
    print(program({case.__name__: case for case in CASES}[sys.argv[1]], int(sys.argv[2])), end="")
