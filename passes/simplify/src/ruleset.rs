//! The rules that a floating-point model admits, compiled and indexed by root operation.

use crate::pattern::Equation;
use crate::rule::{Admission, Applier, Form, Roots, Rule, Soundness};
use crate::rules;
use dp_dialects::{FloatModel, OpKind, ScalarType};
use dp_terms::{Graph, Node};
use egg::Id;
use std::collections::HashMap;

/// A compiled rule.
pub struct Compiled {
    /// Its row.
    pub rule: &'static Rule,
    action: Action,
}

enum Action {
    Equation(Box<Equation>),
    Function(Applier),
}

impl Compiled {
    /// Compiles a row.
    ///
    /// # Errors
    /// A description of the error in the row's text.
    pub fn of(rule: &'static Rule) -> Result<Compiled, String> {
        let action = match rule.form {
            Form::Equation(text) => Action::Equation(Box::new(Equation::parse(text)?)),
            Form::Function(_, apply) => Action::Function(apply),
        };
        Ok(Compiled { rule, action })
    }

    /// The terms that the rule makes equal to a node, each of the node's type.
    pub fn apply(&self, graph: &mut dyn Graph, node: &Node, fp: FloatModel) -> Vec<Id> {
        let dtype = graph.interner().types.get(node.r#type).dtype;
        let admission = |dtype| self.rule.admission(fp, dtype);
        let finite = |graph: &dyn Graph, ids: &[Id]| {
            ids.iter().all(|id| admission(graph.dtype(*id)) != Admission::Proved || graph.is_finite(*id))
        };
        let made = match &self.action {
            Action::Function(_) if admission(dtype) == Admission::Never => Vec::new(),
            Action::Function(_) if !finite(graph, &node.children) => Vec::new(),
            Action::Function(apply) => apply(graph, node).into_iter().collect(),
            Action::Equation(equation) => {
                let soundness = |dtype| self.rule.soundness(dtype).filter(|_| admission(dtype) != Admission::Never);
                let matches = equation.matches(graph, node, soundness);
                let holds = |bound: &Vec<Id>| {
                    finite(graph, bound) && self.rule.condition.is_none_or(|holds| holds(graph, bound))
                };
                let matches: Vec<_> = matches.into_iter().filter(holds).collect();
                // Exact rules check their constants themselves.
                let plain = |dtype| self.rule.soundness(dtype) != Some(Soundness::Exact);
                matches.iter().filter_map(|bound| equation.right(graph, bound, dtype, &plain)).collect::<Vec<_>>()
            }
        };
        let mut made = made;
        made.retain(|id| graph.facts(*id).r#type == node.r#type);
        made
    }
}

/// Rules by root operation.
pub struct RuleSet {
    /// The floating-point model.
    pub fp: FloatModel,
    by_root: HashMap<OpKind, Vec<Compiled>>,
}

impl RuleSet {
    /// The rules of the tables that satisfy a predicate.
    ///
    /// # Panics
    /// If a row is malformed; a test compiles all rows.
    pub fn new(fp: FloatModel, admitted: impl Fn(&Rule) -> bool) -> RuleSet {
        let mut by_root: HashMap<OpKind, Vec<Compiled>> = HashMap::new();
        let fires = |rule: &Rule| ScalarType::ALL.iter().any(|dtype| rule.admission(fp, *dtype) != Admission::Never);
        for rule in rules::all().filter(|rule| admitted(rule) && fires(rule)) {
            let compile = || Compiled::of(rule).unwrap_or_else(|error| panic!("rule '{}': {error}", rule.name));
            let roots: Vec<OpKind> = match (rule.form, compile().action) {
                (_, Action::Equation(equation)) => vec![equation.root],
                (Form::Function(Roots::Of(roots), _), _) => roots.to_vec(),
                _ => OpKind::ALL.iter().copied().filter(|kind| kind.is_elementwise()).collect(),
            };
            for root in roots {
                by_root.entry(root).or_default().push(compile());
            }
        }
        RuleSet { fp, by_root }
    }

    /// The rules that may apply to a node.
    pub fn at(&self, node: &Node) -> &[Compiled] {
        node.kind().and_then(|kind| self.by_root.get(&kind)).map_or(&[], Vec::as_slice)
    }
}
