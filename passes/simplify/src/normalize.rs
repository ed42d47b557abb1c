//! Normal forms. Rules that always improve a term fire when it is created, on operands that are already in normal form.
//! The results of rules are created in the same way, so each term is a fixpoint of these rules. A program of n
//! operations takes O(n) steps: every normal-form rule removes an operation, or moves one toward operands with fewer
//! elements.

use crate::ruleset::RuleSet;
use dp_dialects::FloatModel;
use dp_terms::Dag;
use dp_terms::dag::Normalizer;
use std::rc::Rc;

/// Brings terms into normal form when they are created.
pub fn normalizer(fp: FloatModel) -> Normalizer {
    let rules = RuleSet::new(fp, |rule| rule.normal);
    Rc::new(move |dag: &mut Dag, node| {
        rules.at(node).iter().find_map(|compiled| compiled.apply(dag, node, rules.fp).first().copied())
    })
}
