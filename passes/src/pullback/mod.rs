//! `split-pullbacks`: divides functions that compute results and apply their pullback into two.
//!
//! Until here, the two are one program: derivatives and simplification see what is shared, and residuals are values like
//! all others. Here, the values that the second half uses of the first half become results of one function and arguments
//! of the other one. The C interface keeps them in a handle.

mod body;
mod tape;

use crate::calls::{calls, reaching};
use crate::records::is_record;
use crate::{ErrorGuaranteed, Pass, pass_options};
use body::{Body, Source, is_extent};
use dp_abi::{PULL, VJP};
use dp_dialects::ir::{
    Blk, Op, Val, argument_name, block_args, body_ops, context_of, erase, functions, is_declaration, operands,
    region_block, replace_all_uses, result_name, set_attribute, set_operand, signature, symbol_name, walk,
};
use dp_dialects::marks::{KEPT, NAME, PULLBACK, PULLS};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ValueType};
use melior::ir::attribute::{ArrayAttribute, Attribute, StringAttribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{Type, TypeLike, ValueLike};

/// `split-pullbacks`.
pub static SPLIT_PULLBACKS: Pass<PullbackOptions> = Pass {
    flag: "split-pullbacks",
    summary: "divide pullbacks into the function that keeps residuals and the one that uses them",
    description: "Takes a module after calls are inlined. A function with the mark `dp.pullback` takes arguments and \
        cotangents, and returns results and cotangents of arguments. It becomes two: `f_vjp` takes the arguments and \
        returns the results and the residuals, and `f_pull` takes the residuals and the cotangents. A minimum cut chooses \
        the residuals; constants, extents and other free operations are in both functions. The first arguments of \
        `f_pull` are those of `f_vjp` that have dynamic extents and a cotangent; only their extents matter. The marks \
        `dp.kept` and `dp.pulls` tell the C interface about them. Where both keep records, of recursive calls or of \
        pullbacks, the tape of `f_vjp` is the last residual, which the mark `dp.tape` names.",
    body: run,
};

pass_options! {
    /// Options of `split-pullbacks`.
    pub struct PullbackOptions {
        "records" => records: bool = true, "whether handles may hold records";
    }
}

/// Whether an operation is a function to divide.
pub fn is_pullback(op: Op) -> bool {
    PULLBACK.is_on(op)
}

fn run<'c>(module: Op<'c>, options: &PullbackOptions) -> Result<(), ErrorGuaranteed> {
    let marked: Vec<Op> = body_ops(module).into_iter().filter(|op| is_pullback(*op)).collect();
    let recorded = reaching(module, is_record);
    let called: Vec<&str> = body_ops(module).into_iter().flat_map(calls).map(|(_, callee)| callee).collect();
    for function in marked {
        let name = symbol_name(function).unwrap_or_default();
        let split = if recorded.contains(name) && !options.records {
            Err(Diagnostic::unsupported(
                "a pullback that keeps records, of recursive calls or of pullbacks, cannot be kept by this target",
            )
            .help("use '--grad', or write a recursion as a loop and pull a pullback where it is made"))
        } else if called.contains(&name) {
            Err(Diagnostic::unsupported("a function that applies a pullback cannot be called recursively"))
        } else {
            Split::of(function).and_then(|split| split.run(module, recorded.contains(name)))
        };
        split.map_err(|diagnostic| diagnostic.prefixed(format_args!("{name}: ")).report(function.location()))?;
    }
    Ok(())
}

/// A function to divide.
struct Split<'c> {
    function: Op<'c>,
    /// The name without a suffix.
    of: String,
    /// The number of arguments before the cotangents.
    primal: usize,
    /// The number of results before the cotangents.
    results: usize,
    /// The arguments to which the cotangents belong.
    wrt: Vec<usize>,
}

