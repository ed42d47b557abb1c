//! Accumulation of cotangents during transposition.

use dp_dialects::ir::{Val, ValueMap};

/// The cotangent of a linear value, as far as it has been accumulated.
#[derive(Clone, Copy, Debug)]
pub enum Acc<'c> {
    /// Nothing yet: zero, and nothing is emitted for it.
    None,
    /// A value that may have other uses.
    Value(Val<'c>),
    /// A tensor that only its next accumulation uses, so that writing into a
    /// part of it is done in place after bufferization.
    Slot(Val<'c>),
}

impl<'c> Acc<'c> {
    /// What has been accumulated, if anything.
    pub fn value(self) -> Option<Val<'c>> {
        match self {
            Acc::None => None,
            Acc::Value(value) | Acc::Slot(value) => Some(value),
        }
    }
}

/// The cotangents of linear values.
#[derive(Default)]
pub struct Cotangents<'c>(ValueMap<Acc<'c>>);

impl<'c> Cotangents<'c> {
    /// What has been accumulated for a value.
    pub fn get(&self, of: Val<'c>) -> Acc<'c> {
        self.0.get(of).copied().unwrap_or(Acc::None)
    }

    /// Takes what has been accumulated for a value, which is complete.
    pub fn take(&mut self, of: Val<'c>) -> Option<Val<'c>> {
        self.0.remove(of).and_then(Acc::value)
    }

    /// Replaces what has been accumulated for a value.
    pub fn set(&mut self, of: Val<'c>, acc: Acc<'c>) {
        self.0.insert(of, acc);
    }
}
