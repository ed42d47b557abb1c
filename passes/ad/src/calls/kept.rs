//! The functions that keep what a pullback needs in a record, and those that apply it, or its transpose.

use super::Calls;
use super::define::index;
use super::derived::{Derived, Signature, chosen};
use super::rules::{RULE, extents};
use crate::checked::{COTANGENT, require};
use dp_ad_engine::construct::{linear_map, types};
use dp_ad_engine::transpose::calls::call;
use dp_dialects::builder::adjoint_location;
use dp_dialects::ir::{Op, Val, result, results};
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use melior::ir::operation::OperationLike;
use melior::ir::{Region, Type};

/// What a record of a pullback holds.
struct Recalled<'c> {
    /// The position of the record of the residuals, the arguments, and the extents of the results.
    all: Vec<Val<'c>>,
    /// The number of arguments.
    count: usize,
}

impl<'c> Recalled<'c> {
    /// Reads the record at a position.
    fn at(b: Builder<'c>, position: Val<'c>, signature: &Signature<'c>) -> Result<Self> {
        let index = index(b.context());
        let mut types = vec![index];
        types.extend(&signature.inputs);
        types.extend(signature.open().iter().map(|_| index));
        let all = results(b.op(OpKind::AdRecall, &[position], &types, &[], vec![])?);
        Ok(Recalled { all, count: signature.inputs.len() })
    }

    fn arguments(&self) -> &[Val<'c>] {
        &self.all[1..=self.count]
    }

    fn extents(&self) -> &[Val<'c>] {
        &self.all[1 + self.count..]
    }
}

/// The elements, which are in an order, in the ascending one.
fn ascending<T: Copy>(of: &[T], order: &[usize]) -> Vec<T> {
    let mut pairs: Vec<(usize, T)> = order.iter().copied().zip(of.iter().copied()).collect();
    pairs.sort_by_key(|(at, _)| *at);
    pairs.into_iter().map(|(_, x)| x).collect()
}

/// The body of a function that takes the position of a record of a pullback, after it has read the record.
struct Body<'c> {
    name: String,
    /// The name of the tangent function.
    tangent: String,
    /// Of the function that is differentiated.
    signature: Signature<'c>,
    outside: Builder<'c>,
    region: Region<'c>,
    given: Vec<Val<'c>>,
    b: Builder<'c>,
    recalled: Recalled<'c>,
}

impl<'c> Calls<'c> {
    fn body(&self, function: Op<'c>, derived: &Derived) -> Result<Body<'c>> {
        let name = self.registry.name(&derived.source, &derived.active, derived.role.clone());
        let (_, tangent) = self.registry.pair(&derived.source, &derived.active);
        let signature = self.registry.signature(&derived.source);
        let outside = self.beside(function);
        let (region, given, b) = outside.region(&self.registry.signature(&name).inputs);
        let recalled = Recalled::at(b, given[0], &signature)?;
        Ok(Body { name, tangent, signature, outside, region, given, b, recalled })
    }

    /// A builder for derivatives next to a function.
    fn beside(&self, function: Op<'c>) -> Builder<'c> {
        let b = Builder::before(function);
        b.located(adjoint_location(b.context(), RULE, function.location()))
    }

    /// Calls the forward function, and keeps what the pullback needs.
    pub(super) fn define_vjp(&self, function: Op<'c>, derived: &Derived, number: i64) -> Result<()> {
        let name = self.registry.name(&derived.source, &derived.active, derived.role.clone());
        let (forward, _) = self.registry.pair(&derived.source, &derived.active);
        let signature = self.registry.signature(&derived.source);
        let outside = self.beside(function);
        let index = index(outside.context());
        let (body, x, b) = outside.region(&signature.inputs);
        let mut returned = call(b, &forward, &x, &self.registry.signature(&forward).outputs)?;
        let nothing = || Diagnostic::internal("internal error: a forward function without results");
        let mut kept = vec![returned.pop().ok_or_else(nothing)?];
        kept.extend(&x);
        kept.extend(extents(b, &signature, &returned)?);
        let kept = result(b.op(OpKind::AdRecord, &kept, &[index], &[], vec![])?);
        returned.push(result(b.op(OpKind::AdRecord, &[b.index(number)?, kept], &[index], &[], vec![])?));
        b.op(OpKind::FuncReturn, &returned, &[], &[], vec![])?;
        self.registry.define(outside, &name, body)
    }

    /// Transposes a call of the tangent function at what was kept.
    pub(super) fn define_pull(&self, function: Op<'c>, derived: &Derived, order: &[usize]) -> Result<()> {
        let Body { name, tangent, signature, outside, region: body, given, b, recalled } =
            self.body(function, derived)?;
        let cotangents = &given[1..];
        for ((result, dim), extent) in signature.open().into_iter().zip(recalled.extents()) {
            require(b, cotangents[result], dim, |_| Ok(*extent), COTANGENT)?;
        }
        let along: Vec<Type> = signature.chosen(&derived.active);
        let (region, tangents, linear) = b.region(&along);
        let made_tangents = call(linear, &tangent, &[&recalled.all[..], &tangents].concat(), &signature.carrying())?;
        linear.op(OpKind::AdYield, &made_tangents, &[], &[], vec![])?;
        let primals = chosen(recalled.arguments(), &derived.active);
        let found = results(linear_map(b, region, cotangents, &primals, &types(&primals), true)?);
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        let in_order = order.iter().filter_map(|at| sorted.binary_search(at).ok()).map(|place| found[place]);
        let returned: Vec<Val> = in_order.collect();
        b.op(OpKind::FuncReturn, &returned, &[], &[], vec![])?;
        self.registry.define(outside, &name, body)
    }

    /// Calls the tangent function at what was kept.
    pub(super) fn define_push(&self, function: Op<'c>, derived: &Derived, order: &[usize]) -> Result<()> {
        let Body { name, tangent, signature, outside, region: body, given, b, recalled } =
            self.body(function, derived)?;
        let tangents = ascending(&given[1..], order);
        let returned = call(b, &tangent, &[recalled.all, tangents].concat(), &signature.carrying())?;
        b.op(OpKind::FuncReturn, &returned, &[], &[], vec![])?;
        self.registry.define(outside, &name, body)
    }
}
