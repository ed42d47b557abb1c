//! Passes with typed options, and a view of them without the options type.

use super::options::{NoOptions, PassOptions};
use dp_dialects::ir::Op;
use dp_dialects::pass::{RegisteredPass, guarded};
use dp_dialects::{Diagnostic, ErrorGuaranteed};
use melior::ir::operation::OperationLike;

/// A pass over modules.
#[derive(Debug)]
pub struct Pass<O = NoOptions> {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// One line of help.
    pub summary: &'static str,
    /// The contract for the reference: what the pass takes and what it leaves.
    pub description: &'static str,
    /// The implementation. `Err` means that an error was reported as a diagnostic.
    pub body: for<'c> fn(Op<'c>, &O) -> Result<(), ErrorGuaranteed>,
}

impl<O> Pass<O> {
    /// Runs the pass.
    ///
    /// # Errors
    /// If it fails or panics; this was reported.
    pub fn run(&self, module: Op, options: &O) -> Result<(), ErrorGuaranteed> {
        guarded(self.flag, module, || (self.body)(module, options))
    }
}

/// An option on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionDescription {
    /// Its name: `--flag=name=value`.
    pub name: &'static str,
    /// What it does, and the possible values.
    pub summary: String,
    /// The default value.
    pub default: String,
}

/// A pass without its options type.
pub trait AnyPass: Sync {
    /// The flag, without dashes.
    fn flag(&self) -> &'static str;

    /// One line of help.
    fn summary(&self) -> &'static str;

    /// The contract: what the pass takes and what it leaves.
    fn description(&self) -> &'static str;

    /// Its options.
    fn options(&self) -> Vec<OptionDescription>;

    /// Runs the pass with options given as text, in order; missing ones have their defaults.
    ///
    /// # Errors
    /// If a value is invalid or the pass fails; this was reported.
    fn run_with_texts(&self, module: Op, values: &[&str]) -> Result<(), ErrorGuaranteed>;
}

impl<O: PassOptions> AnyPass for Pass<O> {
    fn flag(&self) -> &'static str {
        self.flag
    }

    fn summary(&self) -> &'static str {
        self.summary
    }

    fn description(&self) -> &'static str {
        self.description
    }

    fn options(&self) -> Vec<OptionDescription> {
        let defaults = O::default();
        let described = O::FIELDS.iter().map(|field| OptionDescription {
            name: field.name,
            summary: format!("{}: {}", field.summary, (field.values)()),
            default: (field.show)(&defaults),
        });
        described.collect()
    }

    fn run_with_texts(&self, module: Op, values: &[&str]) -> Result<(), ErrorGuaranteed> {
        let mut options = O::default();
        for (field, text) in O::FIELDS.iter().zip(values) {
            (field.set)(&mut options, text).map_err(|diagnostic| {
                let general = || {
                    Diagnostic::request(format!(
                        "invalid value '{text}' for option '{}' of '{}'",
                        field.name, self.flag
                    ))
                    .help(format!("give {}", (field.values)()))
                };
                diagnostic.unwrap_or_else(general).report(module.location())
            })?;
        }
        (self.body)(module, &options)
    }
}

/// Options in pipeline syntax, `{name=value …}`, without those that have their default.
pub fn options_text<O: PassOptions>(options: &O) -> String {
    let defaults = O::default();
    let given = O::FIELDS.iter().map(|field| (field, (field.show)(options)));
    let given = given.filter(|(field, text)| *text != (field.show)(&defaults));
    let given: Vec<String> = given.map(|(field, text)| format!("{}={}", field.name, quoted(&text))).collect();
    if given.is_empty() { String::new() } else { format!("{{{}}}", given.join(" ")) }
}

/// A value in pipeline syntax, quoted if necessary.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text.into() } else { format!("'{text}'") }
}

/// Registers a pass with MLIR under its flag. Once per process.
pub fn register(pass: &'static dyn AnyPass) {
    let options = pass.options().into_iter().map(|option| [option.name.into(), option.summary, option.default]);
    RegisteredPass {
        flag: pass.flag(),
        summary: pass.summary(),
        options: options.collect(),
        run: Box::new(|module, values| pass.run_with_texts(module, values)),
    }
    .register();
}
