//! Programs of the dialects: parsed, taken through passes and interpreted.

use dp_dialects::Literal;
use dp_dialects::ir::Op;
use dp_passes::manager::AnyPass;
use melior::Context;
use melior::ir::Module;
use melior::ir::operation::{OperationLike, OperationRef};

/// A module in a context of its own.
pub struct Program {
    // The module goes before the context that it lives in.
    module: Module<'static>,
    _context: Box<Context>,
    name: String,
}

fn pass(flag: &str) -> &'static dyn AnyPass {
    let found = dp_driver::registry::PASSES.iter().find(|pass| pass.flag() == flag);
    *found.unwrap_or_else(|| panic!("there is a pass '{flag}'"))
}

impl Program {
    /// Parses a program and runs passes on it, each given by its flag, and its first options, in their order. A program
    /// that fails is a failed test; `name` says which.
    #[track_caller]
    pub fn new(name: &str, text: &str, passes: &[&str]) -> Program {
        let context = Box::new(dp_driver::registry::context());
        // SAFETY: the box keeps the context in place, and outlives the module.
        let pinned: &'static Context = unsafe { &*std::ptr::from_ref(&*context) };
        let Some(module) = Module::parse(pinned, text) else { panic!("{name} does not parse:\n{text}") };
        for flag in passes {
            let words: Vec<&str> = flag.split_whitespace().collect();
            let passed = pass(words[0]).run_with_texts(operation(&module), &words[1..]).is_ok()
                && module.as_operation().verify();
            assert!(passed, "{name}: pass '{flag}' fails on\n{text}");
        }
        Program { module, _context: context, name: name.to_string() }
    }

    /// The module.
    pub fn operation(&self) -> Op<'_> {
        operation(&self.module)
    }

    /// The program as text.
    pub fn text(&self) -> String {
        self.module.as_operation().to_string()
    }
}

/// Interprets a function of a program.
#[track_caller]
pub fn run(program: &Program, function: &str, arguments: Vec<Literal>) -> Vec<Literal> {
    match dp_interp::run(operation(&program.module), function, arguments) {
        Ok(results) => results,
        Err(located) => panic!("{}: @{function}: {}\n{}", program.name, located.diagnostic, program.text()),
    }
}

fn operation<'c>(module: &Module<'c>) -> Op<'c> {
    // SAFETY: the reference is used while the module lives.
    unsafe { OperationRef::from_raw(OperationLike::to_raw(&module.as_operation())) }
}
