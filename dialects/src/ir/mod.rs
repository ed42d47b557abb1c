//! Short names for melior's references to IR, and operations that its safe API lacks.
//!
//! Within a pass, values and operations are copyable references with the lifetime of the context. A pass that erases an
//! operation must not use references to it afterwards.

pub mod attributes;
pub mod functions;
mod scope;

pub use attributes::*;
pub use functions::*;
pub use scope::Scope;

use melior::ir::block::BlockLike;
use melior::ir::operation::{OperationLike, OperationRef};
use melior::ir::{BlockRef, Location, Region, RegionLike, RegionRef, Type, TypeLike, Value, ValueLike};
use rustc_hash::{FxHashMap, FxHashSet};

/// A reference to an operation.
pub type Op<'c> = OperationRef<'c, 'c>;
/// A reference to a value.
pub type Val<'c> = Value<'c, 'c>;
/// A reference to a block.
pub type Blk<'c> = BlockRef<'c, 'c>;
/// A reference to a region.
pub type Reg<'c> = RegionRef<'c, 'c>;

/// The identity of a value, for maps.
pub fn key(value: Val) -> usize {
    value.to_raw().ptr as usize
}

/// A map from values.
#[derive(Clone, Debug)]
pub struct ValueMap<T>(FxHashMap<usize, T>);

impl<T> Default for ValueMap<T> {
    fn default() -> Self {
        ValueMap(FxHashMap::default())
    }
}

impl<T> ValueMap<T> {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// The entry of a value.
    pub fn get(&self, value: Val) -> Option<&T> {
        self.0.get(&key(value))
    }

    /// The entry of a value, mutably.
    pub fn get_mut(&mut self, value: Val) -> Option<&mut T> {
        self.0.get_mut(&key(value))
    }

    /// Inserts an entry and returns the previous one.
    pub fn insert(&mut self, value: Val, to: T) -> Option<T> {
        self.0.insert(key(value), to)
    }

    /// Removes the entry of a value and returns it.
    pub fn remove(&mut self, value: Val) -> Option<T> {
        self.0.remove(&key(value))
    }

    /// Whether the value has an entry.
    pub fn contains(&self, value: Val) -> bool {
        self.0.contains_key(&key(value))
    }
}

/// A set of values.
#[derive(Clone, Debug, Default)]
pub struct ValueSet(FxHashSet<usize>);

impl ValueSet {
    /// Inserts a value. Returns whether it is new.
    pub fn insert(&mut self, value: Val) -> bool {
        self.0.insert(key(value))
    }

    /// Inserts values.
    pub fn extend<'c>(&mut self, values: impl IntoIterator<Item = Val<'c>>) {
        self.0.extend(values.into_iter().map(key));
    }

    /// Whether the set contains a value.
    pub fn contains(&self, value: Val) -> bool {
        self.0.contains(&key(value))
    }
}

/// The operands of an operation.
pub fn operands<'c>(op: Op<'c>) -> Vec<Val<'c>> {
    op.operands().collect()
}

/// The results of an operation.
pub fn results<'c>(op: Op<'c>) -> Vec<Val<'c>> {
    op.results().map(Into::into).collect()
}

/// The first result of an operation that has one.
pub fn result<'c>(op: Op<'c>) -> Val<'c> {
    op.result(0).expect("the operation has a result").into()
}

/// The current operations of a block, in order. The block may be changed while the list is in use.
pub fn block_ops<'c>(block: Blk<'c>) -> Vec<Op<'c>> {
    std::iter::successors(block.first_operation(), |op| op.next_in_block()).collect()
}

/// The arguments of a block.
pub fn block_args<'c>(block: Blk<'c>) -> Vec<Val<'c>> {
    (0..block.argument_count()).map(|index| block.argument(index).expect("the index is in range").into()).collect()
}

/// The first block of an operation's region `index`, if the region has one.
pub fn region_block<'c>(op: Op<'c>, index: usize) -> Option<Blk<'c>> {
    op.region(index).ok().and_then(|region| region.first_block())
}

/// Whether a region of the operation has several blocks.
pub fn has_several_blocks(op: Op) -> bool {
    op.regions().any(|region| region.first_block().is_some_and(|block| block.next_in_region().is_some()))
}

/// The operations directly in a module (or in the first block of any operation).
pub fn body_ops<'c>(op: Op<'c>) -> Vec<Op<'c>> {
    region_block(op, 0).map(block_ops).unwrap_or_default()
}

/// Visits an operation and all operations nested in it, in pre-order.
pub fn walk<'c>(op: Op<'c>, visit: &mut impl FnMut(Op<'c>)) {
    visit(op);
    for region in op.regions().collect::<Vec<_>>() {
        let mut next = region.first_block();
        while let Some(block) = next {
            for op in block_ops(block) {
                walk(op, visit);
            }
            next = block.next_in_region();
        }
    }
}

/// The operation that defines a value; `None` for a block argument.
pub fn defining_op<'c>(value: Val<'c>) -> Option<Op<'c>> {
    // SAFETY: the value is live; an operation result has a live owner.
    unsafe {
        if !mlir_sys::mlirValueIsAOpResult(value.to_raw()) {
            return None;
        }
        Some(OperationRef::from_raw(mlir_sys::mlirOpResultGetOwner(value.to_raw())))
    }
}

/// The index of a value among the results of its operation or the arguments of its block.
pub fn value_index(value: Val) -> usize {
    // SAFETY: the value is live and one of the two.
    unsafe {
        if mlir_sys::mlirValueIsAOpResult(value.to_raw()) {
            mlir_sys::mlirOpResultGetResultNumber(value.to_raw()) as usize
        } else {
            mlir_sys::mlirBlockArgumentGetArgNumber(value.to_raw()) as usize
        }
    }
}

