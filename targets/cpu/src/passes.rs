//! The LLVM pass pipeline.
//!
//! It is a subset of LLVM's default pipelines, with fewer repetitions. The default pipelines clean up repeatedly after
//! templates, exceptions and deep call graphs, which do not occur here: most loops are already vectorized, and
//! algebraic simplification is done.

use crate::machine::Level;
use inkwell::llvm_sys::support::LLVMParseCommandLineOptions;
use std::sync::Once;

/// The scope of a pass.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    /// The module.
    Module,
    /// The call graph, in post-order: all of these passes finish on a function before they start on its callers.
    Calls,
    /// The functions, in post-order of the call graph.
    Callees,
    /// All functions, in any order.
    Functions,
}

/// The passes, each with the lowest level at which it runs.
const PASSES: &[(Level, Over, &str)] = &[
    (Level::O1, Over::Module, "inferattrs"),
    // Elementary functions are short and are inlined into the loops that call them.
    (Level::O1, Over::Calls, "inline"),
    (Level::O1, Over::Calls, "function-attrs"),
    // Memory to registers, and common subexpressions.
    (Level::O1, Over::Callees, "sroa"),
    (Level::O1, Over::Callees, "early-cse<memssa>"),
    (Level::O1, Over::Callees, "simplifycfg"),
    // One iteration is enough for this input.
    (Level::O1, Over::Callees, "instcombine<no-verify-fixpoint>"),
    (Level::O1, Over::Callees, "tailcallelim"),
    // Loop-invariant code.
    (Level::O1, Over::Callees, "loop-mssa(loop-rotate,licm)"),
    (Level::O1, Over::Callees, "loop(indvars,loop-idiom,loop-deletion,loop-unroll-full)"),
    (Level::O1, Over::Callees, "gvn"),
    (Level::O1, Over::Callees, "dse"),
    // Vectorizes scalar loops and straight-line code that our passes did not vectorize.
    (Level::O2, Over::Functions, "loop-vectorize"),
    (Level::O2, Over::Functions, "slp-vectorizer"),
    (Level::O3, Over::Functions, "loop-unroll<O3>"),
    // Simplifies the output of vectorization.
    (Level::O1, Over::Functions, "instcombine<no-verify-fixpoint>"),
    (Level::O1, Over::Functions, "simplifycfg"),
    (Level::O2, Over::Functions, "loop-mssa(licm)"),
    // Removes functions whose calls were all inlined.
    (Level::O1, Over::Module, "globaldce"),
];

/// LLVM's default pipeline, for kernels that are compiled when the compiler is built.
pub(crate) const ALL: &str = "default<O3>";

/// The pipeline of a level, in LLVM's syntax.
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

/// Disables loop strength reduction in code generation: with the addressing modes of x86-64, vector loops are as fast
/// without it. LLVM has only a global option for this.
pub(crate) fn keep_addresses() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let arguments = [c"dpc".as_ptr(), c"-disable-lsr".as_ptr()];
        // SAFETY: the number of arguments is correct, and the strings outlive the call.
        unsafe { LLVMParseCommandLineOptions(arguments.len() as i32, arguments.as_ptr(), c"".as_ptr()) };
    });
}
