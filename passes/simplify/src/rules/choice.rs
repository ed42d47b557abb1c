//! Comparison, select and predicates.

use crate::rule::Rule;
use crate::rule::Soundness::{Exact, Finite};
use dp_dialects::OpKind;
use dp_terms::{Graph, Node};
use egg::Id;

const ANY: &[(&str, crate::rule::Soundness)] = &[("fcib", Exact)];
const ORDERED: &[(&str, crate::rule::Soundness)] = &[("f", Finite), ("i", Exact)];

pub const RULES: &[Rule] = &[
    Rule::equation("select-same", "select(p, x, x) => x", ANY).normal(),
    Rule::equation("select-true", "select(1, a, b) => a", ANY).normal(),
    Rule::equation("select-false", "select(0, a, b) => b", ANY).normal(),
    Rule::equation("select-not", "select(not(p), a, b) => select(p, b, a)", ANY).normal(),
    Rule::equation("select-then", "select(p, select(p, a, b), c) => select(p, a, c)", ANY).normal(),
    Rule::equation("select-else", "select(p, a, select(p, b, c)) => select(p, a, c)", ANY).normal(),
    Rule::function("select-itself", "select(p, true, false) = p", &[OpKind::ScalarSelect], itself, &[("b", Exact)])
        .normal(),
    Rule::function(
        "select-complement",
        "select(p, false, true) = not p",
        &[OpKind::ScalarSelect],
        complement,
        &[("b", Exact)],
    )
    .normal(),
    Rule::equation("select-less", "select(a < b, a, b) => min(a, b)", ORDERED),
    Rule::equation("select-less-other", "select(a < b, b, a) => max(a, b)", ORDERED),
    Rule::equation("select-greater", "select(a > b, a, b) => max(a, b)", ORDERED),
    Rule::equation("select-greater-other", "select(a > b, b, a) => min(a, b)", ORDERED),
    Rule::elementwise(
        "of-selects",
        "f(select(p, a, b), select(p, c, d)) = select(p, f(a, c), f(b, d)); a constant matches a select",
        of_selects,
        ANY,
    ),
    Rule::equation("equal-self", "x == x => 1", &[("fc", Finite), ("ib", Exact)]).normal(),
    Rule::equation("unequal-self", "x != x => 0", &[("fc", Finite), ("ib", Exact)]).normal(),
    Rule::equation("less-self", "x < x => 0", &[("fi", Exact)]).normal(),
    Rule::equation("greater-self", "x > x => 0", &[("fi", Exact)]).normal(),
    Rule::equation("at-most-self", "x <= x => 1", ORDERED).normal(),
    Rule::equation("at-least-self", "x >= x => 1", ORDERED).normal(),
    Rule::equation("not-equal", "not(a == b) => a != b", ANY).normal(),
    Rule::equation("not-unequal", "not(a != b) => a == b", ANY).normal(),
    Rule::equation("not-less", "not(a < b) => a >= b", ORDERED).normal(),
    Rule::equation("not-at-most", "not(a <= b) => a > b", ORDERED).normal(),
    Rule::equation("not-greater", "not(a > b) => a <= b", ORDERED).normal(),
    Rule::equation("not-at-least", "not(a >= b) => a < b", ORDERED).normal(),
];

fn itself(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let holds = graph.is(node.children[1], 1.0) && graph.is(node.children[2], 0.0);
    holds.then_some(node.children[0])
}

fn complement(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let holds = graph.is(node.children[1], 0.0) && graph.is(node.children[2], 1.0);
    if holds { graph.scalar(OpKind::ScalarNot, vec![node.children[0]]) } else { None }
}

/// Useful if a branch vanishes or is constant: the e-graph decides.
fn of_selects(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let kind = node.kind()?;
    if kind == OpKind::ScalarSelect {
        return None;
    }
    let parameters = graph.parameters(node).clone();
    let mut predicate = None;
    let (mut then, mut otherwise) = (Vec::new(), Vec::new());
    for child in &node.children {
        if let Some(select) = graph.get(*child, OpKind::ScalarSelect) {
            if predicate.is_some_and(|predicate| !graph.same(predicate, select.children[0])) {
                return None;
            }
            predicate = Some(select.children[0]);
            then.push(select.children[1]);
            otherwise.push(select.children[2]);
        } else {
            graph.number(*child)?;
            then.push(*child);
            otherwise.push(*child);
        }
    }
    let r#type = graph.interner().types.get(node.r#type).clone();
    let then = graph.typed(kind, &parameters, then, &r#type);
    let otherwise = graph.typed(kind, &parameters, otherwise, &r#type);
    graph.scalar(OpKind::ScalarSelect, vec![predicate?, then, otherwise])
}
