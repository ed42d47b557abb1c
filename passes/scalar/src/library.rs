//! The library of scalar functions, as MLIR text. A function is parsed and added to the module when a program needs it.

use crate::table;
use dp_dialects::ir::{Op, body_ops, context_of, region_block, symbol_name, walk};
use dp_dialects::{Builder, Diagnostic, Result, ScalarType};
use dp_passes::text;
use melior::ir::operation::OperationLike;
use std::collections::{HashMap, HashSet};

/// Functions for every type `$T` of a class, one text per class.
const INTEGERS: &str = include_str!("texts/integer.mlir");
const FLOATS: &str = include_str!("texts/float.mlir");
const COMPLEX: &str = include_str!("texts/complex.mlir");
/// Functions of complex<f64>.
const COMPLEX_F64: &str = include_str!("texts/complex.f64.mlir");
/// Inverse and hyperbolic functions of complex<f64>, which call the functions above.
const COMPLEX_INVERSE: &str = include_str!("texts/complex_inverse.f64.mlir");
/// Functions of complex<f32> with one and two arguments.
const COMPLEX_F32: [&str; 2] = [include_str!("texts/complex1.f32.mlir"), include_str!("texts/complex2.f32.mlir")];
const COMPLEX_STEMS: [&[&str]; 2] = [
    &[
        "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "exp2", "expm1", "log", "log10",
        "log1p", "log2", "logistic", "rsqrt", "sign", "sin", "sinh", "sqrt", "tan", "tanh",
    ],
    &["div", "pow"],
];
const COMPLEX_ABS: &str = include_str!("texts/complex_abs.f32.mlir");
/// Multiply-adds with a single rounding.
const FUSED: &str = include_str!("texts/fma.mlir");
/// Rounding to fewer digits.
const PRECISION: &str = include_str!("texts/precision.mlir");
/// Conversions between floats with a single rounding.
const ROUNDINGS: &str = include_str!("texts/rounding.mlir");

/// Elementary and special functions, one text per group.
macro_rules! expansions {
    ($($stem:literal),* $(,)?) => {
        &[$(
            (concat!("dp_", $stem, "_f32"), include_str!(concat!("math/", $stem, ".f32.mlir"))),
            (concat!("dp_", $stem, "_f64"), include_str!(concat!("math/", $stem, ".f64.mlir"))),
        )*
        ("dp_trig_huge_f64", include_str!("math/trig_huge.f64.mlir"))]
    };
}

const EXPANSIONS: &[(&str, &str)] = expansions![
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "cos",
    "cosh",
    "digamma",
    "erf",
    "erf_inv",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "hypot",
    "lgamma",
    "log",
    "log10",
    "log1p",
    "log2",
    "logistic",
    "polygamma",
    "pow",
    "sin",
    "sinh",
    "tan",
    "tanh"
];

