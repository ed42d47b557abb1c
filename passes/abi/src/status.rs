//! `lower-checks`: lowers assertions to returns of a status.

use crate::descriptors::AbiBuilder;
use crate::guard;
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Blk, Op, Val, block_ops, context_of, erase, operands, replace_all_uses, result, results, signature,
    string_attribute, symbol_attribute, symbol_name,
};
use dp_dialects::marks::MESSAGES;
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ScalarType, ValueType};
use dp_loopnest::checks::{Order, is_assertion};
use dp_loopnest::structured::{segments, set_attribute};
use dp_passes::calls::reaching;
use dp_passes::symbols::public_functions;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::{Attribute, FlatSymbolRefAttribute, FloatAttribute, IntegerAttribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::{FunctionType, IntegerType};
use melior::ir::{Block, RegionLike, Type, ValueLike};
use std::collections::{HashMap, HashSet};

/// `lower-checks`.
pub static LOWER_CHECKS: Pass = Pass {
    flag: "lower-checks",
    summary: "return a status when an assertion fails",
    description: "Takes public functions that return a status, after control flow is lowered to branches. Each `cf.assert` \
        becomes a branch to a block that frees what the function holds, as recorded by `guard-allocations`, and \
        returns the number of its message. The module attribute `dp.messages` lists the messages, from 1. A \
        private function that can fail returns a status after its results, which its callers check.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut messages = Messages::default();
    let public: HashSet<&str> = public_functions(module).into_iter().filter_map(symbol_name).collect();
    // Those with a check, and their callers.
    let failing = reaching(module, is_assertion);
    for function in dp_dialects::ir::body_ops(module) {
        let Some(name) = symbol_name(function).filter(|name| failing.contains(name)) else { continue };
        let is_private = !public.contains(name);
        lower(function, is_private, &failing, &mut messages)
            .map_err(|diagnostic| diagnostic.report(function.location()))?;
    }
    MESSAGES.set(module, &messages.texts);
    Ok(())
}

/// The messages of a module's checks, without duplicates.
#[derive(Default)]
struct Messages {
    texts: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Messages {
    /// The number of a message, from 1.
    fn number(&mut self, text: &str) -> usize {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        self.texts.push(text.to_string());
        self.numbers.insert(text.to_string(), self.texts.len());
        self.texts.len()
    }
}

/// The operations of all blocks of a function.
fn ops<'c>(function: Op<'c>) -> Vec<Op<'c>> {
    let first = function.region(0).ok().and_then(|region| region.first_block());
    std::iter::successors(first, |block: &Blk<'c>| block.next_in_region()).flat_map(block_ops).collect()
}

fn callee(op: Op<'_>) -> Option<&str> {
    symbol_attribute(op, "callee").filter(|_| OpKind::of(op) == Some(OpKind::FuncCall))
}

fn lower<'c>(function: Op<'c>, is_private: bool, failing: &HashSet<&str>, messages: &mut Messages) -> Result<()> {
    let Ok(region) = function.region(0) else { return Ok(()) };
    let context = context_of(function);
    let i32 = ScalarType::I32.to_type(context);
    if is_private {
        return_status(function)?;
    }
    let ops = ops(function);
    let failure: Blk<'c> = region.append_block(Block::new(&[(i32, function.location())]));
    let status: Val<'c> = failure.argument(0).map_err(|_| Diagnostic::internal("internal error: no block"))?.into();
    let b = Builder::at_end(context, failure, function.location());
    guard::release_all(&b, function)?;
    let (_, mut types) = signature(function).unwrap_or_default();
    types.pop();
    let mut returned = types.into_iter().map(|r#type| zero(&b, r#type)).collect::<Result<Vec<Val>>>()?;
    returned.push(status);
    b.named(OpKind::FuncReturn.name(), &returned, &[], &[], vec![])?;
    let mut checks: Vec<(Op, Check)> = Vec::new();
    for op in ops {
        if is_assertion(op) {
            checks.push((op, Check::Assertion(messages.number(string_attribute(op, "msg").unwrap_or_default()))));
        } else if callee(op).is_some_and(|callee| failing.contains(callee)) {
            checks.push((op, Check::Call));
        }
    }
    // From the last to the first: so the code after a check moves only once.
    for (op, check) in checks.into_iter().rev() {
        match check {
            Check::Assertion(number) => {
                let status = constant(&Builder::before(op), IntegerAttribute::new(i32, number as i64).into(), i32)?;
                branch(op, operands(op)[0], failure, status)?;
                erase(op);
            }
            Check::Call => {
                let (next, status) = call(op)?;
                let b = Builder::before(next);
                let success = constant(&b, IntegerAttribute::new(i32, 0).into(), i32)?;
                let i64 = IntegerType::new(context, 64).into();
                let equal: Attribute = IntegerAttribute::new(i64, Order::Eq as i64).into();
                let i1 = ScalarType::I1.to_type(context);
                let went_well = b.named("arith.cmpi", &[status, success], &[i1], &[("predicate", equal)], vec![])?;
                branch(next, result(went_well), failure, status)?;
            }
        }
    }
    Ok(())
}

/// A point where a function may fail.
enum Check {
    /// An assertion, with the number of its message.
    Assertion(usize),
    /// A call.
    Call,
}

/// Adds the status 0 to the results of a function.
fn return_status(function: Op) -> Result<()> {
    let context = context_of(function);
    let i32 = ScalarType::I32.to_type(context);
    let (inputs, mut outputs) = signature(function).unwrap_or_default();
    outputs.push(i32);
    let r#type = FunctionType::new(context, &inputs, &outputs);
    set_attribute(function, "function_type", TypeAttribute::new(r#type.into()).into());
    for op in ops(function).into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncReturn)) {
        let b = Builder::before(op);
        let mut values = operands(op);
        values.push(constant(&b, IntegerAttribute::new(i32, 0).into(), i32)?);
        b.named(OpKind::FuncReturn.name(), &values, &[], &[], vec![])?;
        erase(op);
    }
    Ok(())
}

/// Rewrites a call to return a status; returns the operation after it and the status.
fn call<'c>(op: Op<'c>) -> Result<(Op<'c>, Val<'c>)> {
    let next = op.next_in_block().ok_or_else(|| Diagnostic::internal("internal error: a block that does not end"))?;
    let mut types: Vec<Type> = results(op).into_iter().map(|value| value.r#type()).collect();
    types.push(ScalarType::I32.to_type(context_of(op)));
    let callee = FlatSymbolRefAttribute::new(context_of(op), callee(op).unwrap_or_default()).into();
    let b = Builder::before(op);
    let mut made = results(b.named(OpKind::FuncCall.name(), &operands(op), &types, &[("callee", callee)], vec![])?);
    let status = made.pop().ok_or_else(|| Diagnostic::internal("internal error: a call without results"))?;
    results(op).into_iter().zip(made).for_each(|(old, new)| replace_all_uses(old, new));
    erase(op);
    Ok((next, status))
}

fn constant<'c>(b: &Builder<'c>, value: Attribute<'c>, r#type: Type<'c>) -> Result<Val<'c>> {
    b.named("arith.constant", &[], &[r#type], &[("value", value)], vec![]).map(result)
}

/// A placeholder value.
fn zero<'c>(b: &Builder<'c>, r#type: Type<'c>) -> Result<Val<'c>> {
    // SAFETY: the type is live, and a buffer type if its rank is requested.
    let rank = unsafe {
        let raw = melior::ir::TypeLike::to_raw(&r#type);
        mlir_sys::mlirTypeIsAMemRef(raw).then(|| mlir_sys::mlirShapedTypeGetRank(raw) as usize)
    };
    if let Some(rank) = rank {
        let descriptor = AbiBuilder { b: *b }.descriptor(rank)?;
        let value = b.named("llvm.mlir.zero", &[], &[descriptor], &[], vec![]).map(result)?;
        return b.named("builtin.unrealized_conversion_cast", &[value], &[r#type], &[], vec![]).map(result);
    }
    let unknown = || Diagnostic::internal(format!("internal error: a private function returns {type}"));
    let dtype = ValueType::of(r#type).filter(|of| !of.is_tensor()).ok_or_else(unknown)?.dtype;
    if dtype.is_complex() {
        let part = zero(b, dtype.real().to_type(b.context()))?;
        return b.named("complex.create", &[part, part], &[r#type], &[], vec![]).map(result);
    }
    let value: Attribute = if dtype.is_float() {
        FloatAttribute::new(b.context(), r#type, 0.0).into()
    } else {
        IntegerAttribute::new(r#type, 0).into()
    };
    constant(b, value, r#type)
}

/// Splits the block before an operation: continue if the condition holds, else go to the failure block.
pub fn branch<'c>(at: Op<'c>, condition: Val<'c>, failure: Blk<'c>, status: Val<'c>) -> Result<()> {
    let context = context_of(at);
    let Some(block) = at.block() else { return Ok(()) };
    let rest: Blk<'c> = block
        .parent_region()
        .map(|region| region.insert_block_after(block, Block::new(&[])))
        .ok_or_else(|| Diagnostic::internal("internal error: a block in no region"))?;
    let mut next = Some(at);
    while let Some(op) = next {
        next = op.next_in_block();
        // SAFETY: the operation is live; it moves from one live block to another.
        unsafe {
            mlir_sys::mlirOperationRemoveFromParent(op.to_raw());
            mlir_sys::mlirBlockAppendOwnedOperation(rest.to_raw(), op.to_raw());
        }
    }
    let op = melior::ir::operation::OperationBuilder::new("cf.cond_br", at.location())
        .add_operands(&[condition, status])
        .add_successors(&[&rest, &failure])
        .add_attributes(&[{
            let (name, value) = segments(context, &[1, 0, 1]);
            (melior::ir::Identifier::new(context, name), value)
        }])
        .build()
        .map_err(|_| Diagnostic::internal("internal error: cannot make 'cf.cond_br'"))?;
    block.append_operation(op);
    Ok(())
}
