//! What the author of a program is told: reports, as remarks, and warnings of gradients that are zero by structure.

use super::Report;
use dp_dialects::builder::adjoint_level;
use dp_dialects::diagnostics::remark;
use dp_dialects::ir::{
    Op, ancestors, argument_name, block_args, region_block, symbol_attribute, symbol_name, value_location, walk,
};
use dp_dialects::{Diagnostic, OpKind};
use melior::ir::operation::OperationLike;

/// Prints the report of a request.
pub fn of_request(request: Op, report: Report) {
    let kind = OpKind::of(request).map_or("?", OpKind::name);
    let callee = symbol_attribute(request, "callee").unwrap_or_default();
    let inside = ancestors(request).find_map(symbol_name).unwrap_or_default();
    print(request, &format!("'{kind}' of '@{callee}' in '@{inside}'"), report);
}

/// Prints the report of the derivative of a function that is called, not inlined: what each call keeps.
pub fn of_function(function: Op, report: Report) {
    let name = symbol_name(function).unwrap_or_default();
    print(function, &format!("each call of '@{name}', which is recursive, in a derivative"), report);
}

fn print(op: Op, title: &str, report: Report) {
    for (location, line) in report.lines(op.location(), title) {
        remark(location, &line);
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
