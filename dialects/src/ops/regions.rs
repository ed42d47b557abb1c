//! Operations with regions that compute elements.

use super::{Attributes, Checked, Entry, Extents, Regions, Work, invalid, read};
use crate::ir::{Op, Val, block_args, operands, region_block};
use crate::{OpKind, OpKind::*, Parameters, Result, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

pub(super) const ENTRIES: &[Entry] = &[
    Entry { attributes: Attributes::Read(read::nothing), ..Entry::of(ArrayMap) }
        .extents(Extents::Agreed)
        .checked(map)
        .regions(Regions::Isolated),
    Entry { attributes: Attributes::Read(read::dim), ..Entry::of(ArraySort) }
        .extents(Extents::Agreed)
        .checked(sort)
        .regions(Regions::Isolated),
    Entry { attributes: Attributes::Read(read::nothing), ..Entry::structure(ArrayYield) }.work(Work::Nothing),
];

fn map(site: &Checked) -> Result<()> {
    let Some(first) = site.operands.first() else { return invalid("needs an operand") };
    if site.operands.iter().chain(site.results).any(|r#type| !first.is_compatible(r#type)) {
        return invalid("requires operands and result of the same shape");
    }
    verify_region(site.op, &elements(site.operands), &elements(site.results))
}

fn sort(site: &Checked) -> Result<()> {
    let ([first, ..], Parameters::Dim(dim)) = (site.operands, site.parameters) else {
        return invalid("needs an operand");
    };
    if *dim >= first.rank() {
        return invalid(format!("uses dimension {dim}, but the rank is {}", first.rank()));
    }
    if site.operands.iter().any(|r#type| !first.is_compatible(r#type)) {
        return invalid("requires operands of the same shape");
    }
    if site.operands != site.results {
        return invalid("requires results of the types of the operands");
    }
    let pairs: Vec<ValueType> =
        elements(site.operands).into_iter().flat_map(|element| [element.clone(), element]).collect();
    verify_region(site.op, &pairs, &[ValueType::number(ScalarType::I1)])
}

fn elements(types: &[ValueType]) -> Vec<ValueType> {
    types.iter().map(|r#type| ValueType::number(r#type.dtype)).collect()
}

/// Checks that a region takes and yields values of the given types.
pub(super) fn verify_region(op: Op, arguments: &[ValueType], yields: &[ValueType]) -> Result<()> {
    let Some(block) = region_block(op, 0) else { return invalid("needs a region") };
    let types = |values: Vec<Val>| -> Vec<Option<ValueType>> {
        values.into_iter().map(|value| ValueType::of(value.r#type())).collect()
    };
    let same = |found: &[Option<ValueType>], wanted: &[ValueType]| {
        found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| found.as_ref() == Some(wanted))
    };
    if !same(&types(block_args(block)), arguments) {
        return invalid(format!("its region must take ({})", join(arguments)));
    }
    let terminator = block.terminator().filter(|last| OpKind::of(*last) == Some(ArrayYield));
    let Some(terminator) = terminator else { return invalid("its region must end in 'array.yield'") };
    let yielded = types(operands(terminator));
    if !same(&yielded, yields) {
        return invalid(format!("its region must yield ({})", join(yields)));
    }
    debug_assert_eq!(terminator.operand_count(), yielded.len());
    Ok(())
}

fn join(types: &[ValueType]) -> String {
    types.iter().map(ValueType::to_string).collect::<Vec<_>>().join(", ")
}
