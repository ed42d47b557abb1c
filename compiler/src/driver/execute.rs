//! `--run`: calling a function of the program, and printing what it gives.

use super::options::Format;
use super::program::{Program, arguments};
use super::report::Failure;
use dp_dialects::Complaint;
use dp_dialects::ir::Op;
use dp_runtime::{Array, values};

/// A call: a function of the program, and the values of its arguments.
pub struct Call<'c> {
    function: Op<'c>,
    name: String,
    arguments: Vec<Array>,
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
            let complaint = Complaint::new(format!("--args: {error}"));
            complaint.hint(match takes.is_empty() {
                true => format!("'{name}' takes no arguments"),
                false => format!("'{name}' takes {}", takes.join(", ")),
            })
        })?;
        Ok(Call { function, name: name.into(), arguments: values })
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The function.
    pub fn function(&self) -> Op<'c> {
        self.function
    }

    /// The values of the arguments.
    pub fn arguments(&self) -> &[Array] {
        &self.arguments
    }
}

/// Results as text.
pub fn print(results: &[Array], format: Format) -> String {
    match format {
        Format::Text => values::text(results),
        Format::Json => values::json(results),
    }
}