/// The block in which a value is defined.
pub fn value_block<'c>(value: Val<'c>) -> Option<Blk<'c>> {
    match defining_op(value) {
        Some(op) => op.block(),
        // SAFETY: a value that no operation defines is a block argument.
        None => unsafe { BlockRef::from_option_raw(mlir_sys::mlirBlockArgumentGetOwner(value.to_raw())) },
    }
}

/// The location of a value: that of its operation, or its own if it is an argument of a block.
pub fn value_location<'c>(value: Val<'c>) -> Location<'c> {
    // SAFETY: the value is live, and its location lives as long as the context.
    unsafe { Location::from_raw(mlir_sys::mlirValueGetLocation(value.to_raw())) }
}

/// The operations that use a value, once for each use.
pub fn users<'c>(value: Val<'c>) -> Vec<Op<'c>> {
    let mut found = Vec::new();
    // SAFETY: the chain of uses belongs to a live value and is not changed here.
    unsafe {
        let mut operand = mlir_sys::mlirValueGetFirstUse(value.to_raw());
        while !mlir_sys::mlirOpOperandIsNull(operand) {
            found.push(OperationRef::from_raw(mlir_sys::mlirOpOperandGetOwner(operand)));
            operand = mlir_sys::mlirOpOperandGetNextUse(operand);
        }
    }
    found
}

/// The ancestors of an operation, innermost first.
pub fn ancestors<'c>(op: Op<'c>) -> impl Iterator<Item = Op<'c>> {
    let outer = |op: &Op<'c>| op.block().and_then(|block| block.parent_operation());
    std::iter::successors(outer(&op), outer)
}

/// Whether nothing uses a value.
pub fn is_unused(value: Val) -> bool {
    // SAFETY: the value is live.
    unsafe { mlir_sys::mlirOpOperandIsNull(mlir_sys::mlirValueGetFirstUse(value.to_raw())) }
}

/// Replaces all uses of value `of` by `with`.
pub fn replace_all_uses<'c>(of: Val<'c>, with: Val<'c>) {
    // SAFETY: both values are live.
    unsafe { mlir_sys::mlirValueReplaceAllUsesOfWith(of.to_raw(), with.to_raw()) }
}

/// Erases an operation without uses. References to it, its results and its regions are invalid afterwards.
pub fn erase(op: Op) {
    debug_assert!(results(op).into_iter().all(is_unused), "an erased operation has no uses");
    // SAFETY: nothing uses the results; by this module's contract nobody keeps references.
    unsafe { mlir_sys::mlirOperationDestroy(op.to_raw()) }
}

/// Whether an operation and its regions have no side effects.
pub fn is_pure(op: Op) -> bool {
    // SAFETY: the operation is live.
    unsafe { crate::shim::dpIsPure(op.to_raw()) }
}

/// Moves an operation before another. The caller keeps definitions before their uses.
pub fn move_before<'c>(op: Op<'c>, place: Op<'c>) {
    // SAFETY: both are live and in blocks.
    unsafe { mlir_sys::mlirOperationMoveBefore(op.to_raw(), place.to_raw()) }
}

/// Replaces one operand of an operation.
pub fn set_operand<'c>(op: Op<'c>, index: usize, value: Val<'c>) {
    // SAFETY: both are live, and the caller guarantees that the operand exists.
    unsafe { mlir_sys::mlirOperationSetOperand(op.to_raw(), index as isize, value.to_raw()) }
}

/// Replaces all operands of an operation.
pub fn set_operands<'c>(op: Op<'c>, operands: &[Val<'c>]) {
    let operands: Vec<_> = operands.iter().map(|operand| operand.to_raw()).collect();
    // SAFETY: all are live.
    unsafe { mlir_sys::mlirOperationSetOperands(op.to_raw(), operands.len() as isize, operands.as_ptr()) }
}

/// Gives a value another type, at its definition. The caller keeps its definition and its uses consistent with it.
pub fn set_type<'c>(value: Val<'c>, r#type: Type<'c>) {
    // SAFETY: both are live.
    unsafe { mlir_sys::mlirValueSetType(value.to_raw(), r#type.to_raw()) }
}

/// Adds an argument to a block.
pub fn add_argument<'c>(block: Blk<'c>, r#type: Type<'c>, location: Location<'c>) -> Val<'c> {
    // SAFETY: all are live.
    unsafe { Value::from_raw(mlir_sys::mlirBlockAddArgument(block.to_raw(), r#type.to_raw(), location.to_raw())) }
}

/// Erases an argument of a block, which nothing uses.
pub fn erase_argument(block: Blk, index: usize) {
    debug_assert!(block_args(block).get(index).copied().is_none_or(is_unused), "an erased argument has no uses");
    // SAFETY: the argument belongs to the block and has no uses.
    unsafe { mlir_sys::mlirBlockEraseArgument(block.to_raw(), index as u32) }
}

/// Takes the blocks of a region, which has none afterwards.
pub fn take_blocks<'c>(region: Reg<'c>) -> Region<'c> {
    let taken = Region::new();
    // SAFETY: both regions are live.
    unsafe { mlir_sys::mlirRegionTakeBody(taken.to_raw(), region.to_raw()) };
    taken
}

/// Sets the location of an operation.
pub fn set_location<'c>(op: Op<'c>, location: Location<'c>) {
    // SAFETY: both are live.
    unsafe { mlir_sys::mlirOperationSetLocation(op.to_raw(), location.to_raw()) }
}
