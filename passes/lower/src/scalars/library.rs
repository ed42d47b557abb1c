//! The lowering's own functions on numbers, as MLIR text: read, and put into
//! the module, when a program needs one.

use super::table::suffix;
use crate::structured::Made;
use crate::text;
use dp_dialects::ir::{Op, body_ops, context_of, region_block, symbol_name, walk};
use dp_dialects::{Builder, Complaint, DType};
use melior::ir::operation::OperationLike;
use std::collections::{HashMap, HashSet};

/// Functions for every type `$T` of a class, in one text each.
const INTEGERS: &str = include_str!("integer.mlir");
const FLOATS: &str = include_str!("float.mlir");
const COMPLEX: &str = include_str!("complex.mlir");
/// Roundings between floats.
const ROUNDINGS: &str = include_str!("rounding.mlir");

/// The elementary functions, one text each.
const EXPANSIONS: &[(&str, &str)] = &[
    ("dp_exp_f32", include_str!("../math/exp.f32.mlir")),
    ("dp_exp_f64", include_str!("../math/exp.f64.mlir")),
    ("dp_expm1_f32", include_str!("../math/expm1.f32.mlir")),
    ("dp_expm1_f64", include_str!("../math/expm1.f64.mlir")),
    ("dp_log_f32", include_str!("../math/log.f32.mlir")),
    ("dp_log_f64", include_str!("../math/log.f64.mlir")),
    ("dp_log1p_f32", include_str!("../math/log1p.f32.mlir")),
    ("dp_log1p_f64", include_str!("../math/log1p.f64.mlir")),
    ("dp_logistic_f32", include_str!("../math/logistic.f32.mlir")),
    ("dp_logistic_f64", include_str!("../math/logistic.f64.mlir")),
    ("dp_tanh_f32", include_str!("../math/tanh.f32.mlir")),
    ("dp_tanh_f64", include_str!("../math/tanh.f64.mlir")),
];

/// What a module has of the library.
pub(super) struct Library<'c> {
    module: Op<'c>,
    /// The functions of the texts that have been read, by name.
    read: HashMap<String, Op<'c>>,
    texts: HashSet<String>,
    present: HashSet<String>,
    /// The texts' modules, which own the functions.
    _modules: Vec<melior::ir::Module<'c>>,
}

impl<'c> Library<'c> {
    pub(super) fn new(module: Op<'c>) -> Self {
        let present = body_ops(module).into_iter().filter_map(symbol_name).map(str::to_string).collect();
        Library { module, read: HashMap::new(), texts: HashSet::new(), present, _modules: Vec::new() }
    }

    /// Puts the function `dp_STEM_TYPE` into the module, and what it calls.
    pub(super) fn require(&mut self, name: &str) -> Made<()> {
        if self.present.contains(name) {
            return Ok(());
        }
        let function = self.find(name)?;
        self.present.insert(name.to_string());
        let callees = self.put(function);
        callees.iter().try_for_each(|callee| self.require(callee))
    }

    /// Clones a function into the module; the names that it calls.
    fn put(&self, function: Op<'c>) -> Vec<String> {
        let mut callees = Vec::new();
        walk(function, &mut |op| callees.extend(dp_dialects::ir::symbol_attribute(op, "callee").map(str::to_string)));
        if let Some(block) = region_block(self.module, 0) {
            Builder::at_end(context_of(self.module), block, function.location()).clone_op(function, &[]);
        }
        callees
    }

    fn find(&mut self, name: &str) -> Made<Op<'c>> {
        if let Some(function) = self.read.get(name) {
            return Ok(*function);
        }
        let unknown = || Complaint::new(format!("internal error: no function '{name}' in the lowering's library"));
        for text in texts_for(name) {
            if self.texts.insert(text.clone()) {
                let module = text::parse(context_of(self.module), &text, "the lowering's library")?;
                // SAFETY: the module lives as long as this library, and nothing of it is used later.
                let op: Op<'c> = unsafe { melior::ir::operation::OperationRef::from_raw(module.as_operation().to_raw()) };
                for function in body_ops(op) {
                    self.read.extend(symbol_name(function).map(|name| (name.to_string(), function)));
                }
                self._modules.push(module);
            }
        }
        self.read.get(name).copied().ok_or_else(unknown)
    }

    /// Declares a function of libm, pure to the optimizer.
    pub(super) fn declare(&mut self, name: &str, dtype: &str, arity: usize) -> Made<()> {
        if self.present.insert(name.to_string()) {
            let text = text::libm(name, dtype, arity);
            let module = text::parse(context_of(self.module), &text, "a declaration of libm")?;
            text::append(self.module, &module);
        }
        Ok(())
    }

    /// The polygamma function of an order, made once for each.
    pub(super) fn require_polygamma(&mut self, order: i64, dtype: DType) -> Made<String> {
        let name = format!("dp_polygamma{order}_{}", suffix(dtype));
        if self.present.insert(name.clone()) {
            let text = super::polygamma::render(&name, order, dtype)?;
            let module = text::parse(context_of(self.module), &text, "the lowering's library")?;
            text::append(self.module, &module);
        }
        Ok(name)
    }
}

/// The texts in which a function may stand, by the end of its name.
fn texts_for(name: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    texts.extend(EXPANSIONS.iter().filter(|(own, _)| *own == name).map(|(_, text)| text.to_string()));
    match name.rsplit('_').next() {
        Some(r#type @ ("i8" | "i16" | "i32" | "i64")) => {
            let bits = r#type.trim_start_matches('i');
            texts.push(INTEGERS.replace("$T", r#type).replace("$W", bits));
        }
        Some(r#type @ ("f32" | "f64")) => {
            let libm = if r#type == "f32" { "f" } else { "" };
            texts.push(FLOATS.replace("$T", r#type).replace("$F", libm));
        }
        Some(r#type @ ("c32" | "c64")) => {
            let part = if r#type == "c32" { "f32" } else { "f64" };
            texts.push(COMPLEX.replace("$T", r#type).replace("$R", part));
        }
        _ => {}
    }
    texts.push(ROUNDINGS.to_string());
    texts
}
