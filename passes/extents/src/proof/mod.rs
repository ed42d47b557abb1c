//! The proof that a gradient has the extents of its argument.
//!
//! Extents are integer linear forms (`forms.rs`). Each operation implies equations between extents; if they did not
//! hold, it would fail at run time.

mod around;
pub mod callees;
mod choices;

use crate::forms::{Atom, Equations, Form};
use crate::loops::Loop;
use crate::{is_tensor, rank, source};
use callees::Callees;
use choices::{is_choice, yielded};
use dp_dialects::ir::{Op, Val, constant_integer, defining_op, key, operands, results, value_index};
use dp_dialects::ops::{Extents as ExtentsOf, Source};
use dp_dialects::{Diagnostic, Literal, OpKind, Parameters, Result, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The facts about extents at a point of the program.
#[derive(Clone, Default)]
pub struct Extents<'c> {
    equations: Equations,
    extents: HashMap<(usize, usize), Form>,
    indices: HashMap<usize, Form>,
    /// Results of branches, and what the executed regions yield for them.
    aliases: Vec<(Val<'c>, Val<'c>)>,
    /// Extents that could not be shown to equal the one in question.
    refuted: HashSet<(usize, usize)>,
    /// Whether loops preserve extents, as far as these facts were asked for it. More facts change no proof.
    loops: RefCell<HashMap<usize, bool>>,
    /// What is known of the functions that are called.
    callees: Rc<RefCell<Callees<'c>>>,
}

impl<'c> Extents<'c> {
    /// Whether a loop preserves the extents of what it carries. A loop that starts from the result of another asks for
    /// that one more than once, so the answer is kept.
    pub(crate) fn preserves(&self, op: Op<'c>, looped: &Loop<'c>) -> bool {
        let place = op.to_raw().ptr as usize;
        if let Some(known) = self.loops.borrow().get(&place) {
            return *known;
        }
        // A proof that asks for its own loop proves nothing by it.
        self.loops.borrow_mut().insert(place, false);
        let preserves = self.changing(looped).is_none();
        self.loops.borrow_mut().insert(place, preserves);
        preserves
    }

    /// Assumes that two values have the same extents.
    pub fn assume(&mut self, a: Val<'c>, b: Val<'c>) {
        (0..rank(a)).for_each(|dim| self.agree((a, dim), (b, dim)));
    }

    /// Proves that a cotangent has the extents of a primal value.
    ///
    /// # Errors
    /// If this does not follow. For a region that differentiation created, this is an internal error; for one that the
    /// program contains, or one with a loop, the extents may really differ.
    pub fn prove(&mut self, cotangent: Val<'c>, primal: Val<'c>, may_differ: bool) -> Result<()> {
        let Some(r#type) = ValueType::of(primal.r#type()) else { return Ok(()) };
        for dim in 0..r#type.rank() {
            if !self.agrees(cotangent, primal, dim) {
                let message = format!(
                    "extent {dim} of a gradient of type {} cannot be shown to be that of its argument",
                    cotangent.r#type()
                );
                let help = "give the extent in the argument's type";
                return Err(match may_differ {
                    true => Diagnostic::unsupported(message).help(help),
                    false => Diagnostic::internal(format!("internal error: {message}"))
                        .help(format!("{help}; and please report this")),
                });
            }
        }
        Ok(())
    }

    /// Whether two tensors are known to agree in an extent.
    pub fn agrees(&mut self, a: Val<'c>, b: Val<'c>, dim: usize) -> bool {
        let expected = self.extent(b, dim);
        self.refuted.clear();
        self.has_extent(a, dim, &expected)
    }

    /// Whether an index is an extent of a tensor.
    pub fn is_extent(&mut self, index: Val<'c>, tensor: Val<'c>, dim: usize) -> bool {
        let expected = self.index(index);
        self.refuted.clear();
        self.has_extent(tensor, dim, &expected)
    }

