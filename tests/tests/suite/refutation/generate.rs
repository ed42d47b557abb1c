//! Random terms of a wanted type: each trial draws a few operations and builds
//! from them only, so that rare combinations come up often.

use super::numbers::Random;
use dp_dialects::attributes::Predicate;
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};
use dp_simplify::Soundness;
use dp_terms::Id;
use dp_terms::{Dag, Graph};

/// An extent, and whether its type tells it.
pub type Dim = (u64, bool);

/// What a term shall be: its elements, and its extents unless it is a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Want {
    /// The type of elements.
    pub dtype: ScalarType,
    /// The extents.
    pub dims: Option<Vec<Dim>>,
}

impl Want {
    /// A number.
    pub fn number(dtype: ScalarType) -> Want {
        Want { dtype, dims: None }
    }

    /// A tensor.
    pub fn tensor(dtype: ScalarType, dims: Vec<Dim>) -> Want {
        Want { dtype, dims: Some(dims) }
    }

    fn with(&self, dtype: ScalarType) -> Want {
        Want { dtype, dims: self.dims.clone() }
    }

    /// Its type.
    pub fn r#type(&self) -> ValueType {
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
        ArrayBroadcast,
        ArrayReshape,
        ArrayTranspose,
        ArraySlice,
        ArrayPad,
        ArrayWindows,
        ArrayConcatenate,
        ArrayReduce,
        ArrayScan,
        ArrayDot,
        ArrayUpdateSlice,
        ArrayScatter,
        ArrayIota,
        ArrayConstant,
        ScalarNeg,
        ScalarMul,
        ScalarDiv,
        ScalarSelect,
        ScalarAdd,
        ScalarConvert,
        ArithIndexCast,
    ]
};

/// What the terms of whole programs are built from besides.
const ELEMENTARY: &[OpKind] = {
    use OpKind::*;
    &[
        ScalarSub,
        ScalarMax,
        ScalarMin,
        ScalarAbs,
        ScalarSign,
        ScalarFloor,
        ScalarSqrt,
        ScalarExp,
        ScalarLog,
        ScalarTanh,
        ScalarLogistic,
        ScalarSin,
        ScalarPow,
        ScalarCompare,
        ScalarSelect,
        ScalarSelect,
    ]
};

/// A trial: terms, and the values from outside that they stand on.
pub struct Trial<'a> {
    /// The terms.
    pub dag: Dag,
    /// The values from outside.
    pub outside: Vec<Literal>,
    pub(super) random: &'a mut Random,
    pub(super) soundness: Soundness,
    generic: bool,
    palette: Vec<OpKind>,
    extents: &'static [u64],
    made: Vec<(Want, Id)>,
}

/// What most extents are chosen from: small ones, since each is a case of its own.
pub const EXTENTS: &[u64] = &[0, 1, 1, 2, 2, 3];

impl<'a> Trial<'a> {
    /// A trial whose numbers are such that a rule of some truth must hold;
    /// `generic`: known numbers are not 0.
    pub fn new(random: &'a mut Random, soundness: Soundness, generic: bool) -> Trial<'a> {
        let palette = (0..2).map(|_| random.choose(OPERATIONS)).collect();
        let (dag, outside, made) = (Dag::new(None), Vec::new(), Vec::new());
        Trial { dag, outside, random, soundness, generic, palette, extents: EXTENTS, made }
    }

    /// A trial of the caller's operations and extents.
    pub fn of(
        random: &'a mut Random,
        soundness: Soundness,
        palette: Vec<OpKind>,
        extents: &'static [u64],
    ) -> Trial<'a> {
        Trial { palette, extents, ..Trial::new(random, soundness, false) }
    }

    /// The trial of a program: of many operations, all of them elementwise or on tensors.
    pub fn program(random: &'a mut Random, soundness: Soundness) -> Trial<'a> {
        let all: Vec<OpKind> = OPERATIONS.iter().chain(ELEMENTARY).copied().collect();
        let mut trial = Trial::new(random, soundness, false);
        trial.palette = (0..6).map(|_| trial.random.choose(&all)).collect();
        trial
    }

    /// The terms, to be added to.
    pub fn graph(&mut self) -> &mut (dyn Graph + 'static) {
        &mut self.dag
    }

    /// One of some things.
    pub fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        self.random.choose(from)
    }

    pub(super) fn dim(&mut self) -> Dim {
        (self.random.choose(self.extents), !self.random.once_in(6))
    }

    pub(super) fn known(&mut self) -> Dim {
        (self.dim().0, true)
    }

