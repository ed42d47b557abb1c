//! Extents of results of calls, from the bodies of the functions that are called.
//!
//! The extent of a result is a linear form in extents and index arguments of the function. For a recursive function, a
//! form is assumed for its own calls and then proved: by induction on the depth of the recursion, it holds for every call
//! that returns.

use super::Extents;
use crate::forms::Form;
use dp_dialects::ir::{
    Op, Val, ancestors, block_args, block_ops, functions, has_several_blocks, operands, region_block, symbol_attribute,
};
use dp_dialects::{OpKind, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use std::collections::HashMap;
use std::rc::Rc;

/// The most extents and indices that are tried for a recursive function; then, for one while another is assumed to keep an
/// extent, and so on. Functions that call one another need more than one.
const MOST_CANDIDATES: [usize; 3] = [16, 4, 4];

/// A term of an extent of a function's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Given {
    /// The extent of an argument along a dimension.
    Extent(usize, usize),
    /// An argument, which is an index.
    Index(usize),
}

/// An extent of a function's result: a constant and multiples of what it is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultExtent {
    /// The constant.
    pub constant: i64,
    /// The terms, and their factors.
    pub terms: Vec<(Given, i64)>,
}

/// What is known of an extent of a function's result.
#[derive(Clone)]
enum Known {
    /// Its body is being looked at.
    Asked,
    /// This, or nothing; or an assumption that is being proved.
    As(Option<ResultExtent>),
}

/// An extent of a function's result: the function, the result and the dimension.
type Place = (usize, usize, usize);

/// What is known of the functions of a program.
#[derive(Default)]
pub(super) struct Callees<'c> {
    functions: HashMap<usize, HashMap<&'c str, Op<'c>>>,
    known: HashMap<Place, Known>,
    /// The places in `known`, in order. Those after an assumption depend on it.
    order: Vec<Place>,
    assumed: usize,
}

impl<'c> Callees<'c> {
    /// The function that an operation calls.
    fn function(&mut self, call: Op<'c>) -> Option<Op<'c>> {
        let name = symbol_attribute(call, "callee").filter(|_| OpKind::of(call) == Some(OpKind::FuncCall))?;
        let module = ancestors(call).find(|op| OpKind::of(*op) == Some(OpKind::BuiltinModule))?;
        let functions = self.functions.entry(module.to_raw().ptr as usize).or_insert_with(|| functions(module));
        functions.get(name).copied()
    }

    fn note(&mut self, place: Place, known: Known) {
        self.known.insert(place, known);
        self.order.push(place);
    }

    /// Forgets all that was learned after some places.
    fn forget(&mut self, count: usize) {
        for place in self.order.drain(count..) {
            self.known.remove(&place);
        }
    }
}

/// The extent of a result of a call in what the called function is given, if it follows from the function's body.
pub fn result_extent<'c>(call: Op<'c>, result: usize, dim: usize) -> Option<ResultExtent> {
    Extents::default().of_callee(call, result, dim)
}

impl<'c> Extents<'c> {
    /// The extent of a result of a call, in what the function is given.
    fn of_callee(&self, call: Op<'c>, result: usize, dim: usize) -> Option<ResultExtent> {
        let function = self.callees.borrow_mut().function(call)?;
        let place = (function.to_raw().ptr as usize, result, dim);
        let known = self.callees.borrow().known.get(&place).cloned();
        match known {
            Some(Known::As(known)) => return known,
            Some(Known::Asked) => return None,
            None => {}
        }
        let returned = region_block(function, 0).filter(|_| !has_several_blocks(function))?;
        let returned = operands(returned.terminator()?).get(result).copied()?;
        let before = self.callees.borrow().order.len();
        self.callees.borrow_mut().note(place, Known::Asked);
        let found = self.read(function, returned, dim).or_else(|| self.induce(function, returned, dim, before, place));
        self.callees.borrow_mut().note(place, Known::As(found.clone()));
        found
    }

    /// The facts in the body of a function.
    fn in_function(&self, function: Op<'c>) -> Self {
        let mut inside = Extents { callees: Rc::clone(&self.callees), ..Extents::default() };
        region_block(function, 0).into_iter().flat_map(block_ops).for_each(|op| inside.learn(op));
        inside
    }

