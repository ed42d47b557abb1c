//! Which constructs of control flow random programs have: a generator that makes some of them no longer is seen.

use super::program::{Block, Id, Operation, Program};
use dp_dialects::{OpKind, ScalarType};
use std::collections::{BTreeMap, BTreeSet};

/// A construct of control flow, as it is printed.
pub type Construct = &'static str;

/// All constructs.
pub const ALL: &[Construct] = &[
    "scf.for",
    "scf.while",
    "scf.if",
    "scf.index_switch",
    "array.map",
    "array.reduce with a region",
    "array.scan",
    "a call",
    "recursion",
    "two levels of loops",
    "three levels of loops",
    "a loop in a branch",
    "a branch in a loop",
    "a bound that is an induction variable",
    "an early exit",
    "work before the exit",
    "a carried number",
    "a carried integer",
    "a carried boolean",
    "a carried tensor",
    "a carried tensor of dynamic extents",
    "swapped values",
    "a carried value that moves to another place",
    "an overwritten value",
    "a carried value that nothing uses",
    "an element at an induction variable",
    "a change at an induction variable",
    "a complex number in a loop",
    "one active argument of several",
];

/// How many programs have each construct.
#[derive(Default)]
pub struct Count(BTreeMap<Construct, usize>);

impl Count {
    /// Counts the constructs of a program.
    pub fn add(&mut self, constructs: &BTreeSet<Construct>) {
        constructs.iter().for_each(|construct| *self.0.entry(construct).or_default() += 1);
    }

    /// The constructs that fewer programs have than these.
    pub fn fewer_than(&self, least: usize) -> Vec<Construct> {
        ALL.iter().copied().filter(|construct| self.0.get(construct).copied().unwrap_or_default() < least).collect()
    }

    /// A line for each construct.
    pub fn text(&self) -> String {
        let line =
            |construct: &&str| format!("  {:6} {construct}\n", self.0.get(*construct).copied().unwrap_or_default());
        ALL.iter().map(line).collect()
    }
}

/// The constructs of a program.
pub fn constructs(program: &Program) -> BTreeSet<Construct> {
    let mut walk = Walk { program, found: BTreeSet::new(), counters: BTreeSet::new(), loops: 0, branches: 0 };
    for function in &program.functions {
        let own = format!("@{}", function.name);
        walk.block(&function.body, &own);
    }
    walk.found
}

/// Whether a program has a loop or branch, or calls itself.
pub fn has_control_flow(constructs: &BTreeSet<Construct>) -> bool {
    ["scf.for", "scf.while", "scf.if", "scf.index_switch", "recursion"].iter().any(|one| constructs.contains(one))
}

struct Walk<'p> {
    program: &'p Program,
    found: BTreeSet<Construct>,
    /// The induction variables.
    counters: BTreeSet<Id>,
    loops: usize,
    branches: usize,
}

