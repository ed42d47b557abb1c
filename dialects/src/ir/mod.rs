//! Short names for melior's references to a module that outlives the pass, and
//! what its safe surface lacks.
//!
//! Within a pass everything lives as long as the context: values and
//! operations are small copyable references, and a pass that erases an
//! operation must not use references to it afterwards.

use melior::ir::attribute::{
    ArrayAttribute, BoolAttribute, DenseI64ArrayAttribute, FlatSymbolRefAttribute, IntegerAttribute, TypeAttribute,
};
use melior::ir::block::BlockLike;
use melior::ir::operation::{OperationLike, OperationRef};
use melior::ir::r#type::FunctionType;
use melior::ir::{Attribute, AttributeLike, BlockRef, RegionLike, RegionRef, Type, TypeLike, Value, ValueLike};
use melior::{Context, ContextRef};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

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
pub struct ValueMap<T>(HashMap<usize, T>);

impl<T> Default for ValueMap<T> {
    fn default() -> Self {
        ValueMap(HashMap::new())
    }
}

impl<T> ValueMap<T> {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the value maps to.
    pub fn get(&self, value: Val) -> Option<&T> {
        self.0.get(&key(value))
    }

    /// What the value maps to, to be changed.
    pub fn get_mut(&mut self, value: Val) -> Option<&mut T> {
        self.0.get_mut(&key(value))
    }

    /// Maps the value, and gives back what it mapped to before.
    pub fn insert(&mut self, value: Val, to: T) -> Option<T> {
        self.0.insert(key(value), to)
    }

    /// Takes the value out.
    pub fn remove(&mut self, value: Val) -> Option<T> {
        self.0.remove(&key(value))
    }

    /// Whether the value maps to anything.
    pub fn contains(&self, value: Val) -> bool {
        self.0.contains_key(&key(value))
    }
}

/// A set of values.
#[derive(Clone, Debug, Default)]
pub struct ValueSet(HashSet<usize>);

impl ValueSet {
    /// Puts a value in; whether it was not there before.
    pub fn insert(&mut self, value: Val) -> bool {
        self.0.insert(key(value))
    }

    /// Puts values in.
    pub fn extend<'c>(&mut self, values: impl IntoIterator<Item = Val<'c>>) {
        self.0.extend(values.into_iter().map(key));
    }

    /// Whether a value is in.
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

/// The only result of an operation that has one.
pub fn result<'c>(op: Op<'c>) -> Val<'c> {
    op.result(0).expect("the operation has a result").into()
}

/// The operations of a block, in order, as they are now: the block may be
/// changed while the list is walked.
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

/// Whether a region of the operation has several blocks, between which control
/// branches.
pub fn has_several_blocks(op: Op) -> bool {
    op.regions().any(|region| region.first_block().is_some_and(|block| block.next_in_region().is_some()))
}

/// The operations directly in a module (or in the first block of any operation).
pub fn body_ops<'c>(op: Op<'c>) -> Vec<Op<'c>> {
    region_block(op, 0).map(block_ops).unwrap_or_default()
}

/// An operation and all that its regions hold, each before what it holds.
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

/// The operation that defines a value; `None` for a block's argument.
pub fn defining_op<'c>(value: Val<'c>) -> Option<Op<'c>> {
    // SAFETY: the value is live; an operation result has a live owner.
    unsafe {
        if !mlir_sys::mlirValueIsAOpResult(value.to_raw()) {
            return None;
        }
        Some(OperationRef::from_raw(mlir_sys::mlirOpResultGetOwner(value.to_raw())))
    }
}

/// The position of a value among the results of its operation or the arguments
/// of its block.
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

/// The operations around an operation, from the innermost on.
pub fn ancestors<'c>(op: Op<'c>) -> impl Iterator<Item = Op<'c>> {
    let outer = |op: &Op<'c>| op.block().and_then(|block| block.parent_operation());
    std::iter::successors(outer(&op), outer)
}

/// Whether nothing uses a value.
pub fn is_unused(value: Val) -> bool {
    // SAFETY: the value is live.
    unsafe { mlir_sys::mlirOpOperandIsNull(mlir_sys::mlirValueGetFirstUse(value.to_raw())) }
}

/// Makes every use of one value a use of another.
pub fn replace_all_uses<'c>(of: Val<'c>, with: Val<'c>) {
    // SAFETY: both values are live.
    unsafe { mlir_sys::mlirValueReplaceAllUsesOfWith(of.to_raw(), with.to_raw()) }
}