    /// An extent of what a function returns, if it is a form in what the function is given.
    fn read(&self, function: Op<'c>, returned: Val<'c>, dim: usize) -> Option<ResultExtent> {
        let mut inside = self.in_function(function);
        let terms: Vec<(Given, Form)> =
            given(function).into_iter().map(|(given, value)| (given, inside.form_of(given, value))).collect();
        let form = inside.extent(returned, dim);
        let form = inside.equations.reduced(form);
        let mut found = ResultExtent { constant: form.constant, terms: Vec::new() };
        for (atom, factor) in form.terms {
            let is_atom = |(_, form): &&(Given, Form)| {
                form.constant == 0 && form.terms.len() == 1 && form.terms.get(&atom) == Some(&1)
            };
            let (given, _) = terms.iter().find(is_atom)?;
            found.terms.push((*given, factor));
        }
        Some(found)
    }

    /// An extent of what a recursive function returns: one of what it is given, such that each of its calls has it if
    /// the calls in it have.
    fn induce(
        &self,
        function: Op<'c>,
        returned: Val<'c>,
        dim: usize,
        before: usize,
        place: Place,
    ) -> Option<ResultExtent> {
        if self.callees.borrow().assumed >= MOST_CANDIDATES.len() {
            return None;
        }
        self.callees.borrow_mut().assumed += 1;
        let mut candidates = given(function);
        // A function mostly keeps an extent in its place.
        let is_alike = |(given, value): &(Given, Val)| match given {
            Given::Extent(_, other) => *other == dim && value.r#type() == returned.r#type(),
            Given::Index(_) => false,
        };
        candidates.sort_by_key(|candidate| !is_alike(candidate));
        candidates.truncate(MOST_CANDIDATES[self.callees.borrow().assumed - 1]);
        let found = candidates.into_iter().find_map(|(given, value)| {
            let assumed = ResultExtent { constant: 0, terms: vec![(given, 1)] };
            self.callees.borrow_mut().forget(before);
            self.callees.borrow_mut().note(place, Known::As(Some(assumed.clone())));
            let mut inside = self.in_function(function);
            let expected = inside.form_of(given, value);
            inside.has_extent(returned, dim, &expected).then_some(assumed)
        });
        if found.is_none() {
            self.callees.borrow_mut().forget(before);
        }
        self.callees.borrow_mut().assumed -= 1;
        found
    }

    fn form_of(&mut self, given: Given, value: Val<'c>) -> Form {
        let form = match given {
            Given::Extent(_, dim) => self.extent(value, dim),
            Given::Index(_) => self.index(value),
        };
        self.equations.reduced(form)
    }

    /// The form of an extent of a result of a call.
    pub(super) fn called(&mut self, call: Op<'c>, result: usize, dim: usize) -> Option<Form> {
        let extent = self.of_callee(call, result, dim)?;
        let all = operands(call);
        let mut form = Form::number(extent.constant);
        for (given, factor) in extent.terms {
            let (Given::Extent(number, _) | Given::Index(number)) = given;
            let term = self.form_of(given, *all.get(number)?);
            form = form.plus(&term, factor);
        }
        Some(form)
    }

    /// Whether an extent of a result of a call equals a form, because what it comes from does.
    pub(super) fn called_has(&mut self, call: Op<'c>, (result, dim): (usize, usize), expected: &Form) -> bool {
        let Some(extent) = self.of_callee(call, result, dim) else { return false };
        let (0, [(given, 1)]) = (extent.constant, &extent.terms[..]) else { return false };
        match (*given, &operands(call)) {
            (Given::Extent(number, dim), all) => all.get(number).is_some_and(|x| self.has_extent(*x, dim, expected)),
            (Given::Index(number), all) => all.get(number).is_some_and(|x| self.is_index(*x, expected)),
        }
    }
}

/// The dynamic extents and the indices that a function is given.
fn given<'c>(function: Op<'c>) -> Vec<(Given, Val<'c>)> {
    let mut found = Vec::new();
    for (number, value) in region_block(function, 0).map(block_args).unwrap_or_default().into_iter().enumerate() {
        let Some(r#type) = ValueType::of(value.r#type()) else { continue };
        if r#type == ValueType::number(ScalarType::Index) {
            found.push((Given::Index(number), value));
        }
        found.extend(r#type.dynamic_dimensions().map(|dim| (Given::Extent(number, dim), value)));
    }
    found
}
