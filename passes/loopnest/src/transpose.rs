//! Transposition of square matrices in vector registers.
//!
//! The matrix has side 2^s and one vector per row. For d = side/2, …, 2, 1, vectors p and p + d, where bit d of p is clear,
//! exchange the off-diagonal lanes at that scale.

use dp_dialects::ir::{Val, result};
use dp_dialects::{Builder, Result};
use melior::ir::ValueLike;
use melior::ir::attribute::DenseI64ArrayAttribute;

/// A shuffle of two vectors of the previous exchange.
pub struct Shuffle {
    /// The vector of the lower lanes.
    pub low: usize,
    /// The vector of the others.
    pub high: usize,
    /// The lanes of the result: those below the side are in the low vector, the others in the high one.
    pub lanes: Vec<usize>,
}

/// The exchanges, each with one shuffle per vector.
pub fn exchanges(side: usize) -> impl Iterator<Item = Vec<Shuffle>> {
    let distances = std::iter::successors(Some(side / 2), |d| Some(d / 2)).take_while(|d| *d > 0);
    distances.map(move |d| (0..side).map(|vector| shuffle(side, d, vector)).collect())
}

fn shuffle(side: usize, d: usize, vector: usize) -> Shuffle {
    let lane_of = |lane: usize| {
        let own = if vector & d == 0 { lane & !d } else { lane | d };
        if lane & d == 0 { own } else { side + own }
    };
    Shuffle { low: vector & !d, high: vector | d, lanes: (0..side).map(lane_of).collect() }
}

/// Transposes as many vectors as they have lanes.
///
/// # Errors
/// If MLIR fails to create an operation.
pub fn transposed<'c>(b: &Builder<'c>, mut vectors: Vec<Val<'c>>) -> Result<Vec<Val<'c>>> {
    for exchange in exchanges(vectors.len()) {
        let mut next = Vec::new();
        for Shuffle { low, high, lanes } in exchange {
            let lanes: Vec<i64> = lanes.into_iter().map(|lane| lane as i64).collect();
            let mask = DenseI64ArrayAttribute::new(b.context(), &lanes).into();
            let of = [vectors[low], vectors[high]];
            next.push(b.named("vector.shuffle", &of, &[of[0].r#type()], &[("mask", mask)], vec![]).map(result)?);
        }
        vectors = next;
    }
    Ok(vectors)
}
