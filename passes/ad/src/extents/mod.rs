//! Extents of tensors: where each of an operation's results has them from. One
//! table serves transposition, which makes indices of it, and the proof that
//! gradients have the extents of their arguments.

pub mod checked;
pub mod made;
pub mod proof;

use dp_dialects::ir::{Op, Val, operands};
use dp_dialects::parameters::DotDims;
use dp_dialects::{OpKind, Parameters, ValueType};
use melior::ir::ValueLike;

/// Where the extent of a result along one dimension comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The extent of an operand along a dimension.
    Operand(usize, usize),
    /// The extent of any operand that is a tensor, along the same dimension: they
    /// agree.
    Agreed,
    /// The number that an `index` operand is.
    Index(usize),
    /// The sum of the operands' extents along the same dimension.
    Sum,
    /// The extent of what the region that is taken yields.
    Yielded,
    /// Nothing that the operation uses: the result's own.
    Own,
}

/// The source of a result's extent along a dimension that its type leaves open.
pub fn source(kind: OpKind, op: Op, result: &ValueType, dim: usize) -> Source {
    use OpKind::*;
    let parameters = || Parameters::of(kind, op).unwrap_or(Parameters::None);
    // The operands that give extents come last, one for each dimension that is open.
    let given = || {
        let open: Vec<usize> = result.dynamic_dimensions().collect();
        let position = open.iter().position(|open| *open == dim).unwrap_or(0);
        Source::Index(operands(op).len() - open.len() + position)
    };
    let rank = |operand: usize| rank(operands(op)[operand]);
    match kind {
        ScalarAbs | ScalarAcos | ScalarAcosh | ScalarAdd | ScalarAnd | ScalarAsin | ScalarAsinh | ScalarAtan
        | ScalarAtan2 | ScalarAtanh | ScalarCbrt | ScalarCeil | ScalarCompare | ScalarComplex | ScalarConj
        | ScalarConstant | ScalarConvert | ScalarCopysign | ScalarCos | ScalarCosh | ScalarDigamma | ScalarDiv
        | ScalarErf | ScalarErfc | ScalarExp | ScalarExp2 | ScalarExpm1 | ScalarFloor | ScalarFma | ScalarHypot
        | ScalarImag | ScalarIsFinite | ScalarIsNan | ScalarLgamma | ScalarLog | ScalarLog10 | ScalarLog1p
        | ScalarLog2 | ScalarLogistic | ScalarMax | ScalarMin | ScalarMul | ScalarNeg | ScalarNot | ScalarOr
        | ScalarPolygamma | ScalarPopcnt | ScalarPow | ScalarReal | ScalarRem | ScalarRound | ScalarRsqrt
        | ScalarSelect | ScalarShl | ScalarShr | ScalarSign | ScalarSin | ScalarSinh | ScalarSqrt | ScalarSub
        | ScalarTan | ScalarTanh | ScalarUdiv | ScalarUmax | ScalarUmin | ScalarUrem | ScalarUshr | ScalarXor => {
            Source::Agreed
        }
        ScalarCountLeadingZeros | ArrayMap | AdStopGradient => Source::Agreed,
        ArithIndexCast | ArithAddI | ArithSubI | ArithMulI | ArithDivSI | ArithRemSI | ArithMaxSI | ArithMinSI
        | ArithCmpI | ArithSelect => Source::Agreed,
        ArrayBroadcast | ArrayIota | ArrayReshape | ArraySlice | ArrayPad => given(),
        ArrayUpdateSlice | ArrayScatter | TensorCast => Source::Operand(0, dim),
        ArrayTranspose => match parameters() {
            Parameters::Permutation(permutation) => Source::Operand(0, permutation[dim]),
            _ => Source::Own,
        },
        ArrayReduce => match parameters() {
            Parameters::Reduce { dims, .. } => {
                let kept: Vec<usize> = (0..rank(0)).filter(|dim| !dims.contains(dim)).collect();
                Source::Operand(0, kept[dim])
            }
            _ => Source::Own,
        },
        ArrayConcatenate => match parameters() {
            Parameters::Dim(along) if along == dim => Source::Sum,
            _ => Source::Operand(0, dim),
        },
        ArrayDot => match parameters() {
            Parameters::Dot(dims) => of_product(&dims, rank(0), rank(1), dim),
            _ => Source::Own,
        },
        ArrayGather if dim < rank(1) => Source::Operand(1, dim),
        ArrayGather => Source::Operand(0, dim - rank(1) + 1),
        ScfIf | ScfIndexSwitch => Source::Yielded,
        ScfFor | ScfWhile | FuncCall | AdGrad | AdJvp | AdVjp | AdPull | AdLinear => Source::Own,
        // Numbers, tensors whose type says all, or nothing.
        ArrayConstant | ArithConstant | TensorDim | TensorExtract | TensorFromElements | BuiltinModule | FuncFunc
        | FuncReturn | ScfYield | ScfCondition | ArrayYield | AdYield | CfAssert => Source::Own,
    }
}

/// The dimensions of `array.dot` are the batch, then what is free of the first
/// operand, then of the second.
fn of_product(dims: &DotDims, rank_a: usize, rank_b: usize, dim: usize) -> Source {
    let side_a: Vec<usize> = dims.batch_a.iter().copied().chain(dims.free_a(rank_a)).collect();
    match side_a.get(dim) {
        Some(from) => Source::Operand(0, *from),
        None => Source::Operand(1, dims.free_b(rank_b)[dim - side_a.len()]),
    }
}

pub(crate) fn rank(value: Val) -> usize {
    ValueType::of(value.r#type()).map_or(0, |r#type| r#type.rank())
}

/// Whether a value is a tensor of numbers.
pub(crate) fn is_tensor(value: &Val) -> bool {
    ValueType::of(value.r#type()).is_some_and(|r#type| r#type.is_tensor())
}
