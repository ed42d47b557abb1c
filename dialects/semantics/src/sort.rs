//! Sorting.

use crate::require::{malformed, require_same_extents};
use crate::view::{View, gathered};
use dp_dialects::{Literal, Number, Result};

/// Runs of this length are sorted by insertion before they are merged.
pub const RUN: usize = 16;

/// Sorts tensors together along a dimension, as `array.sort` does: `before` takes two elements of each tensor in turn.
/// Runs are sorted by insertion and then merged, two at a time, in the order of the compiled program.
///
/// # Errors
/// A diagnostic where the tensors differ in extents, and the first error of `before`.
pub fn sort_with(
    xs: &[Literal],
    dim: usize,
    mut before: impl FnMut(&[Number]) -> Result<bool>,
) -> Result<Vec<Literal>> {
    let Some(first) = xs.first() else { return Err(malformed()) };
    require_same_extents(xs)?;
    let extents = first.extents();
    let mut sorted = xs.iter().map(|x| gathered(extents, x.iter())).collect::<Result<Vec<Vec<Number>>>>()?;
    let whole = View::whole(extents);
    let others: Vec<usize> = (0..extents.len()).filter(|other| *other != dim).collect();
    let mut lane = whole.pick(&[dim]);
    let mut pair = Vec::with_capacity(2 * xs.len());
    for offset in whole.pick(&others).positions() {
        lane.offset = offset;
        let positions: Vec<usize> = lane.positions().collect();
        let order = order(positions.len(), &mut |a, b| {
            pair.clear();
            pair.extend(xs.iter().flat_map(|x| [x.element(positions[a]), x.element(positions[b])]));
            before(&pair)
        })?;
        for (x, sorted) in xs.iter().zip(&mut sorted) {
            for (to, from) in positions.iter().zip(&order) {
                sorted[*to] = x.element(positions[*from]);
            }
        }
    }
    let literal = |(x, elements): (&Literal, Vec<Number>)| Literal::tensor(x.dtype, extents.to_vec(), elements);
    Ok(xs.iter().zip(sorted).map(literal).collect())
}

/// The places of elements, in order.
fn order(count: usize, before: &mut dyn FnMut(usize, usize) -> Result<bool>) -> Result<Vec<usize>> {
    let mut places: Vec<usize> = (0..count).collect();
    for at in 0..count {
        let place = places[at];
        let mut to = at;
        while to > at - at % RUN && before(place, places[to - 1])? {
            to -= 1;
        }
        places.copy_within(to..at, to + 1);
        places[to] = place;
    }
    let mut width = RUN;
    while width < count {
        let mut merged = Vec::with_capacity(count);
        for low in (0..count).step_by(2 * width) {
            let (mid, high) = ((low + width).min(count), (low + 2 * width).min(count));
            let (mut left, mut right) = (low, mid);
            while left < mid || right < high {
                let takes_right = right < high && (left >= mid || before(places[right], places[left])?);
                let from = if takes_right { &mut right } else { &mut left };
                merged.push(places[*from]);
                *from += 1;
            }
        }
        places = merged;
        width *= 2;
    }
    Ok(places)
}
