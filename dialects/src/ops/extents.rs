//! The sources of result extents. They are defined once, for type inference, the indices that transposition emits, the
//! proof that gradients have the extents of their arguments, and the sizes of terms.

use super::{Entry, complain};
use crate::parameters::Parameters;
use crate::types::{Extent, compatible};
use crate::{Diagnostic, OpKind, Result, ScalarType, ValueType};

/// Where the extents of an operation's results come from.
#[derive(Clone, Copy)]
pub enum Extents {
    /// Its tensors agree in all extents.
    Agreed,
    /// From `index` operands, the last ones, one for each extent that the type leaves open.
    Given,
    /// From operands, dimension by dimension.
    Follow(Follow),
    /// From what the region that is taken yields.
    Yielded,
    /// From what a loop begins with, if it keeps its extents: its operands after so many bounds.
    Carried(usize),
    /// From nothing that it uses: the result's own, or said by its type.
    Own,
}

/// The source of the extent of a result along a dimension, from parameters and the ranks of operands.
pub type Follow = fn(&Parameters, &dyn Fn(usize) -> usize, usize) -> Source;

/// Where the extent of a result along one dimension comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The extent of an operand along a dimension.
    Operand(usize, usize),
    /// The extents of the first and the second operand along dimensions, which agree.
    Both(usize, usize),
    /// The extent of any operand that is a tensor, along the same dimension: they agree.
    Agreed,
    /// The number that an `index` operand is.
    Index(usize),
    /// The sum of the operands' extents along the same dimension.
    Sum,
    /// The extent of what the region that is taken yields.
    Yielded,
    /// The extent of what a loop begins with, if it keeps its extents: its operands after so many bounds.
    Carried(usize),
    /// Nothing that the operation uses: the result's own.
    Own,
}

impl OpKind {
    /// The source of a result's extent along a dimension that its type leaves open, in an operation of so many
    /// operands, whose ranks `rank` tells.
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
            Extents::Carried(bounds) => Source::Carried(bounds),
            Extents::Own => Source::Own,
        }
    }
}

/// The first operand's own dimension, for operations that keep its shape.
pub(super) fn of_first(_: &Parameters, _: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    Source::Operand(0, dim)
}

/// The extents of a result of a rank, as far as types of operands tell them.
pub(super) fn follow(
    source: Follow,
    parameters: &Parameters,
    operands: &[ValueType],
    rank: usize,
) -> Result<Vec<Extent>> {
    let ranks = |operand: usize| operands[operand].rank();
    (0..rank).map(|dim| told(source(parameters, &ranks, dim), operands, dim)).collect()
}

/// The extent that types tell.
fn told(source: Source, operands: &[ValueType], dim: usize) -> Result<Extent> {
    match source {
        Source::Operand(operand, dim) => Ok(operands[operand].extents()[dim]),
        Source::Both(a, b) => Ok(operands[0].extents()[a].or(operands[1].extents()[b])),
        Source::Agreed => {
            operands.iter().try_fold(None, |extent: Extent, x| match compatible(extent, x.extents()[dim]) {
                true => Ok(extent.or(x.extents()[dim])),
                false => complain(format!("the operands differ in the extent of dimension {dim}")),
            })
        }
        Source::Sum => operands.iter().try_fold(Some(0), |sum: Extent, x| match sum.zip(x.extents()[dim]) {
            Some((a, b)) => match a.checked_add(b).filter(|sum| *sum <= i64::MAX as u64) {
                Some(sum) => Ok(Some(sum)),
                None => Err(Diagnostic::limit(format!("dimension {dim} of the result is too large"))),
            },
            None => Ok(None),
        }),
        Source::Index(_) | Source::Yielded | Source::Carried(_) | Source::Own => Ok(None),
    }
}

/// Where extents are given, there is one for each dimension that the type of the result leaves open.
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
