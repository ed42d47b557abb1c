//! Notes about what is compared and what is not.

use std::fmt;

/// A note of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note<'a> {
    /// From here on, functions are not compared: the interpreter cannot execute them.
    Unsupported {
        /// The pass; `None` before the first.
        pass: Option<&'a str>,
        /// The functions.
        functions: &'a [String],
        /// The reason.
        reason: &'a str,
    },
    /// After a pass, functions can be executed for the first time. They are compared from here on.
    Supported {
        /// The pass.
        pass: &'a str,
        /// The functions.
        functions: &'a [String],
    },
    /// A pass changed the argument types of functions, so it was not checked on them. They are compared from here on.
    Retyped {
        /// The pass.
        pass: &'a str,
        /// The functions.
        functions: &'a [String],
    },
    /// No pass changed a value.
    Agrees {
        /// The number of passes after which functions were compared.
        passes: usize,
        /// The number of comparisons: one for each function at each point after each pass.
        comparisons: usize,
        /// The number of comparisons that could not be compared: the function takes too long, or
        /// its results depend on rounding.
        inconclusive: usize,
        /// The number of points.
        points: u32,
    },
}

impl fmt::Display for Note<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Unsupported { pass: None, functions, reason } => {
                write!(f, "not checked yet: {} ({reason})", Names(functions))
            }
            Note::Unsupported { pass: Some(pass), functions, reason } => {
                write!(f, "not checked from pass '{pass}' on: {} ({reason})", Names(functions))
            }
            Note::Supported { pass, functions } => write!(f, "checked after pass '{pass}': {}", Names(functions)),
            Note::Retyped { pass, functions } => {
                write!(f, "not checked by pass '{pass}', which changes their arguments: {}", Names(functions))
            }
            Note::Agrees { passes, comparisons, inconclusive, points } => write!(
                f,
                "{} of {comparisons} comparisons agree, {inconclusive} could not be compared (passes: {passes}, points of \
                 each function: {points})",
                comparisons - inconclusive
            ),
        }
    }
}

/// The most names that are listed.
const LISTED: usize = 8;

/// A list of names.
struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed: Vec<String> = self.0.iter().take(LISTED).map(|name| format!("'{name}'")).collect();
        f.write_str(&listed.join(", "))?;
        match self.0.len().checked_sub(LISTED) {
            Some(more @ 1..) => write!(f, " and {more} more"),
            Some(0) | None => Ok(()),
        }
    }
}
