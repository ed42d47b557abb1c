//! Integer linear forms `c + Σ cᵢ aᵢ` over atoms: unknown extents, and indices that are not linear. An equation
//! eliminates an atom with coefficient 1 or -1. Two forms are equal if their difference reduces to 0.

use dp_dialects::OpKind;
use std::collections::{BTreeMap, HashMap};

/// An opaque term of a form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Atom {
    /// The extent of a value along a dimension.
    Extent(usize, usize),
    /// An index.
    Index(usize),
    /// The result of an operation on indices.
    Computed(OpKind, Vec<Form>),
}

/// `c + Σ cᵢ aᵢ`, with atoms by number and nonzero coefficients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    pub(crate) constant: i64,
    pub(crate) terms: BTreeMap<usize, i64>,
}

impl Form {
    pub(crate) fn number(constant: i64) -> Form {
        Form { constant, terms: BTreeMap::new() }
    }

    pub(crate) fn plus(mut self, other: &Form, times: i64) -> Form {
        self.constant = self.constant.wrapping_add(other.constant.wrapping_mul(times));
        for (atom, factor) in &other.terms {
            let sum = self.terms.entry(*atom).or_default();
            *sum = sum.wrapping_add(factor.wrapping_mul(times));
        }
        self.terms.retain(|_, factor| *factor != 0);
        self
    }

    /// The form divided by the greatest common divisor of its coefficients, if that divides the constant: both are 0 for
    /// the same atoms.
    fn primitive(mut self) -> Form {
        let common = self.terms.values().fold(0, |common, factor| divisor(common, factor.unsigned_abs()));
        if let Some(common) = i64::try_from(common).ok().filter(|common| *common > 1 && self.constant % common == 0) {
            self.constant /= common;
            self.terms.values_mut().for_each(|factor| *factor /= common);
        }
        self
    }
}

/// The greatest common divisor.
fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// The known equations between atoms.
#[derive(Clone, Default)]
pub(crate) struct Equations {
    /// The number of each atom.
    atoms: HashMap<Atom, usize>,
    /// The forms of eliminated atoms.
    equal: BTreeMap<usize, Form>,
}

impl Equations {
    /// Adds an equation between two forms, which eliminates an atom.
    pub(crate) fn equate(&mut self, a: Form, b: Form) {
        let difference = self.reduced(a.plus(&b, -1)).primitive();
        // The newest atom is eliminated; the oldest ones are those of arguments.
        let Some((atom, factor)) =
            difference.terms.iter().rev().find(|(_, factor)| factor.abs() == 1).map(|(atom, factor)| (*atom, *factor))
        else {
            return;
        };
        let mut rest = difference;
        rest.terms.remove(&atom);
        let value = Form::default().plus(&rest, -factor);
        self.equal.insert(atom, value);
    }

    /// Whether two forms are equal.
    pub(crate) fn same(&self, a: &Form, b: &Form) -> bool {
        self.reduced(a.clone().plus(b, -1)) == Form::default()
    }

    /// The form with eliminated atoms replaced.
    pub(crate) fn reduced(&self, mut form: Form) -> Form {
        while let Some((atom, factor, value)) =
            form.terms.iter().rev().find_map(|(atom, factor)| Some((*atom, *factor, self.equal.get(atom)?)))
        {
            form.terms.remove(&atom);
            form = form.plus(value, factor);
        }
        form
    }

    /// The form of an atom alone.
    pub(crate) fn atom(&mut self, atom: Atom) -> Form {
        let next = self.atoms.len();
        let number = *self.atoms.entry(atom).or_insert(next);
        Form { constant: 0, terms: BTreeMap::from([(number, 1)]) }
    }
}
