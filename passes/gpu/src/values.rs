//! Helpers to build scalars, branches and loops in kernels.

use crate::kernel::Kernel;
use dp_dialects::ir::{Val, defining_op, result, results};
use dp_dialects::{Builder, Diagnostic, Number, Result, ScalarType};
use dp_loopnest::structured::{arith, set_attribute};
use melior::ir::{Attribute, Type, ValueLike};
use std::ops::Range;

/// Keeps LLVM from unrolling a loop. (Its `unroll.disable` would be passed on to the PTX compiler.)
const ROLLED: &str = "#llvm.loop_annotation<disableNonforced = true>";

impl<'c> Kernel<'c> {
    /// An index constant.
    pub(crate) fn index(&self, value: i64) -> Result<Val<'c>> {
        self.b().index(value)
    }

    /// A scalar constant.
    pub(crate) fn number(&self, dtype: ScalarType, value: Number) -> Result<Val<'c>> {
        self.b().literal(dp_dialects::Literal::number(dtype, value))
    }

    pub(crate) fn add(&self, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        arith(&self.b(), "arith.addi", x, y)
    }

    pub(crate) fn mul(&self, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        arith(&self.b(), "arith.muli", x, y)
    }

    pub(crate) fn div(&self, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        arith(&self.b(), "arith.divui", x, y)
    }

    pub(crate) fn rem(&self, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        arith(&self.b(), "arith.remui", x, y)
    }

    pub(crate) fn min(&self, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        arith(&self.b(), "arith.minsi", x, y)
    }

    /// `x < y` for nonnegative numbers.
    pub(crate) fn less(&self, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        dp_loopnest::checks::compare(&self.b(), dp_loopnest::checks::Order::Ult, x, y)
    }

    pub(crate) fn both(&self, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        self.b().named("arith.andi", &[x, y], &[x.r#type()], &[], vec![]).map(result)
    }

    /// Runs a function with the builder at the end of a new region.
    fn within<T>(&self, inner: Builder<'c>, body: impl FnOnce() -> Result<T>) -> Result<T> {
        let outer = self.at.replace(inner);
        let made = body();
        self.at.set(outer);
        made
    }

    /// `for i in from, from + step, … below to` with carried values.
    pub(crate) fn repeat(
        &self,
        range: [Val<'c>; 3],
        carried: &[Val<'c>],
        body: impl FnOnce(Val<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>>,
    ) -> Result<Vec<Val<'c>>> {
        dp_loopnest::structured::stepped_loop(&self.b(), range, carried, |b, index, values| {
            self.within(*b, || body(index, values))
        })
    }

    /// The same with a constant number of iterations, which LLVM must not unroll: the PTX compiler does, and the text
    /// stays short.
    pub(crate) fn rolled_repeat(
        &self,
        range: Range<i64>,
        step: i64,
        carried: &[Val<'c>],
        body: impl FnOnce(Val<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>>,
    ) -> Result<Vec<Val<'c>>> {
        let bounds = [self.index(range.start)?, self.index(range.end)?, self.index(step)?];
        if range.end - range.start <= step {
            return body(bounds[0], carried);
        }
        let values = self.repeat(bounds, carried, body)?;
        let rolled = Attribute::parse(self.host.context(), ROLLED)
            .ok_or_else(|| Diagnostic::internal("internal error: nothing can be said of loops"))?;
        if let Some(made) = values.first().and_then(|value| defining_op(*value)) {
            set_attribute(made, "loop_annotation", rolled);
        }
        Ok(values)
    }

    /// `if` without results.
    pub(crate) fn when(&self, condition: Val<'c>, body: impl FnOnce() -> Result<()>) -> Result<()> {
        self.choose(condition, &[], || body().map(|()| vec![]), || Ok(vec![])).map(|_| ())
    }

    /// `if` with results.
    pub(crate) fn choose(
        &self,
        condition: Val<'c>,
        types: &[Type<'c>],
        then: impl FnOnce() -> Result<Vec<Val<'c>>>,
        other: impl FnOnce() -> Result<Vec<Val<'c>>>,
    ) -> Result<Vec<Val<'c>>> {
        let b = self.b();
        let (first, _, inner) = b.region(&[]);
        let values = self.within(inner, then)?;
        inner.named("scf.yield", &values, &[], &[], vec![])?;
        let (second, _, inner) = b.region(&[]);
        let values = self.within(inner, other)?;
        inner.named("scf.yield", &values, &[], &[], vec![])?;
        b.named("scf.if", &[condition], types, &[], vec![first, second]).map(results)
    }

    /// Loads an element of a buffer.
    pub(crate) fn load(&self, buffer: Val<'c>, at: &[Val<'c>]) -> Result<Val<'c>> {
        let element = dp_loopnest::structured::element_type(buffer.r#type());
        let of: Vec<Val> = std::iter::once(buffer).chain(at.iter().copied()).collect();
        self.b().named("memref.load", &of, &[element], &[], vec![]).map(result)
    }

    /// Stores an element of a buffer.
    pub(crate) fn store(&self, value: Val<'c>, buffer: Val<'c>, at: &[Val<'c>]) -> Result<()> {
        let of: Vec<Val> = [value, buffer].into_iter().chain(at.iter().copied()).collect();
        self.b().named("memref.store", &of, &[], &[], vec![]).map(|_| ())
    }
}
