//! Random terms whose top is an operation on tensors.

use super::generate::{Dim, Trial, Want};
use dp_dialects::attributes::Reduction;
use dp_dialects::parameters::{DotDims, ScanForm, Start, WindowForm};
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType};
use dp_terms::Id;

/// A box of a tensor: its shape, and what lies before and behind it in each dimension.
struct Margins {
    dims: Vec<Dim>,
    low: Vec<usize>,
    high: Vec<usize>,
}

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
                let value = if self.random.once_in(3) { self.zero(dtype) } else { self.leaf(&Want::number(dtype)) };
                self.shaped(kind, Parameters::Pad { low, high, interior: vec![0; rank] }, vec![x, value], want)
            }
            ArrayWindows if rank > 1 => {
                let dim = self.random.below(rank - 1);
                let ((count, true), (size @ 1.., true)) = (dims[dim], dims[dim + 1]) else { return None };
                let (stride, dilation) = (1 + self.random.below(2), 1 + self.random.below(2));
                let rest = self.random.below(stride) as u64;
                let mut from = dims.clone();
                from.remove(dim + 1);
                from[dim].0 = match count {
                    0 => (size - 1) * dilation as u64,
                    count => (count - 1) * stride as u64 + (size - 1) * dilation as u64 + 1 + rest,
                };
                let x = self.term(&Want::tensor(dtype, from), depth);
                let (sizes, strides, dilations) = (vec![size as usize], vec![stride], vec![dilation]);
                self.typed(kind, Parameters::Windows(WindowForm { dim, sizes, strides, dilations }), vec![x], want)
            }
            ArrayConcatenate if rank > 0 => {
                let dim = self.random.below(rank);
                if self.random.once_in(4) {
                    return self.neighbours(want, dims, dim, depth);
                }
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
            ArrayScan if rank > 0 => {
                let form = ScanForm {
                    kind: self.reduction(dtype),
                    dim: self.random.below(rank),
                    exclusive: self.random.once_in(2),
                    reverse: self.random.once_in(2),
                };
                let x = self.term(want, depth);
                self.typed(kind, Parameters::Scan(form), vec![x], want)
            }
            ArrayDot if dtype != ScalarType::I1 => self.dot(want, dims, depth),
            ArrayUpdateSlice if rank > 0 && self.random.once_in(4) => {
                let [x, y] = self.boxes(&dims);
                let starts = y.low.iter().map(|low| Start::At(*low as i64)).collect();
                let accumulate = dtype != ScalarType::I1 && self.random.once_in(2);
                let x = self.zero_pad(want, x, depth)?;
                let u = self.term(&Want::tensor(dtype, y.dims), depth);
                self.typed(kind, Parameters::Update { starts, accumulate }, vec![x, u], want)
            }
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

    fn reduction(&mut self, dtype: ScalarType) -> Reduction {
        use Reduction::*;
        let kinds: &[Reduction] = match dtype {
            ScalarType::I1 => &[And, Or],
            dtype if dtype.is_complex() => &[Add, Mul],
            _ => &[Add, Add, Max, Min],
        };
        self.random.choose(kinds)
    }

    fn reduce(&mut self, want: &Want, dims: Vec<Dim>, depth: usize) -> Option<Id> {
        let kind = self.reduction(want.dtype);
        let (mut from, mut reduced) = (dims, Vec::new());
        for _ in 0..self.random.below(3) {
            let at = self.random.below(from.len() + 1);
            let dim = self.dim();
            from.insert(at, dim);
            reduced.iter_mut().filter(|dim| **dim >= at).for_each(|dim| *dim += 1);
            reduced.push(at);
        }
        let whole = Want::tensor(want.dtype, from);
        let scaled = if self.random.once_in(4) { self.scaled(&whole, &reduced, depth) } else { None };
        let x = scaled.unwrap_or_else(|| self.term(&whole, depth));
        self.typed(OpKind::ArrayReduce, Parameters::Reduce { kind, dims: reduced }, vec![x], want)
    }

    /// A sum of what is zero but for a box, such as reverse mode makes of reads.
    pub(super) fn sum_of_boxes(&mut self, want: &Want, depth: usize) -> Option<Id> {
        let dims = want.dims.clone().filter(|dims| !dims.is_empty())?;
        let [x, y] = self.boxes(&dims);
        let x = self.zero_pad(want, x, depth)?;
        let zero = self.zero(want.dtype);
        let zeros = self.shaped(OpKind::ArrayBroadcast, Parameters::Broadcast(Vec::new()), vec![zero], want)?;
        let y = match self.random.below(4) {
            0 => self.term(want, depth),
            1 => {
                let starts = y.low.iter().map(|low| Start::At(*low as i64)).collect();
                let u = self.term(&Want::tensor(want.dtype, y.dims), depth);
                let update = Parameters::Update { starts, accumulate: true };
                self.typed(OpKind::ArrayUpdateSlice, update, vec![zeros, u], want)?
            }
            2 if dims[0].0 > 0 => {
                let count = self.known();
                let indices = self.leaf(&Want::tensor(ScalarType::I32, vec![count]));
                let rows = [count].into_iter().chain(dims[1..].iter().copied()).collect();
                let u = self.term(&Want::tensor(want.dtype, rows), depth);
                self.typed(OpKind::ArrayScatter, Parameters::None, vec![zeros, indices, u], want)?
            }
            _ => self.zero_pad(want, y, depth)?,
        };
        let x = if self.random.once_in(2) { x } else { self.term(want, depth) };
        let operands = if self.random.once_in(2) { vec![x, y] } else { vec![y, x] };
        self.graph().scalar(OpKind::ScalarAdd, operands)
    }

    /// Two boxes of a shape of some rank, beside each other along one dimension.
    fn boxes(&mut self, dims: &[Dim]) -> [Margins; 2] {
        let along = self.random.below(dims.len());
        let extent = dims[along].0 as usize;
        let (begin, end) = (self.random.below(extent + 1), self.random.below(extent + 1));
        let (begin, end) = (begin.min(end), begin.max(end));
        let middle = begin + self.random.below(end - begin + 1);
        [(begin, middle), (middle, end)].map(|(from, to)| {
            let mut margins = Margins { dims: dims.to_vec(), low: vec![0; dims.len()], high: vec![0; dims.len()] };
            margins.dims[along].0 = (to - from) as u64;
            (margins.low[along], margins.high[along]) = (from, extent - to);
            margins
        })
    }

    fn zero(&mut self, dtype: ScalarType) -> Id {
        self.graph().literal(Literal::number(dtype, Number::of_f64(0.0, dtype)))
    }

    /// A term among zeros.
    fn zero_pad(&mut self, want: &Want, margins: Margins, depth: usize) -> Option<Id> {
        let (x, zero) = (self.term(&Want::tensor(want.dtype, margins.dims), depth), self.zero(want.dtype));
        let interior = vec![0; margins.low.len()];
        let pad = Parameters::Pad { low: margins.low, high: margins.high, interior };
        self.shaped(OpKind::ArrayPad, pad, vec![x, zero], want)
    }

    /// A product or a quotient, the second operand of which is constant along some dimensions.
    fn scaled(&mut self, want: &Want, along: &[usize], depth: usize) -> Option<Id> {
        let operation = self.random.choose(&[OpKind::ScalarMul, OpKind::ScalarDiv]);
        operation.classes().filter(|classes| classes.admits(want.dtype))?;
        let dims = want.dims.as_ref()?;
        let placed: Vec<usize> = (0..dims.len()).filter(|dim| !along.contains(dim) && self.random.once_in(2)).collect();
        let factor = Want::tensor(want.dtype, placed.iter().map(|dim| dims[*dim]).collect());
        let (x, factor) = (self.term(want, depth), self.term(&factor, depth));
        let factor = self.shaped(OpKind::ArrayBroadcast, Parameters::Broadcast(placed), vec![factor], want)?;
        self.graph().scalar(operation, vec![x, factor])
    }

    /// A concatenation of slices of one tensor, each of which begins where the one before ends.
    fn neighbours(&mut self, want: &Want, mut dims: Vec<Dim>, dim: usize, depth: usize) -> Option<Id> {
        dims.iter_mut().for_each(|(_, known)| *known = true);
        let (stride, first) = (1 + self.random.below(2), self.random.below(2));
        let mut whole = dims.clone();
        whole[dim].0 = whole[dim].0 * stride as u64 + first as u64;
        let x = self.term(&Want::tensor(want.dtype, whole), depth);
        let (mut children, mut begin) = (Vec::new(), 0);
        while children.is_empty() || begin < dims[dim].0 {
            let mut part = dims.clone();
            part[dim].0 = (dims[dim].0 - begin).min(self.random.below(3) as u64);
            let mut starts = vec![Start::At(0); dims.len()];
            starts[dim] = Start::At((first as u64 + begin * stride as u64) as i64);
            let mut strides = vec![1; dims.len()];
            strides[dim] = stride;
            begin += part[dim].0;
            let part = Want::tensor(want.dtype, part);
            children.push(self.typed(OpKind::ArraySlice, Parameters::Slice { starts, strides }, vec![x], &part)?);
        }
        self.typed(OpKind::ArrayConcatenate, Parameters::Dim(dim), children, &Want::tensor(want.dtype, dims))
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