/// The stem and type of a name `dp_STEM_TYPE`, if libclc has the type.
fn elementary(name: &str) -> Option<(&str, ScalarType)> {
    let (stem, r#type) = name.strip_prefix("dp_")?.rsplit_once('_')?;
    let dtype = [ScalarType::F32, ScalarType::F64].into_iter().find(|dtype| dtype.name() == r#type)?;
    Some((stem, dtype))
}

/// The library functions in a module.
pub(crate) struct Library<'c> {
    module: Op<'c>,
    /// The functions of texts read so far, by name.
    read: HashMap<String, Op<'c>>,
    texts: HashSet<String>,
    present: HashSet<String>,
    /// Whether elementary functions come from libclc.
    clc: bool,
    /// The modules of the texts, which own the functions.
    _modules: Vec<melior::ir::Module<'c>>,
}

impl<'c> Library<'c> {
    pub(crate) fn new(module: Op<'c>, clc: bool) -> Self {
        let present = body_ops(module).into_iter().filter_map(symbol_name).map(str::to_string).collect();
        Library { module, read: HashMap::new(), texts: HashSet::new(), present, clc, _modules: Vec::new() }
    }

    /// Adds the function `dp_STEM_TYPE` and its callees to the module.
    pub(crate) fn require(&mut self, name: &str) -> Result<()> {
        if self.present.contains(name) {
            return Ok(());
        }
        if let Some((stem, dtype)) = elementary(name).filter(|(stem, dtype)| self.clc && table::is_in_clc(stem, *dtype))
        {
            return self.stand_in(name, stem, dtype);
        }
        let callees = match EXPANSIONS.iter().find(|(own, _)| *own == name) {
            Some((own, _)) => self.expand(&closure(own))?,
            None => {
                let function = self.find(name)?;
                self.present.insert(name.to_string());
                self.put(function)
            }
        };
        callees.iter().try_for_each(|callee| self.require(callee))
    }

    /// Adds all functions of a text to the module; returns their callees.
    fn expand(&mut self, text: &str) -> Result<Vec<String>> {
        let module = text::parse(context_of(self.module), text, "the lowering's library")?;
        // SAFETY: the module is live for this call, which keeps no reference.
        let op: Op = unsafe { melior::ir::operation::OperationRef::from_raw(module.as_operation().to_raw()) };
        let mut callees = Vec::new();
        for function in body_ops(op) {
            let name = symbol_name(function).unwrap_or_default();
            if self.present.insert(name.to_string()) {
                callees.extend(self.put(function));
            }
        }
        Ok(callees)
    }

    /// Clones a function into the module; returns its callees.
    fn put(&self, function: Op<'c>) -> Vec<String> {
        let mut callees = Vec::new();
        walk(function, &mut |op| callees.extend(dp_dialects::ir::symbol_attribute(op, "callee").map(str::to_string)));
        if let Some(block) = region_block(self.module, 0) {
            Builder::at_end(context_of(self.module), block, function.location()).clone_op(function, &[]);
        }
        callees
    }

    fn find(&mut self, name: &str) -> Result<Op<'c>> {
        if let Some(function) = self.read.get(name) {
            return Ok(*function);
        }
        let unknown =
            || Diagnostic::internal(format!("internal error: no function '{name}' in the lowering's library"));
        for text in texts_for(name) {
            if self.texts.insert(text.clone()) {
                let module = text::parse(context_of(self.module), &text, "the lowering's library")?;
                // SAFETY: the module lives as long as this library, and is not used later.
                let op: Op<'c> =
                    unsafe { melior::ir::operation::OperationRef::from_raw(module.as_operation().to_raw()) };
                // A text may declare functions that another one defines.
                for function in body_ops(op).into_iter().filter(|function| region_block(*function, 0).is_some()) {
                    self.read.extend(symbol_name(function).map(|name| (name.to_string(), function)));
                }
                self._modules.push(module);
            }
        }
        self.read.get(name).copied().ok_or_else(unknown)
    }

    /// Adds a wrapper around a libclc function, under the name that the texts call.
    fn stand_in(&mut self, own: &str, stem: &str, dtype: ScalarType) -> Result<()> {
        let arity = if matches!(stem, "atan2" | "fmod" | "hypot" | "pow") { 2 } else { 1 };
        let (name, r#type) = (table::clc_name(stem, dtype, arity), dtype.name());
        self.declare_clc(&name, r#type, arity)?;
        self.present.insert(own.to_string());
        let types = vec![r#type; arity].join(", ");
        let named = (0..arity).map(|index| format!("%x{index}: {type}")).collect::<Vec<_>>().join(", ");
        let passed = (0..arity).map(|index| format!("%x{index}")).collect::<Vec<_>>().join(", ");
        let text = format!(
            "llvm.func @{name}({types}) -> {type}
             func.func private @{own}({named}) -> {type}
                 attributes {{passthrough = [\"alwaysinline\"], llvm.linkage = #llvm.linkage<internal>}} {{
               %y = llvm.call @{name}({passed}) : ({types}) -> {type}
               return %y : {type}
             }}"
        );
        let module = text::parse(context_of(self.module), &text, "a function of libclc")?;
        // SAFETY: the module is live for this call, which keeps no reference.
        let op: Op = unsafe { melior::ir::operation::OperationRef::from_raw(module.as_operation().to_raw()) };
        for function in body_ops(op).into_iter().filter(|function| symbol_name(*function) == Some(own)) {
            self.put(function);
        }
        Ok(())
    }

    /// Declares a libclc function.
    pub(crate) fn declare_clc(&mut self, name: &str, dtype: &str, arity: usize) -> Result<()> {
        if self.present.insert(name.to_string()) {
            let arguments = vec![dtype; arity].join(", ");
            let text = format!("llvm.func @{name}({arguments}) -> {dtype}");
            let module = text::parse(context_of(self.module), &text, "a declaration of libclc")?;
            text::append(self.module, &module);
        }
        Ok(())
    }

    /// Declares a libm function without side effects.
    pub(crate) fn declare(&mut self, name: &str, dtype: &str, arity: usize) -> Result<()> {
        if self.present.insert(name.to_string()) {
            let text = libm(name, dtype, arity);
            let module = text::parse(context_of(self.module), &text, "a declaration of libm")?;
            text::append(self.module, &module);
        }
        Ok(())
    }
}

/// The text that rounds numbers of a type.
fn precision(r#type: &str) -> String {
    let (bits, exponent, mantissa) = match r#type {
        "f16" => ("i16", "5", "10"),
        "bf16" => ("i16", "8", "7"),
        "f32" => ("i32", "8", "23"),
        _ => ("i64", "11", "52"),
    };
    PRECISION.replace("$T", r#type).replace("$I", bits).replace("$E", exponent).replace("$M", mantissa)
}

/// A declaration of a libm function on one type.
fn libm(name: &str, dtype: &str, arity: usize) -> String {
    let arguments = vec![dtype; arity].join(", ");
    format!(
        "func.func private @{name}({arguments}) -> {dtype} attributes {{passthrough = [\"nounwind\", \"willreturn\"]}}"
    )
}

/// The text with the library function `dp_STEM_TYPE`, and the elementary and special functions that it calls.
pub fn text_of(name: &str) -> String {
    match EXPANSIONS.iter().find(|(own, _)| *own == name) {
        Some((own, _)) => closure(own),
        None => texts_for(name).concat(),
    }
}

/// A text and all texts that it refers to.
fn closure(name: &'static str) -> String {
    let mut names = vec![name];
    let mut text = String::new();
    let mut next = 0;
    while let Some(name) = names.get(next) {
        let own = EXPANSIONS.iter().find(|(own, _)| own == name).map_or("", |(_, text)| text);
        text += own;
        let called =
            EXPANSIONS.iter().map(|(other, _)| *other).filter(|other| own.contains(&format!("call @{other}(")));
        let new: Vec<&str> = called.filter(|other| !names.contains(other)).collect();
        names.extend(new);
        next += 1;
    }
    text
}

/// The texts that may contain a function, by its suffix.
fn texts_for(name: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    match name.rsplit('_').next() {
        Some(r#type @ ("i8" | "i16" | "i32" | "i64")) => {
            let bits = r#type.trim_start_matches('i');
            texts.push(INTEGERS.replace("$T", r#type).replace("$W", bits));
        }
        Some(r#type @ ("f16" | "bf16")) => texts.push(precision(r#type)),
        Some(r#type @ ("f32" | "f64")) => {
            texts.push(FLOATS.replace("$T", r#type));
            texts.push(precision(r#type));
            texts.push(FUSED.to_string());
        }
        Some(r#type @ ("c32" | "c64")) => {
            let part = if r#type == "c32" { "f32" } else { "f64" };
            let mut text = COMPLEX.replace("$T", r#type).replace("$R", part) + COMPLEX_F64 + COMPLEX_INVERSE;
            if r#type == "c32" {
                for (template, stems) in COMPLEX_F32.iter().zip(COMPLEX_STEMS) {
                    text.extend(stems.iter().map(|stem| template.replace("$F", stem)));
                }
                text += COMPLEX_ABS;
            }
            texts.push(text);
        }
        _ => {}
    }
    texts.push(ROUNDINGS.to_string());
    texts
}
