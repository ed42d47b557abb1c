//! The codes of errors: for each, of what class the trouble is, for a program that acts upon it.
//!
//! They stand in the crate that all others use: errors of libraries as they run ([`Help`](crate::Help)) have them as the
//! compiler's diagnostics do.

use std::fmt;

/// Declares the codes: for each its variant, its word and its meaning.
macro_rules! codes {
    ($($code:ident = $word:literal: $meaning:literal,)+) => {
        /// The class of an error, by which a program that calls the compiler or a library decides what to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum DiagnosticCode {
            $(#[doc = concat!($meaning, ".")] $code,)+
        }

        impl DiagnosticCode {
            /// All codes, in the order of the reference.
            pub const ALL: &'static [DiagnosticCode] = &[$(DiagnosticCode::$code,)+];

            /// The word for it, which stays the same from version to version.
            pub const fn name(self) -> &'static str {
                match self {
                    $(DiagnosticCode::$code => $word,)+
                }
            }

            /// What it means, in one sentence without a full stop.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(DiagnosticCode::$code => $meaning,)+
                }
            }
        }
    };
}

codes! {
    Syntax = "syntax": "The text of the program does not parse, or uses a name that is not defined",
    Invalid = "invalid": "The program breaks a rule of the language or of an operation: it has to be corrected",
    Unsupported = "unsupported": "The program may be right, but this compiler or this target does not support it",
    Request = "request": "What was asked for does not fit the program, or contradicts itself: options, arguments, names",
    Io = "io": "A file, a tool, a plugin or a driver is missing, or fails",
    Limit = "limit": "Something is too large, too long or too deep, or there is not enough memory for it",
    RunTime = "run-time": "A check failed when the program was run, in a library or in the interpreter",
    Internal = "internal": "The compiler made a mistake, which should be reported",
}

impl fmt::Display for DiagnosticCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::DiagnosticCode;
    use std::collections::HashSet;

    #[test]
    fn words_are_distinct() {
        let words: HashSet<&str> = DiagnosticCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(words.len(), DiagnosticCode::ALL.len());
        let is_kebab = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(words.into_iter().all(is_kebab));
    }
}
