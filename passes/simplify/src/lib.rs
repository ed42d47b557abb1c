//! Algebraic simplification by rewriting and equality saturation. The README of this crate explains rules and engines.

pub mod egraph;
pub mod extract;
pub mod normalize;
pub mod pattern;
pub mod rule;
pub mod rules;
pub mod ruleset;
pub mod windows;

pub use dp_dialects::FloatModel;
pub use rule::{Admission, Rule, Soundness};
pub use ruleset::RuleSet;

use dp_dialects::ir::{Op, region_block, symbol_name, walk};
use dp_dialects::{OpKind, Result};
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use dp_terms::emit::{Replacement, emit};
use dp_terms::import::{Role, role};
use dp_terms::{Dag, Program};
use melior::ir::operation::OperationLike;

/// The pass `simplify`.
pub static SIMPLIFY: Pass<SimplifyOptions> = Pass {
    flag: "simplify",
    summary: "simplify scalar and array operations algebraically",
    description: "Takes functions with structured control flow in any of our dialects. Rewrites the operations of `scalar` \
        and `array` to normal form, searches for cheaper equivalent programs by equality saturation, and keeps the \
        cheapest. Other operations stay, and so do functions with several blocks (run `lift-control-flow` first). \
        Leaves no dead operation, and no duplicate within a block.",
    body: simplify,
};

pass_options! {
    /// Options of `simplify`.
    pub struct SimplifyOptions {
        "fp" => fp: FloatModel = FloatModel::Reassociate, "the floating-point model";
        "max-nodes" => max_nodes: usize = 4096, "the maximum number of e-graph nodes; 0 for normal forms only";
        "print-cost" => print_cost: bool = false, "print the cost of each function before and after";
    }
}

fn simplify(module: Op, options: &SimplifyOptions) -> Result<(), ErrorGuaranteed> {
    let rules = RuleSet::new(options.fp, |_| true);
    let mut functions = Vec::new();
    walk(module, &mut |op| {
        if OpKind::of(op) == Some(OpKind::FuncFunc) {
            functions.push(op);
        }
    });
    for op in functions {
        function(op, options, &rules).map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    Ok(())
}

fn function<'c>(op: Op<'c>, options: &SimplifyOptions, rules: &RuleSet) -> Result<()> {
    let (Some(block), Role::Nest { .. }) = (region_block(op, 0), role(op)) else { return Ok(()) };
    dp_passes::dce::eliminate(block);
    // The initial cost is that of the program's terms without any rule.
    let name = symbol_name(op).unwrap_or("?");
    let written = || {
        let program = Program::import(block, Dag::new(None));
        windows::total(&program.dag, program.terms.iter().copied())
    };
    let weighed = options.print_cost || tracing::enabled!(tracing::Level::INFO);
    let before = weighed.then(written);
    let mut program = Program::import(block, Dag::new(Some(normalize::normalizer(options.fp))));
    let replacement = if options.max_nodes == 0 {
        Replacement::new()
    } else {
        windows::improve(&mut program.dag, &program.roots, rules, options.max_nodes)
    };
    if let Some(before) = before {
        let roots = program.roots.iter().map(|id| replacement.get(id).copied().unwrap_or(*id));
        let after = windows::total(&program.dag, program.dag.reachable(roots));
        tracing::info!(function = name, before = before.total(), after = after.total(), "simplified");
        if options.print_cost {
            eprintln!(
                "simplify: @{name}: {} flops and {} bytes, now {} flops and {} bytes",
                before.flops, before.bytes, after.flops, after.bytes
            );
        }
    }
    emit(&program, block, &replacement)?;
    dp_passes::dce::eliminate(block);
    Ok(())
}
