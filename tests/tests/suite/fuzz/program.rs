//! Programs as data: what is generated, made smaller, and written as text in MLIR's generic form.

use super::noise::Noise;
use dp_dialects::{Literal, OpKind, Parameters, ValueType};
use melior::Context;
use std::collections::HashMap;
use std::fmt::Write as _;

/// A value, by its place in [`Program::values`].
pub type Id = usize;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Its type; that of a pullback is of no meaning.
    pub r#type: ValueType,
    /// Its extents when the program runs.
    pub extents: Vec<u64>,
    /// The number that an index is in every run, if it is the same in all.
    pub index: Option<i64>,
    /// The number below which an index is, and 0 or more, where one is known.
    pub below: Option<u64>,
    /// The type as text, where it is a pullback's.
    pub pullback: Option<String>,
    /// Whether it is determined: eigenvectors alone are not, and only the operations that they are made for use them.
    pub is_determined: bool,
}

impl Value {
    /// A number or tensor.
    pub fn new(r#type: ValueType, extents: Vec<u64>) -> Value {
        Value { r#type, extents, index: None, below: None, pullback: None, is_determined: true }
    }

    /// Whether it is a number or tensor that has a derivative.
    pub fn is_differentiable(&self) -> bool {
        self.pullback.is_none() && self.r#type.dtype.is_differentiable()
    }

    fn text(&self) -> String {
        self.pullback.clone().unwrap_or_else(|| self.r#type.to_string())
    }
}

/// An operation; terminators too.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Which.
    pub kind: OpKind,
    /// Its attributes, as far as they are parameters.
    pub parameters: Parameters,
    /// The others, as text.
    pub attributes: Vec<(&'static str, String)>,
    /// Its operands.
    pub operands: Vec<Id>,
    /// Its results.
    pub results: Vec<Id>,
    /// Its regions.
    pub regions: Vec<Block>,
}

impl Operation {
    /// An operation without attributes and regions.
    pub fn new(kind: OpKind, operands: Vec<Id>, results: Vec<Id>) -> Operation {
        let (attributes, regions) = (Vec::new(), Vec::new());
        Operation { kind, parameters: Parameters::None, attributes, operands, results, regions }
    }
}

/// The one block of a region; its last operation is the terminator.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Its arguments.
    pub arguments: Vec<Id>,
    /// Its operations.
    pub operations: Vec<Operation>,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its arguments and what it does.
    pub body: Block,
    /// Whether a request for derivatives names it, or a function that calls it.
    pub is_differentiated: bool,
}

impl Function {
    /// The values that it returns.
    pub fn results(&self) -> &[Id] {
        self.body.operations.last().map_or(&[], |terminator| &terminator.operands)
    }
}

/// A program: the last function is the one that is run.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// All values, of all functions.
    pub values: Vec<Value>,
    /// The functions, callees first.
    pub functions: Vec<Function>,
    /// An argument for each argument of the last function.
    pub given: Vec<Literal>,
    /// Tensors that are others with elements changed, and these others.
    pub changed: HashMap<Id, Id>,
}

impl Program {
    /// The function that is run.
    pub fn main(&self) -> &Function {
        self.functions.last().expect("a program has a function")
    }

    /// A new value.
    pub fn value(&mut self, value: Value) -> Id {
        self.values.push(value);
        self.values.len() - 1
    }

    /// Remembers that a tensor is another one with elements changed.
    pub fn change(&mut self, made: Id, from: Id) {
        self.changed.insert(made, from);
    }

    /// Whether a tensor is another one with elements changed, or the same.
    pub fn changed(&self, made: Id, from: Id) -> bool {
        let mut at = Some(&made);
        while let Some(id) = at.filter(|id| **id != from) {
            at = self.changed.get(id);
        }
        at.is_some()
    }

    /// Which operations it has, with those inside of regions.
    pub fn kinds(&self) -> Vec<OpKind> {
        fn collect(block: &Block, into: &mut Vec<OpKind>) {
            for operation in &block.operations {
                into.push(operation.kind);
                operation.regions.iter().for_each(|region| collect(region, into));
            }
        }
        let mut kinds = vec![OpKind::BuiltinModule];
        for function in &self.functions {
            kinds.push(OpKind::FuncFunc);
            collect(&function.body, &mut kinds);
        }
        kinds
    }

    /// The functions as text, for a module; names begin with `prefix`.
    pub fn text(&self, context: &Context, prefix: &str) -> String {
        Writer { program: self, context, prefix, noise: None, text: String::new(), made: 0 }.write()
    }

    /// The same with errors of rounding in what rounds; see [`Noise`].
    pub fn noisy_text(&self, context: &Context, prefix: &str, noise: Noise) -> String {
        Writer { program: self, context, prefix, noise: Some(noise), text: String::new(), made: 0 }.write()
    }
}

/// Writes a program.
pub struct Writer<'p> {
    /// Which.
    pub program: &'p Program,
    /// Where attributes are made.
    pub context: &'p Context,
    prefix: &'p str,
    noise: Option<Noise>,
    text: String,
    made: usize,
}

