//! Normal forms: the rules that always improve a term fire as it is made, on
//! operands that are in normal form already. What a rule makes is made in the
//! same way, so each term is a fixpoint of these rules, and a program of n
//! operations takes O(n) steps: every rule of the normal form decreases the
//! number of operations, or moves one toward the operands with fewer elements.

use crate::ruleset::RuleSet;
use dp_dialects::FloatModel;
use dp_terms::Dag;
use dp_terms::dag::Normalizer;
use std::rc::Rc;

/// What brings terms into normal form as they are made.
pub fn normalizer(fp: FloatModel) -> Normalizer {
    let rules = RuleSet::new(fp, |rule| rule.normal);
    Rc::new(move |dag: &mut Dag, node| {
        rules.at(node).iter().find_map(|compiled| compiled.apply(dag, node, rules.fp).first().copied())
    })
}
