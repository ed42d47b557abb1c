//! What the author of a program is told: reports, as remarks, and warnings of gradients that are zero by structure.

use super::{Line, Report, text};
use dp_dialects::builder::adjoint_level;
use dp_dialects::diagnostics::{Figures, remark};
use dp_dialects::ir::{
    Op, ancestors, argument_name, block_args, region_block, symbol_attribute, symbol_name, value_location, walk,
};
use dp_dialects::{Diagnostic, OpKind};
use melior::ir::operation::OperationLike;

/// What a function is called in a report: one that differentiation made, by the function of the program.
pub struct Called {
    /// The name of the function of the program.
    pub function: String,
    /// The function in words.
    pub words: String,
}

/// Why a function is called in a derivative, not inlined.
pub enum Reason {
    /// It calls itself.
    Recursive,
    /// It is large and called often.
    Large,
}

/// Prints the report of a request. `called` tells what functions are called.
pub fn of_request(request: Op, called: impl Fn(&str) -> Called, report: Report) {
    let kind = OpKind::of(request).map_or("?", OpKind::name);
    let callee = called(symbol_attribute(request, "callee").unwrap_or_default());
    let inside = called(ancestors(request).find_map(symbol_name).unwrap_or_default());
    let title = format!("'{kind}' of {} in {}", callee.words, inside.words);
    let figures = vec![
        text("request", kind),
        text("function", callee.function),
        text("differentiated", callee.words),
        text("in", inside.words),
    ];
    print(request, (title, figures), report);
}

/// Prints the report of the derivative of a function that is called, not inlined: what each call keeps.
pub fn of_function(function: Op, called: Called, reason: Reason, report: Report) {
    let reason = match reason {
        Reason::Recursive => "which is recursive",
        Reason::Large => "which is not inlined",
    };
    let title = format!("each call of {}, {reason}, in a derivative", called.words);
    let figures =
        vec![text("request", "call"), text("function", called.function), text("differentiated", called.words)];
    print(function, (title, figures), report);
}

fn print(op: Op, title: (String, Figures), report: Report) {
    for Line { location, words, figures } in report.lines(op.location(), title) {
        remark(location, &words, figures);
    }
}

/// Warns that the gradients with respect to arguments of a function that the program contains are zero by structure.
pub fn warn(function: Op, arguments: &[usize]) {
    let mut is_derived = false;
    walk(function, &mut |op| is_derived = is_derived || adjoint_level(op.location()) > 0);
    let (Some(block), false) = (region_block(function, 0), is_derived) else { return };
    let (values, name) = (block_args(block), symbol_name(function).unwrap_or_default());
    for index in arguments {
        let message = format!(
            "the gradient of '@{name}' with respect to argument {index}, '{}', is zero by structure: no result depends on it \
            through operations that have derivatives",
            argument_name(function, *index)
        );
        let help = "leave the argument out of 'wrt', or check that the function uses it as it should";
        Diagnostic::invalid(message).help(help).warn(value_location(values[*index]));
    }
}
