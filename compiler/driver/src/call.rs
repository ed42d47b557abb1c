//! Calls of functions of the program.

use super::failure::{Failure, of_option};
use super::program::{Program, arguments};
use super::request::{Arguments, CallRequest};
use dp_abi::Argument;
use dp_dialects::ir::{Op, argument_name, result_name, signature};
use dp_dialects::{Diagnostic, Result};
use dp_passes::specialize::Fixed;
use dp_runtime::{Array, Elements, values};

/// A call: a function of the program and its argument values.
pub struct Call<'c> {
    function: Op<'c>,
    name: String,
    arguments: Vec<Array>,
    results: Vec<String>,
}

impl<'c> Call<'c> {
    /// Looks up the function of a call and reads its arguments.
    ///
    /// # Errors
    /// If there is no such function, or the values do not fit its arguments.
    pub fn new(program: &Program<'c>, request: &CallRequest) -> Result<Self, Failure> {
        let name = &request.function;
        let function = program.function(&format!("--run {name}"), name)?;
        let arguments = arguments(function)?;
        let values = values(name, &request.arguments, &arguments)?;
        let count = signature(function).map_or(0, |(_, outputs)| outputs.len());
        let results = (0..count).map(|index| result_name(function, index)).collect();
        Ok(Call { function, name: name.into(), arguments: values, results })
    }

    /// Checks the arguments against fixed extents; for an index argument, the fixed value.
    ///
    /// # Errors
    /// If an argument differs.
    pub fn check_extents(&self, fixed: &[Fixed]) -> Result<()> {
        for (index, array) in self.arguments.iter().enumerate() {
            let name = argument_name(self.function, index);
            let Some(fixed) = fixed.iter().find(|fixed| fixed.name == name) else { continue };
            let has = extents(array).unwrap_or_default();
            if has != fixed.extents {
                let given = Fixed { name, extents: has };
                return Err(Diagnostic::request(format!("--args: {given} contradicts --specialize {fixed}"))
                    .help("pass arguments with the specialized extents, or omit --specialize"));
            }
        }
        Ok(())
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The function. Lowering erases it.
    pub fn function(&self) -> Op<'c> {
        self.function
    }

    /// The names of the results.
    pub fn results(&self) -> &[String] {
        &self.results
    }

    /// The values of the arguments.
    pub fn arguments(&self) -> &[Array] {
        &self.arguments
    }
}

/// The extents that an argument fixes: its own, or the value of an index scalar. `None` if that is negative.
pub fn extents(array: &Array) -> Option<Vec<u64>> {
    if let (Elements::Index(values), []) = (array.elements(), array.shape()) {
        return values.iter().map(|value| u64::try_from(*value).ok()).collect();
    }
    Some(array.shape().iter().map(|extent| *extent as u64).collect())
}

/// The argument values of a function.
///
/// # Errors
/// If they do not fit the arguments; the help lists these.
pub fn values(function: &str, given: &Arguments, arguments: &[Argument]) -> Result<Vec<Array>> {
    read(given, arguments).map_err(|diagnostic| {
        let takes: Vec<String> = arguments.iter().map(|argument| format!("{}: {argument}", argument.name)).collect();
        diagnostic.help(match takes.is_empty() {
            true => format!("'{function}' takes no arguments"),
            false => format!("'{function}' takes {}", takes.join(", ")),
        })
    })
}

fn read(given: &Arguments, arguments: &[Argument]) -> Result<Vec<Array>> {
    match given {
        Arguments::Text(text) => values::read(text, arguments).map_err(|error| of_option("--args", &error)),
        Arguments::Arrays(arrays) if arrays.len() != arguments.len() => {
            Err(Diagnostic::request(format!("--args: wrong number of arguments, {}", arrays.len())))
        }
        Arguments::Arrays(arrays) => match arrays.iter().zip(arguments).find(|(array, takes)| !array.fits(takes)) {
            Some((array, takes)) => {
                let (name, given) = (&takes.name, array.mlir_type());
                Err(Diagnostic::request(format!("--args: `{name}` has type {takes}, but the value has type {given}")))
            }
            None => Ok(arrays.clone()),
        },
    }
}
