//! Calls in linear regions: of functions that are linear in some of their arguments. Each such function has one
//! transpose, whose body is the transpose of its own.

use crate::regions::types;
use crate::transpose::calls::FunctionTransposes;
use dp_dialects::ir::{Op, Val, block_args, block_ops, body_ops, region_block, results, signature, symbol_name};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ValueType};
use dp_passes::copies::copy_block;
use dp_passes::symbols::{define_private, free_symbol};
use melior::ir::attribute::{Attribute, DenseI32ArrayAttribute};
use melior::ir::{Location, Type};
use std::cell::RefCell;
use std::collections::HashMap;

/// The functions that calls of linear functions are transposed to.
pub struct Transposes<'c> {
    module: Op<'c>,
    /// The name of the transpose of a function in some of its arguments.
    made: RefCell<HashMap<(String, Vec<bool>), String>>,
}

impl<'c> Transposes<'c> {
    /// The names of the functions made so far.
    pub(super) fn names(&self) -> Vec<String> {
        self.made.borrow().values().cloned().collect()
    }

    /// No functions yet.
    pub(crate) fn of(module: Op<'c>) -> Self {
        Transposes { module, made: RefCell::default() }
    }
}

impl<'c> FunctionTransposes<'c> for Transposes<'c> {
    fn of_function(&self, name: &str, linear: &[bool], location: Location<'c>) -> Result<String> {
        let key = (name.to_string(), linear.to_vec());
        if let Some(known) = self.made.borrow().get(&key) {
            return Ok(known.clone());
        }
        let function = body_ops(self.module).into_iter().find(|op| symbol_name(*op) == Some(name));
        let missing =
            || Diagnostic::internal("internal error: a call in a linear region of a function that is not there");
        let function = function.ok_or_else(missing)?;
        let block = region_block(function, 0).ok_or_else(missing)?;
        let transpose =
            free_symbol(self.module, format!("{}__reverse", name.strip_suffix("__tangent").unwrap_or(name)));
        let builder = Builder::before(function).located(location);
        let arguments = block_args(block);
        let of = |is_linear: bool| arguments.iter().zip(linear).filter(move |(_, x)| **x == is_linear).map(|(x, _)| *x);
        let (fixed, along): (Vec<Val>, Vec<Val>) = (of(false).collect(), of(true).collect());
        let (_, outputs) = signature(function).unwrap_or_default();
        let takes: Vec<Type> = types(&fixed).into_iter().chain(outputs.iter().copied()).collect();
        let (region, given, inner) = builder.region(&takes);
        let (residuals, cotangents) = given.split_at(fixed.len());
        let (body, tangents, linear) = inner.region(&types(&along));
        let pairs = fixed.iter().copied().zip(residuals.iter().copied());
        let pairs = pairs.chain(along.iter().copied().zip(tangents)).collect();
        let yielded = copy_block(linear, block_ops(block), pairs);
        linear.op(OpKind::AdYield, &yielded, &[], &[], vec![])?;
        let mut operands = cotangents.to_vec();
        for argument in &along {
            operands.push(inner.placeholder(&ValueType::of_value(*argument)?)?);
        }
        let context = builder.context();
        let segments = [cotangents.len() as i32, along.len() as i32];
        let attributes = [
            ("operandSegmentSizes", DenseI32ArrayAttribute::new(context, &segments).into()),
            ("transpose", Attribute::unit(context)),
        ];
        let made = results(inner.op(OpKind::AdLinear, &operands, &types(&along), &attributes, vec![body])?);
        inner.op(OpKind::FuncReturn, &made, &[], &[], vec![])?;
        define_private(builder, &transpose, region)?;
        self.made.borrow_mut().insert(key, transpose.clone());
        Ok(transpose)
    }
}
