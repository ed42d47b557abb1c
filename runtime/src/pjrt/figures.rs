//! The compiler's statistics of a program.

use std::fmt;

/// The memory use of a program, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Code, on the device.
    pub code: i64,
    /// Arguments.
    pub arguments: i64,
    /// Results.
    pub results: i64,
    /// Results that alias arguments, counted in both.
    pub shared: i64,
    /// Temporary memory.
    pub temporary: i64,
    /// Code in host memory. This and the next four are 0 if everything is on the device.
    pub host_code: i64,
    /// Arguments in host memory.
    pub host_arguments: i64,
    /// Results in host memory.
    pub host_results: i64,
    /// Results in host memory that alias arguments.
    pub host_shared: i64,
    /// Temporary host memory.
    pub host_temporary: i64,
    /// The peak, if the plugin reports it.
    pub peak: Option<i64>,
}

/// The cost of a run as the compiler estimates it: names and values of its choice, such as `flops` and `bytes
/// accessed`.
pub type Cost = Vec<(String, Figure)>;

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// A text.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A list of integers.
    Integers(Vec<i64>),
    /// A number.
    Float(f32),
    /// A boolean.
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
