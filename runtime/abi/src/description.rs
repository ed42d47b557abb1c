//! The description of a library: writing and parsing.
//!
//! The first line is `dp-abi 1 NAME`. Each function has a line:
//!
//! ```text
//! loss_grad: f32 w[64][10], f32 x[?][64], i32 labels[?] -> f32 loss, f32 d_w[64][10]
//! predict: f32 w[64][10], f32 x[?][64] -> f32 logits[x.0][10]
//! ```
//!
//! A scalar has no brackets, a tensor of rank 0 has `[]`. `[?]` is passed by the caller, `[x.0]` is extent 0 of the
//! argument `x`, and `[*]` is computed. The line of a function that allocates a workspace ends in `; workspace`;
//! `f__with_workspace` takes it from the caller.
//!
//! The functions of a pullback are described with what the handle holds: the last N results of `f_vjp`, whose line has
//! `; keeps N`, are arguments of `f_pull`, after S arguments of which only the extents matter; its line has
//! `; takes S N`.

use thiserror::Error;

use crate::ScalarType;
use crate::model::NameError;
use crate::model::{Argument, Extent, Function, Library, Pullback, ResultExtent, Returned, Value};

/// The end of the line of a function that allocates a workspace.
const WORKSPACE: &str = "; workspace";

/// Before the number of residuals of `f_vjp`.
const KEEPS: &str = "; keeps ";

/// Before the numbers of shapes and residuals of `f_pull`.
const TAKES: &str = "; takes ";

/// The version of the calling convention, in the description's first line.
const HEAD: &str = "dp-abi 1 ";

/// An error in a description.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DescriptionError {
    /// The first line has another version or form.
    #[error("the library does not use version 1 of the interface: its description begins with `{0}`")]
    Version(String),
    /// A line is malformed.
    #[error("the library's description is malformed in `{0}`")]
    Malformed(String),
    /// The description is inconsistent.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Library {
    /// The library as text, one line per function.
    pub fn description(&self) -> String {
        let mut text = format!("{HEAD}{}\n", self.name());
        for function in self.functions() {
            let arguments: Vec<String> = function.arguments.iter().map(argument).collect();
            let results: Vec<String> = function.results.iter().map(|result| returned(function, result)).collect();
            let workspace = if function.workspace { WORKSPACE } else { "" };
            let pullback = match function.pullback {
                None => String::new(),
                Some(Pullback::Vjp { residuals }) => format!("{KEEPS}{residuals}"),
                Some(Pullback::Pull { shapes, residuals }) => format!("{TAKES}{shapes} {residuals}"),
            };
            let (arguments, results) = (arguments.join(", "), results.join(", "));
            text += &format!("{}: {arguments} -> {results}{pullback}{workspace}\n", function.name);
        }
        text
    }

    /// Parses a [description](Library::description), which has no locations.
    pub fn from_description(text: &str) -> Result<Library, DescriptionError> {
        let mut lines = text.lines();
        let head = lines.next().unwrap_or_default();
        let name = head.strip_prefix(HEAD).ok_or_else(|| DescriptionError::Version(head.into()))?;
        let functions = lines
            .map(|line| read_function(line).ok_or_else(|| DescriptionError::Malformed(line.into())))
            .collect::<Result<_, _>>()?;
        Ok(Library::new(name, functions)?)
    }
}

fn argument(argument: &Argument) -> String {
    write_value(argument, |extent| match extent {
        Extent::Static(extent) => extent.to_string(),
        Extent::Dynamic => "?".into(),
    })
}

fn returned(function: &Function, result: &Returned) -> String {
    write_value(result, |extent| match extent {
        ResultExtent::Static(extent) => extent.to_string(),
        ResultExtent::OfArgument { argument, dimension } => {
            format!("{}.{dimension}", function.arguments[argument].name)
        }
        ResultExtent::Computed => "*".into(),
    })
}

fn write_value<E: Copy>(value: &Value<E>, extent: impl Fn(E) -> String) -> String {
    let mut text = format!("{} {}", value.number, value.name);
    match value.shape.as_deref() {
        None => {}
        Some([]) => text += "[]",
        Some(shape) => text.extend(shape.iter().map(|&e| format!("[{}]", extent(e)))),
    }
    text
}

fn read_function(line: &str) -> Option<Function> {
    let (line, workspace) = line.strip_suffix(WORKSPACE).map_or((line, false), |line| (line, true));
    let (line, pullback) = read_pullback(line)?;
    let (name, rest) = line.split_once(": ")?;
    let (arguments, results) = rest.split_once("-> ").or_else(|| Some((rest.strip_suffix("->")?, "")))?;
    let arguments: Vec<Argument> = read_values(arguments, |extent| match extent {
        "?" => Some(Extent::Dynamic),
        extent => extent.parse().ok().map(Extent::Static),
    })?;
    let results = read_values(results, |extent| {
        if extent == "*" {
            return Some(ResultExtent::Computed);
        }
        let Some((name, dimension)) = extent.split_once('.') else {
            return extent.parse().ok().map(ResultExtent::Static);
        };
        let argument = arguments.iter().position(|argument| argument.name == name)?;
        Some(ResultExtent::OfArgument { argument, dimension: dimension.parse().ok()? })
    })?;
    Some(Function { name: name.into(), location: String::new(), arguments, results, workspace, pullback })
}

/// A line without its note on a pullback, and the note.
fn read_pullback(line: &str) -> Option<(&str, Option<Pullback>)> {
    if let Some((line, residuals)) = line.split_once(KEEPS) {
        return Some((line, Some(Pullback::Vjp { residuals: residuals.parse().ok()? })));
    }
    let Some((line, counts)) = line.split_once(TAKES) else { return Some((line, None)) };
    let (shapes, residuals) = counts.split_once(' ')?;
    Some((line, Some(Pullback::Pull { shapes: shapes.parse().ok()?, residuals: residuals.parse().ok()? })))
}

fn read_values<E>(text: &str, extent: impl Fn(&str) -> Option<E>) -> Option<Vec<Value<E>>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(", ")
        .map(|value| {
            let (number, rest) = value.split_once(' ')?;
            let number: ScalarType = number.parse().ok()?;
            let Some((name, extents)) = rest.split_once('[') else {
                return Some(Value { name: rest.into(), number, shape: None });
            };
            let extents = extents.strip_suffix(']')?;
            let shape = match extents {
                "" => Vec::new(),
                extents => extents.split("][").map(&extent).collect::<Option<_>>()?,
            };
            Some(Value { name: name.into(), number, shape: Some(shape) })
        })
        .collect()
}
