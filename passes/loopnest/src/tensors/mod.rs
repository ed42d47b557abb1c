//! `lower-array`: lowers tensor operations to structured loops.

mod cholesky;
pub mod combination;
mod contract;
mod elements;
mod elementwise;
mod fourier;
mod guards;
mod lu;
mod matrices;
mod regions;
mod rows;
mod scan;
mod shapes;
mod slices;
mod solve;
mod sort;
mod sort_network;
mod windows;

use dp_dialects::ir::{Op, Val, erase, operands, replace_all_uses, results, users, walk};
use dp_dialects::ops::Table;
use dp_dialects::{Builder, Diagnostic, FloatModel, OpKind, Parameters, Result, ValueType};
use dp_passes::manager::VectorWidth;
use dp_passes::orthogonal::expands;
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::sync::LazyLock;

/// `lower-array`.
pub static LOWER_ARRAY: Pass<ArrayOptions> = Pass {
    flag: "lower-array",
    summary: "lower tensor operations to structured loops",
    description: "Takes operations of `array`, and of `scalar` on tensors. Leaves `linalg`, `tensor` and `scf` on tensors, \
        with `scalar` operations on scalars in the bodies of loops, and a `cf.assert` for each condition that \
        types do not prove: extents that must agree, slices that must fit. Broadcasts and transposes become \
        indexing maps, which fusion removes.",
    body: run,
};

pass_options! {
    /// Options of `lower-array`.
    pub struct ArrayOptions {
        "fp" => fp: FloatModel = FloatModel::Reassociate, "the floating-point model";
        "windows" => windows: bool = false, "compute the elements of a scan in one loop, at all other indices at once";
        "vector-bytes" => vectors: VectorWidth = VectorWidth::Bytes32, "the vector width of the CPU, in bytes";
        "unstored" => unstored: bool = false, "do not store the windows of 'array.windows' that are only contracted";
    }
}

/// The operation being lowered, and the insertion point.
pub(crate) struct LoweringSite<'c> {
    pub(crate) kind: OpKind,
    pub(crate) op: Op<'c>,
    pub(crate) b: Builder<'c>,
    pub(crate) parameters: Parameters,
    pub(crate) operands: Vec<Val<'c>>,
    pub(crate) types: Vec<ValueType>,
    /// The type of the first result.
    pub(crate) result: ValueType,
    pub(crate) model: FloatModel,
    /// Whether a scan is one loop, over windows that span all other dimensions.
    pub(crate) windows: bool,
    /// Whether windows that are contracted are not stored.
    pub(crate) unstored: bool,
    /// The vector width of the CPU.
    pub(crate) vectors: VectorWidth,
}

impl<'c> LoweringSite<'c> {
    fn of(kind: OpKind, op: Op<'c>, options: &ArrayOptions) -> Result<Self> {
        let value_type = |value: &Val| {
            ValueType::of(value.r#type())
                .ok_or_else(|| Diagnostic::unsupported(format!("'{}' has an unknown type", kind.name())))
        };
        let parameters = Parameters::of(kind, op)
            .ok_or_else(|| Diagnostic::invalid(format!("'{}' has a missing or malformed attribute", kind.name())))?;
        let operands = operands(op);
        let types = operands.iter().map(value_type).collect::<Result<_>>()?;
        let result = results(op).first().map(value_type).ok_or_else(|| Diagnostic::invalid("has no result"))??;
        let ArrayOptions { fp: model, windows, vectors, unstored } = *options;
        let b = Builder::before(op);
        Ok(LoweringSite { kind, op, b, parameters, operands, types, result, model, windows, unstored, vectors })
    }

    /// The checked `index` operands for the dynamic extents of the result.
    pub(crate) fn extents(&self) -> Result<Vec<Val<'c>>> {
        let count = self.result.dynamic_dimensions().count();
        let extents = self.operands[self.operands.len() - count..].to_vec();
        extents.iter().try_for_each(|extent| crate::checks::require_extent(&self.b, *extent))?;
        Ok(extents)
    }

    /// A diagnostic for invalid attributes, which verification excludes.
    pub(crate) fn malformed<T>(&self) -> Result<T> {
        Err(Diagnostic::internal(format!("internal error: '{}' is malformed", self.kind.name())))
    }
}

fn run<'c>(module: Op<'c>, options: &ArrayOptions) -> Result<(), ErrorGuaranteed> {
    let mut all = Vec::new();
    walk(module, &mut |op| all.extend(OpKind::of(op).map(|kind| (kind, op))));
    let mut outcome = Ok(());
    for (kind, op) in &all {
        if let Err(diagnostic) = guards::guard(*kind, *op) {
            outcome = Err(diagnostic.report(op.location()));
        }
    }
    let mut all: Vec<(OpKind, Op, &Lowering)> =
        all.into_iter().filter_map(|(kind, op)| Some((kind, op, LOWERINGS.get(kind)?))).collect();
    all.retain(|(_, op, lowering)| lowering.takes(*op));
    // Operations in a region of `array` are lowered first, since the region moves with its operation. Windows are
    // lowered last, since contractions may take their place.
    all.sort_by_cached_key(|(kind, op, _)| (std::cmp::Reverse(depth(*op)), *kind == OpKind::ArrayWindows));
    for (kind, op, lowering) in all {
        if kind == OpKind::ArrayWindows && results(op).into_iter().all(|window| users(window).is_empty()) {
            erase(op);
            continue;
        }
        match LoweringSite::of(kind, op, options).and_then(|site| lowering.lower(&site)) {
            Ok(values) => {
                results(op).into_iter().zip(values).for_each(|(old, new)| replace_all_uses(old, new));
                erase(op);
            }
            Err(diagnostic) => {
                outcome = Err(diagnostic.report(op.location()));
            }
        }
    }
    outcome
}

