//! Result types that follow from operands and attributes.

use crate::attributes::Reduction;
use crate::parameters::{DotDims, Parameters};
use crate::types::Extent;
use crate::{DType, Diagnostic, OpKind, Result, ValueType};

fn complain<T>(message: impl Into<String>) -> Result<T> {
    Err(Diagnostic::new(message))
}

/// The result type of an operation of `scalar` or `array` whose class in ODS
/// is `…_Inferred`, or whose result has its first operand's type.
///
/// # Errors
/// A diagnostic where operands and parameters do not fit together.
pub fn infer(kind: OpKind, operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    if let Parameters::Constant(literal) = parameters {
        return Ok(literal.value_type());
    }
    let Some(x) = operands.first() else { return complain("needs an operand") };
    match (kind, parameters) {
        (OpKind::ScalarAbs | OpKind::ScalarReal | OpKind::ScalarImag, _) => Ok(x.with_dtype(x.dtype.real())),
        (OpKind::ScalarCompare | OpKind::ScalarIsNan | OpKind::ScalarIsFinite, _) => Ok(x.with_dtype(DType::I1)),
        (OpKind::ScalarComplex, _) => match x.dtype.complex() {
            Some(dtype) => Ok(x.with_dtype(dtype)),
            None => complain(format!("there is no complex number of two {}", x.dtype)),
        },
        (OpKind::ScalarSelect, _) => operands.get(1).cloned().ok_or_else(|| Diagnostic::new("needs three operands")),
        (OpKind::ArrayTranspose, Parameters::Permutation(permutation)) => transpose(x, permutation),
        (OpKind::ArrayReduce, Parameters::Reduce { kind, dims }) => reduce(x, *kind, dims),
        (OpKind::ArrayConcatenate, Parameters::Dim(dim)) => concatenate(operands, *dim),
        (OpKind::ArrayUpdateSlice, _) => update_slice(operands, parameters),
        (OpKind::ArrayDot, Parameters::Dot(dims)) => dot(operands, dims),
        (OpKind::ArrayGather, _) => gather(operands),
        (OpKind::ArrayScatter, _) => scatter(operands),
        (kind, Parameters::None | Parameters::Order(_))
            if kind.dialect() == "scalar" || kind == OpKind::AdStopGradient =>
        {
            Ok(x.clone())
        }
        _ => complain(format!("the result type of '{}' does not follow from its operands", kind.name())),
    }
}

/// Whether two extents may be the same at run time.
pub fn compatible(a: Extent, b: Extent) -> bool {
    a.zip(b).is_none_or(|(a, b)| a == b)
}

/// Whether two types have the same rank and extents that may be the same.
pub fn compatible_shapes(a: &ValueType, b: &ValueType) -> bool {
    a.is_tensor() == b.is_tensor()
        && a.rank() == b.rank()
        && a.extents().iter().zip(b.extents()).all(|(a, b)| compatible(*a, *b))
}

/// Checks positions of dimensions: within the rank, and none twice.
fn check_dimensions(name: &str, dims: &[usize], rank: usize) -> Result<()> {
    for (index, dim) in dims.iter().enumerate() {
        if *dim >= rank {
            return complain(format!("'{name}' names dimension {dim} of a tensor of rank {rank}"));
        }
        if dims[..index].contains(dim) {
            return complain(format!("'{name}' names dimension {dim} twice"));
        }
    }
    Ok(())
}

fn transpose(x: &ValueType, permutation: &[usize]) -> Result<ValueType> {
    check_dimensions("permutation", permutation, x.rank())?;
    if permutation.len() != x.rank() {
        let named = permutation.len();
        return complain(format!("'permutation' names {named} of the {} dimensions of its operand", x.rank()));
    }
    Ok(ValueType::tensor(x.dtype, permutation.iter().map(|dim| x.extents()[*dim]).collect()))
}

fn reduce(x: &ValueType, kind: Reduction, dims: &[usize]) -> Result<ValueType> {
    check_dimensions("dims", dims, x.rank())?;
    let admits = |combiner| crate::legality::classes(combiner).is_some_and(|classes| classes.admits(x.dtype));
    if !kind.combiner().is_none_or(admits) {
        return complain(format!("'{}' does not reduce {}", kind.keyword(), x.dtype));
    }
    let kept = x.extents().iter().enumerate().filter(|(dim, _)| !dims.contains(dim));
    Ok(ValueType::tensor(x.dtype, kept.map(|(_, extent)| *extent).collect()))
}

