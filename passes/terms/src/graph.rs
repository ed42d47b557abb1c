//! [`Graph`]: the interface of rewrite rules to terms, implemented by DAGs (one node per term) and e-graphs (an e-class
//! of equal e-nodes).

use crate::facts::{Facts, Size};
use crate::interner::Interner;
use crate::node::{Node, NodeKind};
use dp_dialects::ops::infer;
use dp_dialects::parameters::{DotDims, Start};
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};
use egg::Id;

/// A graph of terms.
pub trait Graph {
    /// The tables of parameters and types.
    fn interner(&self) -> &Interner;
    /// The tables, mutably.
    fn interner_mut(&mut self) -> &mut Interner;
    /// The facts of a term.
    fn facts(&self, id: Id) -> &Facts;
    /// The nodes that are equal to a term: one in a DAG, an e-class in an e-graph.
    fn nodes(&self, id: Id) -> &[Node];
    /// Adds a node and returns its term.
    fn add(&mut self, node: Node) -> Id;
    /// The canonical id of a term's e-class; the term itself in a DAG.
    fn find(&self, id: Id) -> Id;
}

/// Reading terms.
impl dyn Graph + '_ {
    /// Whether two terms are known to be equal.
    pub fn same(&self, a: Id, b: Id) -> bool {
        self.find(a) == self.find(b)
    }

    /// The type of a term.
    pub fn type_of(&self, id: Id) -> &ValueType {
        self.interner().types.get(self.facts(id).r#type)
    }

    /// The element type of a term.
    pub fn dtype(&self, id: Id) -> ScalarType {
        self.type_of(id).dtype
    }

    /// The parameters of a node.
    pub fn parameters(&self, node: &Node) -> &Parameters {
        self.interner().parameters.get(node.parameters)
    }

    /// The first node of the given kind that is equal to a term.
    pub fn get(&self, id: Id, kind: OpKind) -> Option<Node> {
        self.nodes(id).iter().find(|node| node.head == NodeKind::Op(kind)).cloned()
    }

    /// The value of all elements of a term, if it is a splat constant.
    pub fn number(&self, id: Id) -> Option<Number> {
        self.facts(id).splat
    }

    /// Whether all elements of a term are exactly `value`; a zero of either sign equals 0.
    pub fn is(&self, id: Id, value: f64) -> bool {
        self.number(id).is_some_and(|number| number.is(value))
    }

    /// Whether no element of a term is NaN or infinite: it has an integer type, or its range proves it.
    pub fn is_finite(&self, id: Id) -> bool {
        let dtype = self.dtype(id);
        let known = || self.number(id).is_some_and(|number| number.complex().is_finite());
        !(dtype.is_float() || dtype.is_complex()) || self.facts(id).range.is_finite() || known()
    }

    /// The extents of a term.
    pub fn sizes(&self, id: Id) -> &[Size] {
        &self.facts(id).sizes
    }

    /// The extents of a node's result; `None` if they do not follow from its operands.
    pub fn sizes_of(&self, node: &Node) -> Option<Vec<Size>> {
        let own = Id::from(u32::MAX as usize);
        let sizes = Facts::of(node, own, self.interner(), &|id| self.facts(id)).sizes;
        let told = |size: &Size| !matches!(size, Size::Of(id, _) if *id == own);
        sizes.iter().all(told).then(|| sizes.to_vec())
    }

    /// Whether two extents are known to be equal.
    pub fn same_size(&self, a: Size, b: Size) -> bool {
        match (a, b) {
            (Size::Known(a), Size::Known(b)) => a == b,
            (Size::Term(a), Size::Term(b)) => self.same(a, b),
            (Size::Of(a, i), Size::Of(b, j)) => i == j && self.same(a, b),
            _ => false,
        }
    }

    /// Whether two terms are known to have the same extents.
    pub fn same_sizes(&self, a: Id, b: Id) -> bool {
        let (a, b) = (self.sizes(a), self.sizes(b));
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.same_size(*a, *b))
    }

    /// The operand of a broadcast, and the result dimensions that its dimensions become. A splat is the broadcast of a
    /// scalar.
    pub fn broadcast_of(&self, id: Id) -> Option<(Id, Vec<usize>)> {
        let node = self.get(id, OpKind::ArrayBroadcast)?;
        let Parameters::Broadcast(dims) = self.parameters(&node) else { return None };
        Some((node.children[0], dims.clone()))
    }

    /// The operand and permutation of a transpose.
    pub fn transpose_of(&self, id: Id) -> Option<(Id, Vec<usize>)> {
        let node = self.get(id, OpKind::ArrayTranspose)?;
        let Parameters::Permutation(permutation) = self.parameters(&node) else { return None };
        Some((node.children[0], permutation.clone()))
    }

    /// A term as a constant of at most `most` elements.
    pub fn literal_of(&self, id: Id, most: u64) -> Option<Literal> {
        let constants = [OpKind::ScalarConstant, OpKind::ArrayConstant, OpKind::ArithConstant];
        let node = constants.into_iter().find_map(|kind| self.get(id, kind));
        if let Some(Parameters::Constant(literal)) = node.map(|node| self.parameters(&node)) {
            return Some(literal.clone()).filter(|literal| literal.len() as u64 <= most);
        }
        let r#type = self.type_of(id);
        let shape: Vec<u64> = r#type.extents().iter().copied().collect::<Option<_>>()?;
        let small = r#type.count().is_some_and(|count| count <= most);
        self.number(id).filter(|_| small).map(|value| Literal::splat(r#type.dtype, shape, value))
    }

    /// The operands and dimensions of a dot.
    pub fn dot_of(&self, id: Id) -> Option<(Id, Id, DotDims)> {
        let node = self.get(id, OpKind::ArrayDot)?;
        let Parameters::Dot(dims) = self.parameters(&node) else { return None };
        Some((node.children[0], node.children[1], dims.clone()))
    }
}

/// Construction of terms. `None` if operands and parameters do not type-check, so that a rule whose right side has no
/// type does not fire.
impl dyn Graph + '_ {
    /// An operation with the given result type.
    pub fn typed(&mut self, kind: OpKind, parameters: &Parameters, children: Vec<Id>, r#type: &ValueType) -> Id {
        let parameters = self.interner_mut().parameters.intern(parameters);
        let r#type = self.interner_mut().types.intern(r#type);
        self.add(Node { head: NodeKind::Op(kind), parameters, r#type, children: children.into() })
    }

    /// An operation whose result type is inferred from its operands.
    pub fn apply(&mut self, kind: OpKind, parameters: &Parameters, children: Vec<Id>) -> Option<Id> {
        let types: Vec<ValueType> = children.iter().map(|id| self.type_of(*id).clone()).collect();
        let r#type = infer(kind, &types, parameters).ok()?;
        Some(self.typed(kind, parameters, children, &r#type))
    }

    /// An elementwise operation without attributes.
    pub fn scalar(&mut self, kind: OpKind, children: Vec<Id>) -> Option<Id> {
        self.apply(kind, &Parameters::None, children)
    }

    /// A constant.
    pub fn literal(&mut self, literal: Literal) -> Id {
        let r#type = literal.value_type();
        let kind = match (literal.shape.is_some(), literal.dtype) {
            (true, _) => OpKind::ArrayConstant,
            (false, ScalarType::Index) => OpKind::ArithConstant,
            (false, _) => OpKind::ScalarConstant,
        };
        self.typed(kind, &Parameters::Constant(literal), Vec::new(), &r#type)
    }

    /// An index constant.
    pub fn index(&mut self, value: i64) -> Id {
        self.literal(Literal::number(ScalarType::Index, Number::Integer(value)))
    }

    /// The index term of an extent.
    pub fn extent(&mut self, size: Size) -> Id {
        match size {
            Size::Known(extent) => self.index(extent as i64),
            Size::Term(id) => id,
            Size::Of(id, dim) => {
                let dim = self.index(dim as i64);
                self.typed(OpKind::TensorDim, &Parameters::None, vec![id, dim], &ValueType::number(ScalarType::Index))
            }
        }
    }

    /// The index operands of an operation with the given result type: one for each dynamic extent.
    pub fn extents(&mut self, r#type: &ValueType, sizes: &[Size]) -> Vec<Id> {
        r#type.dynamic_dimensions().map(|dim| self.extent(sizes[dim])).collect()
    }

    /// A broadcast to a type with the given extents.
    pub fn broadcast(&mut self, x: Id, dims: Vec<usize>, r#type: &ValueType, sizes: &[Size]) -> Id {
        if !r#type.is_tensor() {
            return x;
        }
        let mut children = vec![x];
        children.extend(self.extents(r#type, sizes));
        self.typed(OpKind::ArrayBroadcast, &Parameters::Broadcast(dims), children, r#type)
    }

    /// A splat of `value`, of type `dtype` and the shape of `like`.
    pub fn splat_like(&mut self, value: Number, dtype: ScalarType, like: Id) -> Id {
        let r#type = self.type_of(like).with_dtype(dtype);
        let sizes = self.facts(like).sizes.clone();
        let number = self.literal(Literal::number(dtype, value));
        self.broadcast(number, Vec::new(), &r#type, &sizes)
    }

    /// A transpose; the operand itself if the permutation is the identity.
    pub fn transpose(&mut self, x: Id, permutation: Vec<usize>) -> Option<Id> {
        if permutation.iter().enumerate().all(|(to, from)| to == *from) {
            return Some(x);
        }
        self.apply(OpKind::ArrayTranspose, &Parameters::Permutation(permutation), vec![x])
    }

    /// A slice with constant starts.
    pub fn slice(&mut self, x: Id, starts: &[i64], strides: Vec<usize>, r#type: &ValueType, sizes: &[Size]) -> Id {
        let starts = starts.iter().map(|start| Start::At(*start)).collect();
        let mut children = vec![x];
        children.extend(self.extents(r#type, sizes));
        self.typed(OpKind::ArraySlice, &Parameters::Slice { starts, strides }, children, r#type)
    }

    /// A reshape to a type with the given extents.
    pub fn reshape(&mut self, x: Id, r#type: &ValueType, sizes: &[Size]) -> Id {
        let mut children = vec![x];
        children.extend(self.extents(r#type, sizes));
        self.typed(OpKind::ArrayReshape, &Parameters::None, children, r#type)
    }
}
