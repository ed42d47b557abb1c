//===- Array.td - the high-level tensor dialect ----------------------------===//
#ifndef DP_ARRAY_TD
#define DP_ARRAY_TD

include "Common.td"

def Array_Dialect : Dialect {
  let name = "array";
  let cppNamespace = "::dp::array";
  let summary = "Operations on whole tensors, with value semantics";
  let description = [{
    Operations on tensors of numbers, with StableHLO's semantics where StableHLO
    has the operation. There is no implicit broadcasting. Extents may be dynamic
    everywhere: an operation with `extents` takes one `index` operand for each
    `?` of its result type, in order, as `tensor.empty` does.

    Extents that must agree, and computed extents that must not be negative, are
    checked at run time unless types prove them. A check belongs to its
    operation: if simplification removes the operation, nothing is checked.
  }];
  let hasConstantMaterializer = 1;
}

class Array_Op<string mnemonic, list<Trait> traits = []>
    : DP_Op<Array_Dialect, mnemonic, !listconcat([Pure], traits)>;

// An operation with an explicit result type, and an operand for each `?` in it.
class Array_Shaped<string mnemonic, list<Trait> traits = []> : Array_Op<mnemonic, traits> {
  let results = (outs DP_Tensor:$y);
  let hasFolder = 1;
  let extraClassDefinition = verifyTrampoline # foldTrampoline;
}

// An operation whose result type is inferred from operands and attributes.
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

