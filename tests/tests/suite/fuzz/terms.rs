//! Operations without regions, by way of random terms: the same generator tries the rules of simplification.

use super::generate::{Generator, Scope};
use super::matrices::matrices;
use super::program::{Id, Operation, Value};
use super::views::beside_a_view;
use crate::refutation::generate::{Dim, Trial, Want};
use crate::refutation::value::values;
use dp_dialects::attributes::{FftKind, Predicate, Reduction};
use dp_dialects::parameters::{FftForm, ScanForm, Start};
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};
use dp_terms::{Dag, Graph, NodeKind};
use num_complex::Complex64;
use std::collections::HashMap;

impl Generator<'_> {
    fn dims(value: &Value) -> Option<Vec<Dim>> {
        let shape = value.r#type.shape.as_ref()?;
        Some(value.extents.iter().zip(shape).map(|(extent, known)| (*extent, known.is_some())).collect())
    }

    /// What an operation shall give, or, where that has another type, take.
    fn want(&mut self, scope: &Scope, kind: OpKind) -> Option<Want> {
        use OpKind::*;
        let is_index = kind.dialect() == "arith" || kind == TensorDim;
        let admitted = |dtype: ScalarType| match kind.classes() {
            Some(classes) if kind != ScalarSelect => classes.admits(dtype),
            _ if kind == AdStopGradient => dtype.is_differentiable(),
            _ => dtype != ScalarType::Index,
        };
        if is_index {
            return Some(Want::number(ScalarType::Index));
        }
        let admits = self.settings.admits;
        let alike = self.any(&scope.visible).filter(|_| !self.random.once_in(4));
        let alike = alike.map(|id| self.program.values[id].clone()).filter(|value| value.pullback.is_none());
        let mut dtype = alike.as_ref().map_or(ScalarType::Index, |value| value.r#type.dtype);
        for _ in 0..12 {
            if admitted(dtype) && admits(kind, dtype) {
                break;
            }
            dtype = self.dtype();
        }
        if !admitted(dtype) || !admits(kind, dtype) {
            return None;
        }
        let number = scope.isolated || kind == TensorExtract;
        let dims = match alike {
            _ if number => return Some(Want::number(dtype)),
            Some(value) if value.r#type.is_tensor() || kind.dialect() == "scalar" => Generator::dims(&value),
            _ if kind.dialect() == "scalar" && self.random.once_in(3) => None,
            _ => Some(self.shape()),
        };
        Some(Want { dtype, dims })
    }

    /// Makes an operation by way of a term: of some that are tried, the one that has most of its operands already.
    pub fn term(&mut self, scope: &mut Scope, kind: OpKind) -> bool {
        let mut best: Option<(usize, Dag, dp_terms::Id, Vec<Literal>)> = None;
        for _ in 0..5 {
            let Some(want) = self.want(scope, kind) else { return false };
            let convert_from = self.dtype();
            let palette = vec![OpKind::ArrayBroadcast, OpKind::ScalarNeg, OpKind::ScalarAdd];
            let depth = usize::from(self.random.once_in(5));
            let mut trial = Trial::of(self.random, self.settings.soundness, palette, self.settings.extents);
            let Some(root) = top(&mut trial, kind, &want, convert_from, depth) else { continue };
            let Trial { dag, outside, .. } = trial;
            let leaves = |id: &dp_terms::Id| matches!(dag.node(*id).head, NodeKind::Value(_));
            let found = dag.reachable([root]).into_iter().filter(leaves).filter(|id| {
                let node = dag.node(*id);
                let NodeKind::Value(number) = node.head else { return false };
                let r#type = dag.interner().types.get(node.r#type);
                !self.same(scope, r#type, &outside[number as usize]).is_empty()
            });
            let score = found.count();
            if best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, dag, root, outside));
            }
        }
        let Some((_, dag, root, outside)) = best else { return false };
        self.import(scope, &dag, root, &outside)
    }

    /// Makes the operations of a term.
    fn import(&mut self, scope: &mut Scope, dag: &Dag, root: dp_terms::Id, outside: &[Literal]) -> bool {
        let Some(values) = values(dag, root, outside) else { return false };
        let mut made: HashMap<dp_terms::Id, Id> = HashMap::new();
        let is_vectors = |id: &dp_terms::Id| {
            use OpKind::*;
            matches!(dag.node(*id).head, NodeKind::Op(ArrayEighVectors | ArraySvdLeft | ArraySvdRight))
        };
        let is_closed = dag.reachable([root]).iter().any(is_vectors);
        for id in dag.reachable([root]) {
            let node = dag.node(id);
            let r#type = dag.interner().types.get(node.r#type).clone();
            let kind = match node.head {
                NodeKind::Value(number) => {
                    let leaf = self.leaf(scope, &r#type, &outside[number as usize]);
                    made.insert(id, leaf);
                    continue;
                }
                NodeKind::Op(kind) => kind,
            };
            let operands: Vec<Id> = node.children.iter().map(|child| made[child]).collect();
            let mut result = Value::new(r#type, values[&id].extents().to_vec());
            let known = |id: &Id| self.program.values[*id].index.is_some();
            let is_known = matches!(kind, OpKind::ArithConstant | OpKind::TensorDim) || operands.iter().all(known);
            if result.r#type.dtype == ScalarType::Index && is_known {
                result.index = Some(values[&id].element(0).integer());
            }
            let parameters = dag.interner().parameters.get(node.parameters).clone();
            let mut operation = Operation { parameters, ..Operation::new(kind, operands, Vec::new()) };
            self.vary(scope, &mut operation, &mut result, id == root);
            result.is_determined = !is_closed || id == root;
            let is_determined = result.is_determined;
            let result = self.program.value(result);
            operation.results.push(result);
            scope.operations.push(operation);
            if is_determined {
                scope.visible.push(result);
            }
            made.insert(id, result);
        }
        true
    }

    /// What terms do not have: starts that are values, gaps between elements, other reductions.
    fn vary(&mut self, scope: &Scope, operation: &mut Operation, result: &mut Value, is_last: bool) {
        let dtype = result.r#type.dtype;
        let mut extra = Vec::new();
        match &mut operation.parameters {
            Parameters::Slice { starts, .. } | Parameters::Update { starts, .. } if self.random.once_in(3) => {
                let is_index = |id: &&Id| self.program.values[**id].r#type == ValueType::number(ScalarType::Index);
                let indices: Vec<Id> = scope.visible.iter().filter(is_index).copied().collect();
                for start in starts.iter_mut() {
                    if let Some(index) = self.any(&indices).filter(|_| self.random.once_in(2)) {
                        *start = Start::Operand;
                        extra.push(index);
                    }
                }
            }
            Parameters::Pad { interior, .. } if is_last => {
                for (dim, gap) in interior.iter_mut().enumerate() {
                    let Some(known) = result.r#type.shape.as_mut().map(|shape| &mut shape[dim]) else { continue };
                    let inner = self.program.values[operation.operands[0]].extents[dim];
                    if known.is_some() && self.random.once_in(2) {
                        *gap = 1 + self.random.below(2);
                        result.extents[dim] += *gap as u64 * inner.saturating_sub(1);
                        *known = Some(result.extents[dim]);
                    }
                }
            }
            Parameters::Reduce { kind, .. } | Parameters::Scan(ScanForm { kind, .. }) if dtype.is_integer() => {
                use Reduction::*;
                *kind = self.random.choose(&[Add, Mul, Max, Min, And, Or]);
            }
            Parameters::Reduce { kind, .. } | Parameters::Scan(ScanForm { kind, .. })
                if dtype.is_float() && self.random.once_in(4) =>
            {
                *kind = Reduction::Mul;
            }
            _ => {}
        }
        let place = if operation.kind == OpKind::ArraySlice { 1 } else { operation.operands.len() };
        operation.operands.splice(place..place, extra);
    }
}

