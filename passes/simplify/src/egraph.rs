//! Equality saturation of a window of a program. Limits are in nodes and iterations, so results do not depend on the
//! machine.

use crate::ruleset::RuleSet;
use dp_dialects::{Number, OpKind};
use dp_terms::origin::has_check;
use dp_terms::{Dag, Facts, Graph, Interner, Node, NodeKind, Origin, Size};
use egg::{Analysis, DidMerge, EGraph, Id, Language};
use std::collections::{HashMap, HashSet};

/// The maximum number of iterations.
const ITERATIONS: usize = 8;

/// The maximum depth of patterns below their root.
const DEPTH: usize = 3;

/// The facts about a class.
pub struct FactsAnalysis {
    interner: Interner,
}

impl Analysis<Node> for FactsAnalysis {
    type Data = Facts;

    fn make(egraph: &mut EGraph<Node, Self>, node: &Node, id: Id) -> Facts {
        Facts::of(node, id, &egraph.analysis.interner, &|id| &egraph[id].data)
    }

    fn merge(&mut self, a: &mut Facts, b: Facts) -> DidMerge {
        let learnt = a.splat.is_none() && b.splat.is_some();
        let taught = a.splat.is_some() && b.splat.is_none();
        a.splat = a.splat.or(b.splat);
        // Ranges are not propagated upward: the bounds of recursive classes would creep.
        a.range = a.range.and(b.range);
        DidMerge(learnt, taught)
    }
}

/// The e-graph of a window of terms.
pub struct Window {
    /// The classes.
    pub egraph: EGraph<Node, FactsAnalysis>,
    /// The terms outside the window, by leaf number.
    pub leaves: Vec<Id>,
    classes: HashMap<Id, Id>,
    /// The origin of each class, by its id at creation: the first operation of the program among its terms, and among
    /// terms that rules rewrote to it.
    origins: Vec<u32>,
    /// The origin of classes created from now on.
    origin: Origin,
}

impl Graph for Window {
    fn interner(&self) -> &Interner {
        &self.egraph.analysis.interner
    }

    fn interner_mut(&mut self) -> &mut Interner {
        &mut self.egraph.analysis.interner
    }

    fn facts(&self, id: Id) -> &Facts {
        &self.egraph[id].data
    }

    fn nodes(&self, id: Id) -> &[Node] {
        &self.egraph[id].nodes
    }

    fn add(&mut self, mut node: Node) -> Id {
        node.update_children(|id| self.egraph.find(id));
        if node.kind().is_some_and(OpKind::is_commutative) {
            node.children.sort_unstable();
        }
        let new = self.origin.take(has_check(&*self, &node));
        let id = self.egraph.add(node);
        // Class ids are given in order.
        self.origins.resize((usize::from(id) + 1).max(self.origins.len()), new);
        let origin = &mut self.origins[usize::from(id)];
        *origin = new.min(*origin);
        id
    }

    fn find(&self, id: Id) -> Id {
        self.egraph.find(id)
    }
}

impl Window {
    /// Opens a window on terms of a graph, in topological order; `resolve` maps terms before the window to their
    /// replacements.
    ///
    /// The tables of parameters and types move into the window, until [`Window::close`] returns them.
    pub fn open(dag: &mut Dag, terms: &[Id], resolve: &dyn Fn(Id) -> Id) -> Window {
        let facts = FactsAnalysis { interner: std::mem::take(dag.interner_mut()) };
        let dag = &*dag;
        let (leaves, classes, origins) = Default::default();
        let mut window = Window { egraph: EGraph::new(facts), leaves, classes, origins, origin: Origin::default() };
        let inside: HashSet<Id> = terms.iter().copied().collect();
        for id in terms {
            let node = dag.node(*id).clone();
            window.origin = Origin::of(dag.origin_of(*id));
            if matches!(node.head, NodeKind::Value(_)) {
                window.border(dag, *id);
                continue;
            }
            let child = |id: Id| if inside.contains(&id) { id } else { resolve(id) };
            let children: Vec<Id> = node.children.iter().map(|id| child(*id)).collect();
            let children = children.into_iter().map(|id| window.border(dag, id)).collect();
            let class = window.add(Node { children, ..node });
            window.classes.insert(*id, class);
        }
        window.rebuild();
        window
    }

    /// Restores congruence.
    fn rebuild(&mut self) {
        self.egraph.rebuild();
        for number in 0..self.origins.len() {
            let class = usize::from(self.egraph.find(Id::from(number)));
            self.origins[class] = self.origins[class].min(self.origins[number]);
        }
    }

