//! Facts about scalars and extents at a point of the program: constants, their consequences, and conditions that passed
//! checks imply.

use super::rules;
use dp_dialects::ir::{Op, Val, ValueMap, defining_op, key, operands, results};
use dp_dialects::{Literal, ValueType};
use melior::ir::ValueLike;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

/// The source of a scalar: two values with the same source are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// The value with this key.
    Value(usize),
    /// An extent of the tensor with this key.
    Extent(usize, usize),
}

/// An extent of a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Dim<'c> {
    /// A constant.
    Known(i64),
    /// An `index` value.
    Value(Val<'c>),
    /// The extent of another tensor about which nothing is known.
    Of(Val<'c>, usize),
}

/// The known facts.
#[derive(Default)]
pub(super) struct Facts<'c> {
    numbers: HashMap<Source, Literal>,
    /// The sources of values, if different from themselves.
    aliases: HashMap<usize, Source>,
    /// The extents of tensors, if more is known than from their types.
    shapes: ValueMap<Vec<Dim<'c>>>,
    /// Undo log of temporary facts, in order.
    before: Vec<Before<'c>>,
}

/// The previous fact about a source or value.
enum Before<'c> {
    /// The source was unknown.
    Assumed(Source),
    /// The facts about the value.
    Value(Val<'c>, Option<Literal>, Option<Source>, Option<Vec<Dim<'c>>>),
}

impl<'c> Facts<'c> {
    /// The source of a scalar.
    pub(super) fn source(&self, value: Val<'c>) -> Source {
        self.aliases.get(&key(value)).copied().unwrap_or(Source::Value(key(value)))
    }

    /// The constant, if known.
    pub(super) fn literal(&self, value: Val<'c>) -> Option<&Literal> {
        self.numbers.get(&self.source(value))
    }

    /// The integer or boolean, if known.
    pub(super) fn integer(&self, value: Val<'c>) -> Option<i64> {
        integer(self.literal(value)?)
    }

    /// An extent of a tensor, as far as known.
    pub(super) fn dim(&self, x: Val<'c>, dim: usize) -> Dim<'c> {
        let r#type = ValueType::of(x.r#type());
        if let Some(extent) = r#type.and_then(|r#type| r#type.extents().get(dim).copied().flatten()) {
            return Dim::Known(extent as i64);
        }
        let found = self.shapes.get(x).and_then(|shape| shape.get(dim).copied()).unwrap_or(Dim::Of(x, dim));
        self.known(found).map_or(found, Dim::Known)
    }

    /// The value of an extent, if known.
    pub(super) fn known(&self, dim: Dim<'c>) -> Option<i64> {
        match dim {
            Dim::Known(extent) => Some(extent),
            Dim::Value(value) => self.integer(value),
            Dim::Of(x, dim) => integer(self.numbers.get(&Source::Extent(key(x), dim))?),
        }
    }

