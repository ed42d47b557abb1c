//! Sample programs: the smallest program with an operation on an element type.

use dp_dialects::OpKind::{self, *};
use dp_dialects::{Literal, Number, ScalarType};

/// One way to write an operation: its distinctive form, the operation, and its result type. `OP` stands for the
/// operation's name, `T` for the element type, `ONE` for its number 1.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    /// The form; empty if there is only one.
    pub form: &'static str,
    operation: &'static str,
    result: fn(ScalarType) -> Option<String>,
}

/// The values that a sample may use, and arguments to run it with.
const ARGUMENTS: &str =
    "%a: T, %b: T, %m: tensor<2x2xT>, %u: tensor<3x2xT>, %i: tensor<3xi32>, %k: tensor<2xi32>, %p: i1";

pub(super) fn arguments(dtype: ScalarType) -> Vec<Literal> {
    let one = Number::of_f64(1.0, dtype);
    vec![
        Literal::number(dtype, one),
        Literal::number(dtype, one),
        Literal::splat(dtype, vec![2, 2], one),
        Literal::splat(dtype, vec![3, 2], one),
        Literal::splat(ScalarType::I32, vec![3], Number::of_f64(0.0, ScalarType::I32)),
        Literal::splat(ScalarType::I32, vec![2], Number::of_f64(0.0, ScalarType::I32)),
        Literal::number(ScalarType::I1, Number::of_f64(1.0, ScalarType::I1)),
    ]
}

impl Sample {
    /// A program whose function `f` consists of the operation on an element type; `None` if the result has no type.
    pub(super) fn program(&self, kind: OpKind, dtype: ScalarType) -> Option<String> {
        let result = (self.result)(dtype)?;
        let one = match dtype {
            ScalarType::I1 if kind == ArrayConstant => "true".into(),
            _ if dtype.is_float() => "1.0".into(),
            _ if dtype.is_complex() && kind == ArrayConstant => "(1.0, 0.0)".into(),
            _ if dtype.is_complex() => format!("#complex.number<:{} 1.0, 0.0>", dtype.real().name()),
            _ => "1".into(),
        };
        let operation = self.operation.replace("ONE", &one).replace("OP", kind.name());
        let text =
            format!("func.func @f({ARGUMENTS}) -> {result} {{\n  %y = {operation}\n  return %y : {result}\n}}\n");
        Some(text.replace('T', dtype.name()))
    }
}

const fn whole(form: &'static str, operation: &'static str, result: fn(ScalarType) -> Option<String>) -> Sample {
    Sample { form, operation, result }
}

/// The ways to write an operation; none if it cannot stand alone in a function.
pub(super) fn samples(kind: OpKind) -> Vec<Sample> {
    if kind.classes().is_some() {
        return vec![elementwise(kind)];
    }
    let four: fn(ScalarType) -> Option<String> = |_| Some("tensor<4xT>".into());
    let square: fn(ScalarType) -> Option<String> = |_| Some("tensor<2x2xT>".into());
    match kind {
        ScalarConstant => vec![whole("", "OP ONE : T", |_| Some("T".into()))],
        ArrayConstant => vec![whole("", "OP dense<ONE> : tensor<4xT>", four)],
        ArrayIota => vec![whole("", "OP dim 0 : tensor<4xT>", four)],
        ArrayBroadcast => vec![whole("", "OP %a dims [] : T to tensor<4xT>", four)],
        ArrayReshape => vec![whole("", "OP %m : tensor<2x2xT> to tensor<4xT>", four)],
        ArrayTranspose => vec![whole("", "OP %m permutation [1, 0] : tensor<2x2xT>", square)],
        ArraySlice => vec![whole("", "OP %u starts [1, 0] strides [1, 1] : tensor<3x2xT> to tensor<2x2xT>", square)],
        ArrayUpdateSlice => vec![
            whole("", "OP %m, %m starts [0, 0] : tensor<2x2xT>, tensor<2x2xT>", square),
            whole("accumulate", "OP accumulate %m, %m starts [0, 0] : tensor<2x2xT>, tensor<2x2xT>", square),
        ],
        ArrayPad => vec![whole(
            "",
            "OP %m, %a low [1, 0] high [1, 0] interior [0, 1] : tensor<2x2xT>, T to tensor<4x3xT>",
            |_| Some("tensor<4x3xT>".into()),
        )],
        ArrayWindows => vec![whole("", "OP %u dim 0 sizes [2] strides [1] dilations [1] : tensor<3x2xT>", |_| {
            Some("tensor<2x2x2xT>".into())
        })],
        ArrayShard => vec![whole("", "OP %m \"{replicated}\" : tensor<2x2xT>", square)],
        ArrayConcatenate => {
            vec![whole("", "OP %m, %u dim 0 : tensor<2x2xT>, tensor<3x2xT>", |_| Some("tensor<5x2xT>".into()))]
        }
        ArrayMap => vec![whole(
            "",
            "OP(%m) : (tensor<2x2xT>) -> tensor<2x2xT> {\n  ^bb0(%q: T):\n    array.yield %q : T\n  }",
            square,
        )],
        ArrayReduce => reductions(),
        ArrayScan => scans(),
        ArraySort => vec![whole("", SORT, |_| Some("tensor<2x2xT>".into()))],
        ArrayDot => vec![whole("", "OP %m, %m contract [1] with [0] : tensor<2x2xT>, tensor<2x2xT>", square)],
        ArrayCholesky => vec![whole("", "OP %m : tensor<2x2xT>", square)],
        ArrayTriangularSolve => vec![whole("", "OP %m, %m : tensor<2x2xT>, tensor<2x2xT>", square)],
        ArrayLuPivots => vec![whole("", "OP %m : tensor<2x2xT>", |_| Some("tensor<2xi32>".into()))],
        ArrayLu => vec![whole("", "OP %m, %k : tensor<2x2xT>, tensor<2xi32>", square)],
        ArraySwapRows => vec![whole("", "OP %m, %k : tensor<2x2xT>, tensor<2xi32>", square)],
        ArrayQr | ArrayEighVectors | ArraySvdLeft | ArraySvdRight => vec![whole("", "OP %m : tensor<2x2xT>", square)],
        ArrayQrTaus => vec![whole("", "OP %m : tensor<2x2xT>", |_| Some("tensor<2xT>".into()))],
        ArrayEighValues | ArraySvdValues => {
            vec![whole("", "OP %m : tensor<2x2xT>", |dtype| Some(format!("tensor<2x{}>", dtype.real().name())))]
        }
        ArrayFft => transforms(),
        ArrayGather => vec![whole("", "OP %m, %i : tensor<2x2xT>, tensor<3xi32>", |_| Some("tensor<3x2xT>".into()))],
        ArrayScatter => vec![whole("", "OP %m, %i, %u : tensor<2x2xT>, tensor<3xi32>, tensor<3x2xT>", square)],
        _ => Vec::new(),
    }
}

