//! The syntax of StableHLO: values, types and lines.

use dp_dialects::ScalarType;
use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;

/// What a tensor is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// A type of numbers; integers are signed there, and indices are numbers of 64 bits.
    Of(ScalarType),
    /// Unsigned integers of so many bits, which our dialects do not tell from signed ones.
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

/// The type of a value: every value is a tensor of known extents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    pub(super) element: Element,
    pub(super) shape: Vec<u64>,
}

impl Tensor {
    pub(super) fn new(dtype: ScalarType, shape: Vec<u64>) -> Tensor {
        Tensor { element: Element::Of(dtype), shape }
    }

    /// The same shape with other elements.
    pub(super) fn of(&self, dtype: ScalarType) -> Tensor {
        Tensor::new(dtype, self.shape.clone())
    }

    /// A number of the same type: a tensor of rank 0.
    pub(super) fn number(&self) -> Tensor {
        Tensor { element: self.element, shape: Vec::new() }
    }

    /// The type of numbers; unsigned ones as the signed ones of their width.
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

/// A value: `%4`, or `%4#1` where its operation has several results.
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

/// Items with commas between them.
pub(super) fn list<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut text = String::new();
    for item in items {
        let separator = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{separator}{item}");
    }
    text
}

/// The types of values, with commas between them.
pub(super) fn types<'a>(terms: impl IntoIterator<Item = &'a Term>) -> String {
    list(terms.into_iter().map(|term| &term.r#type))
}

/// What made a value, as far as XLA's simplifier looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maker {
    /// The operation; that of its operand, where it only moves elements.
    pub(super) name: &'static str,
    /// Whether all elements are one number.
    pub(super) is_uniform: bool,
    /// Whether an operand's elements are.
    pub(super) has_uniform: bool,
    /// Whether a known number has an inverse that is neither infinite nor subnormal.
    pub(super) has_inverse: bool,
}

/// Lines of a module, and the numbers of a function's values.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
    next: usize,
    makers: HashMap<usize, Maker>,
}

impl Writer {
    /// What was written.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Begins a function: its values are numbered anew.
    pub(super) fn restart(&mut self) {
        self.next = 0;
        self.makers.clear();
    }

    /// What made a value, where it is the result of one operation on others, or known.
    pub(super) fn maker(&self, term: &Term) -> Option<Maker> {
        self.makers.get(&term.id).copied()
    }

    /// Notes that a value is one known number, in every place.
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

    /// A line after which lines are indented.
    pub(super) fn open(&mut self, line: impl fmt::Display) {
        self.line(line);
        self.depth += 1;
    }

    /// A line before which indentation ends, and after which it begins again.
    pub(super) fn turn(&mut self, line: impl fmt::Display) {
        self.depth = self.depth.saturating_sub(1);
        self.open(line);
    }

    /// A line before which indentation ends.
    pub(super) fn close(&mut self, line: impl fmt::Display) {
        self.depth = self.depth.saturating_sub(1);
        self.line(line);
    }

    /// A value of which nothing is written yet: an argument of a block, or what an operation that is being
    /// written will give.
    pub(super) fn fresh(&mut self, r#type: Tensor) -> Term {
        let id = self.next;
        self.next += 1;
        Term { id, part: None, r#type }
    }

    /// The results of an operation with several of them (or one), and what stands left of its name.
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

    /// An operation whose operands and result have one type.
    pub(super) fn same(&mut self, name: &'static str, operands: &[&Term]) -> Term {
        let result = self.fresh(operands[0].r#type.clone());
        self.line(format_args!("{result} = stablehlo.{name} {} : {}", list(operands), result.r#type));
        self.note(&result, name, operands);
        result
    }

    /// An operation whose types are written as those of a function; `tail` follows the operands.
    pub(super) fn op(&mut self, name: &'static str, operands: &[&Term], tail: &str, r#type: Tensor) -> Term {
        let result = self.fresh(r#type);
        let from = types(operands.iter().copied());
        self.line(format_args!("{result} = stablehlo.{name} {}{tail} : ({from}) -> {}", list(operands), result.r#type));
        self.note(&result, name, operands);
        result
    }

    /// An operation without operands; `tail` stands between its name and its type.
    pub(super) fn nullary(&mut self, name: &str, tail: &str, r#type: Tensor) -> Term {
        let result = self.fresh(r#type);
        self.line(format_args!("{result} = stablehlo.{name} {tail} : {}", result.r#type));
        result
    }
}