    /// The origin of a class.
    pub fn origin_of(&self, class: Id) -> u32 {
        self.origins[usize::from(self.egraph.find(class))]
    }

    /// Returns the tables to the graph; the result is the leaves.
    pub fn close(self, dag: &mut Dag) -> Vec<Id> {
        *dag.interner_mut() = self.egraph.analysis.interner;
        self.leaves
    }

    /// The class of a term of the window.
    pub fn class(&self, id: Id) -> Option<Id> {
        self.classes.get(&id).map(|id| self.egraph.find(*id))
    }

    /// The class of a term that may be outside the window: constants and operations that only move elements are
    /// included, others become leaves.
    fn border(&mut self, dag: &Dag, id: Id) -> Id {
        if let Some(class) = self.classes.get(&id) {
            return *class;
        }
        let node = dag.node(id);
        let user = std::mem::replace(&mut self.origin, Origin::of(dag.origin_of(id)));
        let class = if node.kind().is_some_and(is_transparent) {
            let children = node.children.iter().map(|id| self.border(dag, *id)).collect();
            self.add(Node { children, ..node.clone() })
        } else {
            self.leaf(dag, id)
        };
        self.origin = user;
        self.classes.insert(id, class);
        class
    }

    fn leaf(&mut self, dag: &Dag, id: Id) -> Id {
        let head = NodeKind::Value(self.leaves.len() as u32);
        self.leaves.push(id);
        let info = dag.facts(id);
        let parameters = self.interner_mut().parameters.intern(&dp_dialects::Parameters::None);
        let class = self.add(Node { head, parameters, r#type: info.r#type, children: Box::default() });
        let size = |window: &mut Window, size: &Size| match *size {
            Size::Term(term) => Size::Term(window.border(dag, term)),
            Size::Of(of, dim) if of != id => Size::Of(window.border(dag, of), dim),
            Size::Of(_, dim) => Size::Of(class, dim),
            known => known,
        };
        let sizes = info.sizes.iter().map(|known| size(self, known)).collect();
        self.egraph[class].data.sizes = sizes;
        class
    }

    /// Applies rules until nothing changes, there are `limit` nodes, or after `ITERATIONS` iterations.
    pub fn saturate(&mut self, rules: &RuleSet, limit: usize) {
        let mut before: HashMap<Id, (usize, Option<Number>)> = HashMap::new();
        for _ in 0..ITERATIONS {
            let mut classes: Vec<Id> = self.egraph.classes().map(|class| class.id).collect();
            classes.sort_unstable();
            let state = |window: &Window, id: Id| (window.egraph[id].nodes.len(), window.egraph[id].data.splat);
            let now: HashMap<Id, _> = classes.iter().map(|id| (*id, state(self, *id))).collect();
            let changed = classes.iter().filter(|id| before.get(id) != now.get(id)).copied().collect();
            let fresh = self.above(&classes, changed);
            if fresh.is_empty() {
                return;
            }
            before = now;
            let within = self.iterate(rules, &fresh, limit);
            self.rebuild();
            if !within {
                return;
            }
        }
    }

    /// Classes that changed, and those whose patterns can reach one that did.
    fn above(&self, classes: &[Id], mut changed: HashSet<Id>) -> Vec<Id> {
        for _ in 0..DEPTH {
            let sees = |id: &&Id| {
                let mut children = self.egraph[**id].nodes.iter().flat_map(|node| node.children.iter());
                children.any(|child| changed.contains(&self.egraph.find(*child)))
            };
            let above: Vec<Id> = classes.iter().filter(sees).copied().collect();
            changed.extend(above);
        }
        classes.iter().filter(|id| changed.contains(id)).copied().collect()
    }

    /// Applies every rule at every node of the classes in their current state; `false` if the limit was reached.
    fn iterate(&mut self, rules: &RuleSet, classes: &[Id], limit: usize) -> bool {
        for class in classes {
            let origin = self.origin_of(*class);
            for node in self.egraph[*class].nodes.clone() {
                self.origin = Origin::below(&node, origin, has_check(&*self, &node), |child| self.origin_of(child));
                for compiled in rules.at(&node) {
                    for equal in compiled.apply(self, &node, rules.fp) {
                        self.egraph.union(*class, equal);
                    }
                    if self.egraph.total_size() > limit {
                        return false;
                    }
                }
            }
        }
        true
    }
}

/// Terms that are free to recompute.
fn is_transparent(kind: dp_dialects::OpKind) -> bool {
    use dp_dialects::OpKind::*;
    matches!(kind, ScalarConstant | ArrayConstant | ArithConstant | ArrayBroadcast | ArrayIota)
}