    /// A shape of some rank.
    pub fn want(&mut self, dtype: ScalarType) -> Want {
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
            .map(|_| self.random.number(want.dtype, self.soundness))
            .collect();
        if want.dims.is_none() && self.random.once_in(2) {
            let known = [1.0, -1.0, 2.0, -0.25, 0.0, 0.0, 0.0];
            let value = self.random.choose(if self.generic { &known[..4] } else { &known });
            let special = !self.generic && self.random.once_in(4);
            let number = if special {
                self.random.number(want.dtype, self.soundness)
            } else {
                Number::of_f64(value, want.dtype)
            };
            return self.graph().literal(Literal::number(want.dtype, number));
        }
        let number = self.outside.len() as u32;
        let value = match want.shape() {
            None => Literal::number(want.dtype, self.random.number(want.dtype, self.soundness)),
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
        self.outside.push(Literal::number(ScalarType::Index, Number::Integer(extent as i64)));
        self.dag.value(number, &ValueType::number(ScalarType::Index))
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

    pub(super) fn typed(&mut self, kind: OpKind, parameters: Parameters, children: Vec<Id>, want: &Want) -> Option<Id> {
        Some(self.graph().typed(kind, &parameters, children, &want.r#type()))
    }

    pub(super) fn shaped(
        &mut self,
        kind: OpKind,
        parameters: Parameters,
        mut children: Vec<Id>,
        want: &Want,
    ) -> Option<Id> {
        children.extend(self.extents(want));
        self.typed(kind, parameters, children, want)
    }

    /// A term whose top is an operation of some kind, if there is one of the type.
    pub fn operation(&mut self, kind: OpKind, want: &Want, depth: usize) -> Option<Id> {
        use OpKind::*;
        let dims = want.dims.clone();
        let dtype = want.dtype;
        match kind {
            TensorExtract | ArithIndexCast | TensorDim | TensorFromElements | TensorCast => {
                self.bridge(kind, want, depth)
            }
            ArrayConstant => {
                let shape = want.shape().filter(|_| want.r#type().is_static())?;
                let value = self.random.number(dtype, self.soundness);
                let each =
                    (0..shape.iter().product::<u64>()).map(|_| self.random.number(dtype, self.soundness)).collect();
                let literal = match self.random.once_in(3) {
                    true => Literal::splat(dtype, shape, value),
                    false => Literal::tensor(dtype, shape, each),
                };
                Some(self.graph().literal(literal))
            }
            ScalarConvert => {
                use ScalarType::*;
                let from: &[ScalarType] =
                    if dtype.is_complex() { &[Complex64, Complex128] } else { &[F32, F64, I1, I8, I32, dtype] };
                let from = self.random.choose(from);
                let from = want.with(from);
                let again =
                    if depth > 0 && self.random.once_in(3) { self.operation(kind, &from, depth - 1) } else { None };
                let x = again.unwrap_or_else(|| self.term(&from, depth));
                let unsigned = self.random.once_in(4);
                self.typed(kind, Parameters::Convert { unsigned }, vec![x], want)
            }
            ScalarSelect => {
                let p = self.predicate(want, depth);
                let (a, b) = (self.term(want, depth), self.term(want, depth));
                self.typed(kind, Parameters::None, vec![p, a, b], want)
            }
            _ if kind.classes().is_some() || kind == AdStopGradient => {
                kind.classes().filter(|classes| classes.admits(dtype))?;
                let arity = kind.arity().unwrap_or(1);
                let children = (0..arity).map(|_| self.term(want, depth)).collect();
                self.graph().scalar(kind, children)
            }
            _ => self.array(kind, want, dims?, depth),
        }
    }

    /// What a choice between terms of a type asks: a comparison of such terms, where the palette has it.
    fn predicate(&mut self, want: &Want, depth: usize) -> Id {
        let p = want.with(ScalarType::I1);
        if want.dtype == ScalarType::I1 || !self.palette.contains(&OpKind::ScalarCompare) {
            return self.term(&p, 0);
        }
        use Predicate::*;
        let ordered = if want.dtype.is_complex() { &[Eq, Ne][..] } else { &[Eq, Ne, Lt, Le, Gt, Ge] };
        let predicate = self.random.choose(ordered);
        let a = self.term(want, depth);
        // A number that is not itself is NaN.
        let b = if self.random.once_in(3) { a } else { self.term(want, depth) };
        let made = self.graph().apply(OpKind::ScalarCompare, &Parameters::Compare(predicate), vec![a, b]);
        made.unwrap_or_else(|| self.term(&p, 0))
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
            (OpKind::TensorDim, None) if want.dtype == ScalarType::Index => {
                let x = self.want(ScalarType::F32);
                let rank = x.dims.as_ref().map_or(0, Vec::len);
                if rank == 0 {
                    return None;
                }
                let dim = self.random.below(rank) as i64;
                let x = self.term(&x, depth.max(1));
                let dim = self.graph().index(dim);
                self.typed(kind, none, vec![x, dim], want)
            }
            (OpKind::ArithIndexCast, None) if want.dtype == ScalarType::Index || want.dtype.is_integer() => {
                let from = if want.dtype == ScalarType::Index { ScalarType::I64 } else { ScalarType::Index };
                let x = match (from, self.random.once_in(3)) {
                    (ScalarType::Index, _) | (_, true) => self.extent(2),
                    _ => self.term(&Want::number(from), depth),
                };
                let x = if self.graph().dtype(x) == from { x } else { self.bridge(kind, &Want::number(from), 0)? };
                self.typed(kind, none, vec![x], want)
            }
            _ => None,
        }
    }

    /// An index term that an operation of index arithmetic makes.
    pub fn index_operation(&mut self, kind: OpKind) -> Id {
        let (a, b) = (self.random.below(4) as u64, self.random.below(2) as u64);
        let children = vec![self.extent(a), self.extent(b)];
        self.graph().typed(kind, &Parameters::None, children, &ValueType::number(ScalarType::Index))
    }
}
