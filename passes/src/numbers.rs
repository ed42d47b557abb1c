//! Values that become numbers: function values and pullbacks. The program is closed, so that a value is one of those made
//! somewhere, a number says which, and a use of it is a choice between calls (defunctionalization, Reynolds 1972).

use dp_dialects::ir::{
    Op, Val, block_args, context_of, erase, replace_all_uses, results, set_attribute, set_type, signature,
    string_attribute,
};
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType};
use melior::ir::attribute::{Attribute, DenseI64ArrayAttribute, FlatSymbolRefAttribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{RegionLike, Type, ValueLike};

/// A kind of values that become numbers.
pub struct Numbered {
    /// Whether a type is one of such values.
    pub is: fn(Type) -> bool,
    /// The error for a public function with such a type.
    pub message: &'static str,
    /// What helps against it.
    pub help: &'static str,
}

impl Numbered {
    /// The types, with an index for each type of such values.
    pub fn lowered<'c>(&self, context: &'c melior::Context, types: Vec<Type<'c>>) -> Vec<Type<'c>> {
        let index = ScalarType::Index.to_type(context);
        types.into_iter().map(|r#type| if (self.is)(r#type) { index } else { r#type }).collect()
    }

    /// Whether an argument or a result of a function is such a value.
    pub fn is_in_signature(&self, function: Op) -> bool {
        let (inputs, outputs) = signature(function).unwrap_or_default();
        inputs.iter().chain(&outputs).any(|r#type| (self.is)(*r#type))
    }

    /// Rejects a function whose callers are not known, if it takes or returns such values.
    ///
    /// # Errors
    /// If it does.
    pub fn check(&self, function: Op) -> Result<()> {
        let is_private = string_attribute(function, "sym_visibility") == Some("private");
        match is_private || !self.is_in_signature(function) {
            true => Ok(()),
            false => Err(Diagnostic::unsupported(self.message).help(self.help)),
        }
    }

    /// Makes these types of an operation's results, its block arguments, and its signature indices.
    pub fn retype(&self, op: Op) {
        let context = context_of(op);
        let index = ScalarType::Index.to_type(context);
        let lower = |values: Vec<Val>| {
            values.into_iter().filter(|value| (self.is)(value.r#type())).for_each(|value| set_type(value, index));
        };
        lower(results(op));
        for region in op.regions() {
            let first = region.first_block();
            for block in std::iter::successors(first, |block| block.next_in_region()) {
                // SAFETY: the block lives in the operation.
                lower(block_args(unsafe { melior::ir::BlockRef::from_raw(block.to_raw()) }));
            }
        }
        if let Some((inputs, outputs)) = signature(op).filter(|_| OpKind::of(op) == Some(OpKind::FuncFunc)) {
            let r#type = FunctionType::new(context, &self.lowered(context, inputs), &self.lowered(context, outputs));
            set_attribute(op, "function_type", TypeAttribute::new(r#type.into()).into());
        }
    }
}

/// Replaces an operation by values, which may have other types than its results.
pub fn replace<'c>(op: Op<'c>, made: &[Val<'c>]) {
    for (old, new) in results(op).into_iter().zip(made) {
        // While types are being replaced, a value may have either.
        set_type(old, new.r#type());
        replace_all_uses(old, *new);
    }
    erase(op);
}

/// The calls that a number chooses from, at least one: of functions of one signature, each with its number. The number is
/// that of one of them.
///
/// # Errors
/// If an operation cannot be created.
pub fn choose<'c>(
    b: Builder<'c>,
    number: Val<'c>,
    functions: &[(i64, &str)],
    arguments: &[Val<'c>],
    outputs: &[Type<'c>],
) -> Result<Vec<Val<'c>>> {
    let context = b.context();
    let call = |b: Builder<'c>, name: &str| {
        let callee: Attribute = FlatSymbolRefAttribute::new(context, name).into();
        b.op(OpKind::FuncCall, arguments, outputs, &[("callee", callee)], vec![]).map(results)
    };
    let nothing = || Diagnostic::internal("internal error: a choice from nothing");
    let (last, others) = functions.split_last().ok_or_else(nothing)?;
    if others.is_empty() {
        return call(b, last.1);
    }
    // One of the functions needs no case, since there are no others.
    let mut regions = Vec::new();
    for (_, name) in std::iter::once(last).chain(others) {
        let (region, _, inner) = b.region(&[]);
        let made = call(inner, name)?;
        inner.op(OpKind::ScfYield, &made, &[], &[], vec![])?;
        regions.push(region);
    }
    let cases: Vec<i64> = others.iter().map(|(number, _)| *number).collect();
    let cases = ("cases", DenseI64ArrayAttribute::new(context, &cases).into());
    b.op(OpKind::ScfIndexSwitch, &[number], outputs, &[cases], regions).map(results)
}
