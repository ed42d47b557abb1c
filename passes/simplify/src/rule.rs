//! [`Rule`]: a row of data that says when two terms are equal, and how equal.

use dp_dialects::{FloatModel, License, OpKind, ScalarType};
use dp_terms::{Graph, Node};
use egg::Id;

/// How equal the two sides of a rule are: its soundness class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Soundness {
    /// The same bits on all arguments: zeros by sign and infinities included;
    /// a NaN is a NaN.
    Exact,
    /// The same on all arguments, NaN and infinities included, but for rounding,
    /// the sign of zero, and overflow of what is computed on the way. A complex
    /// number with a part that is no finite number is only known to be such.
    Rounded,
    /// The same where the terms of an equation's variables, or the operands of a
    /// function's node, are finite; the sign of zero aside.
    Finite,
    /// The same over the real (or complex) numbers where the left side is defined.
    Real,
}

impl Soundness {
    /// All of them, the truest first.
    pub const ALL: [Soundness; 4] = [Soundness::Exact, Soundness::Rounded, Soundness::Finite, Soundness::Real];

    /// What a model must be licensed to do for a rule to fire.
    pub const fn licenses(self) -> &'static [License] {
        match self {
            Soundness::Exact => &[],
            Soundness::Rounded => &[License::Reorder, License::Round, License::ZeroSign, License::Range],
            Soundness::Finite => &[License::ZeroSign, License::AssumeFinite],
            Soundness::Real => &[License::Real],
        }
    }

    /// Whether a model admits rules of this class.
    pub fn admission(self, model: FloatModel) -> Admission {
        let lacking: Vec<License> = self.licenses().iter().copied().filter(|license| !model.may(*license)).collect();
        match lacking[..] {
            [] => Admission::Always,
            [License::AssumeFinite] => Admission::Proved,
            _ => Admission::Never,
        }
    }
}

/// When a model admits a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Wherever it matches.
    Always,
    /// Where the numbers that the rule speaks of are proved finite.
    Proved,
    /// Nowhere.
    Never,
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
    pub by_class: &'static [(&'static str, Soundness)],
    /// What must hold besides, of an equation.
    pub condition: Option<Condition>,
    /// Whether it always improves a term, and so belongs to the normal form;
    /// else the e-graph weighs both sides.
    pub normal: bool,
}

impl Rule {
    /// An equation between elementwise terms.
    pub const fn equation(
        name: &'static str,
        text: &'static str,
        by_class: &'static [(&'static str, Soundness)],
    ) -> Rule {
        Rule { name, doc: text, form: Form::Equation(text), by_class, condition: None, normal: false }
    }

    /// A rule at certain operations whose right side a function makes.
    pub const fn function(
        name: &'static str,
        doc: &'static str,
        roots: &'static [OpKind],
        apply: Applier,
        by_class: &'static [(&'static str, Soundness)],
    ) -> Rule {
        let form = Form::Function(Roots::Of(roots), apply);
        Rule { name, doc, form, by_class, condition: None, normal: false }
    }

    /// The same, at all elementwise operations.
    pub const fn elementwise(
        name: &'static str,
        doc: &'static str,
        apply: Applier,
        by_class: &'static [(&'static str, Soundness)],
    ) -> Rule {
        let form = Form::Function(Roots::Elementwise, apply);
        Rule { name, doc, form, by_class, condition: None, normal: false }
    }

    /// The same rule, part of the normal form.
    pub const fn normal(self) -> Rule {
        Rule { normal: true, ..self }
    }

    /// The same rule under a condition.
    pub const fn when(self, condition: Condition) -> Rule {
        Rule { condition: Some(condition), ..self }
    }

    /// How true the rule is on numbers of a type; `None` where it does not hold.
    pub fn soundness(&self, dtype: ScalarType) -> Option<Soundness> {
        let letter = match dtype {
            ScalarType::I1 => 'b',
            ScalarType::F16 | ScalarType::BF16 | ScalarType::F32 | ScalarType::F64 => 'f',
            ScalarType::Complex64 | ScalarType::Complex128 => 'c',
            ScalarType::I8 | ScalarType::I16 | ScalarType::I32 | ScalarType::I64 | ScalarType::Index => 'i',
        };
        self.by_class.iter().find(|(letters, _)| letters.contains(letter)).map(|(_, soundness)| *soundness)
    }

    /// When a model admits the rule on numbers of a type.
    pub fn admission(&self, model: FloatModel, dtype: ScalarType) -> Admission {
        self.soundness(dtype).map_or(Admission::Never, |soundness| soundness.admission(model))
    }
}
