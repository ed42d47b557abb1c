//! [`Rule`]: a rewrite rule as data, with its soundness.

use dp_dialects::{FloatModel, License, OpKind, ScalarType};
use dp_terms::{Graph, Node};
use egg::Id;

/// The soundness class of a rule: how far its sides agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Soundness {
    /// The same bits for all arguments, including infinities and the sign of zero. NaN payloads are ignored.
    Exact,
    /// The same for all arguments, including NaN and infinities, except for rounding, the sign of zero, and overflow of
    /// intermediate results. For complex numbers, both sides are finite or neither is.
    Rounded,
    /// The same, except for the sign of zero, if the variables of an equation or the operands of the root are finite.
    Finite,
    /// The same over the real (or complex) numbers, where the left side is defined.
    Real,
}

impl Soundness {
    /// All classes, the strongest first.
    pub const ALL: [Soundness; 4] = [Soundness::Exact, Soundness::Rounded, Soundness::Finite, Soundness::Real];

    /// The licenses that a model needs for a rule to fire.
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

/// The condition under which a model admits a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Always.
    Always,
    /// If the values in question are proved finite.
    Proved,
    /// Never.
    Never,
}

/// Rewrites a node of a graph.
pub type Applier = fn(&mut dyn Graph, &Node) -> Option<Id>;

/// The operations at which a rule may apply.
#[derive(Clone, Copy, Debug)]
pub enum Roots {
    /// The listed ones.
    Of(&'static [OpKind]),
    /// All elementwise ones.
    Elementwise,
}

/// The form of a rule.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// `left => right` in the notation of [`dp_terms::syntax`].
    Equation(&'static str),
    /// A function, for rules that compute parameters or extents.
    Function(Roots, Applier),
}

/// A condition on the variables of an equation, in order of appearance.
pub type Condition = fn(&dyn Graph, &[Id]) -> bool;

/// A rewrite rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its unique name.
    pub name: &'static str,
    /// A description, in words or formulas.
    pub doc: &'static str,
    /// Its two sides.
    pub form: Form,
    /// The soundness by class of element types: `f` floats, `c` complex numbers, `i` integers, `b` booleans. The rule
    /// does not fire on other types.
    pub by_class: &'static [(&'static str, Soundness)],
    /// A condition on the variables of an equation.
    pub condition: Option<Condition>,
    /// Whether it always improves a term and belongs to the normal form; otherwise the e-graph weighs both sides.
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

    /// A rule whose right side is made by a function, at the given operations.
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

    /// A rule whose right side is made by a function, at all elementwise operations.
    pub const fn elementwise(
        name: &'static str,
        doc: &'static str,
        apply: Applier,
        by_class: &'static [(&'static str, Soundness)],
    ) -> Rule {
        let form = Form::Function(Roots::Elementwise, apply);
        Rule { name, doc, form, by_class, condition: None, normal: false }
    }

    /// Makes the rule part of the normal form.
    pub const fn normal(self) -> Rule {
        Rule { normal: true, ..self }
    }

    /// Adds a condition.
    pub const fn when(self, condition: Condition) -> Rule {
        Rule { condition: Some(condition), ..self }
    }

    /// The soundness on an element type; `None` if the rule does not apply.
    pub fn soundness(&self, dtype: ScalarType) -> Option<Soundness> {
        let letter = match dtype {
            ScalarType::I1 => 'b',
            ScalarType::F16 | ScalarType::BF16 | ScalarType::F32 | ScalarType::F64 => 'f',
            ScalarType::Complex64 | ScalarType::Complex128 => 'c',
            ScalarType::I8 | ScalarType::I16 | ScalarType::I32 | ScalarType::I64 | ScalarType::Index => 'i',
        };
        self.by_class.iter().find(|(letters, _)| letters.contains(letter)).map(|(_, soundness)| *soundness)
    }

    /// The condition under which a model admits the rule on an element type.
    pub fn admission(&self, model: FloatModel, dtype: ScalarType) -> Admission {
        self.soundness(dtype).map_or(Admission::Never, |soundness| soundness.admission(model))
    }
}