def Array_ShardOp : Array_Op<"shard", [AllTypesMatch<["x", "y"]>]> {
  let summary = "a tensor, with the way in which it is spread over devices";
  let description = [{
    The identity. `sharding` says which devices hold which part of the tensor, in
    the words of Shardy, as `#sdy.sharding` has them, with a mesh of `dp.meshes`;
    or in those of XLA, as `mhlo.sharding` has them. XLA reads it; on other
    targets the operation is dropped. A tangent and a cotangent are spread as the
    tensor is.

    ```mlir
    %y = array.shard %x "{devices=[4,1]<=[4]}" : tensor<32x16xf32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, StrAttr:$sharding);
  let results = (outs DP_Tensor:$y);
  let assemblyFormat = "$x $sharding attr-dict `:` type($x)";
  let extraClassDefinition = verifyTrampoline;
}

def Array_IotaOp : Array_Shaped<"iota"> {
  let summary = "0, 1, 2, … along a dimension";
  let description = [{
    `y[i…] = i_d` for `d = dim`, converted to the element type.

    ```mlir
    %i = array.iota dim 0 extents(%n) : tensor<?xi32>
    ```
  }];
  let arguments = (ins I64Attr:$dim, Variadic<Index>:$extents);
  let assemblyFormat = "`dim` $dim (`extents` `(` $extents^ `)`)? attr-dict `:` type($y)";
}

def Array_BroadcastOp : Array_Shaped<"broadcast"> {
  let summary = "broadcast along new dimensions";
  let description = [{
    Dimension `i` of the operand becomes dimension `dims[i]` of the result, with
    the same extent; the operand is repeated along the other dimensions. A
    scalar operand has rank 0. `dims` is strictly increasing. Unlike in
    StableHLO, extent 1 is not stretched: reshape it away first.

    ```mlir
    %y = array.broadcast %bias dims [1] extents(%n) : tensor<10xf32> to tensor<?x10xf32>
    ```
  }];
  let arguments = (ins DP_Value:$x, Variadic<Index>:$extents, DenseI64ArrayAttr:$dims);
  let assemblyFormat = "$x `dims` $dims (`extents` `(` $extents^ `)`)? attr-dict `:` type($x) `to` type($y)";
}

def Array_ReshapeOp : Array_Shaped<"reshape"> {
  let summary = "change of shape";
  let description = [{
    Keeps the elements in row-major order; their number must not change. To
    convert between scalars and tensors of rank 0, use `array.broadcast` and
    `tensor.extract`.

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
  let summary = "a rectangular part of a tensor";
  let description = [{
    `y[i, …] = x[starts[0] + i strides[0], …]`, with the extents of the result
    type. A start is an `index` value or a non-negative constant. It is clamped
    so that the slice is within bounds, as in StableHLO's `dynamic_slice`; a
    slice larger than the operand is an error. If both extents along a dimension
    are static, a constant start is not clamped, and a slice out of bounds does
    not verify. Strides are positive.

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
  let summary = "update of a rectangular part of a tensor";
  let description = [{
    Replaces the elements of the operand at `starts` by `update`, or, with
    `accumulate`, adds `update` to them. A start is an `index` value or a
    non-negative constant. Both are clamped so that the update is within bounds;
    an update larger than the operand is an error.

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
  let summary = "padding around and between elements";
  let description = [{
    Inserts `value`: `low[d]` elements before, `high[d]` after and `interior[d]`
    between the elements along dimension `d`. None is negative; to crop, use
    `array.slice`. The extent of the result is
    `low + high + n + interior max(n - 1, 0)`.

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

def Array_WindowsOp : Array_Inferred<"windows"> {
  let summary = "windows that slide over dimensions";
  let description = [{
    `y[b…, p…, t…, f…] = x[b…, p strides + t dilations, f…]`. Windows with `sizes`
    elements slide along the dimensions from `dim` on, one for each entry of
    `sizes`, whose extents are static; `p` counts the windows and `t` the
    elements of one. Windows lie within the operand; pad it with `array.pad`
    first. A window has at most 1024 elements.

    A convolution is `array.dot` of the windows with a kernel, which does not
    store them on CPUs.

    ```mlir
    %w = array.windows %x dim 1 sizes [3, 3] strides [1, 1] dilations [1, 1] : tensor<?x8x6x4xf32>
    %y = array.dot %w, %k contract [3, 4, 5] with [0, 1, 2] : tensor<?x6x4x3x3x4xf32>, tensor<3x3x4x5xf32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, I64Attr:$dim, DenseI64ArrayAttr:$sizes, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$dilations);
  let assemblyFormat = "$x `dim` $dim `sizes` $sizes `strides` $strides `dilations` $dilations attr-dict `:` type($x)";
}

def Array_ConcatenateOp : Array_Inferred<"concatenate"> {
  let summary = "concatenation along a dimension";
  let description = [{
    Takes at least one tensor. All other extents must agree.

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
    The region takes one element of each operand and yields one element of each
    result. There is at least one operand, and operands and results have the
    same shape. The region is isolated from above: broadcast a uniform value and
    pass it as an operand.

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

def Array_Reduction : I64EnumAttr<"Reduction", "a kind of reduction", [
    I64EnumAttrCase<"Add", 0, "add">, I64EnumAttrCase<"Mul", 1, "mul">,
    I64EnumAttrCase<"Max", 2, "max">, I64EnumAttrCase<"Min", 3, "min">,
    I64EnumAttrCase<"And", 4, "and">, I64EnumAttrCase<"Or", 5, "or">, I64EnumAttrCase<"Region", 6, "region">]> {
  let cppNamespace = "::dp::array";
}
def Array_ReduceOp : Array_Op<"reduce", [DP_Infer, IsolatedFromAbove]> {
  let summary = "reduction along dimensions";
  let description = [{
    Combines the elements along `dims` with an associative and commutative
    operation, in any order. The other dimensions keep their order. The kinds
    `add`, `mul`, `max`, `min`, `and` and `or` start from the identity of the
    operation (0, 1, -∞ or the least integer, ∞ or the greatest integer, all
    ones, 0). Sums and products of f16 and bf16 are accumulated in f32 and
    rounded once; those of f32 and f64 in their own type. The kind `region`
    takes the initial value as a second operand and the operation as a region.
    The initial value may be used once per partial result, so it must be an
    identity of the operation.

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

def Array_ScanOp : Array_Op<"scan", [DP_Infer, IsolatedFromAbove]> {
  let summary = "cumulative operation along a dimension";
  let description = [{
    `y_i = x_0 ∘ … ∘ x_i` along `dim`, with an associative operation `∘`, grouped
    in any way. `exclusive` leaves out the last operand: `y_i = x_0 ∘ … ∘ x_{i-1}`.
    `reverse` starts at the last element. The result has the operand's shape.

    The kinds are those of `array.reduce`, and start from the same identities. The
    kind `region` takes the operation as a region, whose first argument is what
    comes first in the order of the scan, and the initial value as a second
    operand. The initial value is combined once, before the first element, so it
    need not be an identity. Sums and products of f16 and bf16 are accumulated in
    f32, and each element is rounded once.

    ```mlir
    %s = array.scan add %x dim 1 : tensor<4x?xf32>
    %e = array.scan max exclusive reverse %x dim 0 : tensor<4x?xf32>
    %p = array.scan region %w dim 0 init(%one : f32) : tensor<4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = scalar.mul %a, %b : f32
      array.yield %r : f32
    }
    ```
  }];
  let arguments = (ins Array_Reduction:$kind, DP_Tensor:$x, Optional<DP_Number>:$init, I64Attr:$dim,
                       UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs DP_Tensor:$y);
  let regions = (region MaxSizedRegion<1>:$body);
  let assemblyFormat = [{
    $kind (`exclusive` $exclusive^)? (`reverse` $reverse^)? $x `dim` $dim (`init` `(` $init^ `:` type($init) `)`)?
    attr-dict `:` type($x) ($body^)?
  }];
  let extraClassDefinition = verifyTrampoline # inferTrampoline;
}

def Array_SortOp : Array_Op<"sort", [IsolatedFromAbove, SingleBlock]> {
  let summary = "stable sort along a dimension";
  let description = [{
    Sorts the elements along `dim`, those of all operands together. The region
    takes two elements of each operand in turn, `a0, b0, a1, b1, …`, and yields
    whether the first ones come before the second ones. Elements of which neither
    comes before the other keep their order. Operands and results have the same
    shape; result `i` has the type of operand `i`. If the region is no strict weak
    order, such as `lt` on NaN, the order of the result is not defined.

    ```mlir
    %y, %k = array.sort(%x, %i) dim 0 : (tensor<4xf32>, tensor<4xi32>) -> (tensor<4xf32>, tensor<4xi32>) {
    ^bb0(%a: f32, %b: f32, %p: i32, %q: i32):
      %before = scalar.compare lt %a, %b : f32
      array.yield %before : i1
    }
    ```
  }];
  let arguments = (ins Variadic<DP_Tensor>:$xs, I64Attr:$dim);
  let results = (outs Variadic<DP_Tensor>:$ys);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`(` $xs `)` `dim` $dim attr-dict `:` functional-type($xs, $ys) $body";
}

def Array_DotOp : Array_Inferred<"dot"> {
  let summary = "contraction of two tensors";
  let description = [{
    `y[b…, i…, j…] = Σ_k a[b, i, k] b[b, j, k]`. The result has the batch
    dimensions (paired in order), then the free dimensions of `a`, then those of
    `b`. The contracting dimensions are paired in order and summed over, in any
    order, with at least the precision of the element type (f32 for f16 and
    bf16). Without contracting dimensions, this is an outer product. Nothing is
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

def Array_CholeskyOp : Array_Inferred<"cholesky"> {
  let summary = "Cholesky factor of symmetric or Hermitian matrices";
  let description = [{
    The lower triangular `y` with a positive diagonal and `y yᴴ = x`, for the
    matrices in the last two dimensions. Only the lower triangles are read, and
    the imaginary parts of diagonals are not. The elements of `y` above the
    diagonal are 0. A matrix that is not positive definite gives NaN on and below
    the diagonal. Elements are f32, f64 or complex.

    ```mlir
    %l = array.cholesky %a : tensor<4x?x?xf64>
    ```
  }];
  let arguments = (ins DP_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Array_TriangularSolveOp : Array_Inferred<"triangular_solve"> {
  let summary = "solution of triangular systems of linear equations";
  let description = [{
    `y` with `op(a) y = b`, or `y op(a) = b` with `right`, for the matrices in the
    last two dimensions; the others are batch dimensions and agree. `a` is lower
    triangular, or upper with `upper`: the other elements are not read, nor those on
    the diagonal with `unit`, which are 1. `op(a)` is `a`, transposed with
    `transposed`, and with `conjugated` the conjugate of that. A zero on the diagonal
    divides. Elements are f32, f64 or complex.

    ```mlir
    %y = array.triangular_solve %a, %b : tensor<3x3xf64>, tensor<3x?xf64>
    %z = array.triangular_solve right upper unit transposed conjugated %c, %d : tensor<2x3x3xf64>, tensor<2x5x3xf64>
    ```
  }];
  let arguments = (ins DP_Tensor:$a, DP_Tensor:$b, UnitAttr:$right, UnitAttr:$upper, UnitAttr:$unit,
                       UnitAttr:$transposed, UnitAttr:$conjugated);
  let assemblyFormat = [{
    (`right` $right^)? (`upper` $upper^)? (`unit` $unit^)? (`transposed` $transposed^)? (`conjugated` $conjugated^)?
    $a `,` $b attr-dict `:` type($a) `,` type($b)
  }];
}

def Array_LuPivotsOp : Array_Inferred<"lu_pivots"> {
  let summary = "pivots of the LU factorization of matrices";
  let description = [{
    The rows that Gaussian elimination with partial pivoting exchanges, for the
    matrices in the last two dimensions: in step `i`, row `i` with row `y[i]`, the
    first one of the greatest size in column `i` from the diagonal on. The size of a
    complex number is the sum of the sizes of its parts, as in LAPACK. There are as
    many steps as rows or columns, whichever are fewer. Elements are f32, f64 or
    complex.

    ```mlir
    %p = array.lu_pivots %a : tensor<4x5x3xf64>
    ```
  }];
  let arguments = (ins DP_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Array_LuOp : Array_Inferred<"lu"> {
  let summary = "LU factors of matrices with given pivots";
  let description = [{
    The factors of the matrices `array.swap_rows x, pivots`: `L`, whose diagonal is 1
    and is not stored, below the diagonal, and `U` above it. A column whose pivot is 0
    is not divided. With the pivots of `array.lu_pivots`, both are computed at once.

    ```mlir
    %p = array.lu_pivots %a : tensor<3x3xf64>
    %f = array.lu %a, %p : tensor<3x3xf64>, tensor<3xi32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, DP_Tensor:$pivots);
  let assemblyFormat = "$x `,` $pivots attr-dict `:` type($x) `,` type($pivots)";
}

def Array_SwapRowsOp : Array_Inferred<"swap_rows"> {
  let summary = "matrices with rows exchanged one after the other";
  let description = [{
    For `i = 0, 1, …`, exchanges row `i` with row `clamp(pivots[i])` in the matrices in
    the last two dimensions; with `reverse`, from the last pivot to the first, which
    undoes it. There are as many pivots as rows at most.

    ```mlir
    %y = array.swap_rows %a, %p : tensor<4x3x2xf64>, tensor<4x3xi32>
    %z = array.swap_rows reverse %a, %p : tensor<4x3x2xf64>, tensor<4x3xi32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, DP_Tensor:$pivots, UnitAttr:$reverse);
  let assemblyFormat = "(`reverse` $reverse^)? $x `,` $pivots attr-dict `:` type($x) `,` type($pivots)";
}

def Array_QrOp : Array_Inferred<"qr"> {
  let summary = "QR factors of matrices, by Householder reflections";
  let description = [{
    For the matrices in the last two dimensions, the upper triangle of `y` is `r` with
    `x = q r`, and what is below the diagonal describes `q`, as LAPACK's `geqrf` packs
    them: `q = H_0 H_1 …` with `H_i = 1 - tau_i v_i v_iᴴ`, where `v_i` is 0 before place
    `i`, 1 there, and column `i` of `y` behind it. There are as many reflections as rows
    or columns, whichever are fewer; `array.qr_taus` has their factors. The diagonal of
    `r` is real, and its sign is not that of the element that was there before. With the
    taus of the same operand, both are computed at once. Where elements are not finite,
    which elements of the result are NaN may differ between targets. Elements are f32,
    f64 or complex.

    ```mlir
    %y = array.qr %a : tensor<4x5x3xf64>
    ```
  }];
  let arguments = (ins DP_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Array_QrTausOp : Array_Inferred<"qr_taus"> {
  let summary = "factors of the Householder reflections of QR factorizations";
  let description = [{
    The factors `tau_i` of the reflections of `array.qr`, 0 where a column is 0 below the
    diagonal and real on it.

    ```mlir
    %t = array.qr_taus %a : tensor<4x5x3xf64>
    ```
  }];
  let arguments = (ins DP_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Array_EighValuesOp : Array_Inferred<"eigh_values"> {
  let summary = "eigenvalues of symmetric or Hermitian matrices";
  let description = [{
    The eigenvalues, from the least to the greatest, of the matrices in the last two
    dimensions. Only the lower triangles are read, and the imaginary parts of diagonals
    are not. NaN if an element is not finite. Elements are f32, f64 or complex; those of
    the result are real. With the vectors of the same operand, both are computed at once.

    ```mlir
    %w = array.eigh_values %a : tensor<4x3x3xcomplex<f64>>
    ```
  }];
  let arguments = (ins DP_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Array_EighVectorsOp : Array_Inferred<"eigh_vectors"> {
  let summary = "eigenvectors of symmetric or Hermitian matrices";
  let description = [{
    Matrices whose columns are orthonormal eigenvectors, in the order of
    `array.eigh_values`. A factor of modulus 1 of each vector is not determined, and
    neither is the basis of vectors with one eigenvalue; targets may differ in it.

    ```mlir
    %v = array.eigh_vectors %a : tensor<4x3x3xcomplex<f64>>
    ```
  }];
  let arguments = (ins DP_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Array_SvdValuesOp : Array_Inferred<"svd_values"> {
  let summary = "singular values of matrices";
  let description = [{
    The singular values, from the greatest to the least, of the matrices in the last two
    dimensions; as many as rows or columns, whichever are fewer. NaN if an element is
    not finite. Elements are f32, f64 or complex; those of the result are real. With the
    vectors of the same operand, all are computed at once.

    ```mlir
    %s = array.svd_values %a : tensor<5x3xf64>
    ```
  }];
  let arguments = (ins DP_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Array_SvdLeftOp : Array_Inferred<"svd_left"> {
  let summary = "left singular vectors of matrices";
  let description = [{
    Matrices `u` with orthonormal columns, in the order of the singular values `s`, with
    `x = u diag(s) v`, where `v` is `array.svd_right`. A factor of modulus 1 of each pair
    of vectors is not determined, and neither are the bases of vectors with one singular
    value; targets may differ in them.

    ```mlir
    %u = array.svd_left %a : tensor<5x3xf64>
    ```
  }];
  let arguments = (ins DP_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Array_SvdRightOp : Array_Inferred<"svd_right"> {
  let summary = "adjoint right singular vectors of matrices";
  let description = [{
    Matrices with orthonormal rows, the conjugates of the right singular vectors; see
    `array.svd_left`.

    ```mlir
    %v = array.svd_right %a : tensor<5x3xf64>
    ```
  }];
  let arguments = (ins DP_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Array_FftKind : I64EnumAttr<"FftKind", "a kind of Fourier transform", [
    I64EnumAttrCase<"Fft", 0, "fft">, I64EnumAttrCase<"Ifft", 1, "ifft">,
    I64EnumAttrCase<"Rfft", 2, "rfft">, I64EnumAttrCase<"Irfft", 3, "irfft">]> {
  let cppNamespace = "::dp::array";
}
def Array_FftOp : Array_Inferred<"fft"> {
  let summary = "discrete Fourier transform along a dimension";
  let description = [{
    Transforms each line of `n = length` elements along `dim`, whose extent is
    static. Elements are f32, f64 or complex numbers of these.

    | kind | operand | result |
    | --- | --- | --- |
    | `fft` | `n` complex numbers | `y_k = Σ_j x_j exp(-2πi j k / n)` |
    | `ifft` | `n` complex numbers | `y_j = 1/n Σ_k x_k exp(2πi j k / n)` |
    | `rfft` | `n` real numbers | the elements `k = 0 … ⌊n/2⌋` of `fft`; the others are their conjugates |
    | `irfft` | `⌊n/2⌋ + 1` complex numbers | `ifft` of the `n` elements of which these are the first ones: real numbers |

    `irfft` does not read the imaginary parts of `x_0` and, if `n` is even, of
    `x_{n/2}`. Sums are taken in any order: relative to the norm of the line,
    the error grows with `log n`. In a line with elements that are not finite, or
    whose sums overflow, which elements of the result are NaN may differ between
    targets.

    ```mlir
    %y = array.fft rfft %x dim 1 length 6 : tensor<?x6xf64>
    %z = array.fft irfft %y dim 1 length 6 : tensor<?x4xcomplex<f64>>
    ```
  }];
  let arguments = (ins Array_FftKind:$kind, DP_Tensor:$x, I64Attr:$dim, I64Attr:$length);
  let assemblyFormat = "$kind $x `dim` $dim `length` $length attr-dict `:` type($x)";
}

def Array_GatherOp : Array_Inferred<"gather"> {
  let summary = "rows of a tensor at given indices";
  let description = [{
    `y[i…, j…] = x[clamp(indices[i…]), j…]`: slices of `x` along its first
    dimension. Indices are signed and clamped to the valid range.

    ```mlir
    %y = array.gather %x, %i : tensor<?x8xf32>, tensor<5xi32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, DP_Tensor:$indices);
  let assemblyFormat = "$x `,` $indices attr-dict `:` type($x) `,` type($indices)";
}

def Array_ScatterOp : Array_Inferred<"scatter"> {
  let summary = "addition to rows of a tensor at given indices";
  let description = [{
    Adds `updates[i…, j…]` to row `clamp(indices[i…])` of the operand, for all
    `i…`, in any order. This is the transpose of `array.gather`.

    ```mlir
    %y = array.scatter %x, %i, %u : tensor<?x8xf32>, tensor<5xi32>, tensor<5x8xf32>
    ```
  }];
  let arguments = (ins DP_Tensor:$x, DP_Tensor:$indices, DP_Tensor:$updates);
  let assemblyFormat = [{
    $x `,` $indices `,` $updates attr-dict `:` type($x) `,` type($indices) `,` type($updates)
  }];
}

def Array_YieldOp : Array_Op<"yield", [Terminator, ReturnLike, ParentOneOf<["::dp::array::MapOp", "::dp::array::ReduceOp", "::dp::array::ScanOp",
    "::dp::array::SortOp"]>]> {
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
