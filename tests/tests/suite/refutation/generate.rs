//! Random terms of a wanted type: each trial draws a few operations and builds
//! from them only, so that rare combinations come up often.

use super::numbers::Random;
use dp_dialects::attributes::Reduction;
use dp_dialects::parameters::{DotDims, Start};
use dp_dialects::{DType, Literal, Number, OpKind, Parameters, ValueType};
use dp_simplify::Truth;
use dp_terms::{Dag, Graph};
use dp_terms::Id;

/// An extent, and whether its type tells it.
pub type Dim = (u64, bool);

/// What a term shall be: its elements, and its extents unless it is a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Want {
    /// The type of elements.
    pub dtype: DType,
    /// The extents.
    pub dims: Option<Vec<Dim>>,
}

impl Want {
    /// A number.
    pub fn number(dtype: DType) -> Want {
        Want { dtype, dims: None }
    }

    fn tensor(dtype: DType, dims: Vec<Dim>) -> Want {
        Want { dtype, dims: Some(dims) }
    }

    fn with(&self, dtype: DType) -> Want {
        Want { dtype, dims: self.dims.clone() }
    }

    fn r#type(&self) -> ValueType {
        let extents = |dims: &Vec<Dim>| dims.iter().map(|(extent, known)| known.then_some(*extent)).collect();
        ValueType { dtype: self.dtype, shape: self.dims.as_ref().map(extents) }
    }

    fn shape(&self) -> Option<Vec<u64>> {
        self.dims.as_ref().map(|dims| dims.iter().map(|(extent, _)| *extent).collect())
    }
}

/// Operations that terms are built from.
const OPERATIONS: &[OpKind] = {
    use OpKind::*;
    &[
        ArrayBroadcast, ArrayReshape, ArrayTranspose, ArraySlice, ArrayPad, ArrayConcatenate, ArrayReduce, ArrayDot,
        ArrayUpdateSlice, ArrayScatter, ArrayIota, ArrayConstant, ScalarNeg, ScalarMul, ScalarDiv, ScalarSelect,
        ScalarAdd, ScalarConvert, ArithIndexCast,
    ]
};

/// A trial: terms, and the values from outside that they stand on.
pub struct Trial<'a> {
    /// The terms.
    pub dag: Dag,
    /// The values from outside.
    pub outside: Vec<Literal>,
    random: &'a mut Random,
    truth: Truth,
    generic: bool,
    palette: Vec<OpKind>,
    made: Vec<(Want, Id)>,
}