impl<'c> Split<'c> {
    /// Reads the mark of a function, which programs may contain too.
    fn of(function: Op<'c>) -> Result<Self> {
        let invalid = || {
            Diagnostic::invalid(format!("the attribute '{}' does not fit the function", PULLBACK.name))
                .help("remove it, and use '--vjp'")
        };
        let (inputs, outputs) = signature(function).ok_or_else(invalid)?;
        let mark = PULLBACK.of(function).ok_or_else(invalid)?;
        let mark: Vec<usize> = mark.into_iter().filter_map(|count| usize::try_from(count).ok()).collect();
        let (results, wrt) = mark.split_first().ok_or_else(invalid)?;
        let of = symbol_name(function).and_then(|name| name.strip_suffix(VJP)).filter(|of| !of.is_empty());
        let is_carrier = |r#type: &&Type<'c>| ValueType::of(**r#type).is_some_and(|of| of.dtype.is_differentiable());
        let (primal_outputs, cotangents) = outputs.split_at_checked(*results).ok_or_else(invalid)?;
        let carriers: Vec<Type> = primal_outputs.iter().filter(is_carrier).copied().collect();
        let primal = inputs.len().checked_sub(carriers.len()).ok_or_else(invalid)?;
        let belongs = |(wrt, cotangent): (&usize, &Type<'c>)| *wrt < primal && inputs[*wrt] == *cotangent;
        let is_repeated = |(place, index): (usize, &usize)| wrt[..place].contains(index);
        let fits = !is_declaration(function)
            && !wrt.iter().enumerate().any(is_repeated)
            && inputs[primal..] == carriers[..]
            && cotangents.len() == wrt.len()
            && wrt.iter().zip(cotangents).all(belongs);
        let of = of.filter(|_| fits).ok_or_else(invalid)?.to_owned();
        Ok(Split { function, of, primal, results: *results, wrt: wrt.to_vec() })
    }

    /// Divides the function; `is_recorded` tells whether it reaches records.
    fn run(self, module: Op<'c>, is_recorded: bool) -> Result<()> {
        let name = format!("{}{PULL}", self.of);
        if functions(module).contains_key(name.as_str()) {
            return Err(Diagnostic::request(format!("the name '{name}' is already taken")).help("rename one of them"));
        }
        let inputs = signature(self.function).map(|(inputs, _)| inputs).unwrap_or_default();
        let is_open = |wrt: &usize| ValueType::of(inputs[*wrt]).is_some_and(|of| of.dynamic_dimensions().count() > 0);
        let shapes: Vec<usize> = self.wrt.iter().copied().filter(is_open).collect();
        let body = Body::of(self.function, self.results, self.primal, &shapes)?;
        let halves = body.halves();
        if let Some(value) =
            halves.kept.iter().map(|kept| body.value(*kept)).find(|value| ValueType::of(value.r#type()).is_none())
        {
            let message = format!("the pullback needs a value of type {}, which cannot be kept", value.r#type());
            return Err(Diagnostic::unsupported(message));
        }
        let read = |function: Op<'c>| Body::of(function, self.results, self.primal, &shapes);
        let copy = || Builder::before(self.function).clone_op(self.function, &[] as &[(Val, Val)]);
        let (vjp, pull) = (copy(), copy());
        PULLBACK.remove(vjp);
        PULLBACK.remove(pull);
        set_attribute(pull, "sym_name", StringAttribute::new(context_of(pull), &name).into());
        // One more, for a tape.
        let names = self.names(halves.kept.len() + 1);
        let (kept, tape) = names.split_at(halves.kept.len());
        self.keep(vjp, &read(vjp)?, &halves.vjp, &halves.kept, kept)?;
        self.pull(pull, &read(pull)?, &halves.pull, &halves.kept, kept, &shapes)?;
        erase(self.function);
        if is_recorded { tape::share(module, vjp, pull, &tape[0]) } else { Ok(()) }
    }

    /// Names for residuals that no argument and no result has.
    fn names(&self, count: usize) -> Vec<String> {
        let (inputs, outputs) = signature(self.function).unwrap_or_default();
        let mut taken = (0..inputs.len()).map(|index| argument_name(self.function, index)).collect::<Vec<_>>();
        taken.extend((0..outputs.len()).map(|index| result_name(self.function, index)));
        let mut prefix = "kept".to_owned();
        while taken.iter().any(|name| name.starts_with(&prefix)) {
            prefix.push('t');
        }
        (0..count).map(|index| format!("{prefix}{index}")).collect()
    }

    /// Makes the function that returns the results and the residuals.
    fn keep(&self, function: Op<'c>, body: &Body<'c>, ops: &[bool], kept: &[Source], names: &[String]) -> Result<()> {
        let mut arguments: Vec<String> = (0..self.primal).map(|index| argument_name(self.function, index)).collect();
        let results = (0..self.results).map(|index| result_name(self.function, index));
        let results: Vec<String> = results.chain(names.iter().cloned()).collect();
        let mut returned = operands(body.terminator);
        returned.truncate(self.results);
        returned.extend(kept.iter().map(|source| body.value(*source)));
        finish(function, body, ops, &returned)?;
        remove_arguments(function, self.primal..body.arguments.len())?;
        arguments.truncate(self.primal);
        retype(function, &returned, &arguments, &results);
        KEPT.set(function, &vec![kept.len() as i64]);
        Ok(())
    }

    /// Makes the function that takes shapes, residuals and cotangents.
    fn pull(
        &self,
        function: Op<'c>,
        body: &Body<'c>,
        ops: &[bool],
        kept: &[Source],
        names: &[String],
        shapes: &[usize],
    ) -> Result<()> {
        let internal = || Diagnostic::internal("internal error: a function without a body");
        let block = region_block(function, 0).ok_or_else(internal)?;
        let mut returned = operands(body.terminator).split_off(self.results);
        let mut replaced: Vec<(Val<'c>, Val<'c>)> = Vec::new();
        let add = |of: Val<'c>, place: usize| insert_argument(function, block, of.r#type(), place);
        // Extents first: what remains are uses of the elements.
        for (place, shape) in shapes.iter().enumerate() {
            let argument = add(body.arguments[*shape], place);
            walk(function, &mut |op| {
                if is_extent(op) && operands(op)[0] == body.arguments[*shape] {
                    set_operand(op, 0, argument);
                }
            });
        }
        for (index, source) in kept.iter().enumerate() {
            let value = body.value(*source);
            replaced.push((value, add(value, shapes.len() + index)));
        }
        for (value, argument) in replaced {
            replace_all_uses(value, argument);
            returned.iter_mut().filter(|returned| **returned == value).for_each(|returned| *returned = argument);
        }
        finish(function, body, ops, &returned)?;
        let held = shapes.len() + kept.len();
        remove_arguments(function, held..held + self.primal)?;
        let of_shapes = shapes.iter().map(|index| argument_name(self.function, *index));
        let cotangents = (self.primal..body.arguments.len()).map(|index| argument_name(self.function, index));
        let arguments: Vec<String> = of_shapes.chain(names.iter().cloned()).chain(cotangents).collect();
        let results = 0..self.wrt.len();
        let results: Vec<String> = results.map(|index| result_name(self.function, self.results + index)).collect();
        retype(function, &returned, &arguments, &results);
        let place = |wrt: &usize| shapes.iter().position(|shape| shape == wrt).map_or(-1, |place| place as i64);
        let counts = [shapes.len() as i64, kept.len() as i64];
        PULLS.set(function, &counts.into_iter().chain(self.wrt.iter().map(place)).collect());
        Ok(())
    }
}

/// Adds an argument to a function.
fn insert_argument<'c>(function: Op<'c>, block: Blk<'c>, r#type: Type<'c>, place: usize) -> Val<'c> {
    // SAFETY: block, type and location are live, and the place is at most the number of arguments. The argument lives as
    // long as its block.
    unsafe {
        let location = function.location().to_raw();
        let raw = mlir_sys::mlirBlockInsertArgument(block.to_raw(), place as isize, r#type.to_raw(), location);
        melior::ir::Value::from_raw(raw)
    }
}

/// Returns other values, and erases all operations but the given ones.
fn finish<'c>(function: Op<'c>, body: &Body<'c>, ops: &[bool], returned: &[Val<'c>]) -> Result<()> {
    let b = Builder::before(body.terminator).located(function.location());
    b.op(OpKind::FuncReturn, returned, &[], &[], vec![])?;
    erase(body.terminator);
    // Definitions precede uses.
    body.ops.iter().zip(ops).rev().filter(|(_, needed)| !**needed).for_each(|(op, _)| erase(*op));
    Ok(())
}

/// Removes arguments without uses.
fn remove_arguments(function: Op, range: std::ops::Range<usize>) -> Result<()> {
    let block = region_block(function, 0).ok_or_else(|| Diagnostic::internal("internal error: no body"))?;
    for index in range.rev() {
        if !dp_dialects::ir::is_unused(block_args(block)[index]) {
            return Err(Diagnostic::internal("internal error: half of a pullback uses an argument of the other half"));
        }
        // SAFETY: the argument belongs to the block and has no uses.
        unsafe { mlir_sys::mlirBlockEraseArgument(block.to_raw(), index as u32) };
    }
    Ok(())
}

/// Sets the type of a function, and the names of its arguments and results.
fn retype<'c>(function: Op<'c>, returned: &[Val<'c>], arguments: &[String], results: &[String]) {
    let context = context_of(function);
    let types = |values: &[Val<'c>]| values.iter().map(|value| value.r#type()).collect::<Vec<Type>>();
    let inputs = region_block(function, 0).map(block_args).unwrap_or_default();
    let r#type = FunctionType::new(context, &types(&inputs), &types(returned));
    set_attribute(function, "function_type", TypeAttribute::new(r#type.into()).into());
    for (which, names) in [("arg_attrs", arguments), ("res_attrs", results)] {
        let entries: Vec<Attribute> = names.iter().map(|name| dictionary(context, name)).collect();
        set_attribute(function, which, ArrayAttribute::new(context, &entries).into());
    }
}

/// The attributes of an argument or a result with a name.
fn dictionary<'c>(context: &'c melior::Context, name: &str) -> Attribute<'c> {
    let (key, value) = NAME.attribute(context, &name.to_owned());
    // SAFETY: the context, the name and the value are live; the dictionary copies them.
    unsafe {
        let key = mlir_sys::mlirIdentifierGet(context.to_raw(), melior::StringRef::new(key).to_raw());
        let entry = mlir_sys::mlirNamedAttributeGet(key, melior::ir::AttributeLike::to_raw(&value));
        Attribute::from_raw(mlir_sys::mlirDictionaryAttrGet(context.to_raw(), 1, &entry))
    }
}
