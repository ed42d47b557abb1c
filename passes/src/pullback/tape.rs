//! The tape of a pullback: what recursive calls record in `f_vjp`, and read in `f_pull`.

use super::{insert_argument, retype};
use crate::calls::reaching;
use crate::records::is_record;
use dp_dialects::ir::{Op, argument_name, operands, region_block, result_name, signature, symbol_name};
use dp_dialects::marks::{KEPT, PULLS, TAPE};
use dp_dialects::{Diagnostic, MlirType, Result, ScalarType};
use melior::ir::block::BlockLike;

/// If both halves use records, makes the tape of `f_vjp` the last residual, an address. `f_pull` has it as an argument, but
/// reads records at their positions; `f_vjp` returns it once tapes are memory; `f_drop` frees it.
pub(super) fn share<'c>(module: Op<'c>, vjp: Op<'c>, pull: Op<'c>, name: &str) -> Result<()> {
    let recorded = reaching(module, is_record);
    if ![vjp, pull].into_iter().all(|half| symbol_name(half).is_some_and(|name| recorded.contains(name))) {
        return Ok(());
    }
    let internal = || Diagnostic::internal("internal error: half of a pullback lacks its marks");
    let mut pulls = PULLS.of(pull).ok_or_else(internal)?;
    let mut kept = KEPT.of(vjp).ok_or_else(internal)?;
    let block = region_block(pull, 0).ok_or_else(internal)?;
    let [shapes, residuals, ..] = pulls[..] else { return Err(internal()) };
    let place = (shapes + residuals) as usize;
    let (inputs, outputs) = signature(pull).ok_or_else(internal)?;
    let mut arguments: Vec<String> = (0..inputs.len()).map(|index| argument_name(pull, index)).collect();
    let results: Vec<String> = (0..outputs.len()).map(|index| result_name(pull, index)).collect();
    insert_argument(pull, block, ScalarType::I64.to_type(dp_dialects::ir::context_of(pull)), place);
    arguments.insert(place, name.to_owned());
    let returned = block.terminator().map(operands).unwrap_or_default();
    retype(pull, &returned, &arguments, &results);
    pulls[1] += 1;
    kept.iter_mut().for_each(|count| *count += 1);
    PULLS.set(pull, &pulls);
    KEPT.set(vjp, &kept);
    [vjp, pull].into_iter().for_each(|half| TAPE.set(half, &name.to_owned()));
    Ok(())
}