impl<'a> Trial<'a> {
    /// A trial whose numbers are such that a rule of some truth must hold;
    /// `generic`: known numbers are not 0.
    pub fn new(random: &'a mut Random, truth: Truth, generic: bool) -> Trial<'a> {
        let palette = (0..2).map(|_| random.choose(OPERATIONS)).collect();
        Trial { dag: Dag::new(None), outside: Vec::new(), random, truth, generic, palette, made: Vec::new() }
    }

    fn graph(&mut self) -> &mut (dyn Graph + 'static) {
        &mut self.dag
    }

    fn dim(&mut self) -> Dim {
        (self.random.choose(&[0, 1, 1, 2, 2, 3]), !self.random.once_in(6))
    }

    fn known(&mut self) -> Dim {
        (self.dim().0, true)
    }

    /// A shape of some rank.
    pub fn want(&mut self, dtype: DType) -> Want {
        let rank = self.random.below(4);
        let dims = (0..rank).map(|_| self.dim()).collect();
        Want::tensor(dtype, dims)
    }

    /// A number that is known, or a value from outside.
    pub fn leaf(&mut self, want: &Want) -> Id {
        if want.dims.is_some() && self.random.once_in(5) {
            let number = self.leaf(&Want::number(want.dtype));
            let made = self.shaped(OpKind::ArrayBroadcast, Parameters::Broadcast(Vec::new()), vec![number], want);
            return made.unwrap_or(number);
        }
        let elements: Vec<Number> = (0..want.shape().unwrap_or_default().iter().product::<u64>())
            .map(|_| self.random.number(want.dtype, self.truth))
            .collect();
        if want.dims.is_none() && self.random.once_in(2) {
            let known = [1.0, -1.0, 2.0, -0.25, 0.0, 0.0, 0.0];
            let value = self.random.choose(if self.generic { &known[..4] } else { &known });
            let number = Number::of_f64(value, want.dtype);
            return self.graph().literal(Literal::number(want.dtype, number));
        }
        let number = self.outside.len() as u32;
        let value = match want.shape() {
            None => Literal::number(want.dtype, self.random.number(want.dtype, self.truth)),
            Some(shape) => Literal::tensor(want.dtype, shape, elements),
        };
        self.outside.push(value);
        self.dag.value(number, &want.r#type())
    }

    /// A term for an extent: known, or from outside.
    fn extent(&mut self, extent: u64) -> Id {
        if self.random.once_in(2) {
            return self.graph().index(extent as i64);
        }
        let number = self.outside.len() as u32;
        self.outside.push(Literal::number(DType::Index, Number::Integer(extent as i64)));
        self.dag.value(number, &ValueType::number(DType::Index))
    }

    fn extents(&mut self, want: &Want) -> Vec<Id> {
        let unknown: Vec<u64> =
            want.dims.iter().flatten().filter(|(_, known)| !known).map(|(extent, _)| *extent).collect();
        unknown.into_iter().map(|extent| self.extent(extent)).collect()
    }

    /// A term of a wanted type, at most `depth` operations deep.
    pub fn term(&mut self, want: &Want, depth: usize) -> Id {
        let again: Vec<Id> = self.made.iter().filter(|(made, _)| made == want).map(|(_, id)| *id).collect();
        if !again.is_empty() && self.random.once_in(3) {
            return self.random.choose(&again);
        }
        let made = if depth == 0 || self.random.once_in(8) {
            None
        } else {
            let kind = self.random.choose(&self.palette.clone());
            self.operation(kind, want, depth - 1)
        };
        let id = made.unwrap_or_else(|| self.leaf(want));
        self.made.push((want.clone(), id));
        id
    }

    fn typed(&mut self, kind: OpKind, parameters: Parameters, children: Vec<Id>, want: &Want) -> Option<Id> {
        Some(self.graph().typed(kind, &parameters, children, &want.r#type()))
    }

    fn shaped(&mut self, kind: OpKind, parameters: Parameters, mut children: Vec<Id>, want: &Want) -> Option<Id> {
        children.extend(self.extents(want));
        self.typed(kind, parameters, children, want)
    }

    /// A term whose top is an operation of some kind, if there is one of the type.
    pub fn operation(&mut self, kind: OpKind, want: &Want, depth: usize) -> Option<Id> {
        use OpKind::*;
        let dims = want.dims.clone();
        let dtype = want.dtype;
        match kind {
            TensorExtract | ArithIndexCast | TensorDim | TensorFromElements | TensorCast => self.bridge(kind, want, depth),
            ArrayConstant => {
                let shape = want.shape().filter(|_| want.r#type().is_static())?;
                let value = self.random.number(dtype, self.truth);
                let each = (0..shape.iter().product::<u64>()).map(|_| self.random.number(dtype, self.truth)).collect();
                let literal = match self.random.once_in(3) {
                    true => Literal::splat(dtype, shape, value),
                    false => Literal::tensor(dtype, shape, each),
                };
                Some(self.graph().literal(literal))
            }
            ScalarConvert => {
                let from = self.random.choose(&[DType::F32, DType::F64, DType::I1, DType::I8, DType::I32, dtype]);
                if dtype.is_complex() && from != dtype {
                    return None;
                }
                let x = self.term(&want.with(from), depth);
                let unsigned = self.random.once_in(4);
                self.typed(kind, Parameters::Convert { unsigned }, vec![x], want)
            }
            ScalarSelect => {
                let p = self.term(&want.with(DType::I1), 0);
                let (a, b) = (self.term(want, depth), self.term(want, depth));
                self.typed(kind, Parameters::None, vec![p, a, b], want)
            }
            _ if dp_dialects::legality::classes(kind).is_some() || kind == AdStopGradient => {
                dp_dialects::legality::classes(kind).filter(|classes| classes.admits(dtype))?;
                let unary = self.unary(kind);
                let children = (0..if unary { 1 } else { 2 }).map(|_| self.term(want, depth)).collect();
                self.graph().scalar(kind, children)
            }
            _ => self.array(kind, want, dims?, depth),
        }
    }

    /// Whether an elementwise operation takes one operand.
    fn unary(&self, kind: OpKind) -> bool {
        use OpKind::*;
        !matches!(kind, ScalarAdd | ScalarSub | ScalarMul | ScalarDiv | ScalarRem | ScalarPow | ScalarAtan2 | ScalarMax)
            && !matches!(kind, ScalarMin | ScalarUdiv | ScalarUrem | ScalarUmax | ScalarUmin | ScalarAnd | ScalarOr)
            && !matches!(kind, ScalarXor | ScalarShl | ScalarShr | ScalarUshr | ScalarCompare | ScalarComplex)
    }

    /// Operations between numbers, indices and tensors.
    fn bridge(&mut self, kind: OpKind, want: &Want, depth: usize) -> Option<Id> {
        let none = Parameters::None;
        match (kind, &want.dims) {
            (OpKind::TensorExtract, None) => {
                let rank = self.random.below(3);
                let dims: Vec<Dim> = (0..rank).map(|_| (self.random.choose(&[1, 2, 3]), true)).collect();
                let x = self.term(&Want::tensor(want.dtype, dims.clone()), depth.max(1));
                let mut children = vec![x];
                for (extent, _) in dims {
                    let at = self.random.below(extent as usize) as u64;
                    children.push(self.extent(at));
                }
                self.typed(kind, none, children, want)
            }
            (OpKind::TensorFromElements, Some(dims)) if dims.iter().all(|dim| *dim == (1, true)) => {
                let x = self.term(&Want::number(want.dtype), depth);
                self.typed(kind, none, vec![x], want)
            }
            (OpKind::TensorCast, Some(_)) => {
                let x = self.term(want, depth);
                self.typed(kind, none, vec![x], want)
            }
            (OpKind::TensorDim, None) if want.dtype == DType::Index => {
                let x = self.want(DType::F32);
                let rank = x.dims.as_ref().map_or(0, Vec::len);
                if rank == 0 {
                    return None;
                }
                let dim = self.random.below(rank) as i64;
                let x = self.term(&x, depth.max(1));
                let dim = self.graph().index(dim);
                self.typed(kind, none, vec![x, dim], want)
            }
            (OpKind::ArithIndexCast, None) if want.dtype == DType::Index || want.dtype.is_integer() => {
                let from = if want.dtype == DType::Index { DType::I64 } else { DType::Index };
                let x = match (from, self.random.once_in(3)) {
                    (DType::Index, _) | (_, true) => self.extent(2),
                    _ => self.term(&Want::number(from), depth),
                };
                let x = if self.graph().dtype(x) == from { x } else { self.bridge(kind, &Want::number(from), 0)? };
                self.typed(kind, none, vec![x], want)
            }
            _ => None,
        }
    }

    /// Operations on tensors.
    fn array(&mut self, kind: OpKind, want: &Want, dims: Vec<Dim>, depth: usize) -> Option<Id> {
        use OpKind::*;
        let (dtype, rank) = (want.dtype, dims.len());
        match kind {
            ArrayIota if rank > 0 && dtype != DType::I1 => {
                let dim = self.random.below(rank);
                self.shaped(kind, Parameters::Dim(dim), vec![], want)
            }
            ArrayBroadcast => {
                let placed: Vec<usize> = (0..rank).filter(|_| self.random.once_in(2)).collect();
                let from = match placed.is_empty() && self.random.once_in(2) {
                    true => Want::number(dtype),
                    false => Want::tensor(dtype, placed.iter().map(|dim| dims[*dim]).collect()),
                };
                let x = self.term(&from, depth);
                self.shaped(kind, Parameters::Broadcast(placed), vec![x], want)
            }
            ArrayReshape => {
                let from = match self.random.below(3) {
                    0 => dims,
                    1 => vec![(dims.iter().map(|dim| dim.0).product(), true)],
                    _ => dims.into_iter().chain([(1, true)]).collect(),
                };
                let x = self.term(&Want::tensor(dtype, from), depth);
                self.shaped(kind, Parameters::None, vec![x], want)
            }
            ArrayTranspose => {
                let mut permutation: Vec<usize> = (0..rank).collect();
                (1..rank).for_each(|dim| permutation.swap(dim, self.random.below(dim + 1)));
                let mut from = dims.clone();
                permutation.iter().enumerate().for_each(|(to, dim)| from[*dim] = dims[to]);
                let x = self.term(&Want::tensor(dtype, from), depth);
                self.typed(kind, Parameters::Permutation(permutation), vec![x], want)
            }
            ArraySlice => {
                let whole = self.random.once_in(4);
                let (mut from, mut starts, mut strides) = (Vec::new(), Vec::new(), Vec::new());
                for (extent, known) in dims {
                    let stride = if whole || self.random.once_in(2) { 1 } else { 2 };
                    let start = if whole || self.random.once_in(3) { 0 } else { self.random.below(3) };
                    let after = if whole || self.random.once_in(2) { 0 } else { self.random.below(3) };
                    let span = extent.saturating_sub(1) * stride as u64 + u64::from(extent > 0);
                    from.push((start as u64 + span + after as u64, known));
                    starts.push(Start::At(start as i64));
                    strides.push(stride);
                }
                let x = self.term(&Want::tensor(dtype, from), depth);
                self.shaped(kind, Parameters::Slice { starts, strides }, vec![x], want)
            }
            ArrayPad => {
                let (mut from, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
                for (extent, known) in dims {
                    let inner = if self.random.once_in(2) { extent } else { self.random.below(extent as usize + 1) as u64 };
                    let below = self.random.below((extent - inner) as usize + 1);
                    from.push((inner, known));
                    low.push(below);
                    high.push((extent - inner) as usize - below);
                }
                let x = self.term(&Want::tensor(dtype, from), depth);
                let value = self.leaf(&Want::number(dtype));
                self.shaped(kind, Parameters::Pad { low, high, interior: vec![0; rank] }, vec![x, value], want)
            }
            ArrayConcatenate if rank > 0 => {
                let dim = self.random.below(rank);
                let mut children = Vec::new();
                let mut left = dims[dim].0;
                while children.is_empty() || left > 0 {
                    let mut part = dims.clone();
                    part[dim].0 = if self.random.once_in(4) { left } else { left.min(self.random.below(3) as u64) };
                    left -= part[dim].0;
                    children.push(self.term(&Want::tensor(dtype, part), depth));
                }
                self.typed(kind, Parameters::Dim(dim), children, want)
            }
            ArrayReduce => self.reduce(want, dims, depth),
            ArrayDot if dtype != DType::I1 => self.dot(want, dims, depth),
            ArrayUpdateSlice => {
                let x = self.term(want, depth);
                let whole = self.random.once_in(3);
                let (mut update, mut starts) = (Vec::new(), Vec::new());
                for (extent, known) in dims {
                    let count = if whole { extent } else { self.random.below(extent as usize + 1) as u64 };
                    update.push((count, known));
                    starts.push(Start::At(self.random.below((extent - count) as usize + 1) as i64));
                }
                let accumulate = dtype != DType::I1 && self.random.once_in(2);
                let u = self.term(&Want::tensor(dtype, update), depth);
                self.typed(kind, Parameters::Update { starts, accumulate }, vec![x, u], want)
            }
            ArrayScatter if rank > 0 && dims[0].0 > 0 && dtype != DType::I1 => {
                let x = self.term(want, depth);
                let count = self.known();
                let indices = self.leaf(&Want::tensor(DType::I32, vec![count]));
                let rows = [count].into_iter().chain(dims[1..].iter().copied()).collect();
                let u = self.term(&Want::tensor(dtype, rows), depth);
                self.typed(kind, Parameters::None, vec![x, indices, u], want)
            }
            ArrayGather if rank > 0 && dims[0].1 => {
                let rows = [(2, true)].into_iter().chain(dims[1..].iter().copied()).collect();
                let x = self.term(&Want::tensor(dtype, rows), depth);
                let indices = Want::tensor(DType::I32, vec![dims[0]]);
                let indices = self.operation(ArrayConstant, &indices, 0)?;
                self.typed(kind, Parameters::None, vec![x, indices], want)
            }
            _ => None,
        }
    }

    fn reduce(&mut self, want: &Want, dims: Vec<Dim>, depth: usize) -> Option<Id> {
        use Reduction::*;
        let kinds: &[Reduction] = match want.dtype {
            DType::I1 => &[And, Or],
            dtype if dtype.is_complex() => &[Add, Mul],
            _ => &[Add, Add, Max, Min],
        };
        let kind = self.random.choose(kinds);
        let (mut from, mut reduced) = (dims, Vec::new());
        for _ in 0..self.random.below(3) {
            let at = self.random.below(from.len() + 1);
            let dim = self.dim();
            from.insert(at, dim);
            reduced.iter_mut().filter(|dim| **dim >= at).for_each(|dim| *dim += 1);
            reduced.push(at);
        }
        let x = self.term(&Want::tensor(want.dtype, from), depth);
        self.typed(OpKind::ArrayReduce, Parameters::Reduce { kind, dims: reduced }, vec![x], want)
    }

    /// Free dimensions of the operands in order, contracted ones at random places.
    fn dot(&mut self, want: &Want, dims: Vec<Dim>, depth: usize) -> Option<Id> {
        let batch = if dims.len() == 3 && self.random.once_in(2) { 1 } else { 0 };
        let split = batch + self.random.below(dims.len() - batch + 1);
        let (mut a, mut b) = (dims[..split].to_vec(), dims[..batch].to_vec());
        b.extend(&dims[split..]);
        let mut at = DotDims { batch_a: (0..batch).collect(), batch_b: (0..batch).collect(), ..DotDims::default() };
        if !self.random.once_in(6) {
            let dim = self.known();
            let (i, j) = (batch + self.random.below(a.len() - batch + 1), batch + self.random.below(b.len() - batch + 1));
            a.insert(i, dim);
            b.insert(j, dim);
            (at.contract_a, at.contract_b) = (vec![i], vec![j]);
        }
        let a = self.term(&Want::tensor(want.dtype, a), depth);
        let b = self.term(&Want::tensor(want.dtype, b), depth);
        self.typed(OpKind::ArrayDot, Parameters::Dot(at), vec![a, b], want)
    }

    /// An index term that an operation of index arithmetic makes.
    pub fn index_operation(&mut self, kind: OpKind) -> Id {
        let (a, b) = (self.random.below(4) as u64, self.random.below(2) as u64);
        let children = vec![self.extent(a), self.extent(b)];
        self.graph().typed(kind, &Parameters::None, children, &ValueType::number(DType::Index))
    }
}
