//===- Array.td - the high-level tensor dialect ----------------------------===//
#ifndef DP_ARRAY_TD
#define DP_ARRAY_TD

include "Common.td"

def Array_Dialect : Dialect {
  let name = "array";
  let cppNamespace = "::dp::array";
  let summary = "Operations on whole tensors, with value semantics";
  let description = [{
    Programs on tensors of numbers, with StableHLO's semantics where StableHLO
    has the operation. Nothing broadcasts implicitly. Extents may be dynamic
    everywhere: an operation with `extents` takes one `index` operand for each
    `?` of its result type, in order, as `tensor.empty` does.

    Extents that must agree, and computed extents that must not be negative,
    are checked at run time where types do not show that they are right. A
    check goes with its operation: what simplification removes is not checked.
  }];
  let hasConstantMaterializer = 1;
}

class Array_Op<string mnemonic, list<Trait> traits = []>
    : DP_Op<Array_Dialect, mnemonic, !listconcat([Pure], traits)>;

// An operation whose result type is written, with an operand for each `?`.
class Array_Shaped<string mnemonic, list<Trait> traits = []> : Array_Op<mnemonic, traits> {
  let results = (outs DP_Tensor:$y);
  let hasFolder = 1;
  let extraClassDefinition = verifyTrampoline # foldTrampoline;
}

// An operation whose result type follows from operands and attributes.
class Array_Inferred<string mnemonic> : Array_Op<mnemonic, [DP_Infer]> {
  let results = (outs DP_Tensor:$y);
  let hasFolder = 1;
  let extraClassDefinition = verifyTrampoline # foldTrampoline # inferTrampoline;
}

