//! Calls of the program's functions and of our library functions.

use super::emitter::Emitter;
use super::text::{Tensor, Term, list, types};
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, block_args, body_ops, context_of, region_block, signature, symbol_attribute, symbol_name};
use dp_dialects::{Diagnostic, ScalarType, SpannedDiagnostic};
use dp_passes::text;
use melior::ir::operation::{OperationLike, OperationRef};
use std::collections::{HashMap, HashSet, VecDeque};

/// Library functions: the texts read so far, and the functions still to be emitted, with their shapes.
#[derive(Default)]
pub(super) struct Written<'c> {
    functions: HashMap<String, Op<'c>>,
    asked: HashSet<String>,
    pending: VecDeque<(String, Vec<u64>)>,
    /// The modules of the texts, which own the functions.
    modules: Vec<melior::ir::Module<'c>>,
}

/// A call in the program. Calls that remain after inlining are recursive or have no body; in library functions, they
/// call another library function.
pub(super) fn call<'c>(e: &mut Emitter<'c>, op: Op<'c>, terms: &[Term]) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let callee = symbol_attribute(op, "callee").unwrap_or_default();
    if let Some(name) = elementary(callee) {
        return Ok(vec![e.w.same(name, &terms.iter().collect::<Vec<_>>())]);
    }
    // Emitted in place, since its loops need the mask of active lanes.
    let known = e.written.functions.get(callee).copied();
    // A text may call a function of another text that was not read yet.
    let function = known.or_else(|| callee.starts_with("dp_").then(|| e.written.read(op, callee).ok()).flatten());
    if let Some(body) = function.and_then(|function| region_block(function, 0)) {
        block_args(body).into_iter().zip(terms).for_each(|(argument, term)| e.bind(argument, term.clone()));
        return e.block(body);
    }
    let message =
        format!("cannot inline the call of '{callee}'; XLA supports neither recursion nor external functions");
    Err(SpannedDiagnostic::new(
        op.location(),
        Diagnostic::unsupported(message).help("write the recursion as a loop, or use --target=cpu"),
    ))
}

/// The StableHLO operation for a library function `dp_STEM_TYPE`, if it has an accurate one. XLA's `atan2` is not: with
/// second operand 1, it assigns results to the wrong elements.
fn elementary(callee: &str) -> Option<&'static str> {
    let (stem, r#type) = callee.strip_prefix("dp_")?.rsplit_once('_')?;
    Some(match (stem, r#type) {
        ("exp", "f32" | "f64" | "c64") => "exponential",
        ("log", "f32" | "f64" | "c64") => "log",
        ("expm1", "f32" | "f64") => "exponential_minus_one",
        ("log1p", "f32" | "f64") => "log_plus_one",
        ("sin", "f32" | "f64") => "sine",
        ("cos", "f32" | "f64") => "cosine",
        ("tan", "f32" | "f64") => "tan",
        ("pow", "f32" | "f64") => "power",
        _ => return None,
    })
}

/// A call of a library function on scalars, emitted for tensors of a shape.
pub(super) fn written<'c>(
    e: &mut Emitter<'c>,
    op: Op<'c>,
    name: &str,
    arguments: &[Term],
    shape: &[u64],
) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let function = e.written.read(op, name)?;
    let symbol = symbol(name, shape);
    if e.written.asked.insert(symbol.clone()) {
        e.written.pending.push_back((name.to_string(), shape.to_vec()));
    }
    let given = signature(function).map(|(_, results)| results).unwrap_or_default();
    let given: Option<Vec<Tensor>> =
        given.into_iter().map(|r#type| Some(Tensor::new(ScalarType::of(r#type)?, shape.to_vec()))).collect();
    let given = given.unwrap_or_default();
    let (terms, left) = e.w.fresh_all(&given);
    e.w.line(format_args!(
        "{left}func.call @{symbol}({}) : ({}) -> {}",
        list(arguments),
        types(arguments),
        match &given[..] {
            [one] => one.to_string(),
            several => format!("({})", list(several)),
        }
    ));
    Ok(terms)
}

/// The name of a function for a shape.
fn symbol(name: &str, shape: &[u64]) -> String {
    let extents: Vec<String> = shape.iter().map(u64::to_string).collect();
    if extents.is_empty() { name.into() } else { format!("{name}_{}", extents.join("x")) }
}

impl<'c> Written<'c> {
    /// Returns the function of this name, reading its text if necessary.
    fn read(&mut self, op: Op<'c>, name: &str) -> Result<Op<'c>, SpannedDiagnostic<'c>> {
        let at = |diagnostic| SpannedDiagnostic::new(op.location(), diagnostic);
        if !self.functions.contains_key(name) {
            let source = dp_scalar::text_of(name);
            let module = text::parse(context_of(op), &source, "the lowering's library").map_err(at)?;
            // SAFETY: the module is kept next to the functions, which are not used after it.
            let body: Op<'c> = unsafe { OperationRef::from_raw(module.as_operation().to_raw()) };
            // A text may declare functions that another text defines.
            for function in body_ops(body).into_iter().filter(|function| region_block(*function, 0).is_some()) {
                self.functions.extend(symbol_name(function).map(|name| (name.to_string(), function)));
            }
            self.modules.push(module);
        }
        self.functions
            .get(name)
            .copied()
            .ok_or_else(|| at(Diagnostic::internal(format!("internal error: no '{name}'"))))
    }
}

impl<'c> Emitter<'c> {
    /// Emits the library functions that were called, and their callees.
    pub(super) fn written_functions(&mut self) -> Result<(), SpannedDiagnostic<'c>> {
        while let Some((name, shape)) = self.written.pending.pop_front() {
            let function = self.written.functions.get(&name).copied();
            if let Some((function, body)) = function.and_then(|function| Some((function, region_block(function, 0)?))) {
                self.function_on(function, body, "private", &symbol(&name, &shape), shape)?;
            }
        }
        Ok(())
    }
}
