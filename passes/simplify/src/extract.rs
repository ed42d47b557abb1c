//! Extraction: chooses one node from each class, by the cost of the resulting DAG, in which shared nodes count once.

use crate::egraph::Window;
use dp_terms::{Dag, Graph, Node, NodeKind, Origin, cost};
use egg::{Id, Language};
use std::collections::HashMap;

/// The maximum number of rounds; choices settle after a few.
const ROUNDS: usize = 16;

/// A set of classes.
#[derive(Clone, Debug, Default, PartialEq)]
struct Classes(Vec<u64>);

impl Classes {
    fn contains(&self, index: usize) -> bool {
        self.0[index / 64] >> (index % 64) & 1 == 1
    }

    fn insert(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }

    fn union(&mut self, other: &Classes) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(word, bits)| {
            let mut bits = *bits;
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
                bits &= bits - 1;
                Some(word * 64 + bit)
            })
        })
    }
}

/// A chosen node, its own cost, and the classes it needs, including its own.
#[derive(Clone)]
struct Choice {
    node: Node,
    own: u64,
    total: u64,
    needs: Classes,
}

/// The chosen node of each class.
pub struct Extraction<'a> {
    window: &'a Window,
    ids: Vec<Id>,
    index: HashMap<Id, usize>,
    choices: Vec<Option<Choice>>,
}

/// The choice for a class.
struct Chosen {
    class: Id,
    node: Node,
    origin: u32,
}

/// The chosen nodes in topological order, with their classes.
pub struct ExtractionPlan {
    nodes: Vec<Chosen>,
    /// The total cost.
    pub cost: u64,
}

impl ExtractionPlan {
    /// Creates the terms and returns them by class. `leaves` are those of the window.
    pub fn make(self, dag: &mut Dag, leaves: &[Id]) -> HashMap<Id, Id> {
        let mut made = HashMap::new();
        for Chosen { class, node, origin } in self.nodes {
            dag.origin = Origin::of(origin);
            let id = match node.head {
                NodeKind::Value(number) => leaves[number as usize],
                NodeKind::Op(_) => dag.add(node.map_children(|child| made[&child])),
            };
            made.insert(class, id);
        }
        made
    }
}

/// The cost of a node without its children.
fn own_cost(window: &Window, node: &Node) -> u64 {
    let child = |index: usize| window.interner().types.get(window.facts(node.children[index]).r#type);
    cost::cost(node, window.interner(), child).total()
}

impl<'a> Extraction<'a> {
    /// Chooses a node for every class, bottom up: of the nodes whose children have a choice, the one with the cheapest
    /// DAG.
    pub fn new(window: &'a Window) -> Extraction<'a> {
        let mut ids: Vec<Id> = window.egraph.classes().map(|class| class.id).collect();
        ids.sort_unstable();
        let index = ids.iter().enumerate().map(|(position, id)| (*id, position)).collect();
        let choices = vec![None; ids.len()];
        let mut extraction = Extraction { window, ids, index, choices };
        for _ in 0..ROUNDS {
            let mut changed = false;
            for position in 0..extraction.ids.len() {
                changed |= extraction.choose(position, extraction.ids[position]);
            }
            if !changed {
                break;
            }
        }
        extraction
    }

    fn position(&self, id: Id) -> usize {
        self.index[&self.window.egraph.find(id)]
    }

    fn choose(&mut self, position: usize, id: Id) -> bool {
        let nodes = self.window.egraph[id].nodes.iter();
        let best = nodes.filter_map(|node| self.candidate(position, node)).min_by_key(|choice| choice.total);
        let Some(best) = best else { return false };
        let settled = |old: &Choice| old.node == best.node && old.total == best.total && old.needs == best.needs;
        if self.choices[position].as_ref().is_some_and(settled) {
            return false;
        }
        self.choices[position] = Some(best);
        true
    }

    fn candidate(&self, position: usize, node: &Node) -> Option<Choice> {
        let mut needs = Classes(vec![0; self.choices.len().div_ceil(64)]);
        for child in &node.children {
            needs.union(&self.choices[self.position(*child)].as_ref()?.needs);
        }
        if needs.contains(position) {
            return None;
        }
        let own = own_cost(self.window, node);
        let total = self.sum(&needs).saturating_add(own);
        needs.insert(position);
        Some(Choice { node: node.clone(), own, total, needs })
    }

    fn sum(&self, classes: &Classes) -> u64 {
        let own = |position: usize| self.choices[position].as_ref().map_or(0, |choice| choice.own);
        classes.iter().map(own).fold(0, u64::saturating_add)
    }

    /// The chosen nodes for some classes and everything they need; `None` if late choices created a cycle.
    pub fn plan(&self, wanted: &[Id]) -> Option<ExtractionPlan> {
        let mut plan = ExtractionPlan { nodes: Vec::new(), cost: 0 };
        // Whether a class is complete, or still on the path from the root.
        let mut state: HashMap<usize, bool> = HashMap::new();
        let mut stack: Vec<(usize, bool)> = wanted.iter().rev().map(|id| (self.position(*id), false)).collect();
        while let Some((position, done)) = stack.pop() {
            let choice = self.choices[position].as_ref()?;
            if done {
                state.insert(position, true);
                plan.cost = plan.cost.saturating_add(choice.own);
                let node = choice.node.clone().map_children(|child| self.window.egraph.find(child));
                let class = self.ids[position];
                plan.nodes.push(Chosen { class, node, origin: self.window.origin_of(class) });
                continue;
            }
            match state.get(&position) {
                Some(true) => continue,
                Some(false) => return None,
                None => {}
            }
            state.insert(position, false);
            stack.push((position, true));
            let below = choice.node.children.iter().rev().map(|child| self.position(*child));
            stack.extend(below.filter(|child| state.get(child) != Some(&true)).map(|child| (child, false)));
        }
        Some(plan)
    }
}
