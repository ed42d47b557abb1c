//! [`Node`]: an operation of the term algebra, with terms as operands.

use dp_dialects::OpKind;
use egg::{Id, Language};

/// What stands at the top of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKind {
    /// An operation whose result depends on nothing but operands and parameters.
    Op(OpKind),
    /// A value from outside, by number: an argument of a block, a result of an
    /// operation that is opaque here (several results, regions, effects, or a
    /// dialect that we do not know), or a term beyond a window's border.
    Value(u32),
}

/// One operation of the term algebra. Parameters and result type are numbers of
/// entries of an [`Interner`](crate::Interner), so that nodes are small and hash fast;
/// dynamic extents are children, as they are operands in MLIR.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// What it is.
    pub head: NodeKind,
    /// Its attributes.
    pub parameters: u32,
    /// The type of its result.
    pub r#type: u32,
    /// Its operands, in the order of ODS.
    pub children: Box<[Id]>,
}

impl Node {
    /// The operation; `None` for a value from outside.
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