impl Walk<'_> {
    fn block(&mut self, block: &Block, function: &str) {
        for operation in &block.operations {
            self.operation(operation, function);
        }
    }

    fn operation(&mut self, operation: &Operation, function: &str) {
        use OpKind::*;
        let mut add = |construct: Construct| self.found.insert(construct);
        let uses_counter = |from: usize| operation.operands.iter().skip(from).any(|id| self.counters.contains(id));
        match operation.kind {
            ArrayMap => _ = add("array.map"),
            ArrayReduce if !operation.regions.is_empty() => _ = add("array.reduce with a region"),
            ArrayScan => _ = add("array.scan"),
            FuncCall => {
                let itself = operation.attributes.iter().any(|(name, callee)| *name == "callee" && callee == function);
                add(if itself { "recursion" } else { "a call" });
            }
            TensorExtract if uses_counter(1) => _ = add("an element at an induction variable"),
            ArrayUpdateSlice if uses_counter(2) => _ = add("a change at an induction variable"),
            ScfFor if operation.operands.iter().take(3).any(|id| self.counters.contains(id)) => {
                add("a bound that is an induction variable");
            }
            _ => {}
        }
        match operation.kind {
            ScfFor | ScfWhile => self.enter_loop(operation, function),
            ScfIf | ScfIndexSwitch => {
                self.found.insert(if operation.kind == ScfIf { "scf.if" } else { "scf.index_switch" });
                if self.loops > 0 {
                    self.found.insert("a branch in a loop");
                }
                self.branches += 1;
                operation.regions.iter().for_each(|region| self.block(region, function));
                self.branches -= 1;
            }
            _ => operation.regions.iter().for_each(|region| self.block(region, function)),
        }
    }

    fn enter_loop(&mut self, operation: &Operation, function: &str) {
        let is_counted = operation.kind == OpKind::ScfFor;
        let (skipped, head) = if is_counted { (3, 1) } else { (0, 0) };
        self.loops += 1;
        self.found.insert(if is_counted { "scf.for" } else { "scf.while" });
        match self.loops {
            1 => {}
            2 => _ = self.found.insert("two levels of loops"),
            _ => _ = self.found.insert("three levels of loops"),
        }
        if self.branches > 0 {
            self.found.insert("a loop in a branch");
        }
        let Some(body) = operation.regions.last() else { return };
        if is_counted {
            self.counters.extend(body.arguments.first());
        } else {
            self.exits(&operation.regions[0]);
        }
        // The counter of a conditional loop is not what programs carry.
        let own = usize::from(!is_counted);
        let initial = operation.operands.get(skipped + own..).unwrap_or_default();
        let arguments = body.arguments.get(head + own..).unwrap_or_default();
        let yielded = body.operations.last().map_or(&[][..], |last| &last.operands);
        self.carried(body, initial, arguments, yielded.get(own..).unwrap_or_default());
        operation.regions.iter().for_each(|region| self.block(region, function));
        self.loops -= 1;
    }

    /// How a conditional loop ends.
    fn exits(&mut self, test: &Block) {
        let Some(last) = test.operations.last() else { return };
        let condition = last.operands.first();
        let made = test.operations.iter().find(|made| made.results.first() == condition);
        if made.is_some_and(|made| made.kind == OpKind::ScalarAnd) {
            self.found.insert("an early exit");
        }
        if last.operands.get(1..) != Some(&test.arguments[..]) {
            self.found.insert("work before the exit");
        }
    }

    fn carried(&mut self, body: &Block, initial: &[Id], arguments: &[Id], yielded: &[Id]) {
        let used = used(body);
        for (place, id) in arguments.iter().enumerate() {
            let r#type = &self.program.values[*id].r#type;
            self.found.insert(match r#type.dtype {
                _ if r#type.is_tensor() && r#type.is_static() => "a carried tensor",
                _ if r#type.is_tensor() => "a carried tensor of dynamic extents",
                ScalarType::I1 => "a carried boolean",
                dtype if dtype.is_integer() => "a carried integer",
                _ => "a carried number",
            });
            if r#type.dtype.is_complex() {
                self.found.insert("a complex number in a loop");
            }
            if !used.contains(id) {
                self.found.insert("a carried value that nothing uses");
            }
            let Some(next) = yielded.get(place) else { continue };
            let other = arguments.iter().position(|other| other == next).filter(|other| *other != place);
            if let Some(other) = other {
                let is_swapped = yielded.get(other) == Some(id);
                self.found.insert(match is_swapped {
                    true => "swapped values",
                    false => "a carried value that moves to another place",
                });
            }
            if initial.contains(next) {
                self.found.insert("an overwritten value");
            }
        }
    }
}

/// The values that a block uses, with those of its regions.
fn used(block: &Block) -> BTreeSet<Id> {
    let inner = |operation: &Operation| -> BTreeSet<Id> {
        let own = operation.operands.iter().copied();
        own.chain(operation.regions.iter().flat_map(used)).collect()
    };
    block.operations.iter().flat_map(inner).collect()
}
