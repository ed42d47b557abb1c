//! Options that have no effect together with others, one conflict per row. (The driver rejects impossible requests.)

use super::destination;
use super::options::Options;
use super::targets::TARGETS;
use dp_dialects::{Diagnostic, Result};
use dp_driver::Emit;

/// A combination of options in which one has no effect.
pub struct Conflict {
    /// Whether the combination is given.
    pub is_given: fn(&Options) -> bool,
    /// The message: the option without effect, and why.
    pub message: fn(&Options) -> String,
    /// The help.
    pub help: &'static str,
}

/// Conflicts of all targets; each target has its own in addition.
static CONFLICTS: &[Conflict] = &[
    Conflict {
        is_given: |options| options.run.is_none() && options.check_gradients.is_none() && !options.args.is_empty(),
        message: |_| "--args: no function is called".into(),
        help: "add --run FUNC, or --check-gradients",
    },
    Conflict {
        is_given: |options| options.run.is_none() && options.print_costs,
        message: |_| "--print-costs: no function is called".into(),
        help: "add --run FUNC, and --args for its arguments",
    },
    Conflict {
        is_given: |options| options.run.is_none() && options.format.is_some(),
        message: |_| "--format: no results are printed".into(),
        help: "add --run FUNC",
    },
    Conflict {
        is_given: |options| options.format.is_some() && options.emit.is_none() && destination::named(options).is_some(),
        message: |options| format!("--format: the suffix of -o {} already selects the format", options.written()),
        help: "omit --format; or omit -o to print the results",
    },
    Conflict {
        is_given: |options| {
            let suffix = destination::named(options).is_some_and(|path| destination::results(path).is_ok());
            options.run.is_some() && options.emit.is_some() && suffix
        },
        message: |options| {
            let emit = options.emit.map_or("", Emit::name);
            format!(
                "-o {}: with --emit={emit}, -o names that output, but this is a suffix for results",
                options.written()
            )
        },
        help: "omit --emit to write the results, or change the suffix to print them",
    },
    Conflict {
        is_given: |options| options.print_memory && (options.ends_by(Emit::Linalg) || options.stop_after.is_some()),
        message: |options| format!("--print-memory: {} before memory is allocated", options.end()),
        help: "use a later output such as --emit=llvm, or omit the option",
    },
    Conflict {
        is_given: |options| {
            let header = options.emit == Some(Emit::Header) && options.run.is_none();
            options.debug && (options.ends_by(Emit::Linalg) || options.stop_after.is_some() || header)
        },
        message: |options| {
            if options.emit == Some(Emit::Header) {
                return "-g: a header has no line tables".into();
            }
            format!("-g: {} before line tables are made", options.end())
        },
        help: "use a later output such as --emit=llvm, or omit the option",
    },
    Conflict {
        is_given: |options| options.mcpu.is_some() && options.ends_by(Emit::Simplified),
        message: |options| format!("--mcpu: {} before code depends on the CPU", options.end()),
        help: "use a later output such as --emit=llvm, or omit the option",
    },
    Conflict {
        is_given: |options| !options.specialize.is_empty() && options.ends_by(Emit::Mlir),
        message: |options| format!("--specialize: {} before specialization", options.end()),
        help: "use a later output such as --emit=simplified, or omit the option",
    },
];

impl Options {
    /// Whether the output is the program in this form or an earlier one.
    pub fn ends_by(&self, form: Emit) -> bool {
        self.run.is_none() && self.stop_after.is_none() && self.artifact() <= Some(form)
    }

    /// The reason why compilation stops early.
    pub fn end(&self) -> String {
        match &self.stop_after {
            Some(step) => format!("--stop-after={step} stops"),
            None => format!("--emit={} writes the program", self.artifact().map_or("", Emit::name)),
        }
    }

    fn written(&self) -> String {
        self.output.as_ref().map_or_else(String::new, |path| path.display().to_string())
    }
}

/// Checks for options that do not go together.
///
/// # Errors
/// If there are any.
pub fn check(options: &Options) -> Result<()> {
    let target = options.target;
    let own = (target.own_options)(options);
    for other in TARGETS {
        if let Some(option) = (other.own_options)(options).into_iter().find(|option| !own.contains(option)) {
            let message = format!("{option} does not apply to --target={}", target.name);
            return Err(Diagnostic::request(message).help(format!("add --target={}, or omit it", other.name)));
        }
    }
    match target.conflicts.iter().chain(CONFLICTS).find(|conflict| (conflict.is_given)(options)) {
        Some(conflict) => Err(Diagnostic::request((conflict.message)(options)).help(conflict.help)),
        None => Ok(()),
    }
}