    /// Whether a tensor's extent equals a form. Each tensor is visited once, since tensors share operands.
    fn has_extent(&mut self, tensor: Val<'c>, dim: usize, expected: &Form) -> bool {
        let place = (key(tensor), dim);
        let holds = !self.refuted.contains(&place) && self.derives_extent(tensor, dim, expected);
        if !holds {
            self.refuted.insert(place);
        }
        holds
    }

    fn derives_extent(&mut self, tensor: Val<'c>, dim: usize, expected: &Form) -> bool {
        let form = self.extent(tensor, dim);
        if self.equations.same(&form, expected) {
            return true;
        }
        let Some(r#type) = ValueType::of(tensor.r#type()).filter(|r#type| r#type.extents()[dim].is_none()) else {
            return false;
        };
        let Some((op, kind)) = defining_op(tensor).and_then(|op| Some((op, OpKind::of(op)?))) else { return false };
        match source(kind, op, &r#type, dim) {
            Source::Operand(operand, dim) => self.has_extent(operands(op)[operand], dim, expected),
            Source::Both(a, b) => {
                [a, b].into_iter().zip(operands(op)).any(|(dim, x)| self.has_extent(x, dim, expected))
            }
            Source::Agreed => {
                let mut tensors = operands(op).into_iter().filter(is_tensor);
                tensors.any(|x| self.has_extent(x, dim, expected))
            }
            Source::Index(operand) => self.is_index(operands(op)[operand], expected),
            Source::Yielded => {
                self.in_each_region(op, value_index(tensor), |inside, inner| inside.has_extent(inner, dim, expected))
            }
            Source::Carried => {
                let initial = Loop::of(op).and_then(|looped| self.initial_of(op, &looped, value_index(tensor), dim));
                initial.is_some_and(|initial| self.has_extent(initial, dim, expected))
            }
            Source::Own => self.called_has(op, (value_index(tensor), dim), expected),
            Source::Sum => false,
        }
    }

    /// Whether an index equals a form.
    fn is_index(&mut self, index: Val<'c>, expected: &Form) -> bool {
        let form = self.index(index);
        self.equations.same(&form, expected)
            || defining_op(index).filter(|op| is_choice(*op)).is_some_and(|op| {
                self.in_each_region(op, value_index(index), |inside, inner| inside.is_index(inner, expected))
            })
    }