/// The top of a term: as trials make it, but for what has attributes of its own.
fn top(trial: &mut Trial, kind: OpKind, want: &Want, from: ScalarType, depth: usize) -> Option<dp_terms::Id> {
    use OpKind::*;
    let with = |dtype: ScalarType| Want { dtype, dims: want.dims.clone() };
    if matches!(kind, ScalarAdd | ScalarSub | ScalarMul)
        && trial.choose(&[true, false, false, false])
        && let Some(made) = beside_a_view(trial, kind, want, depth)
    {
        return Some(made);
    }
    match kind {
        ScalarCompare => {
            use Predicate::*;
            let class = want.dtype;
            let predicates: &[Predicate] = match () {
                () if class.is_complex() || class == ScalarType::I1 => &[Eq, Ne],
                () if class.is_integer() => Predicate::ALL,
                () => &[Eq, Ne, Lt, Le, Gt, Ge],
            };
            let predicate = trial.choose(predicates);
            let children = vec![trial.term(want, depth), trial.term(want, depth)];
            trial.graph().apply(kind, &Parameters::Compare(predicate), children)
        }
        AdStopGradient => {
            let x = trial.term(want, depth);
            trial.graph().scalar(kind, vec![x])
        }
        ScalarPolygamma => {
            let order = trial.choose(&[0, 1, 2, 3]);
            let x = trial.term(want, depth);
            trial.graph().apply(kind, &Parameters::Order(order), vec![x])
        }
        // With all digits: of fewer ones, a target may round another number.
        ScalarReducePrecision => {
            let x = trial.term(want, depth);
            trial.graph().apply(kind, &Parameters::Precision { exponent: 11, mantissa: 52 }, vec![x])
        }
        // To the same type: the bits of NaN differ.
        ScalarBitcast => {
            let x = trial.term(want, depth);
            let r#type = want.r#type();
            Some(trial.graph().typed(kind, &Parameters::None, vec![x], &r#type))
        }
        ScalarConvert if from.is_complex() && !want.dtype.is_complex() => None,
        ScalarConvert => {
            let unsigned = trial.choose(&[false, true]);
            let x = trial.term(&with(from), depth);
            let dims = want.dims.as_ref();
            let shape = dims.map(|dims| dims.iter().map(|(extent, known)| known.then_some(*extent)).collect());
            let r#type = ValueType { dtype: want.dtype, shape };
            Some(trial.graph().typed(kind, &Parameters::Convert { unsigned }, vec![x], &r#type))
        }
        ArrayCholesky | ArrayTriangularSolve | ArrayLuPivots | ArrayLu | ArraySwapRows | ArrayQr | ArrayQrTaus
        | ArrayEighValues | ArrayEighVectors | ArraySvdValues | ArraySvdLeft | ArraySvdRight => {
            matrices(trial, kind, want, depth)
        }
        ArrayFft => fourier(trial, want),
        ArithAddI | ArithSubI | ArithMulI | ArithDivSI | ArithMaxSI | ArithMinSI => Some(trial.index_operation(kind)),
        _ => trial.operation(kind, want, depth),
    }
}

/// A transform whose result has the wanted type, along a dimension with a known extent.
fn fourier(trial: &mut Trial, want: &Want) -> Option<dp_terms::Id> {
    let kinds = match want.dtype {
        ScalarType::F32 | ScalarType::F64 => &[FftKind::Irfft][..],
        ScalarType::Complex64 | ScalarType::Complex128 => &[FftKind::Fft, FftKind::Ifft, FftKind::Rfft],
        _ => return None,
    };
    let kind = trial.choose(kinds);
    let mut dims = want.dims.clone()?;
    let along: Vec<usize> = (0..dims.len()).filter(|dim| dims[*dim].0 > 0).collect();
    if along.is_empty() {
        return None;
    }
    let dim = trial.choose(&along);
    let made = dims[dim].0;
    let length = if kind == FftKind::Rfft { (2 * made - trial.choose(&[1, 2])).max(1) } else { made };
    let form = FftForm { kind, dim, length };
    dims[dim] = (form.given(), true);
    let dtype = match kind {
        FftKind::Fft | FftKind::Ifft => want.dtype,
        FftKind::Rfft => want.dtype.real(),
        FftKind::Irfft => want.dtype.complex()?,
    };
    let x = small(trial, &Want::tensor(dtype, dims))?;
    trial.graph().apply(OpKind::ArrayFft, &Parameters::Fft(form), vec![x])
}

/// A tensor of small numbers from outside, for what overflows, or is NaN, elsewhere if sums are taken in another order.
pub fn small(trial: &mut Trial, want: &Want) -> Option<dp_terms::Id> {
    let extents: Vec<u64> = want.dims.as_ref()?.iter().map(|(extent, _)| *extent).collect();
    let count = extents.iter().product::<u64>();
    let mut part = || trial.choose(&[-3.0, -1.25, -0.5, 0.0, 0.75, 1.0, 2.5]);
    let elements = (0..count).map(|_| match want.dtype.is_complex() {
        true => Number::Complex(Complex64::new(part(), part())),
        false => Number::Real(part()),
    });
    let elements = elements.collect();
    let number = trial.outside.len() as u32;
    trial.outside.push(Literal::tensor(want.dtype, extents, elements));
    Some(trial.dag.value(number, &want.r#type()))
}
