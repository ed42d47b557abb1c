//! `lower-checks`: assertions become returns of a status.

use super::{MESSAGES, memory, public_functions};
use crate::checks::is_assertion;
use crate::structured::{Made, segments, set_attribute};
use dp_dialects::ir::{Blk, Op, Val, block_ops, context_of, erase, operands, result, string_attribute, walk};
use dp_dialects::{Builder, Complaint, DType, OpKind};
use dp_passes::{Pass, Reported};
use melior::ir::attribute::IntegerAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Block, RegionLike};

/// `lower-checks`.
pub static LOWER_CHECKS: Pass = Pass {
    flag: "lower-checks",
    summary: "return a status where an assertion fails",
    description: "Takes public functions that return a status, their control flow lowered to branches. Leaves a branch \
        for each `cf.assert`, to a block that returns the number of its message; the attribute `dp.messages` of the \
        module lists the messages from 1.",
    options: &[],
    body: run,
};

fn run<'c>(module: Op<'c>, _: &[&str]) -> Result<(), Reported> {
    let mut messages: Vec<String> = Vec::new();
    for function in public_functions(module) {
        lower(function, &mut messages).map_err(|complaint| {
            complaint.emit(function.location());
            Reported
        })?;
    }
    set_attribute(module, MESSAGES, memory::strings(context_of(module), &messages));
    let mut outcome = Ok(());
    walk(module, &mut |op| {
        if is_assertion(op) {
            Complaint::new("a check at run time within a recursive function is not supported by this target")
                .hint("check the extents where the function is called first")
                .emit(op.location());
            outcome = Err(Reported);
        }
    });
    outcome
}

fn lower<'c>(function: Op<'c>, messages: &mut Vec<String>) -> Made<()> {
    let Ok(region) = function.region(0) else { return Ok(()) };
    let mut assertions = Vec::new();
    let mut next = region.first_block();
    while let Some(block) = next {
        assertions.extend(block_ops(block).into_iter().filter(|op| is_assertion(*op)));
        next = block.next_in_region();
    }
    if assertions.is_empty() {
        return Ok(());
    }
    let context = context_of(function);
    let i32 = DType::I32.to_type(context);
    let failure: Blk<'c> = region.append_block(Block::new(&[(i32, function.location())]));
    let status: Val<'c> = failure.argument(0).map_err(|_| Complaint::new("internal error: no block"))?.into();
    Builder::at_end(context, failure, function.location()).named(
        OpKind::FuncReturn.name(),
        &[status],
        &[],
        &[],
        vec![],
    )?;
    for assertion in assertions {
        let message = string_attribute(assertion, "msg").unwrap_or_default();
        let number = match messages.iter().position(|known| known == message) {
            Some(position) => position + 1,
            None => {
                messages.push(message.to_string());
                messages.len()
            }
        };
        branch(assertion, failure, number)?;
    }
    Ok(())
}

/// Splits the block at an assertion: on to the rest, or to the failure with a number.
fn branch<'c>(assertion: Op<'c>, failure: Blk<'c>, number: usize) -> Made<()> {
    let context = context_of(assertion);
    let Some(block) = assertion.block() else { return Ok(()) };
    let rest: Blk<'c> = block
        .parent_region()
        .map(|region| region.insert_block_after(block, Block::new(&[])))
        .ok_or_else(|| Complaint::new("internal error: a block in no region"))?;
    let mut next = assertion.next_in_block();
    while let Some(op) = next {
        next = op.next_in_block();
        // SAFETY: the operation is live; it moves from one live block to another.
        unsafe {
            mlir_sys::mlirOperationRemoveFromParent(op.to_raw());
            mlir_sys::mlirBlockAppendOwnedOperation(rest.to_raw(), op.to_raw());
        }
    }
    let i32 = DType::I32.to_type(context);
    let b = Builder::before(assertion);
    let value = IntegerAttribute::new(i32, number as i64).into();
    let status = b.named("arith.constant", &[], &[i32], &[("value", value)], vec![]).map(result)?;
    let condition = operands(assertion)[0];
    let op = melior::ir::operation::OperationBuilder::new("cf.cond_br", assertion.location())
        .add_operands(&[condition, status])
        .add_successors(&[&rest, &failure])
        .add_attributes(&[{
            let (name, value) = segments(context, &[1, 0, 1]);
            (melior::ir::Identifier::new(context, name), value)
        }])
        .build()
        .map_err(|_| Complaint::new("internal error: cannot make 'cf.cond_br'"))?;
    b.insert(op);
    erase(assertion);
    Ok(())
}
