//! Parallel loops as counted loops. The iterations of `scf.parallel` and `scf.forall` may be executed in any order, so also
//! in this one; the compiler parallelizes and vectorizes on its own.

use crate::copies::copy_ops;
use dp_dialects::ir::{
    Op, Val, ValueMap, block_args, block_ops, erase, i64_array, operands, region_block, replace_all_uses, result,
    results, walk,
};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, ErrorGuaranteed, OpKind, Result};
use melior::ir::attribute::DenseI32ArrayAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// The operations that make up parallel loops.
pub const PARALLEL: &[&str] = &[
    "scf.parallel",
    "scf.reduce",
    "scf.reduce.return",
    "scf.forall",
    "scf.forall.in_parallel",
    "tensor.parallel_insert_slice",
];

/// Replaces parallel loops by nests of `scf.for`.
///
/// # Errors
/// At the first loop that cannot be replaced; the error is reported.
pub fn make_sequential(module: Op) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| {
        match op.name().as_string_ref().as_str() {
            Ok("scf.parallel") => found.push((op, parallel as Rewrite)),
            Ok("scf.forall") => found.push((op, forall as Rewrite)),
            Ok(_) | Err(_) => {}
        };
    });
    // Inner loops first: outer ones are copied.
    for (op, rewrite) in found.into_iter().rev() {
        let made = rewrite(op).map_err(|diagnostic| diagnostic.report(op.location()))?;
        for (value, made) in results(op).into_iter().zip(made) {
            replace_all_uses(value, made);
        }
        erase(op);
    }
    Ok(())
}

/// Makes, before a loop, operations that give its results.
type Rewrite = for<'c> fn(Op<'c>) -> Result<Vec<Val<'c>>>;

/// What the innermost body does: given the induction variables and the carried values, gives the next carried values.
pub type Body<'b, 'c> = dyn FnMut(Builder<'c>, &[Val<'c>], &[Val<'c>]) -> Result<Vec<Val<'c>>> + 'b;

/// Makes a nest of counted loops, from the outermost, whose bounds and steps are given, and returns what it carries out.
/// `inductions` has the induction variables of the loops around it.
///
/// # Errors
/// If MLIR rejects an operation, or the body fails.
pub fn nest<'c>(
    b: Builder<'c>,
    ranges: &[[Val<'c>; 3]],
    inductions: &mut Vec<Val<'c>>,
    carried: &[Val<'c>],
    body: &mut Body<'_, 'c>,
) -> Result<Vec<Val<'c>>> {
    let Some((range, rest)) = ranges.split_first() else { return body(b, inductions, carried) };
    let types: Vec<Type> = carried.iter().map(|value| value.r#type()).collect();
    let arguments: Vec<Type> = std::iter::once(range[0].r#type()).chain(types.iter().copied()).collect();
    let (region, arguments, inner) = b.region(&arguments);
    inductions.push(arguments[0]);
    let next = nest(inner, rest, inductions, &arguments[1..], body)?;
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
    b.op(OpKind::ScfFor, &[&range[..], carried].concat(), &types, &[], vec![region]).map(results)
}

/// The groups of an operation's operands.
fn segments<'c>(op: Op<'c>) -> Result<Vec<Vec<Val<'c>>>> {
    let sizes = op.attribute("operandSegmentSizes").ok().and_then(|sizes| DenseI32ArrayAttribute::try_from(sizes).ok());
    let sizes = sizes.ok_or_else(|| Diagnostic::invalid("has no operand segments"))?;
    let mut all = operands(op).into_iter();
    let size = |index| sizes.element(index).ok().and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
    Ok((0..sizes.len()).map(|index| all.by_ref().take(size(index)).collect()).collect())
}

/// The last operation of a loop's only block, those before it, and the block's arguments.
fn parts<'c>(op: Op<'c>) -> Result<(Op<'c>, Vec<Op<'c>>, Vec<Val<'c>>)> {
    let block = region_block(op, 0).ok_or_else(|| Diagnostic::invalid("needs a region"))?;
    let mut ops = block_ops(block);
    let last = ops.pop().ok_or_else(|| Diagnostic::invalid("needs a terminator"))?;
    Ok((last, ops, block_args(block)))
}

/// A mapping of values.
fn mapping<'c>(from: &[Val<'c>], to: impl IntoIterator<Item = Val<'c>>) -> ValueMap<Val<'c>> {
    let mut copies = ValueMap::new();
    for (from, to) in from.iter().zip(to) {
        copies.insert(*from, to);
    }
    copies
}

