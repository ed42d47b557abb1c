//! The abstract machine: functions, frames of values, and calls.

mod loops;
mod records;
mod regions;
mod upstream;

use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, block_args, block_ops, operands, region_block, results, signature, symbol_attribute,
    symbol_name,
};
use dp_dialects::{Diagnostic, Literal, OpKind, Parameters, Result, SpannedDiagnostic, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use records::Records;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// The maximum depth of nested calls.
pub const MAX_DEPTH: usize = 10_000;

/// The stack space that one operation may use, and the size of each stack extension.
const RED_ZONE: usize = 128 << 10;
const STACK_STEP: usize = 4 << 20;

/// The functions of the module, the current call depth, the number of operations, and what was recorded.
pub(crate) struct Machine<'c, 'v> {
    functions: HashMap<&'c str, Op<'c>>,
    depth: Cell<usize>,
    executed: Cell<u64>,
    limit: Option<u64>,
    records: Records,
    visitor: Option<RefCell<&'v mut Visitor<'c>>>,
}

/// Sees each operation that is executed but terminators, after its regions: its operands, and its results, which it may
/// change.
pub type Visitor<'c> = dyn FnMut(Op<'c>, &[Literal], &mut [Literal]) + 'c;

/// The values of a call.
pub(crate) type Frame = ValueMap<Literal>;

impl<'c, 'v> Machine<'c, 'v> {
    pub(crate) fn new(functions: HashMap<&'c str, Op<'c>>, limit: Option<u64>) -> Self {
        Machine {
            functions,
            depth: Cell::new(0),
            executed: Cell::new(0),
            limit,
            records: Records::default(),
            visitor: None,
        }
    }

    /// The same, with a visitor.
    pub(crate) fn visited(self, visitor: &'v mut Visitor<'c>) -> Self {
        Machine { visitor: Some(RefCell::new(visitor)), ..self }
    }

    pub(crate) fn function(&self, name: &str) -> Option<Op<'c>> {
        self.functions.get(name).copied()
    }

    /// Calls a function.
    pub(crate) fn call(
        &self,
        function: Op<'c>,
        arguments: Vec<Literal>,
    ) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
        let name = symbol_name(function).unwrap_or("?");
        let Some(body) = region_block(function, 0) else {
            let diagnostic = Diagnostic::unsupported(format!("'{name}' is declared but not defined"));
            return Err(SpannedDiagnostic::new(
                function.location(),
                diagnostic.help("define it, or call another function"),
            ));
        };
        check_arguments(function, name, &arguments)?;
        if self.depth.get() >= MAX_DEPTH {
            let diagnostic = Diagnostic::limit(format!("calls of '{name}' are nested more than {MAX_DEPTH} deep"));
            return Err(SpannedDiagnostic::new(
                function.location(),
                diagnostic.help("check that the recursion terminates"),
            ));
        }
        self.depth.set(self.depth.get() + 1);
        let outcome = self.block(body, arguments, &mut Frame::new());
        self.depth.set(self.depth.get() - 1);
        outcome
    }

    /// Executes a block and returns the operands of its terminator.
    pub(crate) fn block(
        &self,
        block: Blk<'c>,
        arguments: Vec<Literal>,
        frame: &mut Frame,
    ) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
        for (argument, value) in block_args(block).into_iter().zip(arguments) {
            frame.insert(argument, value);
        }
        let mut last = Vec::new();
        for op in block_ops(block) {
            last = stacker::maybe_grow(RED_ZONE, STACK_STEP, || self.execute(op, frame))?;
        }
        Ok(last)
    }

    /// Executes an operation and stores its results in the frame. For a terminator, returns its operands.
    fn execute(&self, op: Op<'c>, frame: &mut Frame) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
        let at = |diagnostic| SpannedDiagnostic::new(op.location(), diagnostic);
        let Some(kind) = OpKind::of(op) else { return Err(at(unsupported(op))) };
        self.executed.set(self.executed.get() + 1);
        if let Some(limit) = self.limit.filter(|limit| self.executed.get() > *limit) {
            let diagnostic = Diagnostic::limit(format!("more than {limit} operations are executed"));
            return Err(at(diagnostic.help("check that the loops terminate")));
        }
        let values: Vec<Literal> =
            operands(op).into_iter().map(|value| read(frame, op, value)).collect::<Result<_, _>>()?;
        let seen = if self.visitor.is_some() { values.clone() } else { Vec::new() };
        let mut given = match kind {
            OpKind::FuncReturn | OpKind::ScfYield | OpKind::ScfCondition | OpKind::ArrayYield | OpKind::AdYield => {
                return Ok(values);
            }
            OpKind::FuncCall => {
                let callee = symbol_attribute(op, "callee").and_then(|name| self.function(name));
                self.call(
                    callee.ok_or_else(|| at(Diagnostic::invalid("calls a function that is not in the module")))?,
                    values,
                )?
            }
            OpKind::ScfIf => regions::branch(self, op, values, frame)?,
            OpKind::ScfFor => loops::counted(self, op, values, frame)?,
            OpKind::ScfWhile => loops::conditional(self, op, values, frame)?,
            OpKind::ScfIndexSwitch => loops::switch(self, op, values, frame)?,
            OpKind::AdLinear => regions::linear(self, op, values, frame)?,
            OpKind::ArrayMap => regions::map(self, op, values)?,
            OpKind::ArraySort => regions::sort(self, op, values)?,
            OpKind::ArrayReduce if regions::has_body(op) => regions::reduce(self, op, values)?,
            OpKind::AdCheckpoint => self.block(regions::body(op, 0)?, Vec::new(), frame)?,
            OpKind::ArrayScan if regions::has_body(op) => regions::scan(self, op, values)?,
            OpKind::AdStopGradient => values,
            OpKind::AdBarrier => values.into_iter().take(1).collect(),
            OpKind::AdRecord => vec![self.records.keep(values)],
            OpKind::AdRecall => self.records.read(op, &values).map_err(at)?,
            OpKind::AdRelease => {
                self.records.release(&values);
                Vec::new()
            }
            OpKind::CfAssert => {
                upstream::assert(op, &values).map_err(at)?;
                Vec::new()
            }
            _ if dp_semantics::is_evaluated(kind) => vec![evaluate(kind, op, &values).map_err(at)?],
            _ => match upstream::evaluate(kind, op, values) {
                Some(outcome) => vec![outcome.map_err(at)?],
                None => return Err(at(unsupported(op))),
            },
        };
        if let Some(visitor) = &self.visitor {
            (visitor.borrow_mut())(op, &seen, &mut given);
        }
        for (result, value) in results(op).into_iter().zip(given) {
            frame.insert(result, value);
        }
        Ok(Vec::new())
    }
}

