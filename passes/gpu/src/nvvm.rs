//! `lower-kernels`: lowers kernels to the LLVM and NVVM dialects.

use crate::kernel::MODULE;
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, body_ops, erase, operands, replace_all_uses, result, symbol_name, walk};
use dp_dialects::{Builder, Diagnostic, FloatModel, Result, ScalarType};
use dp_loopnest::structured::{is_named, segments};
use dp_passes::{ErrorGuaranteed, Pass, pass_options, text, upstream};
use dp_scalar::{LOWER_SCALAR, Mathematics, ScalarOptions, Scope, clc_name};
use melior::ir::ValueLike;
use melior::ir::attribute::{Attribute, DenseI32ArrayAttribute, FlatSymbolRefAttribute, IntegerAttribute};
use melior::ir::operation::OperationLike;
use std::collections::HashSet;

/// `lower-kernels`.
pub static LOWER_KERNELS: Pass<KernelsOptions> = Pass {
    flag: "lower-kernels",
    summary: "lower kernels to the LLVM and NVVM dialects",
    description: "Takes the module of kernels after `lower-launches`. Leaves functions in the LLVM dialect. Elementary \
        functions are declared with their names in libclc.",
    body: run,
};

pass_options! {
    /// Options of `lower-kernels`.
    pub struct KernelsOptions {
        "fp" => fp: FloatModel = FloatModel::Reassociate, "the floating-point model";
    }
}

/// Upstream passes before and after lowering `math`.
const BEFORE: &str = "convert-complex-to-standard,expand-strided-metadata,lower-affine,convert-scf-to-cf";
const AFTER: &str = "convert-gpu-to-nvvm,reconcile-unrealized-casts,canonicalize,cse";

/// The callee for a `math` operation.
#[derive(Clone, Copy)]
enum Callee {
    /// An LLVM intrinsic of one or a few instructions.
    Intrinsic(&'static str),
    /// A libclc function.
    Clc(&'static str),
}

/// The lowering of `math`; upstream would call NVIDIA's libdevice.
const MATH: &[(&str, Callee)] = &[
    ("math.absf", Callee::Intrinsic("fabs")),
    ("math.ceil", Callee::Intrinsic("ceil")),
    ("math.copysign", Callee::Intrinsic("copysign")),
    ("math.floor", Callee::Intrinsic("floor")),
    ("math.fma", Callee::Intrinsic("fma")),
    ("math.round", Callee::Intrinsic("round")),
    ("math.roundeven", Callee::Intrinsic("roundeven")),
    ("math.sqrt", Callee::Intrinsic("sqrt")),
    ("math.trunc", Callee::Intrinsic("trunc")),
    ("math.atan", Callee::Clc("atan")),
    ("math.atan2", Callee::Clc("atan2")),
    ("math.cos", Callee::Clc("cos")),
    ("math.cosh", Callee::Clc("cosh")),
    ("math.erf", Callee::Clc("erf")),
    ("math.exp", Callee::Clc("exp")),
    ("math.expm1", Callee::Clc("expm1")),
    ("math.log", Callee::Clc("log")),
    ("math.log1p", Callee::Clc("log1p")),
    ("math.powf", Callee::Clc("pow")),
    ("math.rsqrt", Callee::Clc("rsqrt")),
    ("math.sin", Callee::Clc("sin")),
    ("math.sinh", Callee::Clc("sinh")),
    ("math.tan", Callee::Clc("tan")),
    ("math.tanh", Callee::Clc("tanh")),
];

fn run<'c>(module: Op<'c>, options: &KernelsOptions) -> Result<(), ErrorGuaranteed> {
    let scalar = ScalarOptions { fp: options.fp, scope: Scope::All, library: Mathematics::Clc };
    let found: Vec<Op> = body_ops(module).into_iter().filter(|op| symbol_name(*op) == Some(MODULE)).collect();
    for kernels in &found {
        LOWER_SCALAR.run(*kernels, &scalar)?;
    }
    if found.is_empty() {
        return Ok(());
    }
    upstream::run(module, &format!("gpu.module({BEFORE})"))?;
    for kernels in found {
        math(kernels).map_err(|diagnostic| diagnostic.report(kernels.location()))?;
    }
    upstream::run(module, &format!("gpu.module({AFTER})"))
}

/// Replaces `math` operations by calls.
fn math<'c>(kernels: Op<'c>) -> Result<()> {
    let mut found = Vec::new();
    walk(kernels, &mut |op| {
        let row = MATH.iter().find(|(name, _)| is_named(op, name));
        found.extend(row.map(|(_, callee)| (op, *callee)));
    });
    let mut integers = Vec::new();
    walk(kernels, &mut |op| integers.extend(is_named(op, "math.absi").then_some(op)));
    integers.into_iter().try_for_each(absolute)?;
    let mut declared = HashSet::new();
    for (op, callee) in found {
        let b = Builder::before(op);
        let of = operands(op);
        let r#type = result(op).r#type();
        let dtype = ScalarType::of(r#type).filter(|dtype| matches!(dtype, ScalarType::F32 | ScalarType::F64));
        let dtype =
            dtype.ok_or_else(|| Diagnostic::internal("internal error: a function of numbers that are too short"))?;
        let name = match callee {
            Callee::Intrinsic(stem) => format!("llvm.{stem}.{}", dtype.name()),
            Callee::Clc(stem) => clc_name(stem, dtype, of.len()),
        };
        if declared.insert(name.clone()) {
            let arguments = vec![dtype.name(); of.len()].join(", ");
            let text = format!("llvm.func @{name}({arguments}) -> {dtype}");
            let declaration = text::parse(b.context(), &text, "a declaration of a function")?;
            text::append(kernels, &declaration);
        }
        let mut attributes = vec![
            ("callee", FlatSymbolRefAttribute::new(b.context(), &name).into()),
            ("op_bundle_sizes", DenseI32ArrayAttribute::new(b.context(), &[]).into()),
            segments(b.context(), &[of.len(), 0]),
        ];
        let flags = op.attribute("fastmath").ok().and_then(|flags| {
            Attribute::parse(b.context(), &flags.to_string().replace("#arith.fastmath", "#llvm.fastmath"))
        });
        attributes.extend(flags.map(|flags| ("fastmathFlags", flags)));
        let call = b.named("llvm.call", &of, &[r#type], &attributes, vec![])?;
        replace_all_uses(result(op), result(call));
        erase(op);
    }
    Ok(())
}

/// `|x|` of an integer is the maximum of `x` and `-x`.
fn absolute<'c>(op: Op<'c>) -> Result<()> {
    let b = Builder::before(op);
    let x = operands(op)[0];
    let zero: Attribute = IntegerAttribute::new(x.r#type(), 0).into();
    let zero = b.named("arith.constant", &[], &[x.r#type()], &[("value", zero)], vec![]).map(result)?;
    let negated = b.named("arith.subi", &[zero, x], &[x.r#type()], &[], vec![]).map(result)?;
    let greater = b.named("arith.maxsi", &[x, negated], &[x.r#type()], &[], vec![]).map(result)?;
    replace_all_uses(result(op), greater);
    erase(op);
    Ok(())
}
