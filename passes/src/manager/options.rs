//! Typed options of passes: one struct per pass, and the text form of its fields.

use dp_dialects::{Diagnostic, FloatModel};
use std::num::NonZeroUsize;

/// An options struct; see [`pass_options!`](crate::pass_options). [`Default`] has the default values.
pub trait PassOptions: Clone + Default + Sync + 'static {
    /// The fields, in the order of command-line help.
    const FIELDS: &'static [OptionField<Self>];
}

/// A field of an options struct.
#[derive(Clone, Copy, Debug)]
pub struct OptionField<O> {
    /// The name on a command line.
    pub name: &'static str,
    /// What the option does, without its values.
    pub summary: &'static str,
    /// The possible values.
    pub values: fn() -> String,
    /// Sets the field from text; see [`OptionValue::parse`].
    pub set: fn(&mut O, &str) -> Result<(), Option<Diagnostic>>,
    /// The field as text.
    pub show: fn(&O) -> String,
}

/// A type of option values.
pub trait OptionValue: Sized {
    /// The possible values, as a list or a noun: `true or false`, `a number`.
    fn values() -> String;

    /// Parses a value.
    ///
    /// # Errors
    /// If it is invalid; `None` if the list of possible values is a sufficient message.
    fn parse(text: &str) -> Result<Self, Option<Diagnostic>>;

    /// The value as text.
    fn show(&self) -> String;
}

/// Declares the options of a pass: `"NAME" => field: Type = default, "what it does";` for each.
#[macro_export]
macro_rules! pass_options {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $options:ident {
            $($name:literal => $field:ident: $type:ty = $default:expr, $summary:literal;)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq)]
        $visibility struct $options {
            $(
                #[doc = concat!("`", $name, "`: ", $summary, ".")]
                pub $field: $type,
            )+
        }

        impl Default for $options {
            fn default() -> Self {
                $options { $($field: $default),+ }
            }
        }

        impl $crate::manager::PassOptions for $options {
            const FIELDS: &'static [$crate::manager::OptionField<Self>] = &[$(
                $crate::manager::OptionField {
                    name: $name,
                    summary: $summary,
                    values: <$type as $crate::manager::OptionValue>::values,
                    set: |options, text| {
                        options.$field = $crate::manager::OptionValue::parse(text)?;
                        Ok(())
                    },
                    show: |options| $crate::manager::OptionValue::show(&options.$field),
                }
            ),+];
        }
    };
}

/// Declares an enum with one word per variant: `Variant = "word"`.
#[macro_export]
macro_rules! option_words {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $words:ident {
            $($(#[$of:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $words {
            $($(#[$of])* $variant,)+
        }

        impl $crate::manager::OptionValue for $words {
            fn values() -> String {
                $crate::manager::alternatives(&[$($word),+])
            }

            fn parse(text: &str) -> Result<Self, Option<dp_dialects::Diagnostic>> {
                $(if text == $word {
                    return Ok($words::$variant);
                })+
                Err(None)
            }

            fn show(&self) -> String {
                match self {
                    $($words::$variant => $word.into(),)+
                }
            }
        }
    };
}

/// Joins words: `a, b or c`.
pub fn alternatives(words: &[&str]) -> String {
    match words {
        [first @ .., before, last] => {
            let first: String = first.iter().map(|word| format!("{word}, ")).collect();
            format!("{first}{before} or {last}")
        }
        [word] => word.to_string(),
        [] => String::new(),
    }
}

/// The options of a pass without options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoOptions;

impl PassOptions for NoOptions {
    const FIELDS: &'static [OptionField<Self>] = &[];
}

option_words! {
    /// The widest vector registers of the CPU.
    pub enum VectorWidth {
        /// SSE2, NEON.
        Bytes16 = "16",
        /// AVX2.
        Bytes32 = "32",
        /// AVX-512.
        Bytes64 = "64",
    }
}

impl VectorWidth {
    /// All widths, the narrowest first.
    pub const ALL: [VectorWidth; 3] = [VectorWidth::Bytes16, VectorWidth::Bytes32, VectorWidth::Bytes64];

    /// The width in bytes.
    pub const fn bytes(self) -> usize {
        match self {
            VectorWidth::Bytes16 => 16,
            VectorWidth::Bytes32 => 32,
            VectorWidth::Bytes64 => 64,
        }
    }
}

impl OptionValue for FloatModel {
    fn values() -> String {
        alternatives(&FloatModel::ALL.map(FloatModel::name))
    }

    fn parse(text: &str) -> Result<Self, Option<Diagnostic>> {
        text.parse().map_err(Some)
    }

    fn show(&self) -> String {
        self.name().into()
    }
}

/// Types with Rust's own syntax.
macro_rules! option_values {
    ($($type:ty: $values:literal;)+) => {$(
        impl OptionValue for $type {
            fn values() -> String {
                $values.into()
            }

            fn parse(text: &str) -> Result<Self, Option<Diagnostic>> {
                text.parse().map_err(|_| None)
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )+};
}

option_values! {
    bool: "true or false";
    u64: "a number";
    usize: "a number";
    NonZeroUsize: "a positive number";
}

/// A number of bytes that is not to be exceeded, if there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteLimit(pub Option<u64>);

impl std::str::FromStr for ByteLimit {
    type Err = String;

    /// Parses `65536`, `64K`, `64KiB` or `none`; the units are powers of 1024.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(ByteLimit(None));
        }
        let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let shift = match &text[digits.len()..] {
            "" | "B" => 0,
            "K" | "KiB" => 10,
            "M" | "MiB" => 20,
            "G" | "GiB" => 30,
            unit => return Err(format!("'{unit}' is no unit of bytes: use K, M or G, for powers of 1024")),
        };
        let number = digits.parse::<u64>().ok().filter(|number| *number <= u64::MAX >> shift);
        number.map(|number| ByteLimit(Some(number << shift))).ok_or_else(|| "it is no number of bytes".into())
    }
}

impl OptionValue for ByteLimit {
    fn values() -> String {
        "a number of bytes, with K, M or G for powers of 1024, or none".into()
    }

    fn parse(text: &str) -> Result<Self, Option<Diagnostic>> {
        text.parse().map_err(|_| None)
    }

    fn show(&self) -> String {
        self.0.map_or_else(|| "none".into(), |bytes| bytes.to_string())
    }
}

impl OptionValue for String {
    fn values() -> String {
        "text".into()
    }

    fn parse(text: &str) -> Result<Self, Option<Diagnostic>> {
        Ok(text.into())
    }

    fn show(&self) -> String {
        self.clone()
    }
}

/// A comma-separated list.
impl<V: OptionValue> OptionValue for Vec<V> {
    fn values() -> String {
        format!("a comma-separated list of {}", V::values())
    }

    fn parse(text: &str) -> Result<Self, Option<Diagnostic>> {
        text.split(',').filter(|item| !item.is_empty()).map(V::parse).collect()
    }

    fn show(&self) -> String {
        self.iter().map(V::show).collect::<Vec<_>>().join(",")
    }
}
