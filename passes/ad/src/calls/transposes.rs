//! Calls in linear regions: of functions that are linear in some of their arguments. Each such function has one
//! transpose. The transpose of a tangent function is a reverse function, and the other way round; that of a second
//! derivative is the one with the two sets of arguments exchanged, since second derivatives are symmetric. The body of
//! any other is the transpose of the function's own.

use super::derived::{Derived, Registry, Role, chosen};
use dp_ad_engine::construct::{linear_map, types};
use dp_ad_engine::transpose::calls::{FunctionTransposes, Told};
use dp_dialects::ir::{Op, Val, block_args, block_ops, region_block, results, signature, symbol_name};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ValueType};
use dp_passes::copies::copy_block;
use melior::ir::{Location, Type};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The functions that calls of linear functions are transposed to.
pub struct Transposes<'c> {
    registry: Rc<Registry<'c>>,
    /// The name of the transpose of a function of the program in some of its arguments.
    others: RefCell<HashMap<(String, Vec<bool>), String>>,
}

impl<'c> Transposes<'c> {
    /// The names of the functions made so far that the registry does not know.
    pub(super) fn names(&self) -> Vec<String> {
        self.others.borrow().values().cloned().collect()
    }

    /// No functions yet.
    pub(crate) fn of(registry: &Rc<Registry<'c>>) -> Self {
        Transposes { registry: Rc::clone(registry), others: RefCell::default() }
    }

    /// Whether an operation is in the body of a reverse function.
    pub(crate) fn is_in_reverse(&self, op: Op<'c>) -> bool {
        let names = dp_dialects::ir::ancestors(op).filter_map(symbol_name);
        names.filter_map(|name| self.registry.get(name)).any(|made| made.role == Role::Reverse)
    }

    /// Defines the transpose of a function in some of its arguments. The arguments in which it is linear are taken at
    /// the given arguments.
    fn define(
        &self,
        function: Op<'c>,
        transpose: &str,
        linear: &[bool],
        at: impl Fn(Builder<'c>, &[Val<'c>], &[Val<'c>]) -> Result<Vec<Val<'c>>>,
        location: Location<'c>,
    ) -> Result<()> {
        let block = region_block(function, 0).ok_or_else(missing)?;
        let builder = Builder::before(function).located(location);
        let arguments = block_args(block);
        let is_fixed: Vec<bool> = linear.iter().map(|linear| !linear).collect();
        let (fixed, along) = (chosen(&arguments, &is_fixed), chosen(&arguments, linear));
        let (_, outputs) = signature(function).unwrap_or_default();
        let takes: Vec<Type> = types(&fixed).into_iter().chain(outputs.iter().copied()).collect();
        let (region, given, inner) = builder.region(&takes);
        let (residuals, cotangents) = given.split_at(fixed.len());
        let (body, tangents, linear) = inner.region(&types(&along));
        let pairs = fixed.iter().copied().zip(residuals.iter().copied());
        let pairs = pairs.chain(along.iter().copied().zip(tangents)).collect();
        let yielded = copy_block(linear, block_ops(block), pairs);
        linear.op(OpKind::AdYield, &yielded, &[], &[], vec![])?;
        let primals = at(inner, residuals, &along)?;
        let made = results(linear_map(inner, body, cotangents, &primals, &types(&along), true)?);
        inner.op(OpKind::FuncReturn, &made, &[], &[], vec![])?;
        self.registry.define(builder, transpose, region)
    }

    /// The transpose of a function of the registry.
    fn of_made(&self, name: &str, derived: &Derived, linear: &[bool], location: Location<'c>) -> Result<String> {
        let Derived { source, active, role } = derived;
        let role = match role {
            Role::Tangent => Role::Reverse,
            Role::Reverse => Role::Tangent,
            Role::Hvp(along) => return Ok(self.registry.name(source, along, Role::Hvp(active.clone()))),
            Role::Pull(order) => Role::Push(order.clone()),
            Role::Push(order) => Role::Pull(order.clone()),
            Role::Forward | Role::Jvp | Role::Vjp(_) => return Err(missing()),
        };
        let transpose = self.registry.name(source, active, role.clone());
        if role == Role::Reverse && self.registry.function(&transpose).is_none() {
            let function = self.registry.function(name).ok_or_else(missing)?;
            let at = |_, residuals: &[Val<'c>], _: &[Val<'c>]| Ok(chosen(&residuals[1..], active));
            self.define(function, &transpose, linear, at, location)?;
        }
        Ok(transpose)
    }
}

fn missing() -> Diagnostic {
    Diagnostic::internal("internal error: a call in a linear region of a function that is not there")
}

impl<'c> FunctionTransposes<'c> for Transposes<'c> {
    fn linear_arguments(&self, name: &str) -> Option<Vec<bool>> {
        self.registry.linear_arguments(name)
    }

    fn extent(&self, name: &str, given: &[Val<'c>], result: usize, dim: usize) -> Option<Told<'c>> {
        self.registry.extent(name, given, result, dim)
    }

    fn of_function(&self, name: &str, linear: &[bool], location: Location<'c>) -> Result<String> {
        if let Some(made) = self.registry.get(name) {
            return self.of_made(name, &made, linear, location);
        }
        let key = (name.to_string(), linear.to_vec());
        if let Some(known) = self.others.borrow().get(&key) {
            return Ok(known.clone());
        }
        let function = self.registry.function(name).ok_or_else(missing)?;
        let transpose = self.registry.free(format!("{name}__reverse"));
        let placeholders = |inner: Builder<'c>, _: &[Val<'c>], along: &[Val<'c>]| {
            along.iter().map(|argument| inner.placeholder(&ValueType::of_value(*argument)?)).collect()
        };
        self.define(function, &transpose, linear, placeholders, location)?;
        self.others.borrow_mut().insert(key, transpose.clone());
        Ok(transpose)
    }
}
