//! Saturation of a whole program, window by window, in definition order.

use crate::egraph::Window;
use crate::extract::Extraction;
use crate::ruleset::RuleSet;
use dp_terms::emit::Replacement;
use dp_terms::{Cost, Dag, Graph, Node, Origin, cost};
use egg::{Id, Language};
use std::collections::HashSet;

/// A window has at most this many terms, and at most a fourth of the limit.
const WINDOW: usize = 1024;

/// What the operations of some terms cost together, those of their operands apart.
pub fn total(dag: &Dag, terms: impl IntoIterator<Item = Id>) -> Cost {
    terms.into_iter().map(|id| own(dag, dag.node(id))).fold(Cost::default(), Cost::plus)
}

fn own(dag: &Dag, node: &Node) -> Cost {
    cost::cost(node, dag.interner(), |index| dag.interner().types.get(dag.facts(node.children[index]).r#type))
}

/// Cheaper terms for the ones that are wanted, where rules lead to them within
/// e-graphs of `limit` nodes.
pub fn improve(dag: &mut Dag, roots: &[Id], rules: &RuleSet, limit: usize) -> Replacement {
    let live = dag.reachable(roots.iter().copied());
    let mut wanted: HashSet<Id> = roots.iter().copied().collect();
    let size = WINDOW.min(limit / 4).max(1);
    // What a later window uses, an earlier one must give.
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
            // What is not wanted outside is made where the program made it too, as long as it can be made there: checks
            // keep their order.
            let inner = within.iter().filter_map(|(id, class)| Some((*id, *made.get(class)?)));
            replacement.extend(inner.filter(|(id, new)| id != new && dag.depends_on(*new) <= dag.depends_on(*id)));
            replacement.extend(outputs.iter().zip(&classes).map(|(id, class)| (*id, made[class])));
        }
        _ => rebuild(dag, terms, replacement),
    }
}

/// The same terms over what now stands for those before them.
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
