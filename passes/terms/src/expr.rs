//! Expressions over elementwise operations and variables, the language of derivative rules and rewrite rules.

use dp_dialects::attributes::Predicate;
use dp_dialects::{OpKind, Parameters};

/// An expression over elementwise operations.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A variable of a rule.
    Variable(String),
    /// A real literal. Its dtype follows from its position.
    Number(f64),
    /// An operation.
    Apply {
        /// The operation.
        kind: OpKind,
        /// The attributes.
        parameters: Parameters,
        /// The operands.
        arguments: Vec<Expr>,
    },
}

impl Expr {
    /// An operation without attributes.
    pub fn apply(kind: OpKind, arguments: Vec<Expr>) -> Expr {
        Expr::Apply { kind, parameters: Parameters::None, arguments }
    }

    /// A comparison.
    pub fn compare(predicate: Predicate, a: Expr, b: Expr) -> Expr {
        Expr::Apply { kind: OpKind::ScalarCompare, parameters: Parameters::Compare(predicate), arguments: vec![a, b] }
    }

    /// Whether any variable satisfies `test`.
    pub fn mentions(&self, test: &impl Fn(&str) -> bool) -> bool {
        match self {
            Expr::Variable(name) => test(name),
            Expr::Number(_) => false,
            Expr::Apply { arguments, .. } => arguments.iter().any(|argument| argument.mentions(test)),
        }
    }

    /// The distinct variables, in order of first occurrence.
    pub fn variables(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect_variables(&mut found);
        found
    }

    fn collect_variables<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Expr::Variable(name) if !found.contains(&name.as_str()) => found.push(name),
            Expr::Variable(_) | Expr::Number(_) => {}
            Expr::Apply { arguments, .. } => arguments.iter().for_each(|argument| argument.collect_variables(found)),
        }
    }
}