    /// Adds the equations that an operation implies.
    pub(crate) fn learn(&mut self, op: Op<'c>) {
        let (Some(kind), arguments) = (OpKind::of(op), operands(op)) else { return };
        let Some(result) = results(op).first().copied() else { return };
        // In the order of the program, so that a loop that starts from the result of another finds the answer for that.
        if let Some(looped) = Loop::of(op) {
            self.preserves(op, &looped);
            return;
        }
        let open = ValueType::of(result.r#type());
        let Some(shape) = open.filter(|shape| shape.is_tensor()) else { return };
        if let ExtentsOf::Agreed = kind.entry().extents {
            let tensors: Vec<Val> = arguments.iter().copied().chain(results(op)).filter(is_tensor).collect();
            for other in tensors.iter().skip(1) {
                (0..shape.rank()).for_each(|dim| self.agree((tensors[0], dim), (*other, dim)));
            }
            return;
        }
        match (kind, Parameters::of(kind, op)) {
            (OpKind::ArrayBroadcast, Some(Parameters::Broadcast(dims))) => {
                dims.into_iter().enumerate().for_each(|(from, to)| self.agree((arguments[0], from), (result, to)));
            }
            (OpKind::ArrayDot, Some(Parameters::Dot(dims))) => {
                let pairs = dims.contract_a.iter().zip(&dims.contract_b);
                for (a, b) in pairs.chain(dims.batch_a.iter().zip(&dims.batch_b)) {
                    self.agree((arguments[0], *a), (arguments[1], *b));
                }
            }
            (OpKind::ArrayCholesky | OpKind::ArrayEighVectors, _) => {
                let last = shape.rank() - 1;
                self.agree((arguments[0], last - 1), (arguments[0], last));
            }
            (OpKind::ArrayTriangularSolve, Some(Parameters::Solve(form))) => {
                let last = shape.rank() - 1;
                let own = if form.right { last - 1 } else { last };
                self.agree((arguments[0], last - 1), (arguments[0], last));
                let shared = (0..=last).filter(|dim| *dim != own);
                shared.for_each(|dim| self.agree((arguments[0], dim), (arguments[1], dim)));
            }
            (OpKind::ArrayConcatenate, Some(Parameters::Dim(along))) => {
                for other in &arguments[1..] {
                    let others = (0..shape.rank()).filter(|dim| *dim != along);
                    others.for_each(|dim| self.agree((arguments[0], dim), (*other, dim)));
                }
            }
            (OpKind::ArrayPad, Some(Parameters::Pad { low, high, interior })) => {
                for dim in (0..shape.rank()).filter(|dim| interior[*dim] == 0) {
                    let within = self.extent(arguments[0], dim);
                    let whole = within.plus(&Form::number((low[dim] + high[dim]) as i64), 1);
                    let made = self.extent(result, dim);
                    self.equations.equate(whole, made);
                }
            }
            (OpKind::ArrayScatter, _) => {
                let leading = rank(arguments[1]);
                (0..leading).for_each(|dim| self.agree((arguments[2], dim), (arguments[1], dim)));
                let rows = 1..rank(arguments[0]);
                rows.for_each(|dim| self.agree((arguments[2], leading + dim - 1), (arguments[0], dim)));
            }
            (OpKind::ArrayReshape, _) if shape.rank() == 1 && rank(arguments[0]) == 1 => {
                self.agree((arguments[0], 0), (result, 0));
            }
            (OpKind::TensorCast, _) => {
                (0..shape.rank()).for_each(|dim| self.agree((arguments[0], dim), (result, dim)));
            }
            // Other operations imply nothing beyond the extents of their results.
            _ => {}
        }
    }

    fn agree(&mut self, (a, dim_a): (Val<'c>, usize), (b, dim_b): (Val<'c>, usize)) {
        let (a, b) = (self.extent(a, dim_a), self.extent(b, dim_b));
        self.equations.equate(a, b);
    }

    fn extent(&mut self, value: Val<'c>, dim: usize) -> Form {
        let place = (key(value), dim);
        if let Some(known) = self.extents.get(&place) {
            return known.clone();
        }
        let form = self.extent_of(value, dim);
        self.extents.insert(place, form.clone());
        form
    }

    fn extent_of(&mut self, value: Val<'c>, dim: usize) -> Form {
        let own = Atom::Extent(key(value), dim);
        let Some(r#type) = ValueType::of(value.r#type()) else { return self.equations.atom(own) };
        if let Some(extent) = r#type.extents().get(dim).copied().flatten() {
            return Form::number(extent as i64);
        }
        let Some((op, kind)) = defining_op(value).and_then(|op| Some((op, OpKind::of(op)?))) else {
            return self.equations.atom(own);
        };
        let arguments = operands(op);
        match source(kind, op, &r#type, dim) {
            Source::Operand(operand, dim) => self.extent(arguments[operand], dim),
            Source::Both(dim, _) => self.extent(arguments[0], dim),
            Source::Index(operand) => self.index(arguments[operand]),
            Source::Sum => {
                let parts: Vec<Form> = arguments.into_iter().map(|x| self.extent(x, dim)).collect();
                parts.iter().fold(Form::default(), |sum, part| sum.plus(part, 1))
            }
            Source::Agreed => match arguments.into_iter().find(is_tensor) {
                Some(x) => self.extent(x, dim),
                None => self.equations.atom(own),
            },
            Source::Yielded => {
                let forms = (0..op.region_count()).map(|region| {
                    let yielded = yielded(op, region, value_index(value))?;
                    Some(self.extent(yielded, dim))
                });
                let forms: Vec<Option<Form>> = forms.collect();
                self.agreed(forms).unwrap_or_else(|| self.equations.atom(own))
            }
            Source::Carried => {
                // The proof for the loop may ask for its result, if a branch after the loop has the predicate of one in
                // it.
                let own = self.equations.atom(own);
                self.extents.insert((key(value), dim), own.clone());
                match Loop::of(op).and_then(|looped| self.initial_of(op, &looped, value_index(value), dim)) {
                    Some(initial) => self.extent(initial, dim),
                    None => own,
                }
            }
            Source::Own => match self.called(op, value_index(value), dim) {
                Some(form) => form,
                None => self.equations.atom(own),
            },
        }
    }

    /// The form that all of these equal.
    fn agreed(&self, forms: Vec<Option<Form>>) -> Option<Form> {
        let mut forms = forms.into_iter().map(|form| form.map(|form| self.equations.reduced(form)));
        let first = forms.next()??;
        forms.all(|other| other.as_ref() == Some(&first)).then_some(first)
    }

    fn index(&mut self, value: Val<'c>) -> Form {
        if let Some(known) = self.indices.get(&key(value)) {
            return known.clone();
        }
        let form = self.index_of(value);
        self.indices.insert(key(value), form.clone());
        form
    }

    fn index_of(&mut self, value: Val<'c>) -> Form {
        let own = Atom::Index(key(value));
        let Some((op, kind)) = defining_op(value).and_then(|op| Some((op, OpKind::of(op)?))) else {
            return self.equations.atom(own);
        };
        let arguments = operands(op);
        match (kind, &arguments[..]) {
            (OpKind::ArithConstant | OpKind::ScalarConstant, _) => {
                let number = op.attribute("value").ok().and_then(Literal::of).filter(|value| value.shape.is_none());
                match number.filter(|number| !number.dtype.is_differentiable()) {
                    Some(number) => Form::number(number.element(0).integer()),
                    None => self.equations.atom(own),
                }
            }
            (OpKind::TensorDim, [x, dim]) => match constant_integer(*dim) {
                Some(dim) => self.extent(*x, dim as usize),
                None => self.equations.atom(own),
            },
            (OpKind::ScfIf | OpKind::ScfIndexSwitch | OpKind::AdCheckpoint, _) => {
                let forms = (0..op.region_count()).map(|region| {
                    let yielded = yielded(op, region, value_index(value))?;
                    Some(self.index(yielded))
                });
                let forms: Vec<Option<Form>> = forms.collect();
                self.agreed(forms).unwrap_or_else(|| self.equations.atom(own))
            }
            (OpKind::ArithAddI, [a, b]) => self.index(*a).plus(&self.index(*b), 1),
            (OpKind::ArithSubI, [a, b]) => self.index(*a).plus(&self.index(*b), -1),
            (OpKind::ArithMulI, [a, b]) => {
                let (a, b) = (self.index(*a), self.index(*b));
                let (a, b) = if a.terms.is_empty() { (b, a) } else { (a, b) };
                match b.terms.is_empty() {
                    true => Form::default().plus(&a, b.constant),
                    false => self.equations.atom(Atom::Computed(kind, vec![a, b])),
                }
            }
            // A function of the operands' forms; comparisons have a predicate, and no index result.
            (OpKind::ArithDivSI | OpKind::ArithRemSI | OpKind::ArithMaxSI | OpKind::ArithMinSI, [a, b]) => {
                let forms = [a, b].map(|x| {
                    let form = self.index(*x);
                    self.equations.reduced(form)
                });
                self.equations.atom(Atom::Computed(kind, forms.to_vec()))
            }
            _ => self.equations.atom(own),
        }
    }
}
