//! `lower-array`: operations on tensors become structured loops.

pub mod combination;
mod contract;
mod elements;
mod elementwise;
mod guards;
mod regions;
mod rows;
mod shapes;
mod slices;

use dp_dialects::ir::{Op, Val, erase, operands, replace_all_uses, results, walk};
use dp_dialects::{Builder, Diagnostic, FloatModel, OpKind, Parameters, Result, ValueType};
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// `lower-array`.
pub static LOWER_ARRAY: Pass<ArrayOptions> = Pass {
    flag: "lower-array",
    summary: "lower operations on tensors to structured loops",
    description: "Takes operations of `array`, and those of `scalar` on tensors. Leaves `linalg`, `tensor` and `scf` \
        on tensors, with operations of `scalar` on numbers in the bodies of loops, and a `cf.assert` for each thing \
        that types do not show: extents that must agree, boxes that must fit. Broadcasts and transposes become \
        indexing maps, so that fusion takes them away.",
    body: run,
};

pass_options! {
    /// Options of `lower-array`.
    pub struct ArrayOptions {
        "fp" => fp: FloatModel = FloatModel::Reassociate, "the floating-point model";
    }
}

/// An operation that is being lowered, and where its replacement goes.
pub(crate) struct Site<'c> {
    pub(crate) kind: OpKind,
    pub(crate) op: Op<'c>,
    pub(crate) b: Builder<'c>,
    pub(crate) parameters: Parameters,
    pub(crate) operands: Vec<Val<'c>>,
    pub(crate) types: Vec<ValueType>,
    /// The type of the first result.
    pub(crate) result: ValueType,
    pub(crate) model: FloatModel,
}

impl<'c> Site<'c> {
    fn of(kind: OpKind, op: Op<'c>, model: FloatModel) -> Result<Self> {
        let value_type = |value: &Val| {
            ValueType::of(value.r#type())
                .ok_or_else(|| Diagnostic::new(format!("'{}' has an unknown type", kind.name())))
        };
        let parameters = Parameters::of(kind, op)
            .ok_or_else(|| Diagnostic::new(format!("'{}' has a missing or malformed attribute", kind.name())))?;
        let operands = operands(op);
        let types = operands.iter().map(value_type).collect::<Result<_>>()?;
        let result = results(op).first().map(value_type).ok_or_else(|| Diagnostic::new("has no result"))??;
        Ok(Site { kind, op, b: Builder::before(op), parameters, operands, types, result, model })
    }

    /// The `index` operands that give the dynamic extents of the result, checked.
    pub(crate) fn extents(&self) -> Result<Vec<Val<'c>>> {
        let count = self.result.dynamic_dimensions().count();
        let extents = self.operands[self.operands.len() - count..].to_vec();
        extents.iter().try_for_each(|extent| crate::checks::require_extent(&self.b, *extent))?;
        Ok(extents)
    }

    /// A diagnostic that the attributes do not fit the operation, which
    /// verification rules out.
    pub(crate) fn malformed<T>(&self) -> Result<T> {
        Err(Diagnostic::new(format!("internal error: '{}' is malformed", self.kind.name())))
    }
}

fn run<'c>(module: Op<'c>, options: &ArrayOptions) -> Result<(), ErrorGuaranteed> {
    let model = options.fp;
    let mut all = Vec::new();
    walk(module, &mut |op| all.extend(OpKind::of(op).map(|kind| (kind, op))));
    let mut outcome = Ok(());
    for (kind, op) in &all {
        if let Err(diagnostic) = guards::guard(*kind, *op) {
            outcome = Err(diagnostic.report(op.location()));
        }
    }
    all.retain(|(kind, op)| on_tensors(*kind, *op));
    // What a region of `array` holds goes with the operation, and so comes before it.
    all.sort_by_cached_key(|(_, op)| std::cmp::Reverse(depth(*op)));
    for (kind, op) in all {
        match Site::of(kind, op, model).and_then(|site| lower(&site)) {
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

/// How many operations of `array` an operation lies in.
fn depth(op: Op) -> usize {
    let parents = std::iter::successors(op.parent_operation(), |op| op.parent_operation());
    parents.filter(|op| OpKind::of(*op).is_some_and(|kind| kind.dialect() == "array")).count()
}

fn on_tensors(kind: OpKind, op: Op) -> bool {
    let is_tensor = |value: &Val| ValueType::of(value.r#type()).is_some_and(|r#type| r#type.is_tensor());
    match kind.dialect() {
        "array" => kind != OpKind::ArrayYield,
        "scalar" => results(op).first().is_some_and(is_tensor),
        _ if kind == OpKind::TensorFromElements => elements::is_complex(op),
        _ => matches!(kind, OpKind::AdStopGradient | OpKind::TensorDim),
    }
}

/// What replaces the results.
fn lower<'c>(site: &Site<'c>) -> Result<Vec<Val<'c>>> {
    let one = |made: Result<Val<'c>>| made.map(|value| vec![value]);
    match site.kind {
        OpKind::AdStopGradient => Ok(vec![site.operands[0]]),
        OpKind::TensorDim => one(shapes::dim(site)),
        OpKind::TensorFromElements => one(elements::from_elements(site)),
        OpKind::ArrayConstant => one(shapes::constant(site)),
        OpKind::ArrayIota => one(shapes::iota(site)),
        OpKind::ArrayBroadcast => one(shapes::broadcast(site)),
        OpKind::ArrayReshape => one(shapes::reshape(site)),
        OpKind::ArrayTranspose => one(shapes::transpose(site)),
        OpKind::ArraySlice => one(slices::slice(site)),
        OpKind::ArrayUpdateSlice => one(slices::update(site)),
        OpKind::ArrayPad => one(slices::pad(site)),
        OpKind::ArrayConcatenate => one(slices::concatenate(site)),
        OpKind::ArrayMap => regions::map(site),
        OpKind::ArrayReduce => one(regions::reduce(site)),
        OpKind::ArrayDot => one(contract::dot(site)),
        OpKind::ArrayGather => one(rows::gather(site)),
        OpKind::ArrayScatter => one(rows::scatter(site)),
        kind if kind.dialect() == "scalar" => one(elementwise::elementwise(site)),
        kind => Err(Diagnostic::new(format!("'{}' is not supported by this target", kind.name()))),
    }
}