/// Takes an operation that nothing uses out of its block and frees it. The
/// reference, and those to its results and regions, are dead afterwards.
pub fn erase(op: Op) {
    debug_assert!(results(op).into_iter().all(is_unused), "an erased operation has no uses");
    // SAFETY: nothing uses the results; by this module's contract nobody keeps references.
    unsafe { mlir_sys::mlirOperationDestroy(op.to_raw()) }
}

/// Whether an operation has no effect but its results, its regions included.
pub fn is_pure(op: Op) -> bool {
    // SAFETY: the operation is live.
    unsafe { crate::shim::dpIsPure(op.to_raw()) }
}

/// An attribute as 64-bit integers.
pub fn i64_array(op: Op, name: &str) -> Option<Vec<i64>> {
    op.attribute(name).ok().and_then(i64_array_of)
}

/// The elements of a dense array of 64-bit integers.
pub fn i64_array_of(attribute: Attribute) -> Option<Vec<i64>> {
    let array = DenseI64ArrayAttribute::try_from(attribute).ok()?;
    (0..array.len()).map(|index| array.element(index).ok()).collect()
}

/// An attribute as positions: 64-bit integers, none negative.
pub fn positions(op: Op, name: &str) -> Option<Vec<usize>> {
    i64_array(op, name)?.into_iter().map(|position| usize::try_from(position).ok()).collect()
}

/// An attribute as one integer.
pub fn i64_attribute(op: Op, name: &str) -> Option<i64> {
    op.attribute(name).ok().and_then(|attribute| IntegerAttribute::try_from(attribute).ok()).map(|value| value.value())
}

/// An attribute as text; `None` where it is no text, as a string of bytes that are not UTF-8.
pub fn string_attribute<'c>(op: Op<'c>, name: &str) -> Option<&'c str> {
    text(op.attribute(name).ok()?)
}

/// The text of a string attribute. (melior's own reading panics where a string is empty, or not UTF-8.)
pub fn text(attribute: Attribute<'_>) -> Option<&str> {
    // SAFETY: the attribute is live, and a string where its value is asked for; values live as long as the context.
    unsafe {
        let raw = attribute.to_raw();
        mlir_sys::mlirAttributeIsAString(raw).then(|| text_of(mlir_sys::mlirStringAttrGetValue(raw)))?
    }
}

/// The text of MLIR's reference to a string; `None` where it is not UTF-8.
///
/// # Safety
/// The string lives as long as the result is used.
pub(crate) unsafe fn text_of<'a>(raw: mlir_sys::MlirStringRef) -> Option<&'a str> {
    // SAFETY: the caller's.
    std::str::from_utf8(unsafe { bytes_of(raw) }).ok()
}

/// The bytes of MLIR's reference to a string.
///
/// # Safety
/// The string lives as long as the result is used.
pub(crate) unsafe fn bytes_of<'a>(raw: mlir_sys::MlirStringRef) -> &'a [u8] {
    if raw.length == 0 {
        return &[];
    }
    // SAFETY: there are as many bytes as the reference says, and they live as long as the caller says.
    unsafe { std::slice::from_raw_parts(raw.data.cast(), raw.length) }
}

/// The function that an attribute names.
pub fn symbol_attribute<'c>(op: Op<'c>, name: &str) -> Option<&'c str> {
    let symbol = FlatSymbolRefAttribute::try_from(op.attribute(name).ok()?).ok()?;
    // SAFETY: the attribute is live and of this kind; its text lives as long as the context.
    unsafe { text_of(mlir_sys::mlirFlatSymbolRefAttrGetValue(symbol.to_raw())) }
}

/// The name of a symbol, such as a function.
pub fn symbol_name<'c>(op: Op<'c>) -> Option<&'c str> {
    string_attribute(op, "sym_name")
}

/// Whether a function has no body.
pub fn is_declaration(function: Op) -> bool {
    region_block(function, 0).is_none()
}

/// The types of a function's arguments and results.
pub fn signature<'c>(function: Op<'c>) -> Option<(Vec<Type<'c>>, Vec<Type<'c>>)> {
    let attribute = TypeAttribute::try_from(function.attribute("function_type").ok()?).ok()?;
    Some(signature_of(FunctionType::try_from(attribute.value()).ok()?))
}

/// The inputs and results of a function type.
pub fn signature_of<'c>(function: FunctionType<'c>) -> (Vec<Type<'c>>, Vec<Type<'c>>) {
    (
        (0..function.input_count()).filter_map(|index| function.input(index).ok()).collect(),
        (0..function.result_count()).filter_map(|index| function.result(index).ok()).collect(),
    )
}

