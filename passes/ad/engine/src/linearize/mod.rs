//! Linearization: copies a function's operations to a derivative request, and emits the operations that map tangents to
//! tangents.

use crate::activity::Flow;
use crate::activity::useful::{Summaries, Useful};
use crate::levels::loops_in;
use crate::report::Report;
use crate::residuals::ResidualPolicy;
use crate::site::{Engine, KeptCalls, LinearizationSite, Mode, TangentRules};
use crate::tangent::{Dual, Tangent};
use dp_dialects::builder::adjoint_location;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, block_args, block_ops, erase, has_several_blocks, operands, region_block, results,
    symbol_attribute, walk,
};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, SpannedDiagnostic};
use dp_extents::loops::Loop;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;
use std::rc::Rc;

mod needed;

/// The maximum number of operations that one request expands to, including inlined calls, which can grow exponentially.
pub const BUDGET: usize = 4_000_000;

/// The error for an operation whose region has several blocks.
fn unstructured<'c>(op: Op<'c>) -> SpannedDiagnostic<'c> {
    let diagnostic = Diagnostic::unsupported("branches between blocks are not differentiated");
    SpannedDiagnostic::new(
        op.location(),
        diagnostic.help("run '--lift-cf-to-scf' first: it makes them branches of 'scf'"),
    )
}

/// The number of values that a block yields.
fn yielded(block: Blk) -> usize {
    block.terminator().map_or(0, |terminator| terminator.operand_count())
}

/// Linearizes the bodies of functions.
pub struct Linearizer<'c, 'a> {
    /// The functions of the module, by name.
    pub functions: &'a HashMap<&'c str, Op<'c>>,
    /// Decides whether to save or to rematerialize a residual.
    pub policy: &'a dyn ResidualPolicy,
    rules: &'static dyn TangentRules,
    calls: &'a mut dyn KeptCalls<'c>,
    mode: Mode,
    share: Option<u64>,
    rows: Vec<(Val<'c>, Vec<Val<'c>>)>,
    scope: ValueMap<Dual<'c>>,
    spent: usize,
    summaries: Summaries<'c>,
    /// The values that matter in the function that is being copied; `None` if all do.
    useful: Option<Rc<Useful<'c>>>,
    report: Option<Report<'c>>,
}

impl<'c, 'a> Linearizer<'c, 'a> {
    /// An engine over the functions of a module.
    pub fn new(
        functions: &'a HashMap<&'c str, Op<'c>>,
        policy: &'a dyn ResidualPolicy,
        rules: &'static dyn TangentRules,
        calls: &'a mut dyn KeptCalls<'c>,
        mode: Mode,
    ) -> Self {
        Linearizer {
            functions,
            policy,
            rules,
            calls,
            mode,
            share: None,
            rows: Vec::new(),
            scope: ValueMap::new(),
            spent: 0,
            summaries: Summaries::default(),
            useful: None,
            report: None,
        }
    }