fn parallel<'c>(op: Op<'c>) -> Result<Vec<Val<'c>>> {
    let [lower, upper, step, initial] = &segments(op)?[..] else { return Err(Diagnostic::invalid("needs bounds")) };
    let ranges: Vec<[Val; 3]> = (0..lower.len()).map(|dim| [lower[dim], upper[dim], step[dim]]).collect();
    let (reduce, body, arguments) = parts(op)?;
    let b = Builder::before(op).located(op.location());
    nest(b, &ranges, &mut Vec::new(), initial, &mut |inner, inductions, carried| {
        let mut copies = mapping(&arguments, inductions.iter().copied());
        copy_ops(inner, &body, &mut copies);
        let mut next = Vec::new();
        for (index, (value, carried)) in operands(reduce).into_iter().zip(carried).enumerate() {
            // The region combines the accumulator and this iteration's value.
            let block = region_block(reduce, index).ok_or_else(|| Diagnostic::invalid("needs a region"))?;
            let [accumulator, other] = block_args(block)[..] else {
                return Err(Diagnostic::invalid("needs two arguments"));
            };
            copies.insert(accumulator, *carried);
            copies.insert(other, copies.get(value).copied().unwrap_or(value));
            let mut combine = block_ops(block);
            let Some(last) = combine.pop() else { return Err(Diagnostic::invalid("needs a terminator")) };
            copy_ops(inner, &combine, &mut copies);
            let combined = operands(last)[0];
            next.push(copies.get(combined).copied().unwrap_or(combined));
        }
        Ok(next)
    })
}

fn forall<'c>(op: Op<'c>) -> Result<Vec<Val<'c>>> {
    let segments = segments(op)?;
    let [dynamic @ .., outputs] = &segments[..] else { return Err(Diagnostic::invalid("needs bounds")) };
    let b = Builder::before(op).located(op.location());
    let mut bounds = Vec::new();
    for (name, dynamic) in ["staticLowerBound", "staticUpperBound", "staticStep"].into_iter().zip(dynamic) {
        let known = i64_array(op, name).ok_or_else(|| Diagnostic::invalid("has no bounds"))?;
        let mut dynamic = dynamic.iter().copied();
        let bound = |known| match known {
            DYNAMIC => dynamic.next().ok_or_else(|| Diagnostic::invalid("has too few bounds")),
            known => b.index(known),
        };
        bounds.push(known.into_iter().map(bound).collect::<Result<Vec<Val>>>()?);
    }
    let [lower, upper, step] = &bounds[..] else { return Err(Diagnostic::invalid("needs bounds")) };
    let ranges: Vec<[Val; 3]> = (0..lower.len()).map(|dim| [lower[dim], upper[dim], step[dim]]).collect();
    let (combine, body, arguments) = parts(op)?;
    let shared = arguments[ranges.len()..].to_vec();
    nest(b, &ranges, &mut Vec::new(), outputs, &mut |inner, inductions, carried| {
        let mut copies = mapping(&arguments, inductions.iter().chain(carried).copied());
        copy_ops(inner, &body, &mut copies);
        for insert in region_block(combine, 0).map(block_ops).unwrap_or_default() {
            let tensor = operands(insert)[1];
            let of: Vec<Val> =
                operands(insert).into_iter().map(|value| copies.get(value).copied().unwrap_or(value)).collect();
            let names = ["static_offsets", "static_sizes", "static_strides", "operandSegmentSizes"];
            let attributes: Vec<_> =
                names.into_iter().filter_map(|name| Some((name, insert.attribute(name).ok()?))).collect();
            let b = inner.located(insert.location());
            let made = b.named("tensor.insert_slice", &of, &[tensor.r#type()], &attributes, vec![])?;
            copies.insert(tensor, result(made));
        }
        Ok(shared.iter().map(|tensor| copies.get(*tensor).copied().unwrap_or(*tensor)).collect())
    })
}
