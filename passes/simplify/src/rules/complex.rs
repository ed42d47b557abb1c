//! Complex numbers and their components.

use crate::rule::Rule;
use crate::rule::Soundness::{Exact, Rounded};

pub const RULES: &[Rule] = &[
    Rule::equation("real-complex", "real(complex(a, b)) => a", &[("f", Exact)]).normal(),
    Rule::equation("imag-complex", "imag(complex(a, b)) => b", &[("f", Exact)]).normal(),
    Rule::equation("complex-parts", "complex(real(z), imag(z)) => z", &[("c", Exact)]).normal(),
    Rule::equation("conj-conj", "conj(conj(z)) => z", &[("c", Exact)]).normal(),
    Rule::equation("conj-complex", "conj(complex(a, b)) => complex(a, -b)", &[("f", Exact)]).normal(),
    Rule::equation("real-conj", "real(conj(z)) => real(z)", &[("c", Exact)]).normal(),
    Rule::equation("imag-conj", "imag(conj(z)) => -imag(z)", &[("c", Exact)]).normal(),
    Rule::equation("real-neg", "real(-z) => -real(z)", &[("c", Exact)]).normal(),
    Rule::equation("imag-neg", "imag(-z) => -imag(z)", &[("c", Exact)]).normal(),
    Rule::equation("real-add", "real(a + b) => real(a) + real(b)", &[("c", Exact)]),
    Rule::equation("imag-add", "imag(a + b) => imag(a) + imag(b)", &[("c", Exact)]),
    Rule::equation("conj-mul", "conj(a) * conj(b) => conj(a * b)", &[("c", Rounded)]).normal(),
    Rule::equation("conj-add", "conj(a) + conj(b) => conj(a + b)", &[("c", Exact)]).normal(),
    Rule::equation("abs-conj", "abs(conj(z)) => abs(z)", &[("c", Exact)]).normal(),
];
