//! `--run`: calling a function of the program, and printing what it gives.

use super::crossing;
use super::options::Format;
use super::program::{Program, arguments};
use super::report::Failure;
use dp_dialects::ir::{Op, signature};
use dp_dialects::registry::Reported;
use dp_dialects::{Complaint, ValueType};
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

    /// Calls the function in the interpreter.
    ///
    /// # Errors
    /// What goes wrong during execution, which has been reported at its place.
    pub fn interpret(&self, program: &Program<'c>) -> Result<Vec<Array>, Failure> {
        let inputs = signature(self.function).map(|(inputs, _)| inputs).unwrap_or_default();
        let tensors = inputs.iter().map(|input| ValueType::of(*input).is_some_and(|r#type| r#type.is_tensor()));
        let arguments = self.arguments.iter().zip(tensors).map(|(array, tensor)| crossing::literal(array, tensor));
        let results = dp_interp::run(program.module(), &self.name, arguments.collect()).map_err(|located| {
            located.emit();
            Reported
        })?;
        Ok(results.iter().map(crossing::array).collect::<Result<_, _>>()?)
    }
}

/// Results as text.
pub fn print(results: &[Array], format: Format) -> String {
    match format {
        Format::Text => values::text(results),
        Format::Json => values::json(results),
    }
}
