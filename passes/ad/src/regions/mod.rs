//! Differentiation of operations with regions, one file per construct.

mod branches;
mod conditional;
mod counted;
mod forward;
mod kept;
mod map;
mod plan;
pub(crate) mod rounds;
pub(crate) mod tape;

use crate::linearize::LinearizationSite;
use crate::tangent::Tangent;
use crate::transpose::Transposer;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ValueSet, block_ops, defining_op, operands, results, set_operand, value_block, walk,
};
use dp_dialects::{Builder, Result, SpannedDiagnostic};
use dp_linearity::{Degree, Degrees};
use melior::ir::block::BlockLike;
use melior::ir::{Type, ValueLike};

use crate::residuals::{Decision, ResidualPolicy, candidate};

pub use branches::BRANCHES;
pub use conditional::CONDITIONAL;
pub use counted::COUNTED;
pub use map::MAP;

/// Differentiates one construct with regions.
pub trait RegionHandler: Sync {
    /// Emits the primal construct, whose results go to `site.results`, and its linear counterpart. Returns the tangents
    /// of the results.
    ///
    /// # Errors
    /// If an operation in a region has no derivative.
    fn linearize<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>>;

    /// Emits one construct that computes the values of the results, which go to `site.results`, and their tangents.
    ///
    /// # Errors
    /// If an operation in a region has no derivative.
    fn forward<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>>;

    /// The degrees in tangents of the results of the linear counterpart; `None` if its regions yield different degrees
    /// for one result.
    ///
    /// # Errors
    /// If an operation in a region is not linear in tangents.
    fn degrees<'c>(
        &self,
        known: &mut Degrees<'c, '_>,
        op: Op<'c>,
    ) -> Result<Option<Vec<Degree>>, SpannedDiagnostic<'c>>;

    /// Emits, before `op`, an operation that computes only the results in `kept`, none of which depends on values for
    /// which `is_tangent` holds. Returns `None` if there is no such form.
    ///
    /// # Errors
    /// If an operation cannot be created.
    fn separate<'c>(&self, op: Op<'c>, kept: &[usize], is_tangent: &dyn Fn(Val<'c>) -> bool) -> Result<Option<Op<'c>>>;

    /// Transposes the linear counterpart: given cotangents of its results (`None` is zero), accumulates the cotangents
    /// of the linear values that it uses.
    ///
    /// # Errors
    /// If an operation in a region has no transpose.
    fn transpose<'c>(&self, transposer: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<()>;
}

/// The residuals of a linear block: values of its primal block that do not outlive that block, each once, in order of
/// first use. Values that the policy rematerializes are copied into the linear block.
pub(crate) fn residuals<'c>(primal: Blk<'c>, linear: Blk<'c>, policy: &dyn ResidualPolicy) -> Vec<Val<'c>> {
    let mut kept: Vec<Val> = Vec::new();
    let mut known = ValueSet::default();
    let mut recomputed: ValueMap<Val> = ValueMap::new();
    let is_local = |value: Val<'c>| value_block(value).is_some_and(|block| block.to_raw().ptr == primal.to_raw().ptr);
    for top in block_ops(linear) {
        let mut uses = Vec::new();
        walk(top, &mut |op| {
            uses.extend(
                operands(op).into_iter().enumerate().filter(|(_, value)| is_local(*value)).map(|(i, v)| (op, i, v)),
            );
        });
        for (op, index, value) in uses {
            if known.contains(value) {
                continue;
            }
            if let Some(copy) = recomputed.get(value) {
                set_operand(op, index, *copy);
                continue;
            }
            let candidate = candidate(value, |operand| !is_local(operand));
            match (policy.decide(&candidate), candidate.definition) {
                (Decision::Rematerialize, Some(definition)) => {
                    let Some(first) = linear.first_operation() else { continue };
                    let copy = Builder::before(first).clone_op(definition, &[]);
                    let copies = results(copy);
                    for (result, copy) in results(definition).into_iter().zip(copies) {
                        recomputed.insert(result, copy);
                    }
                    if let Some(copy) = recomputed.get(value) {
                        set_operand(op, index, *copy);
                    }
                }
                _ => {
                    known.insert(value);
                    kept.push(value);
                }
            }
        }
    }
    kept
}

/// Replaces a value by another in a linear block.
pub(crate) fn replace_in<'c>(block: Blk<'c>, replacements: &ValueMap<Val<'c>>) {
    for top in block_ops(block) {
        walk(top, &mut |op| {
            for (index, operand) in operands(op).into_iter().enumerate() {
                if let Some(replacement) = replacements.get(operand) {
                    set_operand(op, index, *replacement);
                }
            }
        });
    }
}

/// The linear values from outside that an operation's regions use, each once.
pub(crate) fn free_linear_values<'c>(transposer: &Transposer<'c>, op: Op<'c>) -> Vec<Val<'c>> {
    let mut found: Vec<Val> = Vec::new();
    let mut known = ValueSet::default();
    walk(op, &mut |inner| {
        for operand in operands(inner) {
            if transposer.is_linear(operand) && known.insert(operand) {
                found.push(operand);
            }
        }
    });
    found
}

/// The values that the regions of an operation use and that the derivative has copies of, with these copies.
pub(crate) fn copies_around<'c>(site: &LinearizationSite<'c, '_>) -> Vec<(Val<'c>, Val<'c>)> {
    let mut around = Vec::new();
    walk(site.op, &mut |inner| {
        around.extend(operands(inner).into_iter().map(|value| (value, site.engine.pair(value).primal)));
    });
    around.into_iter().filter(|(value, copy)| value != copy).collect()
}

/// The types of values.
pub(crate) fn types<'c>(values: &[Val<'c>]) -> Vec<Type<'c>> {
    values.iter().map(|value| value.r#type()).collect()
}

/// Whether a value is defined by an operation, rather than an argument.
pub(crate) fn is_result(value: Val) -> bool {
    defining_op(value).is_some()
}
