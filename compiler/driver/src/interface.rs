//! What a program offers: its public functions, their arguments and results.

use super::program::{Program, arguments, results};
use dp_abi::Argument;
use dp_dialects::Result;
use dp_dialects::ir::symbol_name;
use dp_passes::symbols::public_functions;

/// The public functions of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The functions, those that a request adds last.
    pub functions: Vec<Signature>,
    /// The function that `main` stands for: the one that a front end marks, or the only public one.
    pub main: Option<String>,
}

/// A function: its name, arguments and results. The function of `--vjp` also takes cotangents of the results and returns
/// those of arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name.
    pub name: String,
    /// The arguments, in order.
    pub arguments: Vec<Argument>,
    /// The results, in order.
    pub results: Vec<Argument>,
}

impl Interface {
    /// Reads the functions of a program.
    ///
    /// # Errors
    /// If an argument or a result is neither a scalar nor a tensor.
    pub(crate) fn of(program: &Program, main: Option<String>) -> Result<Interface> {
        let functions = public_functions(program.module()).into_iter().map(|function| {
            let name = symbol_name(function).unwrap_or_default().to_owned();
            Ok(Signature { name, arguments: arguments(function)?, results: results(function)? })
        });
        Ok(Interface { functions: functions.collect::<Result<_>>()?, main })
    }

    /// Looks up a function by name.
    pub fn function(&self, name: &str) -> Option<&Signature> {
        self.functions.iter().find(|function| function.name == name)
    }
}
