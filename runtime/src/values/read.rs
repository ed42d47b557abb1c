//! Arrays from text.

use std::str::FromStr;

use dp_abi::{Argument, Extent, ScalarType};
use half::{bf16, f16};
use num_complex::Complex;
use thiserror::Error;

use crate::array::{Array, Element, Elements};
use crate::npy::{self, NpyError};

/// The maximum nesting of lists, more than the rank of any tensor.
const MAX_DEPTH: usize = 64;

/// An error in the text of arguments.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Unbalanced brackets.
    #[error("unbalanced brackets in `{0}`")]
    Brackets(String),
    /// Lists nest too deeply.
    #[error("brackets are nested more than {MAX_DEPTH} deep")]
    Depth,
    /// The number of values is wrong.
    #[error("expected values for ({names}), but got {given}")]
    Count {
        /// The arguments and their types.
        names: String,
        /// The given number.
        given: usize,
    },
    /// A text does not parse as a number of the type.
    #[error("`{name}` has type {expected}, but `{text}` is not of type {number}")]
    ScalarType {
        /// The argument.
        name: String,
        /// Its type.
        expected: String,
        /// The text.
        text: String,
        /// The type of the number.
        number: ScalarType,
    },
    /// A value has the wrong type or shape.
    #[error("`{name}` has type {expected}, but the value has type {given}{help}")]
    Type {
        /// The argument.
        name: String,
        /// Its type.
        expected: String,
        /// The given type.
        given: String,
        /// The help text.
        help: &'static str,
    },
    /// The items of a list differ in length or depth.
    #[error("`{name}` has type {expected}, but the rows of `{text}` differ in length")]
    Ragged {
        /// The argument.
        name: String,
        /// Its type.
        expected: String,
        /// The text.
        text: String,
    },
    /// A file cannot be read.
    #[error("`{name}`: {error}")]
    File {
        /// The argument.
        name: String,
        /// The error.
        error: NpyError,
    },
}

