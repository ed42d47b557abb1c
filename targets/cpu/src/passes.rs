//! The LLVM pass pipeline.
//!
//! It has the passes of LLVM's default pipelines, each as often as our code needs it. The default pipelines clean up
//! repeatedly after templates, exceptions and deep call graphs, which do not occur here: most loops are already
//! vectorized, and algebraic simplification is done.

use crate::machine::Level;
use inkwell::llvm_sys::support::LLVMParseCommandLineOptions;
use std::sync::Once;

/// What a pass runs over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    /// The module.
    Module,
    /// The call graph, callees first, each function done with before its callers are begun.
    Calls,
    /// The functions in that order.
    Callees,
    /// All functions, in any order.
    Functions,
}

/// For each pass, the level from which on it runs.
const PASSES: &[(Level, Over, &str)] = &[
    (Level::O1, Over::Module, "inferattrs"),
    // Elementary functions, which are short, vanish in the loops that call them.
    (Level::O1, Over::Calls, "inline"),
    (Level::O1, Over::Calls, "function-attrs"),
    // Values in registers, each computed once.
    (Level::O1, Over::Callees, "sroa"),
    (Level::O1, Over::Callees, "early-cse<memssa>"),
    (Level::O1, Over::Callees, "simplifycfg"),
    // One round: the input is simple.
    (Level::O1, Over::Callees, "instcombine<no-verify-fixpoint>"),
    (Level::O1, Over::Callees, "tailcallelim"),
    // What a loop need not compute again and again.
    (Level::O1, Over::Callees, "loop-mssa(loop-rotate,licm)"),
    (Level::O1, Over::Callees, "loop(indvars,loop-idiom,loop-deletion,loop-unroll-full)"),
    (Level::O1, Over::Callees, "gvn"),
    (Level::O1, Over::Callees, "dse"),
    // What had no form on vectors before: loops of numbers, and straight-line code.
    (Level::O2, Over::Functions, "loop-vectorize"),
    (Level::O2, Over::Functions, "slp-vectorizer"),
    (Level::O3, Over::Functions, "loop-unroll<O3>"),
    // What these left to be done.
    (Level::O1, Over::Functions, "instcombine<no-verify-fixpoint>"),
    (Level::O1, Over::Functions, "simplifycfg"),
    (Level::O2, Over::Functions, "loop-mssa(licm)"),
    // What was inlined everywhere.
    (Level::O1, Over::Module, "globaldce"),
];

/// LLVM's own pipeline, for what is compiled once and for all.
pub(crate) const ALL: &str = "default<O3>";

/// The passes of a level, as LLVM reads them.
pub(crate) fn pipeline(level: Level) -> String {
    if level == Level::O0 {
        return "default<O0>".into();
    }
    let chosen: Vec<_> = PASSES.iter().filter(|(from, ..)| *from <= level).collect();
    let is_call = |over: Over| matches!(over, Over::Calls | Over::Callees);
    let group = |group: &[&(Level, Over, &str)]| {
        let names: Vec<String> = group
            .iter()
            .map(
                |(_, over, pass)| {
                    if *over == Over::Callees { format!("function({pass})") } else { (*pass).to_string() }
                },
            )
            .collect();
        let names = names.join(",");
        match group[0].1 {
            Over::Module => names,
            Over::Calls | Over::Callees => format!("cgscc({names})"),
            Over::Functions => format!("function({names})"),
        }
    };
    let groups = chosen.chunk_by(|(_, x, _), (_, y, _)| x == y || (is_call(*x) && is_call(*y)));
    groups.map(group).collect::<Vec<_>>().join(",")
}

/// Leaves out a pass of code generation: strength reduction of loops.
/// Addresses of x86-64 are sums with a multiple, so that loops of vectors are as fast without it.
/// LLVM has no other place for this than its global options.
pub(crate) fn keep_addresses() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let arguments = [c"dpc".as_ptr(), c"-disable-lsr".as_ptr()];
        // SAFETY: there are as many arguments as it says, and they and the overview outlive the call.
        unsafe { LLVMParseCommandLineOptions(arguments.len() as i32, arguments.as_ptr(), c"".as_ptr()) };
    });
}
