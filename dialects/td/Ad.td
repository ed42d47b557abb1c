//===- Ad.td - derivatives as operations -----------------------------------===//
#ifndef DP_AD_TD
#define DP_AD_TD

include "Common.td"
include "mlir/IR/BuiltinTypes.td"
include "mlir/IR/SymbolInterfaces.td"

def Ad_Dialect : Dialect {
  let name = "ad";
  let cppNamespace = "::dp::ad";
  let summary = "Derivatives of functions";
  let description = [{
    Derivatives of functions, and the linear regions they are expanded to.
    `wrt` lists the arguments to differentiate with respect to. Scalars and
    tensors of floats and complex numbers carry derivatives; integers and
    booleans do not.

    Complex numbers: `ad.pull` is bilinear, with the pairing Re(z w), and
    conjugates nothing. `ad.grad` conjugates once: its gradient g of a real
    function satisfies df = Re(conj(g) dz), the direction of steepest ascent.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::dp::scalar::ScalarDialect", "::dp::array::ArrayDialect"];
}

class Ad_Op<string mnemonic, list<Trait> traits = []> : DP_Op<Ad_Dialect, mnemonic, traits>;

def Ad_PullbackType : TypeDef<Ad_Dialect, "Pullback"> {
  let mnemonic = "pullback";
  let summary = "a linear map from cotangents of results to cotangents of arguments";
  let description = [{
    A pullback is a value like any other: private functions take and return it,
    branches choose it, and loops carry it. One that is pulled only in the
    function that makes it is expanded there. Any other is kept in a record: its
    residuals, and the arguments at which it was made. By those arguments such a
    pullback has no derivative; it has one by the cotangents that it is applied
    to. A public function cannot take or return a pullback.

    ```mlir
    !ad.pullback<(tensor<4xf32>) -> (f32, f32)>
    ```
  }];
  let parameters = (ins "::mlir::FunctionType":$signature);
  let assemblyFormat = "`<` $signature `>`";
}

def Ad_OriginAttr : AttrDef<Ad_Dialect, "Origin"> {
  let mnemonic = "origin";
  let summary = "the derivative rule that created an operation";
  let description = [{
    Metadata of the fused location of an operation created by differentiation:
    the rule, and the level of nesting (1 for a first derivative).

    ```mlir
    loc(fused<#ad.origin<"scalar.sin", 1>>["model.mlir":3:8])
    ```
  }];
  let parameters = (ins StringRefParameter<"the operation that the rule is for">:$rule, "int64_t":$level);
  let assemblyFormat = "`<` $rule `,` $level `>`";
}

class Ad_Request<string mnemonic> : Ad_Op<mnemonic, [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let extraClassDefinition = verifyTrampoline # [{
    ::llvm::LogicalResult $cppClass::verifySymbolUses(::mlir::SymbolTableCollection &symbols) {
      return ::dp::verifyRequestInRust(getOperation(), symbols.lookupNearestSymbolFrom(getOperation(), getCalleeAttr()));
    }
  }];
}