impl Writer<'_> {
    fn write(mut self) -> String {
        let program = self.program;
        for (index, function) in program.functions.iter().enumerate() {
            let is_main = index + 1 == program.functions.len();
            let name = format!("{}{}", self.prefix, if is_main { "" } else { &function.name });
            let list = |ids: &[Id]| ids.iter().map(|id| program.values[*id].text()).collect::<Vec<_>>().join(", ");
            let named = |id: &Id| format!("%v{id}: {}", program.values[*id].text());
            let arguments = function.body.arguments.iter().map(named).collect::<Vec<_>>().join(", ");
            let visibility = if is_main { "" } else { "private " };
            let results = list(function.results());
            let _ = writeln!(self.text, "func.func {visibility}@{name}({arguments}) -> ({results}) {{");
            let noise = self.noise.clone();
            if function.is_differentiated {
                self.noise = noise.clone().map(Noise::linear);
            }
            self.block(&function.body);
            self.noise = noise;
            self.text.push_str("}\n");
        }
        self.text
    }

    /// The operations of a block.
    fn block(&mut self, block: &Block) {
        for operation in &block.operations {
            self.operation(operation);
        }
    }

    fn operation(&mut self, operation: &Operation) {
        let mut operands: Vec<String> = operation.operands.iter().map(|id| format!("%v{id}")).collect();
        let mut results: Vec<String> = operation.results.iter().map(|id| format!("%v{id}")).collect();
        let noise = self.noise.clone();
        if let Some(noise) = &noise {
            for (name, id) in operands.iter_mut().zip(&operation.operands) {
                if noise.enters(operation, &self.program.values[*id]) {
                    *name = noise.disturb(self, name, *id);
                }
            }
            for (name, id) in results.iter_mut().zip(&operation.results) {
                if noise.leaves(operation, &self.program.values[*id]) {
                    name.push('r');
                }
            }
        }
        let types = |ids: &[Id]| ids.iter().map(|id| self.program.values[*id].text()).collect::<Vec<_>>().join(", ");
        let (from, to) = (types(&operation.operands), types(&operation.results));
        let equals = if results.is_empty() { "" } else { " = " };
        let head = format!("  {}{equals}\"{}\"({})", results.join(", "), operation.kind.name(), operands.join(", "));
        self.text.push_str(&head);
        let attributes = self.attributes(operation);
        if !attributes.is_empty() {
            let _ = write!(self.text, " <{{{}}}>", attributes.join(", "));
        }
        if !operation.regions.is_empty() || matches!(operation.kind, OpKind::ArrayReduce | OpKind::ArrayScan) {
            self.text.push_str(" (");
            // Inside of a combination, errors of rounding would make it another one at each element.
            let outer = self.noise.clone();
            self.noise = match operation.kind {
                OpKind::ArrayReduce | OpKind::ArrayScan | OpKind::ArraySort => None,
                OpKind::AdLinear => outer.clone().map(Noise::linear),
                _ => outer.clone(),
            };
            for (index, region) in operation.regions.iter().enumerate() {
                self.text.push_str(if index > 0 { ", {\n" } else { "{\n" });
                let named = |id: &Id| format!("%v{id}: {}", self.program.values[*id].text());
                let arguments = region.arguments.iter().map(named).collect::<Vec<_>>().join(", ");
                let _ = writeln!(self.text, "  ^bb0({arguments}):");
                self.block(region);
                self.text.push_str("  }");
            }
            if operation.regions.is_empty() {
                self.text.push_str("{}");
            }
            self.noise = outer;
            self.text.push(')');
        }
        let _ = writeln!(self.text, " : ({from}) -> ({to})");
        if let Some(noise) = &noise {
            for (name, id) in results.iter().zip(&operation.results) {
                if name.ends_with('r') {
                    let disturbed = noise.disturb(self, name, *id);
                    noise.rename(self, &disturbed, *id);
                }
            }
        }
    }

    fn attributes(&self, operation: &Operation) -> Vec<String> {
        let attributes = operation.parameters.attributes(self.context);
        let mut written: Vec<String> =
            attributes.into_iter().map(|(name, attribute)| format!("{name} = {attribute}")).collect();
        for (name, text) in &operation.attributes {
            // Names of functions have the program's prefix.
            let text = text.replace('@', &format!("@{}", self.prefix));
            written.push(if text.is_empty() { (*name).to_string() } else { format!("{name} = {text}") });
        }
        if operation.kind == OpKind::ArraySlice {
            let starts = operation.parameters.dynamic_starts();
            let extents = operation.operands.len() - 1 - starts;
            written.push(format!("operandSegmentSizes = array<i32: 1, {starts}, {extents}>"));
        }
        written
    }

    /// A name that is used nowhere else.
    pub fn fresh(&mut self) -> String {
        self.made += 1;
        format!("%n{}", self.made)
    }

    /// Adds a line.
    pub fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "  {line}");
    }
}
