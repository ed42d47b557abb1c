//! From statements to [`Module`]: names become slots, offsets and addresses, and every instruction a row of a table.
//!
//! A statement becomes exactly one instruction, so that labels are known before anything is decoded.

mod arithmetic;
mod control;
mod definite;
mod initial;
mod memory;
mod moves;
mod operands;
mod warp;

use crate::address::GAP;
use crate::alu::{self, Modifiers};
use crate::class::Class;
use crate::module::{Function, Module, Parameter, Relocation, Variable};
use crate::op::{Fill, Instruction, Op, Slot};
use crate::text::syntax::{self, Item, Statement, Text};
use crate::text::{ParseError, parser};
use crate::types::{Space, Ty};
use initial::initial;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why an instruction was not understood; the line is added by who knows it.
type Decoded<T> = Result<T, String>;
type Row = (&'static str, for<'t> fn(&mut Decoder<'_, 't>, &Statement<'t>, &mut Modifiers) -> Decoded<(Op, Class)>);

const TABLES: &[&[Row]] = &[moves::ROWS, memory::ROWS, control::ROWS, warp::ROWS];

/// Numbers of names.
type Names<'t> = HashMap<&'t str, u32>;

/// What all functions of a module share.
struct Tables<'t> {
    variables: Vec<Variable>,
    variable_names: Names<'t>,
    function_names: Names<'t>,
    missing: Vec<String>,
    missing_names: Names<'t>,
    sites: u32,
}

impl Module {
    /// Parses a module.
    ///
    /// # Errors
    /// If anything in it is unknown: no instruction and no modifier is ignored.
    pub fn parse(text: &str) -> Result<Module, ParseError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        module(&parser::parse(text)?, NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Decodes a module.
fn module(text: &Text<'_>, id: u64) -> Result<Module, ParseError> {
    let mut tables = Tables {
        variables: Vec::new(),
        variable_names: HashMap::new(),
        function_names: HashMap::new(),
        missing: Vec::new(),
        missing_names: HashMap::new(),
        sites: 0,
    };
    for variable in &text.variables {
        let n = tables.variable(variable)?;
        tables.variable_names.insert(variable.name, n);
    }
    let bodies = text.functions.iter().filter_map(|f| f.body.as_ref().map(|body| (f, body)));
    for (n, (function, _)) in bodies.clone().enumerate() {
        tables.function_names.insert(function.name, n as u32);
    }
    for function in text.functions.iter().filter(|f| f.body.is_none()) {
        tables.missing_names.insert(function.name, tables.missing.len() as u32);
        tables.missing.push(function.name.to_string());
    }
    let (mut functions, mut code) = (Vec::new(), Vec::new());
    for (function, body) in bodies {
        functions.push(Decoder::new(&mut tables, function).function(function, body, &mut code)?);
    }
    Ok(Module {
        id,
        version: text.version,
        target: text.target.to_string(),
        variables: tables.variables,
        functions,
        names: tables.missing,
        code,
        sites: tables.sites,
    })
}

impl<'t> Tables<'t> {
    fn variable(&mut self, v: &syntax::Variable<'t>) -> Result<u32, ParseError> {
        let (bytes, addresses): (Option<Vec<u8>>, Vec<Relocation>) = match &v.initial {
            Some(values) => {
                let (bytes, addresses) = initial(values, v.ty, v.bytes, v.line)?;
                (Some(bytes), addresses)
            }
            // Variables of device memory are zero where nothing is said.
            None if matches!(v.space, Space::Global | Space::Const) => (Some(vec![0; v.bytes as usize]), Vec::new()),
            None => (None, Vec::new()),
        };
        self.variables.push(Variable {
            name: v.name.to_string(),
            space: v.space,
            bytes: v.bytes,
            align: v.align,
            external: v.external,
            initial: bytes,
            addresses,
        });
        Ok(self.variables.len() as u32 - 1)
    }
}

/// Registers that one declaration makes.
#[derive(Clone, Copy)]
struct Declared {
    ty: Ty,
    first: Slot,
    /// How many; none for one register without a number.
    count: Option<u32>,
}

/// What one function is decoded with.
struct Decoder<'m, 't> {
    tables: &'m mut Tables<'t>,
    /// Registers by name, or by what stands before their number; the innermost scope last.
    registers: Vec<HashMap<&'t str, Declared>>,
    /// Offsets and sizes in the parameter area; the innermost scope last.
    parameters: Vec<HashMap<&'t str, (u32, u32)>>,
    parameter_bytes: u32,
    locals: HashMap<&'t str, u64>,
    local_bytes: u64,
    local_variables: Vec<(u64, u64)>,
    own_shared: HashMap<&'t str, u32>,
    register_count: u32,
    fills: Vec<Fill>,
    known_fills: HashMap<Fill, Slot>,
    labels: HashMap<&'t str, u32>,
    targets: HashMap<&'t str, Vec<&'t str>>,
    declared: Vec<(Ty, u32)>,
    shared: Vec<u32>,
    calls: Vec<u32>,
    next: Slot,
}

impl<'m, 't> Decoder<'m, 't> {
    fn new(tables: &'m mut Tables<'t>, _: &syntax::Function<'t>) -> Decoder<'m, 't> {
        Decoder {
            tables,
            registers: vec![HashMap::new()],
            parameters: vec![HashMap::new()],
            parameter_bytes: 0,
            locals: HashMap::new(),
            local_bytes: GAP,
            local_variables: Vec::new(),
            own_shared: HashMap::new(),
            register_count: 0,
            fills: Vec::new(),
            known_fills: HashMap::new(),
            labels: HashMap::new(),
            targets: HashMap::new(),
            declared: Vec::new(),
            shared: Vec::new(),
            calls: Vec::new(),
            next: 0,
        }
    }

    fn function(
        mut self,
        f: &syntax::Function<'t>,
        body: &[Item<'t>],
        code: &mut Vec<Instruction>,
    ) -> Result<Function, ParseError> {
        let results = f.results.iter().map(|v| self.parameter(v)).collect();
        let parameters = f.parameters.iter().map(|v| self.parameter(v)).collect();
        self.survey(body, code.len() as u32)?;
        let first = code.len();
        for item in body {
            match item {
                Item::Statement(statement) => {
                    let instruction = self.instruction(statement).map_err(|e| ParseError::new(statement.line, e))?;
                    code.push(instruction);
                }
                Item::Open => {
                    self.registers.push(HashMap::new());
                    self.parameters.push(HashMap::new());
                }
                Item::Close => {
                    self.registers.pop();
                    self.parameters.pop();
                }
                Item::Registers(ty, name, count) => self.declare(*ty, name, *count),
                Item::Variable(v) => self.variable(v)?,
                Item::Label(..) | Item::Targets(..) => {}
            }
        }
        let line = code[first..].last().map_or(f.line, |i| i.line);
        code.push(Instruction { op: Op::Return, guard: None, line, class: Class::Control, tracked: false });
        let watched = definite::track(&mut code[first..], first, self.register_count);
        Ok(Function {
            name: f.name.to_string(),
            entry: f.entry,
            line: f.line,
            code: first..code.len(),
            registers: self.register_count,
            declared: self.declared,
            fills: self.fills,
            parameters,
            results,
            parameter_bytes: self.parameter_bytes.next_multiple_of(16),
            local_bytes: if self.local_variables.is_empty() {
                0
            } else {
                (self.local_bytes + GAP).next_multiple_of(64)
            },
            local_variables: self.local_variables,
            watched,
            threads: f.threads,
            shared: self.shared,
            calls: self.calls,
        })
    }

    /// Labels, lists of targets and the number of registers: what must be known before the first instruction.
    fn survey(&mut self, body: &[Item<'t>], first: u32) -> Result<(), ParseError> {
        let mut at = first;
        for item in body {
            match item {
                Item::Statement(_) => at += 1,
                Item::Label(name, line) => {
                    if self.labels.insert(name, at).is_some() {
                        return Err(ParseError::new(*line, format!("label '{name}' stands twice")));
                    }
                }
                Item::Targets(name, targets) => _ = self.targets.insert(name, targets.clone()),
                Item::Registers(ty, _, count) => {
                    let count = count.unwrap_or(1);
                    self.register_count += count;
                    match self.declared.iter_mut().find(|d| d.0 == *ty) {
                        Some(known) => known.1 += count,
                        None => self.declared.push((*ty, count)),
                    }
                }
                Item::Variable(_) | Item::Open | Item::Close => {}
            }
        }
        Ok(())
    }

    fn declare(&mut self, ty: Ty, name: &'t str, count: Option<u32>) {
        let declared = Declared { ty, first: self.next, count };
        self.next += count.unwrap_or(1);
        if let Some(scope) = self.registers.last_mut() {
            scope.insert(name, declared);
        }
    }

    fn parameter(&mut self, v: &syntax::Variable<'t>) -> Parameter {
        let offset = self.parameter_bytes.next_multiple_of(v.align as u32);
        self.parameter_bytes = offset + v.bytes as u32;
        if let Some(scope) = self.parameters.last_mut() {
            scope.insert(v.name, (offset, v.bytes as u32));
        }
        Parameter { name: v.name.to_string(), offset, bytes: v.bytes as u32 }
    }

    fn variable(&mut self, v: &syntax::Variable<'t>) -> Result<(), ParseError> {
        match v.space {
            Space::Param => _ = self.parameter(v),
            Space::Local => {
                if v.initial.is_some() {
                    return Err(ParseError::new(v.line, "local variables have no initial values"));
                }
                let at = self.local_bytes.next_multiple_of(v.align);
                self.locals.insert(v.name, at);
                self.local_variables.push((at, at + v.bytes));
                self.local_bytes = at + v.bytes + GAP;
            }
            Space::Shared | Space::Global | Space::Const => {
                let n = self.tables.variable(v)?;
                self.own_shared.insert(v.name, n);
            }
            Space::Generic => return Err(ParseError::new(v.line, "a variable of no space")),
        }
        Ok(())
    }

    fn instruction(&mut self, s: &Statement<'t>) -> Decoded<Instruction> {
        let guard = match s.guard {
            Some((name, negated)) => Some((self.predicate_register(name)?, negated)),
            None => None,
        };
        let rows = TABLES.iter().flat_map(|rows| rows.iter());
        let (op, class) = match rows.into_iter().find(|row| row.0 == s.opcode) {
            Some(row) => {
                let mut modifiers = Modifiers::new(&s.modifiers);
                let decoded = row.1(self, s, &mut modifiers)?;
                if let Some(word) = modifiers.rest() {
                    return Err(format!("unknown modifier '.{word}' of '{}'", s.opcode));
                }
                decoded
            }
            None if alu::knows(s.opcode) => arithmetic::decode(self, s)?,
            None => return Err(format!("unknown instruction '{}'", s.opcode)),
        };
        Ok(Instruction { op, guard, line: s.line, class, tracked: false })
    }

    /// The slot that a frame fills so.
    fn fill(&mut self, fill: Fill) -> Slot {
        if let Some(slot) = self.known_fills.get(&fill) {
            return *slot;
        }
        let slot = self.register_count + self.fills.len() as u32;
        self.fills.push(fill);
        self.known_fills.insert(fill, slot);
        slot
    }

    fn bits(&mut self, bits: u64) -> Slot {
        self.fill(Fill::Bits(bits))
    }
}
