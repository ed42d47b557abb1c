//! The sources of result extents. Type inference, the indices that transposition emits, the proof that gradients have
//! the extents of their arguments, and the extents of terms use them.

use super::{Entry, invalid};
use crate::parameters::Parameters;
use crate::types::{Extent, compatible};
use crate::{Diagnostic, OpKind, Result, ScalarType, ValueType};

/// The source of the extents of an operation's results.
#[derive(Clone, Copy)]
pub enum Extents {
    /// All operands and results that are tensors have the same extents.
    Agreed,
    /// The trailing `index` operands, one for each dynamic extent of the result type.
    Given,
    /// The operands, dimension by dimension.
    Follow(Follow),
    /// The values that the executed region yields.
    Yielded,
    /// The initial values of a loop that preserves their extents.
    Carried,
    /// None: the extents belong to the result, or are static.
    Own,
}

/// The source of a result extent along a dimension, from the parameters and the ranks of the operands.
pub type Follow = fn(&Parameters, &dyn Fn(usize) -> usize, usize) -> Source;

/// The source of the extent of a result along one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The extent of operand `.0` along dimension `.1`.
    Operand(usize, usize),
    /// The extents of the first operand along dimension `.0` and of the second along dimension `.1`, which are equal.
    Both(usize, usize),
    /// The extent of any tensor operand along the same dimension; they are equal.
    Agreed,
    /// The value of an `index` operand.
    Index(usize),
    /// The sum of the operands' extents along the same dimension.
    Sum,
    /// The extent of the value that the executed region yields.
    Yielded,
    /// The extent of a loop's initial value, if the loop preserves it.
    Carried,
    /// None: the extent belongs to the result.
    Own,
}

impl OpKind {
    /// The source of the extent of a result along dynamic dimension `dim`. The operation has `operands` operands;
    /// `rank` returns their ranks.
    pub fn extent_source(
        self,
        parameters: impl FnOnce() -> Parameters,
        operands: usize,
        rank: &dyn Fn(usize) -> usize,
        result: &ValueType,
        dim: usize,
    ) -> Source {
        match self.entry().extents {
            Extents::Agreed => Source::Agreed,
            Extents::Given => {
                let open = result.dynamic_dimensions().count();
                let before = result.dynamic_dimensions().take_while(|other| *other < dim).count();
                Source::Index(operands - open + before)
            }
            Extents::Follow(source) => source(&parameters(), rank, dim),
            Extents::Yielded => Source::Yielded,
            Extents::Carried => Source::Carried,
            Extents::Own => Source::Own,
        }
    }
}

/// The same dimension of the first operand, for operations that preserve its shape.
pub(super) fn of_first(_: &Parameters, _: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    Source::Operand(0, dim)
}

/// The extents of a result of rank `rank` that follow from the operand types; `None` for the others.
pub(super) fn follow(
    source: Follow,
    parameters: &Parameters,
    operands: &[ValueType],
    rank: usize,
) -> Result<Vec<Extent>> {
    let ranks = |operand: usize| operands[operand].rank();
    (0..rank).map(|dim| extent_of(source(parameters, &ranks, dim), operands, dim)).collect()
}

/// The extent of dimension `dim`, if it follows from the operand types.
fn extent_of(source: Source, operands: &[ValueType], dim: usize) -> Result<Extent> {
    match source {
        Source::Operand(operand, dim) => Ok(operands[operand].extents()[dim]),
        Source::Both(a, b) => Ok(operands[0].extents()[a].or(operands[1].extents()[b])),
        Source::Agreed => {
            operands.iter().try_fold(None, |extent: Extent, x| match compatible(extent, x.extents()[dim]) {
                true => Ok(extent.or(x.extents()[dim])),
                false => invalid(format!("the operands differ in the extent of dimension {dim}")),
            })
        }
        Source::Sum => operands.iter().try_fold(Some(0), |sum: Extent, x| match sum.zip(x.extents()[dim]) {
            Some((a, b)) => match a.checked_add(b).filter(|sum| *sum <= i64::MAX as u64) {
                Some(sum) => Ok(Some(sum)),
                None => Err(Diagnostic::limit(format!("dimension {dim} of the result is too large"))),
            },
            None => Ok(None),
        }),
        Source::Index(_) | Source::Yielded | Source::Carried | Source::Own => Ok(None),
    }
}

/// Checks that operations with `extents` operands have one for each dynamic dimension of the result.
pub(super) fn verify_given(
    entry: &Entry,
    parameters: &Parameters,
    operands: &[ValueType],
    result: &ValueType,
) -> Result<()> {
    let Extents::Given = entry.extents else { return Ok(()) };
    let indices = operands.iter().filter(|operand| operand.dtype == ScalarType::Index).count();
    let given = indices.saturating_sub(parameters.dynamic_starts());
    let wanted = result.dynamic_dimensions().count();
    if given == wanted {
        return Ok(());
    }
    let diagnostic = Diagnostic::invalid(format!("has {given} extents, but {result} has {wanted} dynamic dimensions"));
    Err(diagnostic.help("pass one 'index' operand for each '?' of the result type, in order"))
}
