//! What a compiler says of its program.

use std::fmt;

/// How many bytes of memory a program takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Its code, on the device.
    pub code: i64,
    /// Its arguments.
    pub arguments: i64,
    /// Its results.
    pub results: i64,
    /// Results that take the place of arguments, counted in both.
    pub shared: i64,
    /// What it needs while it runs.
    pub temporary: i64,
    /// Its code in the host's memory; this and the next four are 0 where all is on the device.
    pub host_code: i64,
    /// Arguments there.
    pub host_arguments: i64,
    /// Results there.
    pub host_results: i64,
    /// Results there that take the place of arguments.
    pub host_shared: i64,
    /// What it needs there while it runs.
    pub host_temporary: i64,
    /// The most that it takes at a time, where the plugin knows.
    pub peak: Option<i64>,
}

/// What a run of a program costs, as the compiler counts: names and values of its own
/// choice, such as `flops` and `bytes accessed`.
pub type Cost = Vec<(String, Figure)>;

/// The value of one thing that is counted.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// A text.
    Text(String),
    /// An integer.
    Integer(i64),
    /// Some of them.
    Integers(Vec<i64>),
    /// A number.
    Float(f32),
    /// Yes or no.
    Boolean(bool),
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Text(text) => f.write_str(text),
            Figure::Integer(integer) => integer.fmt(f),
            Figure::Integers(integers) => write!(f, "{integers:?}"),
            Figure::Float(float) => float.fmt(f),
            Figure::Boolean(boolean) => boolean.fmt(f),
        }
    }
}
