//! A crash of upstream's folders, avoided: `tensor.from_elements` of constants assumes that elements are not complex.

use dp_dialects::ir::{Op, Val, defining_op, erase, operands, replace_all_uses, result, walk};
use dp_dialects::{Builder, Result, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// Replaces each `tensor.from_elements` whose elements are, or may be folded to, complex constants by insertions into an
/// uninitialized tensor.
///
/// # Errors
/// If MLIR fails to create an operation.
pub(super) fn expand_complex_elements(module: Op) -> Result<()> {
    let mut found = Vec::new();
    walk(module, &mut |op| {
        let is_complex = || {
            let r#type = ValueType::of(result(op).r#type());
            r#type.filter(|r#type| r#type.dtype.is_complex() && operands(op).into_iter().all(is_constant))
        };
        if op.name().as_string_ref().as_str() == Ok("tensor.from_elements")
            && let Some(r#type) = is_complex()
        {
            found.push((op, r#type));
        }
    });
    for (op, r#type) in found {
        let b = Builder::before(op).located(op.location());
        let tensor = r#type.to_type(b.context());
        let shape: Vec<u64> = r#type.extents().iter().copied().flatten().collect();
        let mut whole = result(b.named("tensor.empty", &[], &[tensor], &[], vec![])?);
        for (number, element) in operands(op).into_iter().enumerate() {
            let mut rest = number as u64;
            let mut position = Vec::new();
            // Row-major: the last dimension varies fastest.
            for extent in shape.iter().rev() {
                position.push(b.index((rest % extent) as i64)?);
                rest /= extent;
            }
            position.reverse();
            let inputs = [&[element, whole], &position[..]].concat();
            whole = result(b.named("tensor.insert", &inputs, &[tensor], &[], vec![])?);
        }
        replace_all_uses(result(op), whole);
        erase(op);
    }
    Ok(())
}

/// Whether a value depends on no argument.
fn is_constant(value: Val) -> bool {
    let mut pending = vec![value];
    // A few operations suffice: what is not known to be constant is taken for constant.
    for _ in 0..64 {
        let Some(value) = pending.pop() else { return true };
        match defining_op(value) {
            Some(op) => pending.extend(operands(op)),
            None => return false,
        }
    }
    true
}