fn transforms() -> Vec<Sample> {
    let complex: fn(ScalarType) -> Option<String> = |dtype| dtype.is_complex().then(|| "tensor<2x2xT>".into());
    let half: fn(ScalarType) -> Option<String> = |dtype| Some(format!("tensor<2x2x{}>", dtype.complex()?));
    let real: fn(ScalarType) -> Option<String> =
        |dtype| dtype.is_complex().then(|| format!("tensor<2x2x{}>", dtype.real()));
    vec![
        whole("fft", "OP fft %m dim 0 length 2 : tensor<2x2xT>", complex),
        whole("ifft", "OP ifft %m dim 1 length 2 : tensor<2x2xT>", complex),
        whole("rfft", "OP rfft %m dim 1 length 2 : tensor<2x2xT>", half),
        whole("irfft", "OP irfft %m dim 1 length 2 : tensor<2x2xT>", real),
    ]
}

fn reductions() -> Vec<Sample> {
    let row: fn(ScalarType) -> Option<String> = |_| Some("tensor<2xT>".into());
    let region =
        "OP region %m dims [0] init(%a : T) : tensor<2x2xT> {\n  ^bb0(%q: T, %r: T):\n    array.yield %q : T\n  }";
    vec![
        whole("add", "OP add %m dims [0] : tensor<2x2xT>", row),
        whole("mul", "OP mul %m dims [0] : tensor<2x2xT>", row),
        whole("max", "OP max %m dims [0] : tensor<2x2xT>", row),
        whole("min", "OP min %m dims [0] : tensor<2x2xT>", row),
        whole("and", "OP and %m dims [0] : tensor<2x2xT>", row),
        whole("or", "OP or %m dims [0] : tensor<2x2xT>", row),
        whole("region", region, row),
    ]
}

const SORT: &str = "OP(%m) dim 0 : (tensor<2x2xT>) -> tensor<2x2xT> {\n  ^bb0(%q: T, %r: T):\n    \
    %less = scalar.compare eq %q, %r : T\n    array.yield %less : i1\n  }";

fn scans() -> Vec<Sample> {
    let square: fn(ScalarType) -> Option<String> = |_| Some("tensor<2x2xT>".into());
    let region =
        "OP region %m dim 0 init(%a : T) : tensor<2x2xT> {\n  ^bb0(%q: T, %r: T):\n    array.yield %q : T\n  }";
    vec![
        whole("add", "OP add %m dim 0 : tensor<2x2xT>", square),
        whole("mul", "OP mul %m dim 1 : tensor<2x2xT>", square),
        whole("max", "OP max exclusive %m dim 0 : tensor<2x2xT>", square),
        whole("min", "OP min reverse %m dim 1 : tensor<2x2xT>", square),
        whole("and", "OP and exclusive reverse %m dim 0 : tensor<2x2xT>", square),
        whole("or", "OP or %m dim 0 : tensor<2x2xT>", square),
        whole("region", region, square),
    ]
}

/// Operations with operands and results of one type, with exceptions.
fn elementwise(kind: OpKind) -> Sample {
    let same: fn(ScalarType) -> Option<String> = |_| Some("T".into());
    let real: fn(ScalarType) -> Option<String> = |dtype| Some(dtype.real().name().into());
    let truth: fn(ScalarType) -> Option<String> = |_| Some("i1".into());
    match (kind, kind.arity()) {
        (ScalarBitcast, _) => whole("", "OP %a : T to T", same),
        (ScalarReducePrecision, _) => whole("", "OP exponent 5 mantissa 2 %a : T", same),
        (ScalarPolygamma, _) => whole("", "OP 1, %a : T", same),
        (ScalarAbs | ScalarReal | ScalarImag, _) => whole("", "OP %a : T", real),
        (ScalarComplex, _) => whole("", "OP %a, %b : T", |dtype| Some(dtype.complex()?.name().into())),
        (ScalarCompare, _) => whole("", "OP eq %a, %b : T", truth),
        (ScalarIsNan | ScalarIsFinite, _) => whole("", "OP %a : T", truth),
        (ScalarSelect, _) => whole("", "OP %p, %a, %b : i1, T", same),
        (ScalarConvert, _) => whole("", "OP %a : T to T", same),
        (_, Some(3)) => whole("", "OP %a, %b, %a : T", same),
        (_, Some(2)) => whole("", "OP %a, %b : T", same),
        _ => whole("", "OP %a : T", same),
    }
}
