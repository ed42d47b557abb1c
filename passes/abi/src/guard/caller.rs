//! Workspaces passed by the caller.

use super::is_return;
use super::table::call;
use crate::attributes::SIZE_QUERY;
use crate::descriptors::{AbiBuilder, pointer};
use crate::memory::retype;
use dp_bufferize::workspace::LINE;
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, body_ops, context_of, erase, operands, region_block, result, users};
use dp_dialects::marks::WORKSPACE;
use dp_dialects::{Builder, Diagnostic, Result, ScalarType};
use dp_loopnest::checks::{Order, compare, require};
use dp_loopnest::structured::{arith, is_named};
use melior::ir::ValueLike;
use melior::ir::attribute::StringAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// The caller's workspace, null if there is none, and its size.
#[derive(Clone, Copy)]
pub(super) struct CallerWorkspace<'c> {
    pub(super) memory: Val<'c>,
    size: Val<'c>,
}

impl<'c> CallerWorkspace<'c> {
    /// Adds the two arguments to a function, which then frees its workspace only if it allocated it.
    pub(super) fn of(function: Op<'c>, workspace: Op<'c>) -> Result<Self> {
        let context = context_of(function);
        let block = region_block(function, 0)
            .ok_or_else(|| Diagnostic::internal("internal error: a function without a body"))?;
        // SAFETY: the arguments live as long as their block, which the module owns.
        let live = |value: Val<'_>| unsafe { melior::ir::Value::from_raw(value.to_raw()) };
        let memory = live(block.add_argument(pointer(context), function.location()));
        let size = live(block.add_argument(ScalarType::I64.to_type(context), function.location()));
        let passed = CallerWorkspace { memory, size };
        let returned = body_ops(function).into_iter().find(|op| is_return(*op)).map(operands).unwrap_or_default();
        retype(function, block, &returned);
        WORKSPACE.set(function, &());
        for op in users(result(workspace)).into_iter().filter(|op| is_named(*op, "memref.dealloc")) {
            let b = Builder::before(op);
            let memory = AbiBuilder { b }.allocated(operands(op)[0], 1)?;
            call(&b, "dp_workspace_free", &[passed.memory, memory], &[])?;
            erase(op);
        }
        Ok(passed)
    }

    /// Answers a size query, and checks a given workspace.
    pub(super) fn check(self, abi: &AbiBuilder<'c>, total: Val<'c>) -> Result<Val<'c>> {
        let b = &abi.b;
        let i64 = ScalarType::I64.to_type(b.context());
        let zero = abi.wide(b.index(0)?)?;
        call(b, "dp_workspace_tell", &[self.memory, self.size, total], &[])?;
        let message = StringAttribute::new(b.context(), SIZE_QUERY).into();
        let is_call = compare(b, Order::Sge, self.size, zero)?;
        b.named("cf.assert", &[is_call], &[], &[("msg", message)], vec![])?;
        let address = b.named("llvm.ptrtoint", &[self.memory], &[i64], &[], vec![]).map(result)?;
        let is_none = compare(b, Order::Eq, address, zero)?;
        let fits = compare(b, Order::Sle, total, self.size)?;
        let fits = arith(b, "arith.ori", is_none, fits)?;
        require(b, fits, "the workspace is smaller than '__workspace_size' requires")?;
        let past = arith(b, "arith.andi", address, abi.wide(b.index(LINE as i64 - 1)?)?)?;
        let is_aligned = compare(b, Order::Eq, past, zero)?;
        require(b, is_aligned, "the workspace is not aligned to 64 bytes")?;
        Ok(is_none)
    }
}