    /// Copies a function's body, applied to arguments, and linearizes it. A function that is opaque is called instead.
    ///
    /// # Errors
    /// If an operation has no derivative.
    pub fn function(
        &mut self,
        at: Op<'c>,
        name: &'c str,
        arguments: &[Dual<'c>],
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>> {
        match self.calls.is_opaque(name) {
            true => self.called(at, name, arguments, primal, linear),
            false => self.inlined(at, name, arguments, None, primal, linear),
        }
    }

    /// Calls what a function becomes.
    fn called(
        &mut self,
        at: Op<'c>,
        name: &'c str,
        arguments: &[Dual<'c>],
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>> {
        self.check_structured(name)?;
        let called = self.calls.call(self.mode, at, name, arguments, primal, linear);
        called.map_err(|diagnostic| SpannedDiagnostic::new(at.location(), diagnostic))
    }

    fn check_structured(&self, name: &str) -> Result<(), SpannedDiagnostic<'c>> {
        match self.functions.get(name).filter(|function| has_several_blocks(**function)) {
            Some(function) => Err(unstructured(*function)),
            None => Ok(()),
        }
    }

    /// Copies the body, and linearizes it for some of the results: those not in `wanted` have no tangents.
    fn inlined(
        &mut self,
        at: Op<'c>,
        name: &'c str,
        arguments: &[Dual<'c>],
        wanted: Option<&[bool]>,
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>> {
        self.check_structured(name)?;
        let Some(block) = self.functions.get(name).and_then(|function| region_block(*function, 0)) else {
            let diagnostic = Diagnostic::unsupported(format!("the derivative of '@{name}' needs its body"));
            let help = "define the function in this module; foreign functions are not differentiated yet";
            return Err(SpannedDiagnostic::new(at.location(), diagnostic.help(help)));
        };
        for (argument, pair) in block_args(block).into_iter().zip(arguments) {
            self.scope.insert(argument, *pair);
        }
        self.body(name, block, wanted, primal, linear)
    }

    /// Linearizes the body of a function, whose arguments are bound, for the results in `wanted`, or for all.
    ///
    /// # Errors
    /// If an operation has no derivative.
    pub fn body(
        &mut self,
        name: &'c str,
        block: Blk<'c>,
        wanted: Option<&[bool]>,
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>> {
        let wanted = wanted.map_or_else(|| vec![true; yielded(block)], <[bool]>::to_vec);
        let useful = self.analyzed(|summaries, program| summaries.useful(program, name, &wanted));
        let outer = std::mem::replace(&mut self.useful, useful);
        let outcome = self.block(block, primal, linear);
        self.useful = outer;
        outcome
    }

    fn copied(&self, value: Val<'c>) -> Val<'c> {
        self.scope.get(value).map_or(value, |pair| pair.primal)
    }

    /// Removes the mappings of values in an operation's regions. A region may be linearized more than once: that of a
    /// function that is called twice, or the condition of a loop.
    fn forget(&mut self, op: Op<'c>) {
        for index in 0..op.region_count() {
            let Some(block) = region_block(op, index) else { continue };
            for argument in block_args(block) {
                self.scope.remove(argument);
            }
            for inner in block_ops(block) {
                for result in results(inner) {
                    self.scope.remove(result);
                }
                self.forget(inner);
            }
        }
    }

    /// Whether a tangent flows into an operation, its regions included.
    fn is_active(&self, op: Op<'c>) -> bool {
        let mut active = false;
        walk(op, &mut |inner| {
            active = active || inner.operands().any(|operand| self.pair(operand).tangent.value().is_some());
        });
        active
    }

    /// Sets the report to which what the derivative keeps is added.
    pub fn set_report(&mut self, report: Option<Report<'c>>) {
        self.report = report;
    }

    /// Takes the report.
    pub fn take_report(&mut self) -> Option<Report<'c>> {
        self.report.take()
    }

    /// Where the operations on tangents go.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The copy and the tangent of a value.
    pub fn dual(&self, value: Val<'c>) -> Dual<'c> {
        self.pair(value)
    }

    /// Maps a value to its copy and tangent.
    pub(crate) fn note(&mut self, value: Val<'c>, dual: Dual<'c>) {
        self.scope.insert(value, dual);
    }

    /// Copies an operation with its regions.
    pub fn copy(&mut self, op: Op<'c>, primal: Builder<'c>) -> Vec<Val<'c>> {
        let mut replaced = Vec::new();
        walk(op, &mut |inner| {
            for operand in operands(inner) {
                if let Some(pair) = self.scope.get(operand) {
                    replaced.push((operand, pair.primal));
                }
            }
        });
        results(primal.clone_op(op, &replaced))
    }

    /// Linearizes the operations that are differentiated instead of an operation, if there are any. They stand in front
    /// of it for the time being.
    fn expanded(
        &mut self,
        op: Op<'c>,
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<bool, SpannedDiagnostic<'c>> {
        let at = |diagnostic| SpannedDiagnostic::new(op.location(), diagnostic);
        let Some(values) = self.rules.expansion(op).map_err(at)? else { return Ok(false) };
        let made = values.made;
        // The analysis has not seen these operations.
        let useful = self.useful.take();
        let outcome = made.iter().try_for_each(|made| self.operation(*made, primal, linear));
        self.useful = useful;
        for (result, value) in results(op).into_iter().zip(values.results) {
            self.scope.insert(result, self.pair(value));
        }
        for made in made.into_iter().rev() {
            self.forget(made);
            for result in results(made) {
                self.scope.remove(result);
            }
            erase(made);
        }
        outcome.map(|()| true)
    }

    fn operation(&mut self, op: Op<'c>, primal: Builder<'c>, linear: Builder<'c>) -> Result<(), SpannedDiagnostic<'c>> {
        self.spent += 1;
        let complain = |diagnostic: Diagnostic| SpannedDiagnostic::new(op.location(), diagnostic);
        if self.spent > BUDGET {
            let diagnostic = Diagnostic::limit(format!("this derivative expands to more than {BUDGET} operations"));
            return Err(complain(diagnostic.help("calls are copied into the derivative: call less, or from a loop")));
        }
        self.forget(op);
        if self.is_checkpoint(op) && self.matters(op) && self.is_active(op) {
            return self.checkpoint(op, primal, linear);
        }
        self.differentiate(op, primal, linear)
    }

    /// Linearizes an operation itself, whether it is to be computed again or not.
    ///
    /// # Errors
    /// If it has no derivative.
    pub fn differentiate(
        &mut self,
        op: Op<'c>,
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<(), SpannedDiagnostic<'c>> {
        let complain = |diagnostic: Diagnostic| SpannedDiagnostic::new(op.location(), diagnostic);
        if !self.matters(op) || !self.is_active(op) {
            let copies = self.copy(op, primal);
            for (result, copy) in results(op).into_iter().zip(copies) {
                self.scope.insert(result, Dual { primal: copy, tangent: Tangent::inactive(copy) });
            }
            return Ok(());
        }
        if has_several_blocks(op) {
            return Err(unstructured(op));
        }
        let kind = OpKind::of(op);
        if let (Some(OpKind::FuncCall), Some(callee)) = (kind, symbol_attribute(op, "callee")) {
            let arguments: Vec<Dual> = op.operands().map(|operand| self.pair(operand)).collect();
            let wanted = |useful: &Rc<Useful<'c>>| results(op).into_iter().map(|result| useful.value(result)).collect();
            let wanted: Option<Vec<bool>> = self.useful.as_ref().map(wanted);
            let outputs = match self.calls.keeps(callee) {
                true => self.called(op, callee, &arguments, primal, linear)?,
                false => self.inlined(op, callee, &arguments, wanted.as_deref(), primal, linear)?,
            };
            for (result, output) in results(op).into_iter().zip(outputs) {
                let output = self.needed(output, |useful| useful.value(result));
                self.scope.insert(result, output);
            }
            return Ok(());
        }
        if self.expanded(op, primal, linear)? {
            return Ok(());
        }
        let Some((kind, flow)) = kind.and_then(|kind| Some((kind, self.rules.flow(kind)?))) else {
            let name = op.name();
            let name = name.as_string_ref().as_str().unwrap_or("?");
            let diagnostic = Diagnostic::unsupported(format!("'{name}' has no derivative"));
            return Err(complain(diagnostic.help(
                "differentiate operations of 'scalar', 'array', 'func' and 'scf'; 'raise-to-scalar' raises 'arith' and 'math'",
            )));
        };
        let copies = match flow {
            Flow::Regions => Vec::new(),
            Flow::Stops | Flow::Through | Flow::Unknown => self.copy(op, primal),
        };
        let location = adjoint_location(primal.context(), kind.name(), op.location());
        let rules = self.rules;
        let mut site = LinearizationSite {
            kind,
            mode: self.mode,
            op,
            operands: op.operands().map(|operand| self.copied(operand)).collect(),
            tangents: op.operands().map(|operand| self.pair(operand).tangent).collect(),
            results: copies,
            primal: primal.located(location),
            linear: linear.located(location),
            engine: self,
        };
        let tangents = rules.tangents(&mut site)?;
        let copies = site.results;
        for ((result, primal), tangent) in results(op).into_iter().zip(copies).zip(tangents) {
            self.scope.insert(result, Dual { primal, tangent });
        }
        Ok(())
    }
}

impl<'c> Engine<'c> for Linearizer<'c, '_> {
    fn block(
        &mut self,
        block: Blk<'c>,
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>> {
        let ops = block_ops(block);
        let Some((terminator, body)) = ops.split_last() else { return Ok(Vec::new()) };
        for op in body {
            self.operation(*op, primal.located(op.location()), linear)?;
        }
        let yielded = terminator.operands().map(|operand| self.pair(operand)).enumerate();
        Ok(yielded.map(|(number, dual)| self.needed(dual, |useful| useful.yielded(block, number))).collect())
    }

    fn bind(&mut self, value: Val<'c>, pair: Dual<'c>) {
        self.scope.insert(value, pair);
    }

    fn pair(&self, value: Val<'c>) -> Dual<'c> {
        let outside = || Dual { primal: value, tangent: Tangent::inactive(value) };
        self.scope.get(value).copied().unwrap_or_else(outside)
    }

    fn varying(&self, looped: &Loop<'c>) -> Vec<bool> {
        self.active_carried(looped)
    }

    fn report(&mut self) -> Option<&mut Report<'c>> {
        self.report.as_mut()
    }

    fn share(&self) -> Option<u64> {
        self.share
    }

    fn set_share(&mut self, share: Option<u64>) {
        self.share = share;
    }

    fn loops_in(&self, op: Op<'c>) -> u64 {
        loops_in(self.functions, op)
    }

    fn note_row(&mut self, value: Val<'c>, extents: &[Val<'c>]) {
        if self.share.is_some() {
            self.rows.push((value, extents.to_vec()));
        }
    }

    fn take_rows(&mut self) -> Vec<(Val<'c>, Vec<Val<'c>>)> {
        std::mem::take(&mut self.rows)
    }

    fn policy(&self) -> &dyn ResidualPolicy {
        self.policy
    }
}