/// A parsed value: a number or a list.
enum Tree<'t> {
    Leaf(&'t str),
    List(Vec<Tree<'t>>),
}

/// Parses the arguments of a function: numbers, nested lists in brackets, and `@file.npy`, separated by commas. A
/// complex number is written `1.5-2i`.
pub fn read(text: &str, arguments: &[Argument]) -> Result<Vec<Array>, ReadError> {
    if depth(text) > MAX_DEPTH {
        return Err(ReadError::Depth);
    }
    let parts = split(text).ok_or_else(|| ReadError::Brackets(text.into()))?;
    if parts.len() != arguments.len() {
        return Err(ReadError::Count {
            names: arguments.iter().map(|a| format!("{}: {a}", a.name)).collect::<Vec<_>>().join(", "),
            given: parts.len(),
        });
    }
    parts.iter().zip(arguments).map(|(part, argument)| read_value(part, argument)).collect()
}

fn read_value(text: &str, argument: &Argument) -> Result<Array, ReadError> {
    let array = match text.strip_prefix('@') {
        Some(path) => read_file(path, argument)?,
        None => read_literal(text, argument)?,
    };
    // Files and text contain integers; an index argument converts them.
    Ok(if argument.number == ScalarType::Index { array.into_index() } else { array })
}

fn read_file(path: &str, argument: &Argument) -> Result<Array, ReadError> {
    let name = || argument.name.clone();
    let array = npy::read(path).map_err(|error| ReadError::File { name: name(), error })?;
    if !array.fits(argument) {
        let help = match array.elements().number() == argument.number {
            true => "",
            false => "; convert the array with `astype`",
        };
        let (expected, given) = (argument.to_string(), array.mlir_type());
        return Err(ReadError::Type { name: name(), expected, given, help });
    }
    Ok(array)
}

fn read_literal(text: &str, argument: &Argument) -> Result<Array, ReadError> {
    let (name, expected, number) = (|| argument.name.clone(), argument.to_string(), argument.number);
    let tree = Tree::parse(text).ok_or_else(|| ReadError::Brackets(text.into()))?;
    let extents = argument.shape.as_deref().unwrap_or_default();
    let mut shape = tree.shape();
    // An empty list does not determine its inner extents; take the static ones of the argument.
    if shape.last() == Some(&0) {
        shape.extend(extents.iter().skip(shape.len()).map(|extent| match *extent {
            Extent::Static(extent) => extent as usize,
            Extent::Dynamic => 0,
        }));
    }
    let agree = |(&expected, &given): (&Extent, &usize)| match expected {
        Extent::Static(extent) => extent == given as u64,
        Extent::Dynamic => true,
    };
    if shape.len() != extents.len() || !extents.iter().zip(&shape).all(agree) {
        let extents: String = shape.iter().map(|extent| format!("{extent}x")).collect();
        let given = match shape.is_empty() {
            true => number.to_string(),
            false => format!("tensor<{extents}{number}>"),
        };
        return Err(ReadError::Type { name: name(), expected, given, help: "" });
    }
    let mut leaves = Vec::new();
    if !tree.leaves(&shape, &mut leaves) {
        return Err(ReadError::Ragged { name: name(), expected, text: text.into() });
    }
    let elements = match parse_all(number, &leaves) {
        Ok(elements) => elements,
        Err(text) => return Err(ReadError::ScalarType { name: name(), expected, text: text.into(), number }),
    };
    Array::from_elements(&shape, elements).map_err(|_| ReadError::Ragged { name: name(), expected, text: text.into() })
}

impl<'t> Tree<'t> {
    fn parse(text: &'t str) -> Option<Tree<'t>> {
        let text = text.trim();
        match text.strip_prefix('[') {
            None if text.contains([',', '[', ']']) => None,
            None => Some(Tree::Leaf(text)),
            Some(inner) => {
                let parts = split(inner.strip_suffix(']')?)?;
                Some(Tree::List(parts.into_iter().map(Tree::parse).collect::<Option<_>>()?))
            }
        }
    }

    /// The extents along the first items.
    fn shape(&self) -> Vec<usize> {
        let mut shape = Vec::new();
        let mut tree = Some(self);
        while let Some(Tree::List(parts)) = tree {
            shape.push(parts.len());
            tree = parts.first();
        }
        shape
    }

    /// Collects the numbers; returns whether every item has these extents.
    fn leaves(&self, shape: &[usize], leaves: &mut Vec<&'t str>) -> bool {
        match (self, shape.split_first()) {
            (Tree::Leaf(text), None) => {
                leaves.push(text);
                true
            }
            (Tree::List(parts), Some((&extent, inner))) => {
                parts.len() == extent && parts.iter().all(|part| part.leaves(inner, leaves))
            }
            (Tree::Leaf(_), Some(_)) | (Tree::List(_), None) => false,
        }
    }
}

/// The nesting depth of brackets.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The items of a list, split at commas outside brackets.
fn split(text: &str) -> Option<Vec<&str>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (position, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                parts.push(text[start..position].trim());
                start = position + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    (depth == 0).then_some(parts)
}

/// The parsed numbers, or the first text that is not a number.
fn parse_all<'t>(number: ScalarType, leaves: &[&'t str]) -> Result<Elements, &'t str> {
    fn all<'t, T: Element>(leaves: &[&'t str], parse: fn(&str) -> Option<T>) -> Result<Elements, &'t str> {
        let items: Result<Vec<T>, &'t str> = leaves.iter().map(|leaf| parse(leaf).ok_or(*leaf)).collect();
        items.map(T::wrap)
    }
    fn plain<T: FromStr>(text: &str) -> Option<T> {
        text.parse().ok()
    }
    fn boolean(text: &str) -> Option<bool> {
        match text {
            "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        }
    }
    /// `1.5-2i`, `1.5` or `-2i`. The sign between the parts belongs to the imaginary part, even if that is zero.
    fn complex<T: FromStr + Default>(text: &str) -> Option<Complex<T>> {
        let Some(parts) = text.strip_suffix('i') else { return Some(Complex::new(text.parse().ok()?, T::default())) };
        let is_exponent = |at: usize| parts[..at].ends_with(['e', 'E']);
        let sign = parts.rmatch_indices(['+', '-']).map(|(at, _)| at).find(|at| *at > 0 && !is_exponent(*at));
        let (re, im) = match sign {
            Some(at) => (parts[..at].trim().parse().ok()?, &parts[at..]),
            None => (T::default(), parts),
        };
        let im: String = im.split_whitespace().collect();
        let unit = if matches!(im.as_str(), "" | "+" | "-") { "1" } else { "" };
        Some(Complex::new(re, format!("{im}{unit}").parse().ok()?))
    }
    match number {
        ScalarType::I1 => all::<bool>(leaves, boolean),
        ScalarType::I8 => all::<i8>(leaves, plain),
        ScalarType::I16 => all::<i16>(leaves, plain),
        ScalarType::I32 => all::<i32>(leaves, plain),
        ScalarType::I64 | ScalarType::Index => all::<i64>(leaves, plain),
        ScalarType::F16 => all::<f16>(leaves, plain),
        ScalarType::BF16 => all::<bf16>(leaves, plain),
        ScalarType::F32 => all::<f32>(leaves, plain),
        ScalarType::F64 => all::<f64>(leaves, plain),
        ScalarType::Complex64 => all::<Complex<f32>>(leaves, complex),
        ScalarType::Complex128 => all::<Complex<f64>>(leaves, complex),
    }
}
