//! The passes `ad-linearize`, `ad-transpose` and `ad`.

use crate::calls::{Calls, Registry, Transposes};
use crate::checkpoints::region as checkpoints;
use crate::prepare::{Readiness, prepare};
use crate::pullbacks;
use crate::requests::answer;
use crate::rules::RULES;
use dp_ad_engine::transpose::Transposer;
use dp_ad_engine::transpose::calls::with_extents;
use dp_dialects::builder::adjoint_level;
use dp_dialects::ir::{
    Blk, Op, Val, ancestors, block_args, block_ops, erase, functions, is_set, operands, region_block, replace_all_uses,
    results, symbol_attribute, walk,
};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, SpannedDiagnostic, ValueType};
use dp_extents::loops::Loop;
use dp_extents::proof::Extents;
use dp_passes::calls::{InlineLimit, functions_of, reaching};
use dp_passes::copies::copy_block;
use dp_passes::manager::ByteLimit;
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::rc::Rc;

pass_options! {
    /// The options of `ad-linearize` and `ad`.
    pub struct AdOptions {
        "max-tape" => max_tape: ByteLimit = ByteLimit(None), "the bytes that a derivative may keep";
        "report" => report: bool = false, "whether to print what derivatives keep and compute again, as remarks";
        "inline" => inline: InlineLimit = InlineLimit::default(), "the operations that inlining one function may add";
    }
}

impl AdOptions {
    /// The limit of inlining. A plan for the bytes that a derivative may keep is one for straight-line code and loops, so
    /// that all calls are inlined that can be.
    fn limit(&self) -> InlineLimit {
        if self.max_tape.0.is_some() { InlineLimit(None) } else { self.inline }
    }
}

/// `ad-linearize`.
pub static AD_LINEARIZE: Pass<AdOptions> = Pass {
    flag: "ad-linearize",
    summary: "expand derivative requests to linear regions",
    description: "Takes a module with requests `ad.jvp`, `ad.vjp` (with `ad.pull`) and `ad.grad`. Replaces each request \
        whose function contains no request, directly or in its callees, by the function's operations and an \
        `ad.linear`: applied for `ad.jvp`, transposed for the others. Calls that a derivative passes through are \
        inlined, or become calls of functions that are made for the callee, if it calls itself, or if inlining it would \
        add more operations than the limit. Extents of tangents and cotangents from outside are asserted (`cf.assert`) unless they are \
        proved. Functions keep their names, arguments and results. Other requests remain for the next round.",
    body: |module, options| {
        in_each_module(module, |module| {
            let mut calls = Calls::of(module, &Rc::new(Registry::of(module)), options.limit());
            linearize(module, &mut calls, options).map(|_| ())
        })
    },
};

/// `ad-transpose`.
pub static AD_TRANSPOSE: Pass = Pass {
    flag: "ad-transpose",
    summary: "inline linear regions, transposed where requested",
    description: "Takes a module with `ad.linear` operations and leaves none. An applied region is inlined; a transposed \
        region is transposed first, after the functions that it calls on tangents are inlined. In regions that the \
        program contains, an operation that is not linear in tangents is an error, as is a derivative requested \
        along a tangent in a transposed region: `ad-linearize` expands it first. Dead operations are removed from \
        the functions that change.",
    body: |module, _| in_each_module(module, transpose),
};

/// `ad`.
pub static AD: Pass<AdOptions> = Pass {
    flag: "ad",
    summary: "expand all derivative requests, innermost first",
    description: "Runs `ad-linearize` and `ad-transpose` alternately until no request is left, so requests nest to any \
        depth. Functions keep their names, arguments and results, but for pullbacks: calls of functions that take or \
        return one are inlined, and a pullback that is still used outside of the function that makes it, or other \
        than by `ad.pull`, becomes the position of a record, an index. A public function that takes or returns a \
        pullback is an error.",
    body: |module, options| in_each_module(module, |module| expand(module, options)),
};

fn report<T>(outcome: Result<T, SpannedDiagnostic>) -> Result<T, ErrorGuaranteed> {
    outcome.map_err(|located| located.report())
}

fn is_request(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::AdJvp | OpKind::AdVjp | OpKind::AdGrad))
}

fn is_module(op: &Op) -> bool {
    OpKind::of(*op) == Some(OpKind::BuiltinModule)
}

