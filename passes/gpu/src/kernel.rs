//! A kernel under construction. Host values that it uses become parameters.

use crate::fills::{is_unaliased, root};
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ancestors, block_args, block_ops, defining_op, operands, region_block, result, results,
    symbol_name, value_block, walk,
};
use dp_dialects::marks::APART;
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use dp_loopnest::structured::{address, arith, is_buffer, is_named, segments, set_attribute};
use melior::Context;
use melior::ir::attribute::{
    Attribute, DenseI32ArrayAttribute, FlatSymbolRefAttribute, IntegerAttribute, StringAttribute, TypeAttribute,
};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::{FunctionType, IntegerType, MemRefType};
use melior::ir::{AttributeLike, Type, ValueLike};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// The name of the module of kernels.
pub(crate) const MODULE: &str = "dp_kernels";

/// The memory space of shared memory in `memref`.
pub(crate) const SHARED: i64 = 3;

/// Threads per warp.
pub(crate) const WARP: i64 = 32;

/// The kernels of a module.
pub(crate) struct Kernels<'c> {
    module: Op<'c>,
    /// The `gpu.module`, once there is a kernel.
    made: Cell<Option<Op<'c>>>,
    /// The number of kernels per function name.
    counts: RefCell<HashMap<String, usize>>,
}

impl<'c> Kernels<'c> {
    pub(crate) fn new(module: Op<'c>) -> Self {
        Kernels { module, made: Cell::new(None), counts: RefCell::default() }
    }

    fn block(&self) -> Result<Blk<'c>> {
        let missing = || Diagnostic::internal("internal error: a module without a body");
        let made = match self.made.get() {
            Some(made) => made,
            None => {
                let body = region_block(self.module, 0).ok_or_else(missing)?;
                let b = Builder::at_end(dp_dialects::ir::context_of(self.module), body, self.module.location());
                let (region, _, _) = b.region(&[]);
                let name = StringAttribute::new(b.context(), MODULE).into();
                let made = b.named("gpu.module", &[], &[], &[("sym_name", name)], vec![region])?;
                self.made.set(Some(made));
                set_attribute(self.module, "gpu.container_module", Attribute::unit(b.context()));
                made
            }
        };
        region_block(made, 0).ok_or_else(missing)
    }

    /// Begins a kernel for an operation.
    pub(crate) fn begin(&self, op: Op<'c>) -> Result<Kernel<'c>> {
        let function = ancestors(op).find(|op| OpKind::of(*op) == Some(OpKind::FuncFunc));
        let function = identifier(function.and_then(symbol_name).unwrap_or("kernel"));
        let number = {
            let mut counts = self.counts.borrow_mut();
            let count = counts.entry(function.clone()).or_default();
            *count += 1;
            *count - 1
        };
        let name = format!("{function}__{number}");
        let b = Builder::at_end(dp_dialects::ir::context_of(op), self.block()?, op.location());
        let (region, _, _) = b.region(&[]);
        let context = b.context();
        let attributes = [
            ("sym_name", StringAttribute::new(context, &name).into()),
            ("function_type", TypeAttribute::new(FunctionType::new(context, &[], &[]).into()).into()),
            ("gpu.kernel", Attribute::unit(context)),
        ];
        let function = b.named("gpu.func", &[], &[], &attributes, vec![region])?;
        let missing = || Diagnostic::internal("internal error: a kernel without a body");
        let block = region_block(function, 0).ok_or_else(missing)?;
        let b = Builder::at_end(context, block, op.location());
        let first = b.named("gpu.return", &[], &[], &[], vec![])?;
        // Constants and parameters come before everything else.
        let anchor = Builder::before(first).index(0).map(|zero| defining_op(zero).ok_or_else(missing))??;
        Ok(Kernel {
            host: Builder::before(op),
            at: Cell::new(Builder::before(first)),
            anchor,
            function,
            block,
            name,
            captured: RefCell::new(ValueMap::new()),
            passed: RefCell::default(),
            shared: Cell::new(0),
        })
    }
}

/// A valid PTX identifier; names of private functions may be any text.
fn identifier(name: &str) -> String {
    let start = if name.starts_with(|first: char| first.is_ascii_digit()) { "_" } else { "" };
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    start.chars().chain(name.chars().map(|c| if fits(c) { c } else { '_' })).collect()
}

/// A kernel under construction.
pub(crate) struct Kernel<'c> {
    /// Builds host operations before the operation.
    pub host: Builder<'c>,
    pub(crate) at: Cell<Builder<'c>>,
    anchor: Op<'c>,
    function: Op<'c>,
    block: Blk<'c>,
    name: String,
    captured: RefCell<ValueMap<Val<'c>>>,
    passed: RefCell<Vec<Val<'c>>>,
    shared: Cell<usize>,
}

/// Values with their replacements in clones.
type Pairs<'c> = Vec<(Val<'c>, Val<'c>)>;

