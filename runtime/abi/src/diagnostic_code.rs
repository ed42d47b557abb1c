//! The codes of errors, by which programs can react to them.
//!
//! They are in this crate because all others use it: run-time errors of libraries ([`Help`](crate::Help)) and
//! diagnostics of the compiler have the same codes.

use std::fmt;

/// Declares codes: variant, name and meaning.
macro_rules! codes {
    ($($code:ident = $word:literal: $meaning:literal,)+) => {
        /// The class of an error, for programs that call the compiler or a library.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum DiagnosticCode {
            $(#[doc = concat!($meaning, ".")] $code,)+
        }

        impl DiagnosticCode {
            /// All codes, in the order of the reference.
            pub const ALL: &'static [DiagnosticCode] = &[$(DiagnosticCode::$code,)+];

            /// The name, which is stable between versions.
            pub const fn name(self) -> &'static str {
                match self {
                    $(DiagnosticCode::$code => $word,)+
                }
            }

            /// The meaning, as a sentence without a period.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(DiagnosticCode::$code => $meaning,)+
                }
            }
        }
    };
}

codes! {
    Syntax = "syntax": "The program does not parse, or uses an undefined name",
    Invalid = "invalid": "The program violates a rule of the language or of an operation",
    Unsupported = "unsupported": "The program may be valid, but the compiler or the target does not support it",
    Request = "request": "Options, arguments or names do not fit the program, or contradict each other",
    Io = "io": "A file, tool, plugin or driver is missing or fails",
    Limit = "limit": "Something is too large, too long or too deeply nested, or memory is exhausted",
    RunTime = "run-time": "A run-time check failed, in a library or in the interpreter",
    Internal = "internal": "A bug in the compiler; please report it",
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
