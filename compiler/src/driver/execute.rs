//! `--run`: calling a function of the program, and printing what it gives.

use super::destination::Results;
use super::options::Format;
use super::program::{Program, arguments};
use super::report::{Failure, of_option};
use dp_dialects::ir::{Op, argument_name, result_name, signature};
use dp_dialects::{Diagnostic, Result};
use dp_passes::specialize::Fixed;
use dp_runtime::{Array, Elements, npy, values};

/// A call: a function of the program, and the values of its arguments.
pub struct Call<'c> {
    function: Op<'c>,
    name: String,
    arguments: Vec<Array>,
    results: Vec<String>,
}

impl<'c> Call<'c> {
    /// Reads the arguments of a function from text.
    ///
    /// # Errors
    /// Where there is no such function, and where the values do not fit it.
    pub fn read(program: &Program<'c>, name: &str, text: &str) -> Result<Self, Failure> {
        let function = program.function(&format!("--run {name}"), name)?;
        let arguments = arguments(function)?;
        let values = values::read(text, &arguments).map_err(|error| {
            let takes: Vec<String> =
                arguments.iter().map(|argument| format!("{}: {argument}", argument.name)).collect();
            of_option("--args", &error).help(match takes.is_empty() {
                true => format!("'{name}' takes no arguments"),
                false => format!("'{name}' takes {}", takes.join(", ")),
            })
        })?;
        let count = signature(function).map_or(0, |(_, outputs)| outputs.len());
        let results = (0..count).map(|index| result_name(function, index)).collect();
        Ok(Call { function, name: name.into(), arguments: values, results })
    }

    /// Checks that the arguments have the extents that are fixed for them; an index has the number.
    ///
    /// # Errors
    /// Where one has others.
    pub fn check_extents(&self, fixed: &[Fixed]) -> Result<()> {
        for (index, array) in self.arguments.iter().enumerate() {
            let name = argument_name(self.function, index);
            let Some(fixed) = fixed.iter().find(|fixed| fixed.name == name) else { continue };
            let has: Vec<u64> = match array.elements() {
                Elements::Index(values) if array.shape().is_empty() => {
                    values.iter().filter_map(|value| u64::try_from(*value).ok()).collect()
                }
                _ => array.shape().iter().map(|extent| *extent as u64).collect(),
            };
            if has != fixed.extents {
                let given = Fixed { name, extents: has };
                return Err(Diagnostic::request(format!("--args: {given} is given, and --specialize fixes {fixed}"))
                    .help("give arguments of the extents that are fixed, or leave out --specialize"));
            }
        }
        Ok(())
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The function, which is gone once the program is lowered.
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

/// The contents of a file of results.
///
/// # Errors
/// None, but where memory for an archive is lacking.
pub fn file(call: &Call, results: &[Array], form: Results) -> Result<Vec<u8>> {
    match form {
        Results::Json => Ok(print(call, results, Format::Json).into_bytes()),
        Results::Npy => Ok(results.iter().flat_map(npy::encode).collect()),
        Results::Npz => npy::archive(call.results.iter().map(String::as_str).zip(results))
            .map_err(|error| Diagnostic::limit(format!("cannot write the results: {error}"))),
    }
}

/// Results as text, by the names of the function's results.
pub fn print(call: &Call, results: &[Array], format: Format) -> String {
    let named = call.results.iter().map(String::as_str).zip(results);
    match format {
        Format::Text => values::text(named),
        Format::Json => values::json(named),
    }
}
