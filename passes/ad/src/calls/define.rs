//! The bodies of the functions that are made for calls.

use super::Calls;
use super::derived::{Derived, Role, chosen};
use super::rules::RULE;
use crate::rules::RULES;
use dp_ad_engine::construct::types;
use dp_ad_engine::linearize::Linearizer;
use dp_ad_engine::report::{Report, notices};
use dp_ad_engine::residuals::{KeepUnlessFree, replace_in, residuals};
use dp_ad_engine::site::{Engine, Mode};
use dp_ad_engine::tangent::{tangents_of, unflatten, zero};
use dp_dialects::builder::{adjoint_location, pullback_type};
use dp_dialects::ir::{Blk, Op, Val, ValueMap, block_args, block_ops, region_block, results, symbol_name};
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, MlirType, OpKind, Result, ScalarType, SpannedDiagnostic};
use melior::ir::attribute::{Attribute, DenseI64ArrayAttribute, FlatSymbolRefAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};
use std::collections::HashMap;
use std::rc::Rc;

pub(super) fn index(context: &melior::Context) -> Type<'_> {
    ScalarType::Index.to_type(context)
}

/// Binds the arguments of a function to their copies and tangents.
fn bind<'c>(engine: &mut dyn Engine<'c>, block: Blk<'c>, values: &[Val<'c>], active: &[bool], tangents: &[Val<'c>]) {
    let duals = unflatten(&[values, tangents].concat(), active);
    block_args(block).into_iter().zip(duals).for_each(|(argument, dual)| engine.bind(argument, dual));
}