/// Runs a function on a module and on the modules within it, each of which has its own symbols.
fn in_each_module(root: Op, act: impl Fn(Op) -> Result<(), ErrorGuaranteed>) -> Result<(), ErrorGuaranteed> {
    let mut modules = Vec::new();
    walk(root, &mut |op| modules.extend(is_module(&op).then_some(op)));
    modules.into_iter().try_for_each(act)
}

fn collect<'c>(function: Op<'c>, wanted: impl Fn(Op<'c>) -> bool) -> Vec<Op<'c>> {
    let mut found = Vec::new();
    walk(function, &mut |op| {
        if wanted(op) {
            found.push(op);
        }
    });
    found
}

/// One round of expansion; returns the number of expanded requests and of functions that were made.
fn linearize<'c>(module: Op<'c>, calls: &mut Calls<'c>, options: &AdOptions) -> Result<usize, ErrorGuaranteed> {
    let unsettled = reaching(module, |op| is_request(op) || is_linear(op));
    let functions = functions(module);
    let ready = |op: &Op| symbol_attribute(*op, "callee").is_some_and(|callee| !unsettled.contains(callee));
    let requests: Vec<Op> =
        functions_of(module).flat_map(|function| collect(function, is_request)).filter(ready).collect();
    calls.find_kept();
    calls.has_report = options.report;
    for request in &requests {
        report(answer(&functions, calls, *request, options.max_tape.0))?;
    }
    Ok(requests.len() + report(calls.define(&unsettled))?)
}

fn is_linear(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::AdLinear)
}

/// Inlines the linear regions that are ready, once each; returns their number.
fn transpose_ready<'c>(module: Op<'c>, transposes: &Rc<Transposes<'c>>) -> Result<usize, ErrorGuaranteed> {
    let functions = functions(module);
    let mut count = 0;
    for function in functions_of(module) {
        let mut regions = collect(function, is_linear);
        // Inner ones first: they would be copied with the outer one.
        regions.sort_by_key(|region| Reverse(ancestors(*region).filter(|op| is_linear(*op)).count()));
        let before = count;
        for region in regions {
            let is_written = adjoint_level(region.location()) == 0;
            match is_written.then(|| prepare(&functions, region)).transpose() {
                Ok(None | Some(Readiness::Ready)) => {
                    report(inline(region, transposes))?;
                    count += 1;
                }
                Ok(Some(Readiness::Waits(_))) => {}
                Err(located) => return Err(located.report()),
            }
        }
        if let (true, Some(body)) = (count > before, region_block(function, 0)) {
            dp_passes::dce::eliminate(body);
        }
    }
    Ok(count)
}

/// Inlines linear regions until all remaining ones wait for derivatives within them.
fn transpose_all<'c>(module: Op<'c>, transposes: &Rc<Transposes<'c>>) -> Result<(), ErrorGuaranteed> {
    while transpose_ready(module, transposes)? > 0 {}
    Ok(())
}

/// An error if a linear region is left, at the operation that it waits for.
fn none_left<'c>(module: Op<'c>, transposes: &Rc<Transposes<'c>>) -> Result<(), ErrorGuaranteed> {
    let functions = functions(module);
    let Some(region) = functions_of(module).find_map(|function| collect(function, is_linear).first().copied()) else {
        return Ok(());
    };
    match prepare(&functions, region) {
        Ok(Readiness::Ready) => report(inline(region, transposes)),
        Ok(Readiness::Waits(op)) => {
            let name = op.name();
            let name = name.as_string_ref().as_str().unwrap_or("?");
            let diagnostic =
                Diagnostic::unsupported(format!("'{name}' has no transpose before its derivative is found"));
            let help = "run the pass 'ad', which finds the derivatives within linear regions before it transposes them; a \
                pullback is pulled in the function that makes it";
            Err(SpannedDiagnostic::new(op.location(), diagnostic.help(help)).report())
        }
        Err(located) => Err(located.report()),
    }
}

fn transpose(module: Op) -> Result<(), ErrorGuaranteed> {
    let registry = Rc::new(Registry::of(module));
    let transposes = Rc::new(Transposes::of(&registry));
    transpose_all(module, &transposes)?;
    none_left(module, &transposes)?;
    report(Calls::of(module, &registry, InlineLimit(None)).define(&HashSet::new())).map(|_| ())
}