impl<'c> Kernel<'c> {
    /// Builds kernel operations.
    pub(crate) fn b(&self) -> Builder<'c> {
        self.at.get()
    }

    /// A host value in the kernel: constants are cloned, everything else becomes a parameter.
    pub(crate) fn capture(&self, value: Val<'c>) -> Result<Val<'c>> {
        if let Some(known) = self.captured.borrow().get(value) {
            return Ok(*known);
        }
        if self.is_inside(value) {
            return Ok(value);
        }
        let constant = defining_op(value).filter(|op| is_constant(*op));
        if let Some(global) = crate::constants::constant(value) {
            let inner = self.clone_constant(value, global)?;
            self.captured.borrow_mut().insert(value, inner);
            return Ok(inner);
        }
        let inner = match constant {
            Some(op) => result(Builder::before(self.anchor).located(self.host.location()).clone_op(op, &[])),
            None => self.pass(value),
        };
        self.captured.borrow_mut().insert(value, inner);
        Ok(inner)
    }

    /// A host value as a parameter, even if it is a constant.
    pub(crate) fn pass(&self, value: Val<'c>) -> Val<'c> {
        self.passed.borrow_mut().push(value);
        self.block.add_argument(value.r#type(), self.host.location())
    }

    /// A constant tensor or a view of it, cloned into the kernel.
    fn clone_constant(&self, value: Val<'c>, global: Op<'c>) -> Result<Val<'c>> {
        let Some(op) = defining_op(value) else {
            return Err(Diagnostic::internal("internal error: no constant tensor"));
        };
        if op == global {
            let name = dp_dialects::ir::symbol_attribute(global, "name").unwrap_or_default();
            let module = self.function.block().and_then(|block| block.parent_operation());
            let outer = module.and_then(|module| module.block()).and_then(|block| block.parent_operation());
            let of = |op: Option<Op<'c>>, name: &str| {
                let symbols = op.map(dp_dialects::ir::body_ops).unwrap_or_default();
                symbols.into_iter().find(|op| symbol_name(*op) == Some(name))
            };
            if of(module, name).is_none() {
                let missing = || Diagnostic::internal("internal error: a constant tensor without elements");
                Builder::before(self.function).clone_op(of(outer, name).ok_or_else(missing)?, &[]);
            }
        }
        let mut pairs: Pairs = Vec::new();
        for operand in operands(op) {
            pairs.push((operand, self.capture(operand)?));
        }
        Ok(result(Builder::before(self.anchor).clone_op(op, &pairs)))
    }

    /// Sets the kernel value for a host value.
    pub(crate) fn bind(&self, host: Val<'c>, inner: Val<'c>) {
        self.captured.borrow_mut().insert(host, inner);
    }

    /// Whether a value is defined in the kernel.
    fn is_inside(&self, value: Val<'c>) -> bool {
        let Some(block) = value_block(value) else { return false };
        if block == self.block {
            return true;
        }
        block.parent_operation().is_some_and(|op| op == self.function || ancestors(op).any(|op| op == self.function))
    }

    /// Ends the kernel and launches it from the host.
    pub(crate) fn launch(self, grid: [Val<'c>; 3], block: [Val<'c>; 3]) -> Result<()> {
        let passed = self.passed.take();
        let context = self.host.context();
        APART.set(self.function, &unaliased(&passed));
        let types: Vec<Type> = passed.iter().map(|value| value.r#type()).collect();
        let r#type = FunctionType::new(context, &types, &[]);
        set_attribute(self.function, "function_type", TypeAttribute::new(r#type.into()).into());
        let kernel = reference(context, &self.name);
        let mut of: Vec<Val> = grid.into_iter().chain(block).collect();
        of.extend(&passed);
        let sizes = segments(context, &[0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, passed.len(), 0]);
        self.host.named("gpu.launch_func", &of, &[], &[("kernel", kernel), sizes], vec![]).map(|_| ())
    }

    /// As [`launch`](Self::launch), with one dimension.
    pub(crate) fn launch_over(self, blocks: Val<'c>, threads: i64) -> Result<()> {
        let (one, threads) = (self.host.index(1)?, self.host.index(threads)?);
        self.launch([blocks, one, one], [threads, one, one])
    }

    /// Limits registers so that this many blocks of this many threads fit on a multiprocessor.
    pub(crate) fn limit_registers(&self, threads: i64, blocks: i64) {
        let context = self.host.context();
        let i32 = IntegerType::new(context, 32).into();
        let threads = DenseI32ArrayAttribute::new(context, &[threads as i32]);
        set_attribute(self.function, "nvvm.maxntid", threads.into());
        set_attribute(self.function, "nvvm.minctasm", IntegerAttribute::new(i32, blocks).into());
    }

    /// Shared memory of a block.
    pub(crate) fn shared(&self, element: Type<'c>, extents: &[i64]) -> Result<Val<'c>> {
        let context = self.host.context();
        let number = self.shared.get();
        self.shared.set(number + 1);
        let name = format!("{}.{number}", self.name);
        let space: Attribute = IntegerAttribute::new(IntegerType::new(context, 64).into(), SHARED).into();
        let r#type: Type = MemRefType::new(element, extents, None, Some(space)).into();
        let i64 = IntegerType::new(context, 64).into();
        let attributes = [
            ("sym_name", StringAttribute::new(context, &name).into()),
            ("sym_visibility", StringAttribute::new(context, "private").into()),
            ("type", TypeAttribute::new(r#type).into()),
            ("initial_value", Attribute::unit(context)),
            ("alignment", IntegerAttribute::new(i64, 16).into()),
        ];
        Builder::before(self.function).named("memref.global", &[], &[], &attributes, vec![])?;
        let name = FlatSymbolRefAttribute::new(context, &name).into();
        Builder::before(self.anchor).named("memref.get_global", &[], &[r#type], &[("name", name)], vec![]).map(result)
    }

    fn place(&self, name: &str, dim: &str) -> Result<Val<'c>> {
        let context = self.host.context();
        let dim = Attribute::parse(context, &format!("#gpu<dim {dim}>"))
            .ok_or_else(|| Diagnostic::internal("internal error: no dimension of a grid"))?;
        let index = Type::index(context);
        Builder::before(self.anchor).named(name, &[], &[index], &[("dimension", dim)], vec![]).map(result)
    }

    /// The index of the thread in its block.
    pub(crate) fn thread_id(&self, dim: &str) -> Result<Val<'c>> {
        self.place("gpu.thread_id", dim)
    }

    /// The index of the block.
    pub(crate) fn block_id(&self, dim: &str) -> Result<Val<'c>> {
        self.place("gpu.block_id", dim)
    }

    /// The number of blocks.
    pub(crate) fn grid_dim(&self, dim: &str) -> Result<Val<'c>> {
        self.place("gpu.grid_dim", dim)
    }

    /// Waits for all threads of the block.
    pub(crate) fn barrier(&self) -> Result<()> {
        self.b().named("gpu.barrier", &[], &[], &[], vec![]).map(|_| ())
    }

    /// Clones a host operation; operands without a replacement are captured.
    pub(crate) fn clone(&self, op: Op<'c>, pairs: &mut Pairs<'c>) -> Result<Op<'c>> {
        let mut own: Vec<usize> = vec![];
        walk(op, &mut |inner| own.push(address(inner)));
        let mut used = Vec::new();
        walk(op, &mut |inner| used.extend(operands(inner)));
        for value in used {
            let parent = value_block(value).and_then(|block| block.parent_operation());
            let is_own = parent.is_some_and(|parent| own.contains(&address(parent)));
            if !is_own && !pairs.iter().any(|(from, _)| *from == value) {
                pairs.push((value, self.capture(value)?));
            }
        }
        let copy = self.b().clone_op(op, pairs);
        pairs.extend(results(op).into_iter().zip(results(copy)));
        Ok(copy)
    }

    /// Clones the body of a structured operation at given loop indices; returns what it yields.
    pub(crate) fn body(&self, body: Blk<'c>, elements: &[Val<'c>], at: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        let mut pairs: Pairs = block_args(body).into_iter().zip(elements.iter().copied()).collect();
        for op in block_ops(body) {
            if is_named(op, "linalg.index") {
                let dim = dp_dialects::ir::i64_attribute(op, "dim").unwrap_or(0) as usize;
                pairs.push((result(op), at[dim]));
            } else if is_named(op, "linalg.yield") {
                let mapped = |value: Val<'c>| match pairs.iter().find(|(from, _)| *from == value) {
                    Some((_, to)) => Ok(*to),
                    None => self.capture(value),
                };
                return operands(op).into_iter().map(mapped).collect();
            } else {
                self.clone(op, &mut pairs)?;
            }
        }
        Err(Diagnostic::internal("internal error: a body without 'linalg.yield'"))
    }
}

/// The symbol reference of a kernel in launches.
pub(crate) fn reference<'c>(context: &'c Context, name: &str) -> Attribute<'c> {
    let leaf = FlatSymbolRefAttribute::new(context, name).to_raw();
    let module = melior::StringRef::new(MODULE);
    // SAFETY: the context and the attribute are live, and the name outlives the call.
    unsafe { Attribute::from_raw(mlir_sys::mlirSymbolRefAttrGet(context.to_raw(), module.to_raw(), 1, &leaf)) }
}

/// The positions of buffers that alias no other parameter.
fn unaliased(passed: &[Val]) -> Vec<i64> {
    let roots: Vec<Option<Val>> = passed.iter().map(|value| is_buffer(*value).then(|| root(*value))).collect();
    // A buffer of unknown origin may alias all of them.
    if roots.iter().flatten().any(|root| !is_unaliased(*root)) {
        return Vec::new();
    }
    let is_alone = |of: &Val| roots.iter().flatten().filter(|other| *other == of).count() == 1;
    (0..roots.len()).filter(|index| roots[*index].as_ref().is_some_and(is_alone)).map(|index| index as i64).collect()
}

/// Whether an operation is a scalar constant.
pub(crate) fn is_constant(op: Op) -> bool {
    is_named(op, "arith.constant") || is_named(op, "scalar.constant") || is_named(op, "complex.constant")
}

/// The quotient of host values, rounded up.
pub(crate) fn ceil_div<'c>(b: &Builder<'c>, x: Val<'c>, y: i64) -> Result<Val<'c>> {
    arith(b, "arith.ceildivui", x, b.index(y)?)
}
