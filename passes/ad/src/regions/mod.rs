//! Differentiation of operations with regions, one file per construct.

mod bound;
mod branches;
mod conditional;
mod counted;
mod forward;
mod map;

use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::ir::{Op, Val, ValueSet, defining_op, operands, walk};
use dp_dialects::{Result, SpannedDiagnostic};
use dp_linearity::{Degree, Degrees};

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

/// Whether a value is defined by an operation, rather than an argument.
pub(crate) fn is_result(value: Val) -> bool {
    defining_op(value).is_some()
}
