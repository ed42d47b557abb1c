//! The page about StableHLO as an input.

use super::markdown::code;

const FOREWORD: &str = "# StableHLO as an input

`dpc` reads StableHLO as JAX and torch-mlir print it, in its own syntax or in the generic one. `import-stablehlo` translates
it:

- Tensors of rank 0 become numbers, so that they are numbers in C.
- Integers become signless; the types of the source choose between signed and unsigned operations.
- `main` gets the name of the module without `jit_`, since C has another `main`; options may still call it `main`, as they
  may the only public function of any program. Where there are more public functions, `dp.main` marks it.
- Names of arguments come from their locations, those of results from `jax.result_info`.
- A `while` that counts, whose condition is `i < n` and whose body adds 1 to `i`, becomes `scf.for`.
- A `composite` is a call of its decomposition.
- Shardings of Shardy (`sdy`) and of XLA (`mhlo.sharding`) become `dp.sharding` and `array.shard`. They are those of
  tangents and cotangents too, and `--target=xla --emit=stablehlo` writes them again, for XLA's partitioner;
  `--run --devices=N` runs the program on N devices. Other targets have one device.
- Collective operations among groups of one device return what they are given, and `partition_id` and `replica_id` are 0 for
  one device. `sdy.manual_computation` along axes of one device, as `shard_map` makes it, is its body. Those of several
  devices are refused, as our programs are for whole arrays: XLA adds the collectives that shardings ask for.
- A convolution contracts `array.windows` of the input with the kernel. A cumulative window is a scan, and other windows are
  combined from slices; windows have at most 1024 elements, those of `select_and_scatter` too.
- `1 / (1 + exp(-x))`, as JAX writes the logistic function, becomes `scalar.logistic`. Batch normalization becomes its
  formulas.
- A sort is stable, whether it must be or not. Comparisons in the total order compare the bits as integers.
- Bits that are cast to another width are shifted and joined, the lowest ones first.
- `rng_bit_generator` makes the bits that XLA makes on CPUs; its default is Philox.
- As in XLA, a window of `scatter` that is not inside of the operand changes nothing. Updates other than sums are done in
  order, one after another.
- Cholesky and LU factorizations and triangular systems are read as operations, and as the calls of LAPACK that JAX writes
  for CPUs (`lapack_?potrf_ffi`, `lapack_?getrf_ffi`, `lapack_?trsm_ffi`). With them, `jnp.linalg` has `cholesky`, `solve`,
  `inv`, `det` and `slogdet`, and `jax.scipy.linalg` has `cho_solve`, `solve_triangular` and `lu`. The `info` of an LU
  factorization is 0; that of a matrix that is not positive definite is 1. The derivative of a Cholesky factor is by the
  triangle that is read; JAX's derivative of `cho_factor`, which does not symmetrize its argument, is by both.
- An `fft` transforms one dimension after another; the real one of `RFFT` comes first, that of `IRFFT` last.
- QR factors, eigenvalues of Hermitian matrices and singular values are read as the calls of LAPACK that JAX writes for CPUs
  (`lapack_?geqrf_ffi`, `lapack_?orgqr_ffi`, `lapack_?syevd_ffi`, `lapack_?gesdd_ffi`, and those of complex numbers). With
  them, `jnp.linalg` has `qr`, `eigh`, `eigvalsh`, `svd`, `svdvals`, `pinv`, `lstsq`, `cond`, `matrix_rank` and the norms
  that singular values make. The factors `q` and `r` are LAPACK's, signs included. Factors of modulus 1 of eigenvectors and
  singular vectors may be others than LAPACK's. The `info` is 0; where elements are not finite, results are NaN.
- Extents may be dynamic: programs of `jax.export` with symbolic shapes are read, differentiated and run for any extents.
  The extents that dynamic forms take as operands are looked up where they were numbers, in 64 bits. `shape_assertion`
  checks at run time. A dimension whose extent is only known at run time is not stretched by a broadcast, unless
  `known_expanding_dimensions` lists it. Amounts of padding that are only known at run time are at the edges and not negative.
- The elements of tuples are looked up where they were put in; tuples are neither arguments nor results of functions. Tokens
  order nothing.
- The order of `chlo.polygamma` is a constant.
- Regions of elementwise functions, of reductions and of sorts may use constants from outside, as `jax.export` writes them.
- Derivatives are those of what a program computes. JAX leaves out custom rules (`jax.custom_vjp`, `jax.custom_jvp`) and
  `lax.stop_gradient` where it writes a program without derivatives: take the gradient in JAX where it depends on them.
  Where operands of `maximum` or `minimum` are equal, each takes half of the derivative, as in JAX.
- Older forms are read too: lists of integers as `dense<…> : tensor<nxi64>`, operations of `chlo` that broadcast, custom
  calls such as `mhlo.erf`, and the operations of `tensor`, `arith` and `shape` with which PyTorch's exporter computes extents.

Not yet read: `rng`, whose numbers are others at each run; collectives among several devices and transfers; windows
along a dimension whose extent is only known at run time, such as `jnp.cumsum` along a symbolic one; quantized types;
and other calls of LAPACK, such as eigenvalues of matrices that are not Hermitian. Serialized programs are refused with
the line of Python that writes them as text.

These operations are read:

";

pub(super) fn page() -> String {
    let names: Vec<String> = dp_stablehlo::operations().iter().map(|name| format!("- {}\n", code(name))).collect();
    FOREWORD.to_owned() + &names.concat()
}