/// Evaluates an operation of `scalar` or `array`.
fn evaluate(kind: OpKind, op: Op, values: &[Literal]) -> Result<Literal> {
    let malformed = || Diagnostic::invalid(format!("'{}' is malformed", kind.name())).help("verify the module first");
    let parameters = Parameters::of(kind, op).ok_or_else(malformed)?;
    let result = results(op).first().and_then(|result| ValueType::of(result.r#type())).ok_or_else(malformed)?;
    dp_semantics::evaluate(kind, &parameters, values, &result)
}

fn read<'c>(frame: &Frame, op: Op<'c>, value: Val<'c>) -> Result<Literal, SpannedDiagnostic<'c>> {
    frame.get(value).cloned().ok_or_else(|| {
        let diagnostic = Diagnostic::invalid("uses a value that the interpreter has not computed");
        SpannedDiagnostic::new(op.location(), diagnostic.help("verify the module first"))
    })
}

/// The diagnostic for an unsupported operation.
pub(crate) fn unsupported(op: Op) -> Diagnostic {
    let name = op.name();
    let name = name.as_string_ref().as_str().unwrap_or("?");
    let diagnostic = Diagnostic::unsupported(format!("the interpreter does not execute '{name}'"));
    diagnostic.help(match OpKind::from_name(name) {
        Some(kind) if kind.dialect() == "ad" => "run the pass 'ad' first; it expands derivative requests",
        _ => "supported are scalar, array, func, branches and loops of scf, and index arithmetic",
    })
}

fn check_arguments<'c>(function: Op<'c>, name: &str, arguments: &[Literal]) -> Result<(), SpannedDiagnostic<'c>> {
    let invalid = |message, help: String| {
        Err(SpannedDiagnostic::new(function.location(), Diagnostic::request(message).help(help)))
    };
    let inputs = signature(function).map(|(inputs, _)| inputs).unwrap_or_default();
    if inputs.len() != arguments.len() {
        let message = format!("'{name}' takes {} arguments, but got {}", inputs.len(), arguments.len());
        return invalid(message, "pass one value for each argument, in order".into());
    }
    for (index, (input, argument)) in inputs.iter().zip(arguments).enumerate() {
        let fits = ValueType::of(*input).is_some_and(|expected| fits(argument, &expected));
        if !fits {
            let given = argument.value_type();
            let message = format!("argument {index} of '{name}' has type {input}, but the value has type {given}");
            return invalid(message, "pass a value of the argument's element type and extents".into());
        }
    }
    Ok(())
}

/// Whether a value has a type; dynamic extents match any.
pub(crate) fn fits(value: &Literal, r#type: &ValueType) -> bool {
    value.dtype == r#type.dtype
        && value.shape.is_some() == r#type.is_tensor()
        && value.extents().len() == r#type.rank()
        && value.extents().iter().zip(r#type.extents()).all(|(given, known)| known.is_none_or(|known| known == *given))
}