/// Proves that cotangents have the extents of their primal values, so that every gradient has the shape of its
/// argument. `ad.pull` requires that the given cotangents have the extents of what the region yields.
fn prove<'c>(op: Op<'c>, block: Blk<'c>, cotangents: &[Val<'c>], primals: &[Val<'c>]) -> Result<()> {
    let is_open = |value: &Val| ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_static());
    if !cotangents.iter().chain(primals).any(is_open) {
        return Ok(());
    }
    let mut known = Extents::at(op);
    for (argument, primal) in block_args(block).into_iter().zip(primals) {
        known.assume(argument, *primal);
    }
    let yielded = block.terminator().map(operands).unwrap_or_default();
    for (yielded, given) in yielded.into_iter().zip(operands(op)) {
        known.assume(yielded, given);
    }
    // The transposed loop may lack facts about extents that the primal loop implies.
    let mut has_loop = false;
    walk(op, &mut |inner| has_loop = has_loop || Loop::of(inner).is_some());
    let may_differ = has_loop || adjoint_level(op.location()) == 0;
    cotangents.iter().zip(primals).try_for_each(|(cotangent, primal)| known.prove(*cotangent, *primal, may_differ))
}

/// The cotangents, with the extents of their primal values.
fn shaped<'c>(b: Builder<'c>, cotangents: &[Val<'c>], primals: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
    let shaped = |(cotangent, primal): (&Val<'c>, &Val<'c>)| with_extents(b, *cotangent, &b.extents(*primal)?);
    cotangents.iter().zip(primals).map(shaped).collect()
}

/// Inlines an `ad.linear`.
fn inline<'c>(op: Op<'c>, transposes: &Rc<Transposes<'c>>) -> Result<(), SpannedDiagnostic<'c>> {
    let at = |diagnostic| SpannedDiagnostic::new(op.location(), diagnostic);
    let Some(block) = region_block(op, 0) else { return Err(at(Diagnostic::invalid("needs a region"))) };
    let arguments = block_args(block);
    let all = operands(op);
    let (inputs, primals) = all.split_at(all.len() - arguments.len());
    let builder = Builder::before(op);
    let made: Vec<Val> = if is_set(op, "transpose") {
        let mut transposer = Transposer::new(builder, op, block, primals, &RULES, Rc::<Transposes>::clone(transposes));
        let seeds: Vec<Option<Val>> = inputs.iter().copied().map(Some).collect();
        let cotangents = transposer.block(block, &arguments, &seeds)?;
        let mut made = Vec::new();
        for (argument, cotangent) in arguments.into_iter().zip(cotangents) {
            made.push(match cotangent {
                Some(cotangent) => cotangent,
                None => transposer.zero_of(builder, argument).map_err(at)?,
            });
        }
        match transposes.is_in_reverse(op) {
            // What the function recalls shows no extents.
            true => shaped(builder, &made, primals).map_err(at)?,
            false => {
                prove(op, block, &made, primals).map_err(at)?;
                made
            }
        }
    } else {
        copy_block(builder, block_ops(block), arguments.into_iter().zip(inputs.iter().copied()).collect())
    };
    for (result, value) in results(op).into_iter().zip(made) {
        replace_all_uses(result, value);
    }
    erase(op);
    Ok(())
}

fn expand(module: Op, options: &AdOptions) -> Result<(), ErrorGuaranteed> {
    let registry = Rc::new(Registry::of(module));
    report(pullbacks::lower(module, &registry))?;
    let mut calls = Calls::of(module, &registry, options.limit());
    let transposes = Rc::new(Transposes::of(&registry));
    loop {
        // Regions that stand there already come before requests that see them, but for those within them.
        transpose_all(module, &transposes)?;
        if linearize(module, &mut calls, options)? > 0 {
            continue;
        }
        let requested = functions_of(module).find_map(|function| collect(function, is_request).first().copied());
        let Some(stuck) = requested.or_else(|| registry.awaited()) else {
            none_left(module, &transposes)?;
            checkpoints::clear(module);
            calls.remove_unused(&transposes);
            return Ok(());
        };
        let diagnostic =
            Diagnostic::invalid("this derivative waits for itself: its function asks for it, directly or by calls");
        return report(Err(SpannedDiagnostic::new(
            stuck.location(),
            diagnostic.help("derivatives of recursive requests have no end"),
        )));
    }
}
