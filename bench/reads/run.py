"""How the time to compile grows with the number of reads of one tensor, gradient included."""

import os

from common import DPC, run, workspace

# DP_READS takes the place of these, as 1000,10000.
SIZES = [int(size) for size in os.environ.get("DP_READS", "250,500,1000,2000").split(",")]
WIDTH = 64


def elements(count):
    """Each element of a vector, read at a constant."""
    yield f"func.func @f(%x: tensor<{count}xf64>) -> f64 {{\n  %a0 = scalar.constant 0.0 : f64"
    for index in range(count):
        yield f"  %i{index} = arith.constant {index} : index"
        yield f"  %e{index} = tensor.extract %x[%i{index}] : tensor<{count}xf64>"
        yield f"  %s{index} = scalar.sin %e{index} : f64"
        yield f"  %a{index + 1} = scalar.add %a{index}, %s{index} : f64"
    yield f"  return %a{count} : f64\n}}"


def slices(count):
    """The parameters of a deep net, slices of one flat vector."""
    whole = count * WIDTH
    yield f"func.func @f(%t: tensor<{whole}xf32>, %x: tensor<{WIDTH}xf32>) -> f32 {{\n  %z = scalar.constant 0.0 : f32"
    yield f"  %zeros = array.broadcast %z dims [] : f32 to tensor<{WIDTH}xf32>"
    yield f"  %h0 = scalar.add %x, %zeros : tensor<{WIDTH}xf32>"
    for index in range(count):
        start = index * WIDTH
        yield (f"  %w{index} = array.slice %t starts [{start}] strides [1] : "
               f"tensor<{whole}xf32> to tensor<{WIDTH}xf32>")
        yield f"  %m{index} = scalar.mul %h{index}, %w{index} : tensor<{WIDTH}xf32>"
        yield f"  %b{index} = scalar.add %m{index}, %x : tensor<{WIDTH}xf32>"
        yield f"  %h{index + 1} = scalar.tanh %b{index} : tensor<{WIDTH}xf32>"
    yield f"  %r = array.reduce add %h{count} dims [0] : tensor<{WIDTH}xf32>"
    yield "  %v = tensor.extract %r[] : tensor<f32>\n  return %v : f32\n}"


def main():
    folder = workspace("reads")
    for name, program in [("elements", elements), ("slices", slices)]:
        seconds = []
        for size in SIZES:
            model = folder / f"{name}{size}.mlir"
            model.write_text("\n".join(program(size)) + "\n")
            seconds.append(run(DPC, model, "--grad", "f:wrt=0", "-o", folder / "libreads.so")[1])
        each = ", ".join(f"{size:,}: {time:.2f} s" for size, time in zip(SIZES, seconds))
        growth = seconds[-1] / seconds[0]
        print(f"  {name}: {each}; largest / smallest {growth:.1f} for {SIZES[-1] / SIZES[0]:.0f} times as many")


main()