    /// All extents of a tensor.
    pub(super) fn shape(&self, x: Val<'c>) -> Vec<Dim<'c>> {
        let rank = ValueType::of(x.r#type()).map_or(0, |r#type| r#type.rank());
        (0..rank).map(|dim| self.dim(x, dim)).collect()
    }

    /// Records the value of a scalar.
    pub(super) fn set(&mut self, value: Val<'c>, number: Literal) {
        self.numbers.insert(Source::Value(key(value)), number);
    }

    /// Records that a value is an extent.
    pub(super) fn set_extent(&mut self, value: Val<'c>, extent: Dim<'c>) {
        let source = match extent {
            Dim::Known(extent) => return self.set(value, rules::index(extent)),
            Dim::Value(other) => self.source(other),
            Dim::Of(x, dim) => Source::Extent(key(x), dim),
        };
        self.aliases.insert(key(value), source);
    }

    /// Records the extents of a tensor.
    pub(super) fn set_shape(&mut self, x: Val<'c>, shape: Vec<Dim<'c>>) {
        if ValueType::of(x.r#type()).is_some_and(|r#type| r#type.rank() == shape.len() && !r#type.is_static()) {
            self.shapes.insert(x, shape);
        }
    }

    /// Records that a value equals another one, or has at least the same extents.
    pub(super) fn same(&mut self, value: Val<'c>, other: Val<'c>) {
        match ValueType::of(value.r#type()) {
            Some(r#type) if r#type.is_tensor() => self.set_shape(value, self.shape(other)),
            Some(_) => match self.literal(other).cloned() {
                Some(number) => self.set(value, number),
                None => {
                    self.aliases.insert(key(value), self.source(other));
                }
            },
            None => {}
        }
    }

    /// Records that a value is one of several of its type: it has the facts that they share.
    pub(super) fn one_of(&mut self, value: Val<'c>, others: &[Val<'c>]) {
        let Some((first, rest)) = others.split_first() else { return };
        let Some(r#type) = ValueType::of(value.r#type()) else { return };
        if !r#type.is_tensor() {
            let number = self.literal(*first).cloned();
            if let Some(number) = number.filter(|number| rest.iter().all(|x| self.literal(*x) == Some(number))) {
                self.set(value, number);
            }
            return;
        }
        let agreed = |dim: usize| {
            let found = self.dim(*first, dim);
            if rest.iter().all(|x| self.dim(*x, dim) == found) { found } else { Dim::Of(value, dim) }
        };
        let shape = (0..r#type.rank()).map(agreed).collect();
        self.set_shape(value, shape);
    }

    /// Evaluates an operation.
    pub(super) fn learn(&mut self, op: Op<'c>) {
        for (position, value) in results(op).into_iter().enumerate() {
            match ValueType::of(value.r#type()) {
                Some(r#type) if r#type.is_static() && r#type.is_tensor() => {}
                Some(r#type) if r#type.is_tensor() => rules::shape(self, op, position, value),
                Some(r#type) => rules::number(self, op, value, &r#type),
                None => {}
            }
        }
    }

    /// Records what a checked condition implies: values that equal constants are known.
    pub(super) fn assume(&mut self, condition: Val<'c>) {
        let Some(op) = defining_op(condition) else { return };
        let of = operands(op);
        if rules::is_and(op) {
            of.into_iter().for_each(|part| self.assume(part));
            return;
        }
        let ([a, b], true) = (&of[..], rules::is_equality(op)) else { return };
        match (self.literal(*a), self.literal(*b)) {
            (None, Some(number)) => self.assume_number(*a, number.clone()),
            (Some(number), None) => self.assume_number(*b, number.clone()),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }

    /// Assumes the value of a scalar until [`Facts::forget`].
    pub(super) fn assume_number(&mut self, unknown: Val<'c>, number: Literal) {
        self.assume_source(self.source(unknown), number);
    }

    /// Assumes the value of a source until [`Facts::forget`].
    pub(super) fn assume_source(&mut self, source: Source, number: Literal) {
        if let Entry::Vacant(entry) = self.numbers.entry(source) {
            entry.insert(number);
            self.before.push(Before::Assumed(source));
        }
    }

    /// Assumes that two values are equal until [`Facts::forget`].
    pub(super) fn assume_same(&mut self, value: Val<'c>, other: Val<'c>) {
        let (number, alias) = (self.numbers.remove(&Source::Value(key(value))), self.aliases.remove(&key(value)));
        self.before.push(Before::Value(value, number, alias, self.shapes.remove(value)));
        self.same(value, other);
    }

    /// The current position in the undo log.
    pub(super) fn mark(&self) -> usize {
        self.before.len()
    }

    /// The values assumed since a position.
    pub(super) fn assumed(&self, mark: usize) -> Vec<(Source, Literal)> {
        let number = |before: &Before| match before {
            Before::Assumed(source) => Some((*source, self.numbers.get(source)?.clone())),
            Before::Value(..) => None,
        };
        self.before[mark..].iter().filter_map(number).collect()
    }

    /// Undoes assumptions since a position.
    pub(super) fn forget(&mut self, mark: usize) {
        while self.before.len() > mark {
            match self.before.pop() {
                Some(Before::Assumed(source)) => {
                    self.numbers.remove(&source);
                }
                Some(Before::Value(value, number, alias, shape)) => {
                    restore(&mut self.numbers, Source::Value(key(value)), number);
                    restore(&mut self.aliases, key(value), alias);
                    match shape {
                        Some(shape) => self.shapes.insert(value, shape),
                        None => self.shapes.remove(value),
                    };
                }
                None => {}
            }
        }
    }
}

fn restore<K: Eq + Hash, T>(map: &mut HashMap<K, T>, key: K, before: Option<T>) {
    match before {
        Some(before) => map.insert(key, before),
        None => map.remove(&key),
    };
}

/// A literal as an integer, if it is one.
fn integer(literal: &Literal) -> Option<i64> {
    (literal.shape.is_none() && !literal.dtype.is_differentiable()).then(|| literal.element(0).integer())
}