def Ad_JvpOp : Ad_Request<"jvp"> {
  let summary = "value and directional derivative";
  let description = [{
    Returns the results of the function, then the tangent J dx of each result
    that carries a derivative. The operands are the function's arguments, then
    the tangents dx of the arguments in `wrt`, in order.

    ```mlir
    func.func private @f(f64, i32) -> f64

    %y, %dy = ad.jvp @f(%x, %n, %dx) wrt [0] : (f64, i32, f64) -> (f64, f64)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$inputs, DenseI64ArrayAttr:$wrt);
  let results = (outs Variadic<AnyType>:$outputs);
  let assemblyFormat = "$callee `(` $inputs `)` `wrt` $wrt attr-dict `:` functional-type($inputs, $outputs)";
}

def Ad_VjpOp : Ad_Request<"vjp"> {
  let summary = "value and pullback";
  let description = [{
    Returns the results of the function, then its pullback at these arguments.
    The pullback maps cotangents of the results that carry derivatives to
    cotangents of the arguments in `wrt`.

    ```mlir
    func.func private @f(f64) -> f64

    %y, %back = ad.vjp @f(%x) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$inputs, DenseI64ArrayAttr:$wrt);
  let results = (outs Variadic<AnyType>:$outputs);
  let assemblyFormat = "$callee `(` $inputs `)` `wrt` $wrt attr-dict `:` functional-type($inputs, $outputs)";
}

def Ad_PullOp : Ad_Op<"pull", [Pure]> {
  let summary = "application of a pullback";
  let description = [{
    Returns cotangents of the arguments, given cotangents of the results. A
    pullback can be applied any number of times.

    ```mlir
    %xbar = ad.pull %back(%ybar) : !ad.pullback<(f64) -> f64>
    ```
  }];
  let arguments = (ins Ad_PullbackType:$pullback, Variadic<AnyType>:$cotangents);
  let results = (outs Variadic<AnyType>:$outputs);
  let assemblyFormat = [{
    $pullback `(` $cotangents `)` attr-dict `:` custom<PullSignature>(type($pullback), type($cotangents), type($outputs))
  }];
}

def Ad_GradOp : Ad_Request<"grad"> {
  let summary = "value and gradients";
  let description = [{
    Returns the result of the function, which must be one real number (or a
    tensor of rank 0), then its gradients with respect to the arguments in `wrt`.

    ```mlir
    func.func private @f(tensor<4xf64>) -> f64

    %y, %g = ad.grad @f(%x) wrt [0] : (tensor<4xf64>) -> (f64, tensor<4xf64>)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$inputs, DenseI64ArrayAttr:$wrt);
  let results = (outs Variadic<AnyType>:$outputs);
  let assemblyFormat = "$callee `(` $inputs `)` `wrt` $wrt attr-dict `:` functional-type($inputs, $outputs)";
}

def Ad_LinearOp : Ad_Op<"linear", [Pure, SingleBlock, AttrSizedOperandSegments]> {
  let summary = "a linear map, applied or transposed";
  let description = [{
    Applies the linear map that the region computes. With `transpose`, applies
    its transpose: the operands are cotangents of the values that the region
    yields, the results are cotangents of its arguments. `at` has, for each
    argument of the region, the primal value at which the map was taken; only
    its extents matter.

    The region must be linear in its arguments. Values from outside that it uses
    are its residuals. Linearity is checked when the map is applied or
    transposed: a value that depends on an argument may be moved, negated, added
    to another such value or to a constant 0, selected by a residual, multiplied
    or divided by a residual, or passed to a function or a derivative that is
    linear in it. Anything else is an error. When the map is transposed, called
    functions are inlined, or transposed themselves if they are recursive, and
    the extents of an argument are those of its primal value.

    ```mlir
    %xbar = ad.linear transpose (%ybar : f64) at(%x : f64) -> f64 {
    ^bb0(%dx: f64):
      %dy = scalar.mul %cos, %dx : f64
      ad.yield %dy : f64
    }
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$inputs, Variadic<AnyType>:$primals, UnitAttr:$transpose);
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`transpose` $transpose^)? `(` ($inputs^ `:` type($inputs))? `)` `at` `(` ($primals^ `:` type($primals))? `)`
    attr-dict `->` type($outputs) $body
  }];
}

def Ad_CheckpointOp : Ad_Op<"checkpoint", [SingleBlock, RecursiveMemoryEffects, RecursivelySpeculatable]> {
  let summary = "a region that reverse mode computes again instead of keeping its values";
  let description = [{
    Computes the region, which uses values from outside directly. Reverse mode
    keeps nothing that the region computes, except its results where they are
    used outside: it keeps the values from outside, and computes the region once
    more when it transposes it. In forward mode, and without derivatives, the
    region is inlined.

    A function with the mark `dp.checkpoint` behaves as if its body were such a
    region, at each call of it. On a loop, `dp.checkpoint` makes the loop such a
    region, `dp.checkpoint = N` keeps N of its states (snapshots) and computes
    the others again in the order that needs the fewest rounds, and
    `dp.checkpoint = array<i64: N, L>` does so for groups of L rounds.

    ```mlir
    %y = ad.checkpoint -> f64 {
      %e = scalar.exp %x : f64
      %z = scalar.mul %e, %e : f64
      ad.yield %z : f64
    }
    ```
  }];
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`->` type($outputs)^)? $body attr-dict";
}

