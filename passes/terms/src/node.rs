//! [`Node`]: an operation of the term algebra whose operands are terms.

use dp_dialects::OpKind;
use egg::{Id, Language};

/// The head symbol of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKind {
    /// An operation whose only result depends on operands and parameters alone.
    Op(OpKind),
    /// A leaf, by index: a block argument, a result of an opaque operation (several results, regions, effects, or
    /// another dialect), or a term defined in another window.
    Value(u32),
}

/// One operation of the term algebra. Parameters and result type are indices into an [`Interner`](crate::Interner), so
/// that nodes are small and hash fast. Dynamic extents are children, as they are operands in MLIR.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// The operation, or a leaf.
    pub head: NodeKind,
    /// The attributes, as an index into [`Interner::parameters`](crate::Interner).
    pub parameters: u32,
    /// The result type, as an index into [`Interner::types`](crate::Interner).
    pub r#type: u32,
    /// The operands, in ODS order.
    pub children: Box<[Id]>,
}

impl Node {
    /// The operation; `None` for a leaf.
    pub fn kind(&self) -> Option<OpKind> {
        match self.head {
            NodeKind::Op(kind) => Some(kind),
            NodeKind::Value(_) => None,
        }
    }
}

impl Language for Node {
    type Discriminant = NodeKind;

    fn discriminant(&self) -> NodeKind {
        self.head
    }

    fn matches(&self, other: &Node) -> bool {
        (self.head, self.parameters, self.r#type, self.children.len())
            == (other.head, other.parameters, other.r#type, other.children.len())
    }

    fn children(&self) -> &[Id] {
        &self.children
    }

    fn children_mut(&mut self) -> &mut [Id] {
        &mut self.children
    }
}