fn concatenate(operands: &[ValueType], dim: usize) -> Result<ValueType> {
    let mut result = operands[0].clone();
    if dim >= result.rank() {
        return complain("'dim' must be a dimension of the operands");
    }
    let Some(extents) = &mut result.shape else { return complain("takes tensors") };
    for x in &operands[1..] {
        if x.dtype != result.dtype || x.rank() != extents.len() {
            return complain("takes tensors of one rank and one element type");
        }
        for (index, extent) in extents.iter_mut().enumerate() {
            let other = x.extents()[index];
            if index == dim {
                *extent = match extent.zip(other) {
                    Some((a, b)) => match a.checked_add(b).filter(|sum| *sum <= i64::MAX as u64) {
                        Some(sum) => Some(sum),
                        None => return complain(format!("dimension {dim} is too large when concatenated")),
                    },
                    None => None,
                };
            } else if compatible(*extent, other) {
                *extent = extent.or(other);
            } else {
                return complain(format!("the operands differ in the extent of dimension {index}"));
            }
        }
    }
    Ok(result)
}

fn update_slice(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let [x, update, ..] = operands else { return complain("needs a tensor and an update") };
    if matches!(parameters, Parameters::Update { accumulate: true, .. }) && x.dtype == DType::I1 {
        return complain("adds numbers; booleans do not add");
    }
    if x.dtype != update.dtype || x.rank() != update.rank() {
        return complain("takes an update of the tensor's rank and element type");
    }
    let fits = |(x, u): (&Extent, &Extent)| x.zip(*u).is_none_or(|(x, u)| u <= x);
    if !x.extents().iter().zip(update.extents()).all(fits) {
        return complain("the update is larger than the tensor");
    }
    Ok(x.clone())
}

fn dot(operands: &[ValueType], dims: &DotDims) -> Result<ValueType> {
    let [a, b] = operands else { return complain("needs two tensors") };
    if a.dtype != b.dtype {
        return complain("takes tensors of one element type");
    }
    if a.dtype == DType::I1 {
        return complain("does not contract booleans");
    }
    for (x, batch, contract) in [(a, &dims.batch_a, &dims.contract_a), (b, &dims.batch_b, &dims.contract_b)] {
        check_dimensions("batch", batch, x.rank())?;
        check_dimensions("contract", contract, x.rank())?;
        if let Some(dim) = batch.iter().find(|dim| contract.contains(dim)) {
            return complain(format!("dimension {dim} is both a batch and a contracting dimension"));
        }
    }
    if dims.batch_a.len() != dims.batch_b.len() || dims.contract_a.len() != dims.contract_b.len() {
        return complain("pairs dimensions: the lists of the two operands have the same length");
    }
    let batches = || dims.batch_a.iter().zip(&dims.batch_b);
    for (i, j) in batches().chain(dims.contract_a.iter().zip(&dims.contract_b)) {
        if !compatible(a.extents()[*i], b.extents()[*j]) {
            return complain(format!("dimension {i} of {a} and dimension {j} of {b} differ in extent"));
        }
    }
    let mut extents: Vec<Extent> = batches().map(|(i, j)| a.extents()[*i].or(b.extents()[*j])).collect();
    extents.extend(dims.free_a(a.rank()).into_iter().map(|dim| a.extents()[dim]));
    extents.extend(dims.free_b(b.rank()).into_iter().map(|dim| b.extents()[dim]));
    Ok(ValueType::tensor(a.dtype, extents))
}

fn gather(operands: &[ValueType]) -> Result<ValueType> {
    let [x, indices] = operands else { return complain("needs a tensor and indices") };
    if x.rank() == 0 {
        return complain("takes rows of a tensor of rank 1 or more");
    }
    if !indices.dtype.is_integer() {
        let diagnostic = Diagnostic::new("takes indices of an integer type");
        return Err(diagnostic.help("convert them to i32 or i64 with 'scalar.convert'"));
    }
    let extents = indices.extents().iter().chain(&x.extents()[1..]).copied().collect();
    Ok(ValueType::tensor(x.dtype, extents))
}

fn scatter(operands: &[ValueType]) -> Result<ValueType> {
    let [x, indices, updates] = operands else { return complain("needs a tensor, indices and updates") };
    let rows = gather(&[x.clone(), indices.clone()])?;
    if !x.dtype.is_differentiable() && !x.dtype.is_integer() {
        return complain("adds numbers; booleans do not add");
    }
    if rows.dtype != updates.dtype || !compatible_shapes(&rows, updates) {
        return complain(format!("takes updates of type {rows}, as 'array.gather' gives them, not {updates}"));
    }
    Ok(x.clone())
}
