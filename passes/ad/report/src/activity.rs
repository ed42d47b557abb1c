//! The pass `print-activity`.

use dp_ad::rules::RULES;
use dp_ad_engine::activity::useful::{Program, Summaries, Useful};
use dp_ad_engine::activity::varying::Varying;
use dp_ad_engine::site::TangentRules;
use dp_dialects::diagnostics::{Figure, Figures, remark};
use dp_dialects::ir::{
    Blk, Op, Val, argument_name, block_args, block_ops, functions, positions, region_block, results, signature,
    symbol_attribute, walk,
};
use dp_dialects::types::tangent_type;
use dp_dialects::{Diagnostic, ErrorGuaranteed, OpKind, SpannedDiagnostic};
use dp_passes::calls::CallGraph;
use dp_passes::{Pass, pass_options};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

pass_options! {
    /// The options of `print-activity`.
    pub struct ActivityOptions {
        "function" => function: String = String::new(), "the function; by default, those whose derivatives are requested";
        "wrt" => wrt: Vec<usize> = Vec::new(), "the active arguments of the function; by default, all that carry derivatives";
    }
}

/// `print-activity`.
pub static PRINT_ACTIVITY: Pass<ActivityOptions> = Pass {
    flag: "print-activity",
    summary: "print what varies with the inputs of derivatives and matters to their results",
    description: "Changes nothing. For each function whose derivative is requested, or the one that is asked for, prints a \
        remark at each operation that has results, regions' arguments or carried values that carry derivatives. Each of \
        these is `active`: it varies with the active arguments and matters to the results, so it has a tangent; `idle`: it \
        varies, and does not matter; `useful`: it matters, and does not vary; or `constant`. `none` is what carries no \
        derivative, such as an index. For what calls depend on, their functions are taken into account. Run it after \
        `raise-to-scalar`: an operation that has no derivative rule lets all through, and what it takes matters.",
    body: print,
};

/// A function to be analyzed, and its active arguments.
type Asked<'c> = (&'c str, Vec<usize>);

fn print<'c>(module: Op<'c>, options: &ActivityOptions) -> Result<(), ErrorGuaranteed> {
    let functions = functions(module);
    let recursive = CallGraph::of(module).recursive();
    let is_opaque = |name: &str| recursive.contains(name);
    let flow = |kind| RULES.flow(kind);
    let program = Program { functions: &functions, flow: &flow, is_opaque: &is_opaque };
    let summaries = Summaries::default();
    let mut asked = requested(module);
    if !options.function.is_empty() {
        let Some((name, function)) = functions.get_key_value(options.function.as_str()) else {
            let diagnostic = Diagnostic::request(format!("no function '{}'", options.function));
            return Err(diagnostic.help("give the name of a function of the module").report(module.location()));
        };
        asked = vec![(*name, if options.wrt.is_empty() { carrying(*function) } else { options.wrt.clone() })];
    }
    for (name, wrt) in asked {
        let Some(function) = functions.get(name).copied() else { continue };
        show(&program, &summaries, function, name, &wrt).map_err(|located| located.report())?;
    }
    Ok(())
}

/// The functions whose derivatives are requested, each once for each set of active arguments.
fn requested<'c>(module: Op<'c>) -> Vec<Asked<'c>> {
    let mut asked: Vec<Asked> = Vec::new();
    walk(module, &mut |op| {
        if !matches!(OpKind::of(op), Some(OpKind::AdJvp | OpKind::AdVjp | OpKind::AdGrad)) {
            return;
        }
        let request = symbol_attribute(op, "callee").zip(positions(op, "wrt"));
        asked.extend(request.filter(|request| !asked.contains(request)));
    });
    asked
}

/// The positions of the arguments that carry derivatives.
fn carrying(function: Op) -> Vec<usize> {
    let inputs = signature(function).map(|(inputs, _)| inputs).unwrap_or_default();
    (0..inputs.len()).filter(|index| tangent_type(inputs[*index]).is_some()).collect()
}