def Array_ConstantOp : Array_Op<"constant", [ConstantLike, AllTypesMatch<["value", "y"]>]> {
  let summary = "a tensor known at compile time";
  let description = [{
    ```mlir
    %w = array.constant dense<[1.0, 2.0]> : tensor<2xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs DP_Tensor:$y);
  let hasFolder = 1;
  let assemblyFormat = "attr-dict $value";
  let extraClassDefinition = verifyTrampoline # [{
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor) { return getValue(); }
  }];
}

def Array_IotaOp : Array_Shaped<"iota"> {
  let summary = "0, 1, 2, … along one dimension";
  let description = [{
    `y[i…] = i_d` for `d = dim`, as a number of the element type.

    ```mlir
    %i = array.iota dim 0 extents(%n) : tensor<?xi32>
    ```
  }];
  let arguments = (ins I64Attr:$dim, Variadic<Index>:$extents);
  let assemblyFormat = "`dim` $dim (`extents` `(` $extents^ `)`)? attr-dict `:` type($y)";
}

def Array_BroadcastOp : Array_Shaped<"broadcast"> {
  let summary = "repetition along new dimensions";
  let description = [{
    Dimension `i` of the operand becomes dimension `dims[i]` of the result,
    with the same extent; along the others the operand is repeated. A number
    is a tensor of rank 0 here. `dims` increases strictly. (StableHLO also
    stretches extent 1: reshape it away first.)

    ```mlir
    %y = array.broadcast %bias dims [1] extents(%n) : tensor<10xf32> to tensor<?x10xf32>
    ```
  }];
  let arguments = (ins DP_Value:$x, Variadic<Index>:$extents, DenseI64ArrayAttr:$dims);
  let assemblyFormat = "$x `dims` $dims (`extents` `(` $extents^ `)`)? attr-dict `:` type($x) `to` type($y)";
}

def Array_ReshapeOp : Array_Shaped<"reshape"> {
  let summary = "the same elements, in row-major order, in another shape";
  let description = [{
    The numbers of elements must agree. A tensor of rank 0 comes from, and goes
    to, a number by `array.broadcast` and `tensor.extract`.

    ```mlir
    %y = array.reshape %x extents(%n) : tensor<?x8x8xf32> to tensor<?x64xf32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, Variadic<Index>:$extents);
  let assemblyFormat = "$x (`extents` `(` $extents^ `)`)? attr-dict `:` type($x) `to` type($y)";
}

def Array_TransposeOp : Array_Inferred<"transpose"> {
  let summary = "permutation of dimensions";
  let description = [{
    Dimension `i` of the result is dimension `permutation[i]` of the operand.

    ```mlir
    %y = array.transpose %x permutation [1, 0] : tensor<2x3xf32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, DenseI64ArrayAttr:$permutation);
  let assemblyFormat = "$x `permutation` $permutation attr-dict `:` type($x)";
}

def Array_SliceOp : Array_Shaped<"slice", [AttrSizedOperandSegments]> {
  let summary = "a box of elements";
  let description = [{
    `y[i, …] = x[starts[0] + i strides[0], …]`. The result's type gives the
    extents. A start is an index value, or a number that is not negative. It is
    clamped so that the box lies within the operand (StableHLO's
    `dynamic_slice`); a box that cannot lie within it is an error. Where types
    say the extents of both along a dimension, a number is not clamped: a box
    that reaches beyond the operand does not verify. Strides are positive.

    ```mlir
    %y = array.slice %x starts [%i, 0] strides [1, 2] : tensor<?x8xf32> to tensor<1x4xf32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, Variadic<Index>:$dynamic_starts, Variadic<Index>:$extents,
                       DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$strides);
  let assemblyFormat = [{
    $x `starts` custom<DynamicIndexList>($dynamic_starts, $starts) `strides` $strides
    (`extents` `(` $extents^ `)`)? attr-dict `:` type($x) `to` type($y)
  }];
}

def Array_UpdateSliceOp : Array_Inferred<"update_slice"> {
  let summary = "a tensor with one box of it replaced or added to";
  let description = [{
    The operand with the box at `starts` replaced by `update`, or, with
    `accumulate`, with `update` added to the box. A start is an index value, or a
    number that is not negative. Either is clamped so that the box lies within
    the operand; an update that is larger than the operand is an error.

    ```mlir
    %y = array.update_slice %x, %u starts [%i, 0] : tensor<?x8xf32>, tensor<1x8xf32>
    %z = array.update_slice accumulate %x, %u starts [%i, 0] : tensor<?x8xf32>, tensor<1x8xf32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, DP_Tensor:$update, Variadic<Index>:$dynamic_starts,
                       DenseI64ArrayAttr:$starts, UnitAttr:$accumulate);
  let assemblyFormat = [{
    (`accumulate` $accumulate^)? $x `,` $update `starts` custom<DynamicIndexList>($dynamic_starts, $starts)
    attr-dict `:` type($x) `,` type($update)
  }];
}

def Array_PadOp : Array_Shaped<"pad"> {
  let summary = "a tensor with a margin, and gaps";
  let description = [{
    `low[d]` and `high[d]` elements around dimension `d`, `interior[d]` between
    neighbours, all of them `value` and none negative (crop with `array.slice`).
    The result's extent is `low + high + n + interior max(n - 1, 0)`.

    ```mlir
    %y = array.pad %x, %zero low [1] high [2] interior [0] : tensor<4xf32>, f32 to tensor<7xf32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, DP_Number:$value, Variadic<Index>:$extents,
                       DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high, DenseI64ArrayAttr:$interior);
  let assemblyFormat = [{
    $x `,` $value `low` $low `high` $high `interior` $interior (`extents` `(` $extents^ `)`)?
    attr-dict `:` type($x) `,` type($value) `to` type($y)
  }];
}

def Array_ConcatenateOp : Array_Inferred<"concatenate"> {
  let summary = "tensors one after the other along a dimension";
  let description = [{
    At least one tensor; they agree in every other extent.

    ```mlir
    %y = array.concatenate %a, %b dim 0 : tensor<2x3xf32>, tensor<?x3xf32>
    ```
  }];
  let arguments = (ins Variadic<DP_Tensor>:$xs, I64Attr:$dim);
  let assemblyFormat = "$xs `dim` $dim attr-dict `:` type($xs)";
}

def Array_MapOp : Array_Op<"map", [IsolatedFromAbove, SingleBlock]> {
  let summary = "a scalar program applied to each element";
  let description = [{
    The region takes one element of each operand and yields one of each result.
    Operands and results have the same shape, and there is at least one
    operand. The region sees nothing from outside: what is uniform is broadcast
    and comes in as an operand.

    ```mlir
    %y = array.map(%a, %b) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%p: f32, %q: f32):
      %r = scalar.mul %p, %q : f32
      array.yield %r : f32
    }
    ```
  }];
  let arguments = (ins Variadic<DP_Tensor>:$xs);
  let results = (outs Variadic<DP_Tensor>:$ys);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`(` $xs `)` attr-dict `:` functional-type($xs, $ys) $body";
}

def Array_Reduction : I64EnumAttr<"Reduction", "how elements are reduced", [
    I64EnumAttrCase<"Add", 0, "add">, I64EnumAttrCase<"Mul", 1, "mul">,
    I64EnumAttrCase<"Max", 2, "max">, I64EnumAttrCase<"Min", 3, "min">,
    I64EnumAttrCase<"And", 4, "and">, I64EnumAttrCase<"Or", 5, "or">, I64EnumAttrCase<"Region", 6, "region">]> {
  let cppNamespace = "::dp::array";
}
def Array_ReduceOp : Array_Op<"reduce", [DP_Infer, IsolatedFromAbove]> {
  let summary = "reduction along dimensions";
  let description = [{
    The elements along `dims` are combined by an associative and commutative
    operation, in any order; dimensions that remain keep theirs. The short
    forms `add`, `mul`, `max`, `min`, `and` and `or` start from the identity of
    their operation (0, 1, -∞ or the least integer, ∞ or the greatest, all
    ones, 0). Sums and products of f16 and bf16 are computed in f32 and rounded
    once; those of f32 and f64 in their own type. The form `region` takes the start as a second operand and the
    operation as a region; the start may enter once for each partial result,
    so it must be an identity of the operation.

    ```mlir
    %s = array.reduce add %x dims [1] : tensor<4x?xf32>
    %p = array.reduce region %w dims [0] init(%one : f32) : tensor<4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = scalar.mul %a, %b : f32
      array.yield %r : f32
    }
    ```
  }];
  let arguments = (ins Array_Reduction:$kind, DP_Tensor:$x, Optional<DP_Number>:$init, DenseI64ArrayAttr:$dims);
  let results = (outs DP_Tensor:$y);
  let regions = (region MaxSizedRegion<1>:$body);
  let assemblyFormat = [{
    $kind $x `dims` $dims (`init` `(` $init^ `:` type($init) `)`)? attr-dict `:` type($x) ($body^)?
  }];
  let extraClassDefinition = verifyTrampoline # inferTrampoline;
}

def Array_DotOp : Array_Inferred<"dot"> {
  let summary = "contraction of two tensors";
  let description = [{
    `y[b…, i…, j…] = Σ_k a[b, i, k] b[b, j, k]`: the batch dimensions (paired in
    order, first in the result), the free ones of `a`, then those of `b`; the
    contracting dimensions are paired in order and summed over, in any order and
    at least in the precision of the element type, of f32 for f16 and bf16; where
    there are none, nothing is summed, and elements are products. Nothing is
    conjugated.

    ```mlir
    %c = array.dot %a, %b contract [1] with [0] : tensor<?x64xf32>, tensor<64x10xf32>
    %d = array.dot %p, %q batch [0] with [0] contract [2] with [1] : tensor<4x2x3xf32>, tensor<4x3x5xf32>
    ```
  }];
  let arguments = (ins DP_Tensor:$a, DP_Tensor:$b,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$batch_a, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$batch_b,
                       DenseI64ArrayAttr:$contract_a, DenseI64ArrayAttr:$contract_b);
  let assemblyFormat = [{
    $a `,` $b (`batch` $batch_a^ `with` $batch_b)? `contract` $contract_a `with` $contract_b
    attr-dict `:` type($a) `,` type($b)
  }];
}

def Array_GatherOp : Array_Inferred<"gather"> {
  let summary = "rows of a tensor, by number";
  let description = [{
    `y[i…, j…] = x[clamp(indices[i…]), j…]`: the slices of `x` along its first
    dimension that `indices` names. Indices are signed and clamped into range.

    ```mlir
    %y = array.gather %x, %i : tensor<?x8xf32>, tensor<5xi32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, DP_Tensor:$indices);
  let assemblyFormat = "$x `,` $indices attr-dict `:` type($x) `,` type($indices)";
}

def Array_ScatterOp : Array_Inferred<"scatter"> {
  let summary = "rows added to rows of a tensor, by number";
  let description = [{
    The operand with `updates[i…, j…]` added to its row `clamp(indices[i…])`,
    for all `i…`, in any order: the transpose of `array.gather`.

    ```mlir
    %y = array.scatter %x, %i, %u : tensor<?x8xf32>, tensor<5xi32>, tensor<5x8xf32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, DP_Tensor:$indices, DP_Tensor:$updates);
  let assemblyFormat = [{
    $x `,` $indices `,` $updates attr-dict `:` type($x) `,` type($indices) `,` type($updates)
  }];
}

def Array_YieldOp : Array_Op<"yield", [Terminator, ReturnLike, ParentOneOf<["::dp::array::MapOp", "::dp::array::ReduceOp"]>]> {
  let summary = "the results of a region";
  let description = [{
    ```mlir
    %y = array.map(%x) : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%p: f32):
      %r = scalar.sin %p : f32
      array.yield %r : f32
    }
    ```
  }];
  let arguments = (ins Variadic<DP_Number>:$ys);
  let assemblyFormat = "attr-dict ($ys^ `:` type($ys))?";
}

#endif