/// The signature of a pullback type, `!ad.pullback<…>`; `None` for another type.
pub fn pullback_signature<'c>(r#type: Type<'c>) -> Option<(Vec<Type<'c>>, Vec<Type<'c>>)> {
    // SAFETY: the type is live; a type that is not null comes back live.
    let signature = unsafe {
        let raw = crate::shim::dpPullbackSignature(r#type.to_raw());
        if raw.ptr.is_null() {
            return None;
        }
        Type::from_raw(raw)
    };
    FunctionType::try_from(signature).ok().map(signature_of)
}

/// The functions of a module, by name.
pub fn functions<'c>(module: Op<'c>) -> HashMap<&'c str, Op<'c>> {
    body_ops(module).into_iter().filter_map(|op| Some((symbol_name(op)?, op))).collect()
}

/// Sets an attribute of an operation.
pub fn set_attribute<'c>(op: Op<'c>, name: &str, value: Attribute<'c>) {
    let name = melior::StringRef::new(name);
    // SAFETY: operation and attribute are live, and the name outlives the call.
    unsafe { mlir_sys::mlirOperationSetAttributeByName(op.to_raw(), name.to_raw(), value.to_raw()) }
}

/// Whether a boolean or unit attribute is set.
pub fn is_set(op: Op, name: &str) -> bool {
    op.attribute(name).is_ok_and(|attribute| BoolAttribute::try_from(attribute).map_or(true, |value| value.value()))
}

/// The dictionary of attributes of a function's argument or result: `which` is
/// `arg_attrs` or `res_attrs`.
pub fn parameter_attributes<'c>(function: Op<'c>, which: &str, index: usize) -> Option<Attribute<'c>> {
    ArrayAttribute::try_from(function.attribute(which).ok()?).ok()?.element(index).ok()
}

/// The name that the attribute `dp.name` gives to a function's argument
/// (`arg_attrs`) or result (`res_attrs`).
fn given_name<'c>(function: Op<'c>, which: &str, index: usize) -> Option<&'c str> {
    let dictionary = parameter_attributes(function, which, index)?;
    let name = melior::StringRef::new(crate::marks::NAME.name);
    // SAFETY: the dictionary is live; a missing attribute is null.
    let name = unsafe {
        Attribute::from_option_raw(mlir_sys::mlirDictionaryAttrGetElementByName(dictionary.to_raw(), name.to_raw()))
    };
    text(name?)
}

/// The name of a function's argument: the one given, or that of the C interface.
pub fn argument_name(function: Op, index: usize) -> String {
    given_name(function, "arg_attrs", index).map_or_else(|| format!("a{index}"), str::to_owned)
}

/// The name of a function's result: the one given, or that of the C interface.
pub fn result_name(function: Op, index: usize) -> String {
    given_name(function, "res_attrs", index).map_or_else(|| format!("r{index}"), str::to_owned)
}

/// The context of an operation.
pub fn context_of<'c>(op: Op<'c>) -> &'c Context {
    context_at(op.context())
}

/// A context as melior's builders want it. melior's own `ContextRef::to_ref`
/// gives a reference to the `ContextRef`, which is gone when its block ends; so
/// each context's handle is kept here, once, for good.
pub(crate) fn context_at<'c>(context: ContextRef<'c>) -> &'c Context {
    static HANDLES: Mutex<BTreeMap<usize, &'static ContextHandle>> = Mutex::new(BTreeMap::new());
    // SAFETY: the reference is to `context`, and is not used after it.
    let raw = unsafe { context.to_ref() }.to_raw();
    let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
    let handle = *handles.entry(raw.ptr as usize).or_insert_with(|| Box::leak(Box::new(ContextHandle(raw))));
    // SAFETY: `Context` holds the handle and nothing else, and the context lives for 'c.
    unsafe { std::mem::transmute::<&'static ContextHandle, &'c Context>(handle) }
}

/// What melior's `Context` holds.
#[repr(transparent)]
struct ContextHandle(mlir_sys::MlirContext);

// SAFETY: a handle is an address; what it points to is MLIR's, which locks it.
unsafe impl Sync for ContextHandle {}
// SAFETY: as above.
unsafe impl Send for ContextHandle {}

/// Replaces one operand of an operation.
pub fn set_operand<'c>(op: Op<'c>, index: usize, value: Val<'c>) {
    // SAFETY: both are live, and the index is one of an operand by the caller's word.
    unsafe { mlir_sys::mlirOperationSetOperand(op.to_raw(), index as isize, value.to_raw()) }
}

/// Gives an operation another location.
pub fn set_location<'c>(op: Op<'c>, location: melior::ir::Location<'c>) {
    // SAFETY: both are live.
    unsafe { mlir_sys::mlirOperationSetLocation(op.to_raw(), location.to_raw()) }
}
