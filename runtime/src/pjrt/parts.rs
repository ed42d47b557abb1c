//! The parts of arrays that devices hold.

use std::ops::Range;

use dp_abi::Sharding;

use super::ArrayType;
use crate::array::{count, with_elements};
use crate::{Array, Element};

/// The part of an array at a position of a sharding that divides its shape into parts of this shape.
pub(super) fn part(array: &Array, position: &[usize], shape: &[usize]) -> Array {
    let runs = runs(array.shape(), position, shape);
    with_elements!(array.elements(), items => {
        Array::of(shape.to_vec(), runs.flat_map(|run| items[run].iter().copied()).collect())
    })
}

/// The array of the parts of all devices, each of the shape that the sharding gives; `None` if it does not fit into
/// memory. Of copies, the last one counts.
pub(super) fn whole(parts: &[Array], sharding: &Sharding, r#type: &ArrayType) -> Option<Array> {
    let mut array = Array::zeros(r#type.number, r#type.shape.clone())?;
    let shape = r#type.shape.clone();
    for (part, position) in parts.iter().zip(&sharding.positions) {
        with_elements!(array.elements_mut(), items => fill(items, &shape, part, position));
    }
    Some(array)
}

/// Copies a part to its place.
fn fill<T: Element>(whole: &mut [T], shape: &[usize], part: &Array, position: &[usize]) {
    let Some(mut rest) = part.as_slice::<T>() else { return };
    for run in runs(shape, position, part.shape()) {
        let (row, others) = rest.split_at(run.len());
        whole[run].copy_from_slice(row);
        rest = others;
    }
}

/// The ranges of elements of a part of an array, in row-major order: a row each.
fn runs(whole: &[usize], position: &[usize], part: &[usize]) -> impl Iterator<Item = Range<usize>> + use<> {
    let row = part.last().copied().unwrap_or(1);
    let rows = count(part).and_then(|count| count.checked_div(row)).unwrap_or(0);
    // The number of elements between neighbours along each dimension.
    let mut strides = vec![1_usize; whole.len()];
    for dimension in (1..whole.len()).rev() {
        strides[dimension - 1] = strides[dimension] * whole[dimension];
    }
    let first: usize =
        strides.iter().zip(position).zip(part).map(|((stride, along), extent)| stride * along * extent).sum();
    let outer: Vec<(usize, usize)> = strides.into_iter().zip(part.iter().copied()).rev().skip(1).collect();
    (0..rows).map(move |row_index| {
        let mut rest = row_index;
        let mut start = first;
        for (stride, extent) in &outer {
            start += rest % extent * stride;
            rest /= extent;
        }
        start..start + row
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_the_whole() {
        let array = Array::new(&[4, 6], (0..24).collect::<Vec<i32>>()).expect("it fits");
        let sharding = Sharding { parts: vec![2, 3], positions: (0..6).map(|at| vec![at / 3, at % 3]).collect() };
        let shape = sharding.part(&[4, 6]).expect("it divides");
        let parts: Vec<Array> = sharding.positions.iter().map(|position| part(&array, position, &shape)).collect();
        assert_eq!(parts[4].as_slice::<i32>(), Some(&[14, 15, 20, 21][..]));
        assert_eq!(whole(&parts, &sharding, &ArrayType::from(&array)), Some(array));
    }

    #[test]
    fn scalars_and_empty_arrays_are_parts_of_themselves() {
        for array in [Array::number(2.5_f64), Array::new::<f32>(&[2, 0], Vec::new()).expect("it is empty")] {
            let sharding = Sharding::replicated(array.shape().len(), 2);
            let parts = [(); 2].map(|()| part(&array, &sharding.positions[0], array.shape()));
            assert_eq!(parts[0], array);
            assert_eq!(whole(&parts, &sharding, &ArrayType::from(&array)), Some(array));
        }
    }
}
