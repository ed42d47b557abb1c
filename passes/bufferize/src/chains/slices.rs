//! Slices of tensors and of the buffers that replace them.

use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, i64_array, operands, result};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, Result, ValueType};
use dp_loopnest::structured::{is_named, segments};
use melior::ir::Type;
use melior::ir::attribute::DenseI64ArrayAttribute;

/// Whether an operation inserts into a tensor.
pub(super) fn is_link(op: Op) -> bool {
    is_named(op, "tensor.insert_slice") || is_named(op, "tensor.insert")
}

/// A slice as in operations: attributes and dynamic operands.
pub(super) struct Slice<'c> {
    offsets: Vec<i64>,
    sizes: Vec<i64>,
    strides: Vec<i64>,
    dynamic: [Vec<Val<'c>>; 3],
}

impl<'c> Slice<'c> {
    /// From `tensor.extract_slice` or `tensor.insert_slice`, whose slice operands come last.
    pub(super) fn of(op: Op<'c>) -> Option<Self> {
        let list = |name| i64_array(op, name);
        let (offsets, sizes, strides) = (list("static_offsets")?, list("static_sizes")?, list("static_strides")?);
        let mut rest = operands(op).split_off(if is_link(op) { 2 } else { 1 });
        let count = |list: &[i64]| list.iter().filter(|value| **value == DYNAMIC).count();
        let after = rest.split_off(count(&offsets));
        let (first, mut second) = (rest, after);
        let third = second.split_off(count(&sizes));
        Some(Slice { offsets, sizes, strides, dynamic: [first, second, third] })
    }

    pub(super) fn is_same(&self, other: &Slice<'c>) -> bool {
        (&self.offsets, &self.sizes, &self.strides, &self.dynamic)
            == (&other.offsets, &other.sizes, &other.strides, &other.dynamic)
    }

    pub(super) fn is_known(&self) -> bool {
        self.dynamic.iter().all(Vec::is_empty)
    }