impl<'c> Calls<'c> {
    /// Defines a function, and the tangent function together with a forward one.
    pub(super) fn define_one(
        &mut self,
        functions: &HashMap<&'c str, Op<'c>>,
        derived: &Derived,
    ) -> Result<(), SpannedDiagnostic<'c>> {
        let Some((function, block)) =
            functions.get(&derived.source[..]).and_then(|function| Some((*function, region_block(*function, 0)?)))
        else {
            return Ok(());
        };
        let at = |diagnostic| SpannedDiagnostic::new(function.location(), diagnostic);
        match &derived.role {
            Role::Forward => self.define_linear(functions, function, block, derived),
            Role::Jvp => self.define_forward(functions, function, block, derived),
            Role::Hvp(along) => self.define_second(function, derived, along).map_err(at),
            Role::Vjp(number) => self.define_vjp(function, derived, *number).map_err(at),
            Role::Pull(order) => self.define_pull(function, derived, order).map_err(at),
            Role::Push(order) => self.define_push(function, derived, order).map_err(at),
            Role::Tangent | Role::Reverse => Ok(()),
        }
    }

    fn define_linear(
        &mut self,
        functions: &HashMap<&'c str, Op<'c>>,
        function: Op<'c>,
        block: Blk<'c>,
        derived: &Derived,
    ) -> Result<(), SpannedDiagnostic<'c>> {
        let at = |diagnostic| SpannedDiagnostic::new(function.location(), diagnostic);
        let builder = Builder::before(function).located(function.location());
        let adjoint = builder.located(adjoint_location(builder.context(), RULE, function.location()));
        let (forward, tangent) = self.registry.pair(&derived.source, &derived.active);
        let along = self.registry.signature(&tangent).inputs;
        let inputs = types(&block_args(block));
        // On failure, the linear region, which uses values of the primal region, is dropped first.
        let (forward_body, values, primal) = builder.region(&inputs);
        let (tangent_body, given, linear) = adjoint.region(&along);
        let (fixed, tangents) = given.split_at(given.len() - derived.active.iter().filter(|active| **active).count());
        let registry = Rc::clone(&self.registry);
        let report = self.has_report.then(Report::default);
        let mut engine = Linearizer::new(functions, &KeepUnlessFree, &RULES, self, Mode::Linear);
        engine.set_report(report);
        bind(&mut engine, block, &values, &derived.active, tangents);
        let name = symbol_name(function).unwrap_or_default();
        let outputs = engine.body(name, block, None, primal, linear)?;
        if let Some(mut report) = engine.take_report() {
            report.finish(linear.block(), &values);
            let reason = match self.is_recursive(name) {
                true => notices::Reason::Recursive,
                false => notices::Reason::Large,
            };
            notices::of_function(function, registry.called(&derived.source), reason, report);
        }
        let assemble = || -> Result<()> {
            let mut returned: Vec<Val> = outputs.iter().map(|output| output.primal).collect();
            let yielded = tangents_of(primal, linear, &outputs)?;
            let mut there = ValueMap::new();
            for (value, again) in values.iter().zip(&fixed[1..]) {
                there.insert(*value, *again);
            }
            replace_in(linear.block(), &there);
            let kept = residuals(primal.block(), linear.block(), &KeepUnlessFree);
            returned.extend(results(primal.op(OpKind::AdRecord, &kept, &[index(primal.context())], &[], vec![])?));
            let start = match block_ops(linear.block()).first() {
                Some(first) => Builder::before(*first).located(linear.location()),
                None => linear,
            };
            let recalled = start.op(OpKind::AdRecall, &fixed[..1], &types(&kept), &[], vec![])?;
            for (value, again) in kept.iter().zip(results(recalled)) {
                there.insert(*value, again);
            }
            replace_in(linear.block(), &there);
            let yielded: Vec<Val> =
                yielded.into_iter().map(|value| there.get(value).copied().unwrap_or(value)).collect();
            linear.op(OpKind::FuncReturn, &yielded, &[], &[], vec![])?;
            primal.op(OpKind::FuncReturn, &returned, &[], &[], vec![])?;
            registry.define(adjoint, &tangent, tangent_body)?;
            registry.define(builder, &forward, forward_body)
        };
        assemble().map_err(at)
    }

    fn define_forward(
        &mut self,
        functions: &HashMap<&'c str, Op<'c>>,
        function: Op<'c>,
        block: Blk<'c>,
        derived: &Derived,
    ) -> Result<(), SpannedDiagnostic<'c>> {
        let at = |diagnostic| SpannedDiagnostic::new(function.location(), diagnostic);
        let builder = Builder::before(function).located(function.location());
        let name = self.registry.name(&derived.source, &derived.active, Role::Jvp);
        let mut inputs = types(&block_args(block));
        let count = inputs.len();
        inputs.extend(chosen(&inputs, &derived.active));
        let (region, arguments, primal) = builder.region(&inputs);
        let linear = primal.located(adjoint_location(builder.context(), RULE, function.location()));
        let registry = Rc::clone(&self.registry);
        let mut engine = Linearizer::new(functions, &KeepUnlessFree, &RULES, self, Mode::Forward);
        bind(&mut engine, block, &arguments[..count], &derived.active, &arguments[count..]);
        let source = symbol_name(function).unwrap_or_default();
        let outputs = engine.body(source, block, None, primal, linear)?;
        let assemble = || -> Result<()> {
            let mut returned: Vec<Val> = outputs.iter().map(|output| output.primal).collect();
            returned.extend(tangents_of(linear, linear, &outputs)?);
            primal.op(OpKind::FuncReturn, &returned, &[], &[], vec![])?;
            registry.define(builder, &name, region)
        };
        assemble().map_err(at)
    }

    /// The second derivative: the pullback of the function that computes values and tangents, with zero cotangents of the
    /// values, and those given of the tangents.
    fn define_second(&self, function: Op<'c>, derived: &Derived, along: &[bool]) -> Result<()> {
        let name = self.registry.name(&derived.source, &derived.active, derived.role.clone());
        let jvp = self.registry.name(&derived.source, along, Role::Jvp);
        let (source, differentiated) = (self.registry.signature(&derived.source), self.registry.signature(&jvp));
        let b = Builder::before(function).located(function.location());
        let context = b.context();
        let (body, given, b) = b.region(&self.registry.signature(&name).inputs);
        let (x, rest) = given.split_at(source.inputs.len());
        let (c, tangents) = rest.split_at(source.carrying().len());
        let chosen = source.chosen(&derived.active);
        let pullback = pullback_type(context, &differentiated.carrying(), &chosen);
        let wrt: Vec<i64> = (0..x.len()).filter(|index| derived.active[*index]).map(|index| index as i64).collect();
        let attributes: [(&str, Attribute); 2] = [
            ("callee", FlatSymbolRefAttribute::new(context, &jvp).into()),
            ("wrt", DenseI64ArrayAttribute::new(context, &wrt).into()),
        ];
        let outputs = [differentiated.outputs, vec![pullback]].concat();
        let request = results(b.op(OpKind::AdVjp, &[x, tangents].concat(), &outputs, &attributes, vec![])?);
        let mut pulled = request.last().copied().into_iter().collect::<Vec<_>>();
        for y in &request[..source.outputs.len()] {
            if let Some(r#type) = tangent_type(y.r#type()) {
                pulled.push(zero(b, b, &r#type, *y)?);
            }
        }
        pulled.extend(c);
        let made = results(b.op(OpKind::AdPull, &pulled, &chosen, &[], vec![])?);
        b.op(OpKind::FuncReturn, &made, &[], &[], vec![])?;
        self.registry.define(Builder::before(function).located(function.location()), &name, body)
    }
}
