//! Random terms whose top is an operation on tensors.

use super::generate::{Dim, Trial, Want};
use dp_dialects::attributes::Reduction;
use dp_dialects::parameters::{DotDims, Start};
use dp_dialects::{OpKind, Parameters, ScalarType};
use dp_terms::Id;

impl Trial<'_> {
    /// Operations on tensors.
    pub(super) fn array(&mut self, kind: OpKind, want: &Want, dims: Vec<Dim>, depth: usize) -> Option<Id> {
        use OpKind::*;
        let (dtype, rank) = (want.dtype, dims.len());
        match kind {
            ArrayIota if rank > 0 && dtype != ScalarType::I1 => {
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
                    let inner =
                        if self.random.once_in(2) { extent } else { self.random.below(extent as usize + 1) as u64 };
                    let room = (extent - inner) as usize;
                    let below = if self.random.once_in(2) { room } else { self.random.below(room + 1) };
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
            ArrayDot if dtype != ScalarType::I1 => self.dot(want, dims, depth),
            ArrayUpdateSlice => {
                let x = self.term(want, depth);
                let whole = self.random.once_in(3);
                let (mut update, mut starts) = (Vec::new(), Vec::new());
                for (extent, known) in dims {
                    let count = if whole { extent } else { self.random.below(extent as usize + 1) as u64 };
                    update.push((count, known));
                    starts.push(Start::At(self.random.below((extent - count) as usize + 1) as i64));
                }
                let accumulate = dtype != ScalarType::I1 && self.random.once_in(2);
                let u = self.term(&Want::tensor(dtype, update), depth);
                self.typed(kind, Parameters::Update { starts, accumulate }, vec![x, u], want)
            }
            ArrayScatter if rank > 0 && dims[0].0 > 0 && dtype != ScalarType::I1 => {
                let x = self.term(want, depth);
                let count = self.known();
                let indices = self.leaf(&Want::tensor(ScalarType::I32, vec![count]));
                let rows = [count].into_iter().chain(dims[1..].iter().copied()).collect();
                let u = self.term(&Want::tensor(dtype, rows), depth);
                self.typed(kind, Parameters::None, vec![x, indices, u], want)
            }
            ArrayGather if rank > 0 && dims[0].1 => {
                let rows = [(2, true)].into_iter().chain(dims[1..].iter().copied()).collect();
                let x = self.term(&Want::tensor(dtype, rows), depth);
                let indices = Want::tensor(ScalarType::I32, vec![dims[0]]);
                let indices = self.operation(ArrayConstant, &indices, 0)?;
                self.typed(kind, Parameters::None, vec![x, indices], want)
            }
            _ => None,
        }
    }

    fn reduce(&mut self, want: &Want, dims: Vec<Dim>, depth: usize) -> Option<Id> {
        use Reduction::*;
        let kinds: &[Reduction] = match want.dtype {
            ScalarType::I1 => &[And, Or],
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
            let (i, j) =
                (batch + self.random.below(a.len() - batch + 1), batch + self.random.below(b.len() - batch + 1));
            a.insert(i, dim);
            b.insert(j, dim);
            (at.contract_a, at.contract_b) = (vec![i], vec![j]);
        }
        let a = self.term(&Want::tensor(want.dtype, a), depth);
        let b = self.term(&Want::tensor(want.dtype, b), depth);
        self.typed(OpKind::ArrayDot, Parameters::Dot(at), vec![a, b], want)
    }
}
