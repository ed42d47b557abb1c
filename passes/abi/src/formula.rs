//! The size of a workspace as a readable formula in the extents of arguments.

use dp_abi::Function;
use dp_bufferize::workspace::is_by_hand;
use dp_dialects::ir::{
    Op, Val, block_args, defining_op, i64_attribute, operands, region_block, result, value_index, walk,
};
use dp_dialects::types::DYNAMIC;
use dp_loopnest::structured::is_named;
use melior::ir::{TypeLike, ValueLike};

/// The workspace size of a function in bytes: a number or a formula.
pub(crate) fn of_function(function: Op, model: Option<&Function>) -> String {
    let mut terms = Vec::new();
    walk(function, &mut |op| {
        if is_named(op, "memref.alloc") && is_by_hand(op) {
            terms.push(bytes(function, op, model));
        }
    });
    if terms.is_empty() { "0".into() } else { terms.join(" + ") }
}

fn bytes(function: Op, alloc: Op, model: Option<&Function>) -> String {
    // SAFETY: the type is that of a live buffer of one dimension.
    let known = unsafe { mlir_sys::mlirShapedTypeGetDimSize(result(alloc).r#type().to_raw(), 0) };
    match operands(alloc).first() {
        Some(size) if known == DYNAMIC => term(function, *size, model, 0),
        _ => known.to_string(),
    }
}

/// The operations in formulas: symbol and precedence. Functions bind tightest.
const OPERATIONS: [(&str, &str, usize); 10] = [
    ("arith.addi", "+", 1),
    ("arith.subi", "-", 1),
    ("arith.muli", "*", 2),
    // Its first result; the second only tells whether it overflowed.
    ("arith.mului_extended", "*", 2),
    ("arith.divui", "/", 2),
    ("arith.divsi", "/", 2),
    ("arith.maxui", "max", 3),
    ("arith.maxsi", "max", 3),
    ("arith.minui", "min", 3),
    ("arith.minsi", "min", 3),
];

/// Operations that only change the type of a number.
const CASTS: [&str; 2] = ["arith.index_cast", "arith.index_castui"];

fn term(function: Op, value: Val, model: Option<&Function>, precedence: usize) -> String {
    let named = |argument: usize| {
        let name = model.and_then(|model| model.arguments.get(argument)).map(|argument| argument.name.clone());
        name.unwrap_or_else(|| format!("arg{argument}"))
    };
    let Some(op) = defining_op(value) else { return named(value_index(value)) };
    let of = operands(op);
    let recur = |value: Val, precedence: usize| term(function, value, model, precedence);
    if let Some(number) = i64_attribute(op, "value").filter(|_| of.is_empty()) {
        return number.to_string();
    }
    if let ([x, dim], true) = (&of[..], is_named(op, "memref.dim")) {
        let dim = defining_op(*dim).and_then(|op| i64_attribute(op, "value")).unwrap_or(0);
        let arguments = region_block(function, 0).map(block_args).unwrap_or_default();
        if let Some(argument) = arguments.iter().position(|argument| argument == x) {
            return format!("{}_d{dim}", named(argument));
        }
    }
    if let ([x], true) = (&of[..], CASTS.iter().any(|name| is_named(op, name))) {
        return recur(*x, precedence);
    }
    if let ([x, y], true) = (&of[..], is_named(op, "arith.ceildivui")) {
        return format!("ceil({}, {})", recur(*x, 0), recur(*y, 0));
    }
    match (OPERATIONS.iter().find(|(name, ..)| is_named(op, name)), &of[..]) {
        (Some((_, sign, 3)), [x, y]) => format!("{sign}({}, {})", recur(*x, 0), recur(*y, 0)),
        (Some(("arith.addi", ..)), [x, y]) if is_zero(*x) => recur(*y, precedence),
        (Some((_, sign, binds)), [x, y]) => {
            // The second operand of a difference or quotient needs parentheses at equal precedence.
            let text = format!("{} {sign} {}", recur(*x, *binds), recur(*y, binds + 1));
            if *binds < precedence { format!("({text})") } else { text }
        }
        _ => "?".into(),
    }
}

fn is_zero(value: Val) -> bool {
    defining_op(value).is_some_and(|op| operands(op).is_empty() && i64_attribute(op, "value") == Some(0))
}