/// The number of `array` operations that enclose an operation.
fn depth(op: Op) -> usize {
    let parents = std::iter::successors(op.parent_operation(), |op| op.parent_operation());
    parents.filter(|op| OpKind::of(*op).is_some_and(|kind| kind.dialect() == "array")).count()
}

/// Lowers an operation to one result.
type One = for<'c> fn(&LoweringSite<'c>) -> Result<Val<'c>>;

/// How an operation is lowered.
enum Lowering {
    /// Always, by this function.
    One(One),
    /// By this function, if the result is a tensor.
    OnTensors(One),
    /// By this function, if a condition holds.
    Where(fn(Op) -> bool, One),
    /// By this function, to several results.
    Many(for<'c> fn(&LoweringSite<'c>) -> Result<Vec<Val<'c>>>),
}

impl Lowering {
    fn takes(&self, op: Op) -> bool {
        let is_tensor = |value: &Val| ValueType::of(value.r#type()).is_some_and(|r#type| r#type.is_tensor());
        match self {
            Lowering::One(_) | Lowering::Many(_) => true,
            Lowering::OnTensors(_) => results(op).first().is_some_and(is_tensor),
            Lowering::Where(condition, _) => condition(op),
        }
    }

    /// The replacements of the results.
    fn lower<'c>(&self, site: &LoweringSite<'c>) -> Result<Vec<Val<'c>>> {
        match self {
            Lowering::One(one) | Lowering::OnTensors(one) | Lowering::Where(_, one) => Ok(vec![one(site)?]),
            Lowering::Many(many) => many(site),
        }
    }
}

/// The lowering of each operation of `array`, of `scalar` on tensors, and a few others.
static LOWERINGS: LazyLock<Table<Lowering>> = LazyLock::new(|| {
    use Lowering::{Many, OnTensors, One, Where};
    let rows = [
        (OpKind::AdStopGradient, One(|site| Ok(site.operands[0]))),
        (OpKind::TensorDim, One(shapes::dim)),
        (OpKind::TensorFromElements, Where(elements::is_complex, elements::from_elements)),
        (OpKind::ArrayConstant, One(shapes::constant)),
        (OpKind::ArrayIota, One(shapes::iota)),
        (OpKind::ArrayBroadcast, One(shapes::broadcast)),
        (OpKind::ArrayReshape, One(shapes::reshape)),
        (OpKind::ArrayTranspose, One(shapes::transpose)),
        (OpKind::ArraySlice, One(slices::slice)),
        (OpKind::ArrayUpdateSlice, One(slices::update)),
        (OpKind::ArrayPad, One(slices::pad)),
        (OpKind::ArrayWindows, One(windows::windows)),
        (OpKind::ArrayConcatenate, One(slices::concatenate)),
        // On one device.
        (OpKind::ArrayShard, Many(|site| Ok(site.operands.clone()))),
        (OpKind::ArrayMap, Many(regions::map)),
        (OpKind::ArrayReduce, One(regions::reduce)),
        (OpKind::ArrayScan, One(scan::scan)),
        (OpKind::ArraySort, Many(sort::sort)),
        (OpKind::ArrayDot, One(contract::dot)),
        (OpKind::ArrayFft, One(fourier::fft)),
        (OpKind::ArrayCholesky, One(cholesky::cholesky)),
        (OpKind::ArrayTriangularSolve, One(solve::solve)),
        (OpKind::ArrayLuPivots, One(lu::pivots)),
        (OpKind::ArrayLu, One(lu::lu)),
        (OpKind::ArraySwapRows, One(lu::swap_rows)),
        (OpKind::ArrayGather, One(rows::gather)),
        (OpKind::ArrayScatter, One(rows::scatter)),
    ];
    let arithmetic = OpKind::ALL.iter().filter(|kind| kind.entry().arithmetic.is_some());
    let arithmetic = arithmetic.map(|kind| (*kind, OnTensors(elementwise::elementwise)));
    Table::new(
        "lower-array",
        |kind| match kind.dialect() {
            "array" => !kind.entry().is_structure && !expands(kind),
            "scalar" => kind != OpKind::ScalarConstant,
            _ => matches!(kind, OpKind::AdStopGradient | OpKind::TensorDim | OpKind::TensorFromElements),
        },
        rows.into_iter().chain(arithmetic),
    )
});
