//! [`Rule`]: a row of data that says when two terms are equal, and how equal.

use dp_dialects::{DType, OpKind};
use dp_terms::{Graph, Node};
use egg::Id;

/// How equal the two sides of a rule are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// The same bits on all arguments: zeros by sign and infinities included;
    /// a NaN is a NaN.
    Exact,
    /// The same on finite numbers, the sign of zero aside.
    Finite,
    /// The same over the real (or complex) numbers where the left side is defined.
    Real,
}

/// The model of floating-point arithmetic that a user chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fp {
    /// What the program says, to the bit.
    Strict,
    /// What compilers of tensor programs commonly do: numbers are finite, the
    /// sign of zero does not matter.
    Default,
    /// Arithmetic of real numbers.
    Fast,
}

impl Fp {
    /// The model by name.
    pub fn from_name(name: &str) -> Option<Fp> {
        match name {
            "strict" => Some(Fp::Strict),
            "default" => Some(Fp::Default),
            "fast" => Some(Fp::Fast),
            _ => None,
        }
    }
}

/// Rewrites a node, given the graph in which it stands.
pub type Applier = fn(&mut dyn Graph, &Node) -> Option<Id>;

/// The operations at which a rule may apply.
#[derive(Clone, Copy, Debug)]
pub enum Roots {
    /// These.
    Of(&'static [OpKind]),
    /// All elementwise ones.
    Elementwise,
}

/// How a rule is written.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// `left => right` in the notation of [`dp_terms::syntax`].
    Equation(&'static str),
    /// A function, where parameters or extents are computed.
    Function(Roots, Applier),
}

/// A condition on the variables of an equation, in order of appearance.
pub type Condition = fn(&dyn Graph, &[Id]) -> bool;

/// Two terms that are equal.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name: of one rule only.
    pub name: &'static str,
    /// What it says, in words or mathematics.
    pub doc: &'static str,
    /// Its two sides.
    pub form: Form,
    /// How true it is on which numbers: `f` floats, `c` complex numbers, `i`
    /// integers, `b` booleans. It does not fire on others.
    pub truths: &'static [(&'static str, Truth)],
    /// What must hold besides, of an equation.
    pub condition: Option<Condition>,
    /// The models from this one on admit it; by default those that its truth says.
    pub from: Option<Fp>,
    /// Whether it always improves a term, and so belongs to the normal form;
    /// else the e-graph weighs both sides.
    pub normal: bool,
}

impl Rule {
    /// An equation between elementwise terms.
    pub const fn equation(name: &'static str, text: &'static str, truths: &'static [(&'static str, Truth)]) -> Rule {
        Rule { name, doc: text, form: Form::Equation(text), truths, condition: None, from: None, normal: false }
    }

    /// A rule at certain operations whose right side a function makes.
    pub const fn function(
        name: &'static str,
        doc: &'static str,
        roots: &'static [OpKind],
        apply: Applier,
        truths: &'static [(&'static str, Truth)],
    ) -> Rule {
        let form = Form::Function(Roots::Of(roots), apply);
        Rule { name, doc, form, truths, condition: None, from: None, normal: false }
    }

    /// The same, at all elementwise operations.
    pub const fn elementwise(
        name: &'static str,
        doc: &'static str,
        apply: Applier,
        truths: &'static [(&'static str, Truth)],
    ) -> Rule {
        let form = Form::Function(Roots::Elementwise, apply);
        Rule { name, doc, form, truths, condition: None, from: None, normal: false }
    }

    /// The same rule, part of the normal form.
    pub const fn normal(self) -> Rule {
        Rule { normal: true, ..self }
    }

    /// The same rule, admitted by the models from `from` on, whatever its truth.
    pub const fn from(self, from: Fp) -> Rule {
        Rule { from: Some(from), ..self }
    }

    /// The same rule under a condition.
    pub const fn when(self, condition: Condition) -> Rule {
        Rule { condition: Some(condition), ..self }
    }

    /// How true the rule is on numbers of a type; `None` where it does not hold.
    pub fn truth(&self, dtype: DType) -> Option<Truth> {
        let letter = match dtype {
            DType::I1 => 'b',
            _ if dtype.is_float() => 'f',
            _ if dtype.is_complex() => 'c',
            _ => 'i',
        };
        self.truths.iter().find(|(letters, _)| letters.contains(letter)).map(|(_, truth)| *truth)
    }

    /// Whether a model admits the rule on numbers of a type.
    pub fn fires(&self, fp: Fp, dtype: DType) -> bool {
        let Some(truth) = self.truth(dtype) else { return false };
        let from = self.from.unwrap_or(match truth {
            Truth::Exact => Fp::Strict,
            Truth::Finite => Fp::Default,
            Truth::Real => Fp::Fast,
        });
        // A rule that is exact on some types is so whatever `from` says of others.
        truth == Truth::Exact || fp >= from
    }
}
