//! `split-recursion`: gives public functions that are still called a private copy.

use crate::symbols::{free_symbol, public_functions, redirect};
use crate::{ErrorGuaranteed, NoOptions, Pass};
use dp_dialects::ir::{
    Op, Val, body_ops, context_of, remove_attribute, set_attribute, symbol_attribute, symbol_name, walk,
};
use dp_dialects::{Builder, OpKind};
use melior::ir::attribute::StringAttribute;

/// `split-recursion`.
pub static SPLIT_RECURSION: Pass = Pass {
    flag: "split-recursion",
    summary: "give public functions that are still called a private copy",
    description: "Takes a module after calls are inlined. Each public function @f that is still called gets a \
        private copy, named @f__inner if that name is free, and the calls use it. The signature of the public \
        function can then change. Arguments and results of private functions lose their attributes.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    split(module);
    // The names and ranges of parameters have no meaning for LLVM.
    let public: Vec<Option<&str>> = public_functions(module).into_iter().map(symbol_name).collect();
    let is_private = |op: &Op| OpKind::of(*op) == Some(OpKind::FuncFunc) && !public.contains(&symbol_name(*op));
    for function in body_ops(module).into_iter().filter(is_private) {
        for name in ["arg_attrs", "res_attrs"] {
            remove_attribute(function, name);
        }
    }
    Ok(())
}

/// Gives each public function that is still called a private copy, which the calls use.
pub(crate) fn split(module: Op) {
    let context = context_of(module);
    for function in public_functions(module) {
        let Some(name) = symbol_name(function) else { continue };
        let is_call = |op: Op| OpKind::of(op) == Some(OpKind::FuncCall) && symbol_attribute(op, "callee") == Some(name);
        let mut is_called = false;
        walk(module, &mut |op| is_called |= is_call(op));
        if !is_called {
            continue;
        }
        let nothing: &[(Val, Val)] = &[];
        let inner = Builder::before(function).clone_op(function, nothing);
        let inner_name = free_symbol(module, format!("{name}__inner"));
        set_attribute(inner, "sym_name", StringAttribute::new(context, &inner_name).into());
        set_attribute(inner, "sym_visibility", StringAttribute::new(context, "private").into());
        redirect(module, name, &inner_name);
    }
}