/// Prints the activity of a function.
fn show<'c>(
    program: &Program<'c, '_>,
    summaries: &Summaries<'c>,
    function: Op<'c>,
    name: &'c str,
    wrt: &[usize],
) -> Result<(), SpannedDiagnostic<'c>> {
    let at = |diagnostic| Err(SpannedDiagnostic::new(function.location(), diagnostic));
    let (_, outputs) = signature(function).unwrap_or_default();
    let useful = summaries.useful(program, name, &vec![true; outputs.len()]);
    let (Some(useful), Some(block)) = (useful, region_block(function, 0)) else {
        let diagnostic = Diagnostic::unsupported(format!("the body of '@{name}' is not one block"));
        return at(diagnostic.help("run '--lift-cf-to-scf' first: it makes branches those of 'scf'"));
    };
    let arguments = block_args(block);
    if let Some(index) = wrt.iter().find(|index| **index >= arguments.len()) {
        let diagnostic = Diagnostic::request(format!("'@{name}' has no argument {index}"));
        return at(diagnostic.help(format!("it has {} arguments, counted from 0", arguments.len())));
    }
    if let Some(index) = wrt.iter().find(|index| tangent_type(arguments[**index].r#type()).is_none()) {
        let diagnostic = Diagnostic::request(format!("argument {index} of '@{name}' carries no derivative"));
        return at(diagnostic.help("leave it out of 'wrt'"));
    }
    if let Some(index) = wrt.iter().enumerate().find_map(|(place, index)| wrt[..place].contains(index).then_some(index))
    {
        let diagnostic = Diagnostic::request(format!("'wrt' has argument {index} twice"));
        return at(diagnostic.help("give each argument once"));
    }
    let is_input = |value: Val<'c>| wrt.iter().any(|index| arguments[*index] == value);
    let varying = Varying::of_block(block, program, summaries, &is_input);
    let activity = Activity { varying: &varying, useful: &useful };
    let by: Vec<String> = wrt.iter().map(|index| argument_name(function, *index)).collect();
    let of_arguments = (0..arguments.len())
        .map(|index| format!("{} {}", argument_name(function, index), activity.class(arguments[index])));
    let of_arguments: Vec<String> = of_arguments.collect();
    let header = format!("activity of '@{name}' by {}: {}", by.join(", "), of_arguments.join(", "));
    remark(function.location(), &header, about());
    activity.block(block);
    Ok(())
}

/// The figures of all lines.
fn about() -> Figures {
    vec![("about", Figure::Text("activity".into()))]
}

/// What is known about the values of a function.
struct Activity<'a, 'c> {
    varying: &'a Varying<'c, 'a>,
    useful: &'a Useful<'c>,
}

impl<'c> Activity<'_, 'c> {
    fn class(&self, value: Val<'c>) -> &'static str {
        match (tangent_type(value.r#type()), self.varying.varies(value), self.useful.value(value)) {
            (None, _, _) => "none",
            (Some(_), true, true) => "active",
            (Some(_), true, false) => "idle",
            (Some(_), false, true) => "useful",
            (Some(_), false, false) => "constant",
        }
    }

    fn classes(&self, values: &[Val<'c>]) -> String {
        values.iter().map(|value| self.class(*value)).collect::<Vec<_>>().join(", ")
    }

    fn block(&self, block: Blk<'c>) {
        block_ops(block).into_iter().for_each(|op| self.operation(op));
    }

    fn operation(&self, op: Op<'c>) {
        let blocks = || (0..op.region_count()).filter_map(|index| region_block(op, index));
        let inner: Vec<Vec<Val>> = blocks().map(block_args).collect();
        let carries = |values: &[Val<'c>]| values.iter().any(|value| tangent_type(value.r#type()).is_some());
        let outputs = results(op);
        if carries(&outputs) || inner.iter().any(|arguments| carries(arguments)) {
            let name = op.name();
            let mut line = format!("'{}': {}", name.as_string_ref().as_str().unwrap_or("?"), self.classes(&outputs));
            for arguments in inner.iter().filter(|arguments| !arguments.is_empty()) {
                line += &format!("; in its region: {}", self.classes(arguments));
            }
            remark(op.location(), &line, about());
        }
        blocks().for_each(|block| self.block(block));
    }
}
