//! [`Dag`]: hash-consed terms, normalized when they are created.

use crate::facts::Facts;
use crate::graph::Graph;
use crate::interner::Interner;
use crate::node::{Node, NodeKind};
use crate::origin::{Origin, has_check};
use dp_dialects::{OpKind, ValueType};
use egg::Id;
use std::collections::HashMap;
use std::rc::Rc;

/// Rewrites a node whose children are in normal form; `None` if no rule fires.
pub type Normalizer = Rc<dyn Fn(&mut Dag, &Node) -> Option<Id>>;

/// Hash-consed terms. Children precede parents, so ids are in topological order. Structurally equal terms share one id,
/// which is common-subexpression elimination by construction.
pub struct Dag {
    nodes: Vec<Node>,
    infos: Vec<Facts>,
    origins: Vec<u32>,
    depends: Vec<u32>,
    index: HashMap<Node, Id>,
    interner: Interner,
    normalizer: Option<Normalizer>,
    /// The origin of terms that are created from now on.
    pub origin: Origin,
}

impl Dag {
    /// An empty graph. `normalizer` rewrites terms as they are created.
    pub fn new(normalizer: Option<Normalizer>) -> Dag {
        let (nodes, infos, origins, depends) = Default::default();
        let (index, interner) = Default::default();
        Dag { nodes, infos, origins, depends, index, interner, normalizer, origin: Origin::default() }
    }

    /// Leaf `number`. It has no operation of the program as its origin.
    pub fn value(&mut self, number: u32, r#type: &ValueType) -> Id {
        let origin = std::mem::replace(&mut self.origin, Origin::of(u32::MAX));
        let parameters = self.interner.parameters.intern(&dp_dialects::Parameters::None);
        let r#type = self.interner.types.intern(r#type);
        let id = self.add(Node { head: NodeKind::Value(number), parameters, r#type, children: Box::default() });
        self.origin = origin;
        id
    }

    /// The number of terms.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no terms.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The node of a term.
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[usize::from(id)]
    }

    /// The index of the operation that a term comes from.
    pub fn origin_of(&self, id: Id) -> u32 {
        self.origins[usize::from(id)]
    }

    /// How many leaves must be defined before a term can be computed: one more than the greatest index of a leaf that
    /// it depends on; 0 if it depends on none.
    pub fn depends_on(&self, id: Id) -> u32 {
        self.depends[usize::from(id)]
    }

    /// The transitive operands of `roots`, the roots included, children before parents.
    pub fn reachable(&self, roots: impl IntoIterator<Item = Id>) -> Vec<Id> {
        let mut seen = vec![false; self.nodes.len()];
        let mut stack: Vec<Id> = roots.into_iter().collect();
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut seen[usize::from(id)], true) {
                stack.extend(self.node(id).children.iter().copied());
            }
        }
        (0..seen.len()).filter(|id| seen[*id]).map(Id::from).collect()
    }
}

impl Graph for Dag {
    fn interner(&self) -> &Interner {
        &self.interner
    }

    fn interner_mut(&mut self) -> &mut Interner {
        &mut self.interner
    }

    fn facts(&self, id: Id) -> &Facts {
        &self.infos[usize::from(id)]
    }

    fn nodes(&self, id: Id) -> &[Node] {
        std::slice::from_ref(self.node(id))
    }

    fn add(&mut self, mut node: Node) -> Id {
        if node.kind().is_some_and(OpKind::is_commutative) {
            node.children.sort_unstable();
        }
        if let Some(id) = self.index.get(&node) {
            return *id;
        }
        let has_check = has_check(self, &node);
        let origin = self.origin.take(has_check);
        if let Some(normalizer) = self.normalizer.clone() {
            let replaced = Origin::below(&node, origin, has_check, |id| self.origin_of(id));
            let outer = std::mem::replace(&mut self.origin, replaced);
            let normal = normalizer(self, &node);
            self.origin = outer;
            if let Some(id) = normal {
                self.index.insert(node, id);
                return id;
            }
        }
        let id = Id::from(self.nodes.len());
        let info = Facts::of(&node, id, &self.interner, &|id| &self.infos[usize::from(id)]);
        let depends = match node.head {
            NodeKind::Value(number) => number + 1,
            NodeKind::Op(_) => node.children.iter().map(|child| self.depends_on(*child)).max().unwrap_or(0),
        };
        self.infos.push(info);
        self.origins.push(origin);
        self.depends.push(depends);
        self.index.insert(node.clone(), id);
        self.nodes.push(node);
        id
    }

    fn find(&self, id: Id) -> Id {
        id
    }
}