    /// The view of a row-major buffer with the dimensions of the tensor `like`.
    pub(super) fn view(
        &self,
        b: &Builder<'c>,
        buffer: Val<'c>,
        whole: &ValueType,
        like: &ValueType,
    ) -> Result<Val<'c>> {
        let steps = steps(whole);
        let strides: Vec<i64> = self.strides.iter().zip(&steps).map(|(a, b)| times(*a, *b)).collect();
        let offset = self.offsets.iter().zip(&steps).map(|(at, step)| times(*at, *step)).reduce(plus).unwrap_or(0);
        let kept =
            kept(&self.sizes, like).ok_or_else(|| Diagnostic::internal("internal error: a slice has another shape"))?;
        let extents: Vec<i64> = kept.iter().map(|dim| self.sizes[*dim]).collect();
        let text = |value: i64| if value == DYNAMIC { "?".to_string() } else { value.to_string() };
        let shape: String = extents.iter().map(|extent| text(*extent) + "x").collect();
        let strides: Vec<String> = kept.iter().map(|dim| text(strides[*dim])).collect();
        let element = whole.dtype.to_type(b.context());
        let offset = text(offset);
        let r#type = format!("memref<{shape}{element}, strided<[{}], offset: {offset}>>", strides.join(", "));
        let r#type = Type::parse(b.context(), &r#type)
            .ok_or_else(|| Diagnostic::internal(format!("internal error: no type {type}")))?;
        let context = b.context();
        let list = |values: &[i64]| DenseI64ArrayAttribute::new(context, values).into();
        let attributes = [
            ("static_offsets", list(&self.offsets)),
            ("static_sizes", list(&self.sizes)),
            ("static_strides", list(&self.strides)),
            segments(context, &[1, self.dynamic[0].len(), self.dynamic[1].len(), self.dynamic[2].len()]),
        ];
        let operands: Vec<Val> = std::iter::once(buffer).chain(self.dynamic.iter().flatten().copied()).collect();
        b.named("memref.subview", &operands, &[r#type], &attributes, vec![]).map(result)
    }
}

fn times(a: i64, b: i64) -> i64 {
    if a == 0 || b == 0 {
        0
    } else if a == DYNAMIC || b == DYNAMIC {
        DYNAMIC
    } else {
        a * b
    }
}

fn plus(a: i64, b: i64) -> i64 {
    if a == DYNAMIC || b == DYNAMIC { DYNAMIC } else { a + b }
}

/// The strides of a row-major buffer.
fn steps(whole: &ValueType) -> Vec<i64> {
    let mut step = 1;
    let mut steps = Vec::new();
    for extent in whole.extents().iter().rev() {
        steps.push(step);
        step = extent.map_or(DYNAMIC, |extent| times(step, extent as i64));
    }
    steps.reverse();
    steps
}

/// The dimensions of a slice that a tensor of possibly lower rank keeps; those dropped have extent 1. Of several such
/// dimensions between two others, the last ones are kept.
fn kept(sizes: &[i64], like: &ValueType) -> Option<Vec<usize>> {
    let wanted: Vec<i64> = like.extents().iter().map(|extent| extent.map_or(DYNAMIC, |extent| extent as i64)).collect();
    if sizes.len() == wanted.len() {
        return Some((0..sizes.len()).collect());
    }
    let fits = |size: i64, wanted: i64| size == wanted || size != 1 && (size == DYNAMIC || wanted == DYNAMIC);
    let (mut left, mut kept) = (wanted.iter().rev().peekable(), Vec::new());
    for (dim, size) in sizes.iter().enumerate().rev() {
        if left.next_if(|wanted| fits(*size, **wanted)).is_some() {
            kept.push(dim);
        } else if *size != 1 {
            return None;
        }
    }
    kept.reverse();
    left.next().is_none().then_some(kept)
}

/// Whether slices are known to be disjoint: in some dimension, no two of them overlap.
pub(super) fn are_disjoint(slices: &[Option<Slice>]) -> bool {
    let Some(slices) = slices.iter().map(Option::as_ref).collect::<Option<Vec<_>>>() else { return false };
    if !slices.iter().all(|of| of.is_known() && of.strides.iter().all(|stride| *stride == 1)) {
        return false;
    }
    (0..slices.first().map_or(0, |first| first.offsets.len())).any(|dim| {
        let mut spans: Vec<(i64, i64)> = slices.iter().map(|of| (of.offsets[dim], of.sizes[dim])).collect();
        spans.sort_unstable();
        spans.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0)
    })
}

#[cfg(test)]
mod tests {
    use super::kept;
    use dp_dialects::types::DYNAMIC;
    use dp_dialects::{ScalarType, ValueType};

    #[test]
    fn dropped_dimensions_have_extent_1() {
        let of = |sizes: &[i64], shape: &[u64]| {
            kept(sizes, &ValueType::tensor(ScalarType::F64, shape.iter().copied().map(Some).collect()))
        };
        assert_eq!(of(&[2, 1, 3], &[2, 1, 3]), Some(vec![0, 1, 2]));
        assert_eq!(of(&[2, 1, 3], &[2, 3]), Some(vec![0, 2]));
        // A dimension of extent 1 before one that is larger, and one after it.
        assert_eq!(of(&[1, 3, 1, 4], &[1, 3, 4]), Some(vec![0, 1, 3]));
        assert_eq!(of(&[1, 3, 1, 4], &[3, 1, 4]), Some(vec![1, 2, 3]));
        assert_eq!(of(&[1, 1, 3], &[1, 3]), Some(vec![1, 2]));
        assert_eq!(of(&[1, DYNAMIC, 1, 4], &[5, 4]), Some(vec![1, 3]));
        assert_eq!(of(&[2, 3], &[3]), None);
        assert_eq!(of(&[1, 3], &[4]), None);
    }
}
