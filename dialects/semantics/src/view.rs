//! Slices within a tensor, and memory for elements.

use crate::memory;
use crate::require::malformed;
use dp_dialects::{Diagnostic, Literal, Number, Result, ScalarType, ValueType, types};

/// Some elements of a tensor in an order of their own: the one at the indices `i…` stands at the row-major position
/// `offset + Σ_d i_d step_d`. Slices, permutations, repetitions and margins are all of this kind.
#[derive(Clone, Debug)]
pub struct View {
    /// Where the first one stands.
    pub offset: usize,
    /// The extent and the step of each dimension.
    pub dims: Vec<(usize, usize)>,
}

impl View {
    /// A whole tensor.
    pub fn whole(extents: &[u64]) -> View {
        let mut dims = vec![(0, 0); extents.len()];
        let mut step = 1_usize;
        for (dim, extent) in dims.iter_mut().zip(extents).rev() {
            *dim = (*extent as usize, step);
            step = step.wrapping_mul(*extent as usize);
        }
        View { offset: 0, dims }
    }

    /// Some of the dimensions, in the order given; the others stay at index 0.
    pub fn pick(&self, dims: &[usize]) -> View {
        View { offset: self.offset, dims: dims.iter().map(|dim| self.dims[*dim]).collect() }
    }

    /// The positions, the last dimension running fastest.
    pub fn positions(&self) -> Positions<'_> {
        let extents: Vec<u64> = self.dims.iter().map(|(extent, _)| *extent as u64).collect();
        let left = types::count(&extents).map_or(usize::MAX, |count| count as usize);
        Positions { view: self, indices: vec![0; self.dims.len()], position: self.offset, left }
    }
}

/// The positions of a view, one after the other.
pub struct Positions<'v> {
    view: &'v View,
    indices: Vec<usize>,
    position: usize,
    left: usize,
}

impl Iterator for Positions<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let position = self.position;
        for (index, (extent, step)) in self.indices.iter_mut().zip(&self.view.dims).rev() {
            *index += 1;
            self.position = self.position.wrapping_add(*step);
            if *index < *extent {
                break;
            }
            self.position = self.position.wrapping_sub(extent.wrapping_mul(*step));
            *index = 0;
        }
        Some(position)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Positions<'_> {}

/// The number of elements of a tensor that is to be made.
pub fn count(extents: &[u64]) -> Result<usize> {
    types::count(extents).and_then(|product| usize::try_from(product).ok()).ok_or_else(|| too_large(extents))
}

/// Room for as many elements as the extents say.
pub fn room<T>(extents: &[u64]) -> Result<Vec<T>> {
    let mut elements = Vec::new();
    let count = fitting(extents)?;
    elements.try_reserve_exact(count).map_err(|_| too_large(extents))?;
    Ok(elements)
}

/// As many items as the extents say.
pub fn gathered<T>(extents: &[u64], items: impl Iterator<Item = T>) -> Result<Vec<T>> {
    let mut gathered = room(extents)?;
    gathered.extend(items);
    Ok(gathered)
}

/// The number of elements, which are to be visited one by one, and fit into memory one by one.
pub fn fitting(extents: &[u64]) -> Result<usize> {
    let count = count(extents)?;
    let bytes = (count as u64).saturating_mul(size_of::<Number>() as u64);
    if !memory::is_free(bytes) {
        return Err(too_large(extents));
    }
    Ok(count)
}

/// A tensor filled with a number.
pub fn filled(extents: &[u64], value: Number) -> Result<Vec<Number>> {
    let mut elements = room(extents)?;
    elements.resize(count(extents)?, value);
    Ok(elements)
}

fn too_large(extents: &[u64]) -> Diagnostic {
    Diagnostic::limit(format!("a tensor with extents {extents:?} does not fit into memory"))
        .help("check the extents that the program computes")
}

/// The extents of a result: those that its type says, and an `index` operand for each `?`, in order.
pub fn result_extents(result: &ValueType, dynamic: &[Literal]) -> Result<Vec<u64>> {
    let mut dynamic = dynamic.iter();
    let mut extent = |known: Option<u64>| match known {
        Some(extent) => Ok(extent),
        None => {
            let given = dynamic.next().ok_or_else(malformed)?.element(0).integer();
            u64::try_from(given).map_err(|_| {
                Diagnostic::run_time(format!("an extent is negative: {given}"))
                    .help("check the 'index' operands for the extents")
            })
        }
    };
    let extents = result.extents().iter().map(|known| extent(*known)).collect::<Result<_, _>>()?;
    if dynamic.next().is_some() { Err(malformed()) } else { Ok(extents) }
}

/// The number 0 of a type.
pub fn zero(dtype: ScalarType) -> Number {
    Number::of_f64(0.0, dtype)
}
