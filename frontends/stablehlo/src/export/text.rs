//! The syntax of StableHLO: values, types and lines.

use dp_dialects::ScalarType;
use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;

/// An element type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// A scalar type; integers are signed, and indices have 64 bits.
    Of(ScalarType),
    /// Unsigned integers of a width, which our dialects do not distinguish from signed ones.
    Unsigned(u32),
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Element::Of(ScalarType::Index) => f.write_str("i64"),
            Element::Of(dtype) => write!(f, "{dtype}"),
            Element::Unsigned(bits) => write!(f, "ui{bits}"),
        }
    }
}

/// The type of a value: a tensor with static extents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    pub(super) element: Element,
    pub(super) shape: Vec<u64>,
}

impl Tensor {
    pub(super) fn new(dtype: ScalarType, shape: Vec<u64>) -> Tensor {
        Tensor { element: Element::Of(dtype), shape }
    }

    /// The same shape with another element type.
    pub(super) fn of(&self, dtype: ScalarType) -> Tensor {
        Tensor::new(dtype, self.shape.clone())
    }

    /// A tensor of rank 0 with the same element type.
    pub(super) fn number(&self) -> Tensor {
        Tensor { element: self.element, shape: Vec::new() }
    }

    /// The element type; for unsigned integers, the signed type of the same width.
    pub(super) fn dtype(&self) -> ScalarType {
        match self.element {
            Element::Of(dtype) => dtype,
            Element::Unsigned(8) => ScalarType::I8,
            Element::Unsigned(16) => ScalarType::I16,
            Element::Unsigned(32) => ScalarType::I32,
            Element::Unsigned(_) => ScalarType::I64,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tensor<")?;
        self.shape.iter().try_for_each(|extent| write!(f, "{extent}x"))?;
        write!(f, "{}>", self.element)
    }
}

/// A value: `%4`, or `%4#1` if its operation has several results.
#[derive(Clone, Debug)]
pub(super) struct Term {
    id: usize,
    part: Option<usize>,
    pub(super) r#type: Tensor,
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.id)?;
        self.part.map_or(Ok(()), |part| write!(f, "#{part}"))
    }
}

/// Items separated by commas.
pub(super) fn list<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut text = String::new();
    for item in items {
        let separator = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{separator}{item}");
    }
    text
}

/// The types of values, separated by commas.
pub(super) fn types<'a>(terms: impl IntoIterator<Item = &'a Term>) -> String {
    list(terms.into_iter().map(|term| &term.r#type))
}

/// The properties of a value's definition that XLA's simplifier uses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maker {
    /// The operation; for an operation that only moves elements, its operand's.
    pub(super) name: &'static str,
    /// Whether all elements are the same constant.
    pub(super) is_uniform: bool,
    /// Whether all elements of an operand are the same constant.
    pub(super) has_uniform: bool,
    /// Whether it is a constant whose reciprocal is neither infinite nor subnormal.
    pub(super) has_inverse: bool,
}

/// The lines of a module, and the value numbering of a function.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
    next: usize,
    makers: HashMap<usize, Maker>,
}

impl Writer {
    /// Returns the text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Starts a function and restarts numbering.
    pub(super) fn restart(&mut self) {
        self.next = 0;
        self.makers.clear();
    }

    /// The definition of a value, if it is a constant or the result of an operation.
    pub(super) fn maker(&self, term: &Term) -> Option<Maker> {
        self.makers.get(&term.id).copied()
    }

    /// Records that a value is a splat constant.
    pub(super) fn note_known(&mut self, term: &Term, has_inverse: bool) {
        self.makers.insert(term.id, Maker { name: "constant", is_uniform: true, has_uniform: false, has_inverse });
    }

    fn note(&mut self, result: &Term, name: &'static str, operands: &[&Term]) {
        let of = |x: &&Term| self.maker(x);
        let moves = matches!(name, "broadcast_in_dim" | "reshape" | "transpose");
        let maker = match operands.first() {
            Some(x) if moves => Maker {
                is_uniform: x.r#type.shape.is_empty() || of(x).is_some_and(|maker| maker.is_uniform),
                ..of(x).unwrap_or(Maker { name, is_uniform: false, has_uniform: false, has_inverse: true })
            },
            _ => {
                let has_uniform = operands.iter().filter_map(of).any(|maker| maker.is_uniform);
                Maker { name, is_uniform: false, has_uniform, has_inverse: true }
            }
        };
        self.makers.insert(result.id, maker);
    }

    pub(super) fn line(&mut self, line: impl fmt::Display) {
        let _ = writeln!(self.text, "{:1$}{line}", "", self.depth * 2);
    }

    /// Writes a line and indents after it.
    pub(super) fn open(&mut self, line: impl fmt::Display) {
        self.line(line);
        self.depth += 1;
    }

    /// Writes a line between two indented parts.
    pub(super) fn turn(&mut self, line: impl fmt::Display) {
        self.depth = self.depth.saturating_sub(1);
        self.open(line);
    }

    /// Ends indentation and writes a line.
    pub(super) fn close(&mut self, line: impl fmt::Display) {
        self.depth = self.depth.saturating_sub(1);
        self.line(line);
    }

    /// A value without a definition yet: a block argument, or a result of the operation being emitted.
    pub(super) fn fresh(&mut self, r#type: Tensor) -> Term {
        let id = self.next;
        self.next += 1;
        Term { id, part: None, r#type }
    }

    /// The results of an operation, and the text to the left of its name.
    pub(super) fn fresh_all(&mut self, types: &[Tensor]) -> (Vec<Term>, String) {
        let id = self.next;
        self.next += 1;
        if let [r#type] = types {
            return (vec![Term { id, part: None, r#type: r#type.clone() }], format!("%{id} = "));
        }
        let terms =
            types.iter().enumerate().map(|(part, r#type)| Term { id, part: Some(part), r#type: r#type.clone() });
        let left = if types.is_empty() { String::new() } else { format!("%{id}:{} = ", types.len()) };
        (terms.collect(), left)
    }

    /// An operation with operands and result of one type.
    pub(super) fn same(&mut self, name: &'static str, operands: &[&Term]) -> Term {
        let result = self.fresh(operands[0].r#type.clone());
        self.line(format_args!("{result} = stablehlo.{name} {} : {}", list(operands), result.r#type));
        self.note(&result, name, operands);
        result
    }

    /// An operation with a function type; `tail` follows the operands.
    pub(super) fn op(&mut self, name: &'static str, operands: &[&Term], tail: &str, r#type: Tensor) -> Term {
        let result = self.fresh(r#type);
        let from = types(operands.iter().copied());
        self.line(format_args!("{result} = stablehlo.{name} {}{tail} : ({from}) -> {}", list(operands), result.r#type));
        self.note(&result, name, operands);
        result
    }

    /// An operation without operands; `tail` is between name and type.
    pub(super) fn nullary(&mut self, name: &str, tail: &str, r#type: Tensor) -> Term {
        let result = self.fresh(r#type);
        self.line(format_args!("{result} = stablehlo.{name} {tail} : {}", result.r#type));
        result
    }
}
