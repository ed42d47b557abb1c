//! Saturation of a whole program, window by window, in definition order.

use crate::egraph::Window;
use crate::extract::Extraction;
use crate::ruleset::RuleSet;
use dp_terms::emit::Replacement;
use dp_terms::{Cost, Dag, Graph, Node, Origin, cost};
use egg::{Id, Language};
use std::collections::HashSet;

/// The maximum number of terms in a window; also at most a quarter of the node limit.
const WINDOW: usize = 1024;

/// The cost of terms without their operands.
pub fn total(dag: &Dag, terms: impl IntoIterator<Item = Id>) -> Cost {
    terms.into_iter().map(|id| own(dag, dag.node(id))).fold(Cost::default(), Cost::plus)
}

fn own(dag: &Dag, node: &Node) -> Cost {
    cost::cost(node, dag.interner(), |index| dag.interner().types.get(dag.facts(node.children[index]).r#type))
}

/// Replaces terms by cheaper ones that rules find in e-graphs of at most `limit` nodes.
pub fn improve(dag: &mut Dag, roots: &[Id], rules: &RuleSet, limit: usize) -> Replacement {
    let live = dag.reachable(roots.iter().copied());
    let mut wanted: HashSet<Id> = roots.iter().copied().collect();
    let size = WINDOW.min(limit / 4).max(1);
    // An earlier window must provide what a later one uses.
    for terms in live.chunks(size) {
        let first = terms[0];
        for id in terms {
            wanted.extend(dag.node(*id).children.iter().filter(|child| **child < first));
        }
    }
    let mut replacement = Replacement::new();
    for terms in live.chunks(size) {
        let outputs: Vec<Id> = terms.iter().filter(|id| wanted.contains(id)).copied().collect();
        window(dag, terms, &outputs, rules, limit, &mut replacement);
    }
    replacement
}

fn window(dag: &mut Dag, terms: &[Id], outputs: &[Id], rules: &RuleSet, limit: usize, replacement: &mut Replacement) {
    let before = terms.iter().map(|id| own(dag, dag.node(*id)).total()).fold(0, u64::saturating_add);
    let resolve = |id: Id| replacement.get(&id).copied().unwrap_or(id);
    let mut window = Window::open(dag, terms, &resolve);
    window.saturate(rules, limit);
    let classes: Vec<Id> = outputs.iter().filter_map(|id| window.class(*id)).collect();
    let plan = Extraction::new(&window).plan(&classes).filter(|plan| plan.cost < before);
    let within: Vec<(Id, Id)> = terms.iter().filter_map(|id| Some((*id, window.class(*id)?))).collect();
    let leaves = window.close(dag);
    match plan {
        Some(plan) if classes.len() == outputs.len() => {
            let made = plan.make(dag, &leaves);
            // Terms that are not live outside are also created at their original place if possible: checks keep their
            // order.
            let inner = within.iter().filter_map(|(id, class)| Some((*id, *made.get(class)?)));
            replacement.extend(inner.filter(|(id, new)| id != new && dag.depends_on(*new) <= dag.depends_on(*id)));
            replacement.extend(outputs.iter().zip(&classes).map(|(id, class)| (*id, made[class])));
        }
        _ => rebuild(dag, terms, replacement),
    }
}

/// The same terms over the replacements of earlier ones.
fn rebuild(dag: &mut Dag, terms: &[Id], replacement: &mut Replacement) {
    for id in terms {
        let node = dag.node(*id).clone();
        let children = |child| replacement.get(&child).copied().unwrap_or(child);
        let renewed = node.clone().map_children(children);
        if renewed != node {
            dag.origin = Origin::of(dag.origin_of(*id));
            let renewed = dag.add(renewed);
            replacement.insert(*id, renewed);
        }
    }
}
