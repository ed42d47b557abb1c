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
    /// What it does, in a line.
    pub summary: &'static str,
    /// The contract: what it takes, what it leaves. For the reference.
    pub description: &'static str,
    /// What it does. `Err` means that the mistake has been reported as a diagnostic.
    pub body: for<'c> fn(Op<'c>, &O) -> Result<(), ErrorGuaranteed>,
}

impl<O> Pass<O> {
    /// Runs the pass.
    ///
    /// # Errors
    /// Where it fails, or panics; it has been reported.
    pub fn run(&self, module: Op, options: &O) -> Result<(), ErrorGuaranteed> {
        guarded(self.flag, module, || (self.body)(module, options))
    }
}

/// An option as a command line knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionDescription {
    /// Its name: `--flag=name=value`.
    pub name: &'static str,
    /// What it does, and the values that it takes.
    pub summary: String,
    /// The value that holds where none is given.
    pub default: String,
}

/// A pass, whatever its type of options.
pub trait AnyPass: Sync {
    /// The flag, without dashes.
    fn flag(&self) -> &'static str;

    /// What it does, in a line.
    fn summary(&self) -> &'static str;

    /// The contract: what it takes, what it leaves.
    fn description(&self) -> &'static str;

    /// Its options.
    fn options(&self) -> Vec<OptionDescription>;

    /// Runs the pass with options given as texts, in order; those that are not given have their defaults.
    ///
    /// # Errors
    /// Where a text is no value of its option, or the pass fails; it has been reported.
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

/// Options as a textual pipeline has them, `{name=value …}`; those that have their defaults are left out.
pub fn options_text<O: PassOptions>(options: &O) -> String {
    let defaults = O::default();
    let given = O::FIELDS.iter().map(|field| (field, (field.show)(options)));
    let given = given.filter(|(field, text)| *text != (field.show)(&defaults));
    let given: Vec<String> = given.map(|(field, text)| format!("{}={}", field.name, quoted(&text))).collect();
    if given.is_empty() { String::new() } else { format!("{{{}}}", given.join(" ")) }
}

/// A value as a textual pipeline has it: in quotes where it would end otherwise.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text.into() } else { format!("'{text}'") }
}

/// Puts a pass into MLIR's registry, under its flag. Once a process.
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