def Ad_BarrierOp : Ad_Op<"barrier", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "the identity, through which nothing is merged";
  let description = [{
    Returns `x`, once the values `after` are known. No simplification sees
    through it, so what is computed from `y` is not merged with what is computed
    from `x`. Reverse mode puts the values that a checkpoint computes again
    behind barriers, so that they are not kept after all; the cotangents in
    `after` say when. It costs nothing: bufferization gives `y` the buffer of
    `x`, and barriers of scalars are dropped with it. From there on, only LLVM
    could merge. XLA has its own barrier.

    ```mlir
    %y = ad.barrier %x after(%ct : f64) : tensor<4xf64>
    ```
  }];
  let arguments = (ins DP_Value:$x, Variadic<AnyType>:$after);
  let results = (outs DP_Value:$y);
  let assemblyFormat = "$x (`after` `(` $after^ `:` type($after) `)`)? attr-dict `:` type($x)";
}

def Ad_YieldOp : Ad_Op<"yield", [Pure, Terminator, ReturnLike,
                                 ParentOneOf<["::dp::ad::LinearOp", "::dp::ad::CheckpointOp"]>]> {
  let summary = "the results of a linear region or of a checkpoint";
  let description = [{
    ```mlir
    %dz = ad.linear(%dx : f64) at(%x : f64) -> f64 {
    ^bb0(%d: f64):
      %dy = scalar.mul %cos, %d : f64
      ad.yield %dy : f64
    }
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$ys);
  let assemblyFormat = "attr-dict ($ys^ `:` type($ys))?";
}

def Ad_RecordOp : Ad_Op<"record", [MemoryEffects<[MemWrite]>]> {
  let summary = "values kept for later, on the tape of the outermost call";
  let description = [{
    Keeps scalars and tensors, and returns their position, from which `ad.recall`
    reads them. The tape grows as needed, and is freed when the outermost
    function returns. A record stays where it is. Derivatives of recursive functions keep the residuals of
    each call in a record, and so do pullbacks that leave the function that
    makes them.

    ```mlir
    %at = ad.record(%x, %n : f64, index)
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let results = (outs Index:$at);
  let assemblyFormat = "`(` ($values^ `:` type($values))? `)` attr-dict";
}

def Ad_RecallOp : Ad_Op<"recall", [MemoryEffects<[MemRead]>]> {
  let summary = "the values of a record";
  let description = [{
    Returns the values that an `ad.record` of these types kept. They can be read
    any number of times, at a position that an `ad.record` has returned.

    ```mlir
    %x, %n = ad.recall %at : f64, index
    ```
  }];
  let arguments = (ins Index:$at);
  let results = (outs Variadic<AnyType>:$values);
  let assemblyFormat = "$at attr-dict (`:` type($values)^)?";
}

def Ad_ReserveOp : Ad_Op<"reserve", [MemoryEffects<[MemWrite]>]> {
  let summary = "memory of the tape";
  let description = [{
    Takes memory of the tape, a multiple of 8 bytes, and returns its address,
    also a multiple of 8. Tensors of records are stored in it.

    ```mlir
    %at = ad.reserve %bytes
    ```
  }];
  let arguments = (ins Index:$bytes);
  let results = (outs Index:$at);
  let assemblyFormat = "$bytes attr-dict";
}

def Ad_ReleaseOp : Ad_Op<"release", [MemoryEffects<[MemWrite]>]> {
  let summary = "the end of records";
  let description = [{
    Takes an `ad.record` and all later ones off the tape. Their values are gone.
    Loops release what each round has recorded.

    ```mlir
    ad.release %at
    ```
  }];
  let arguments = (ins Index:$at);
  let assemblyFormat = "$at attr-dict";
}

def Ad_StopGradientOp : Ad_Op<"stop_gradient", [Pure, SameOperandsAndResultType]> {
  let summary = "the identity, with derivative zero";
  let description = [{
    ```mlir
    %y = ad.stop_gradient %x : tensor<4xf32>
    ```
  }];
  let arguments = (ins DP_Value:$x);
  let results = (outs DP_Value:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

#endif
