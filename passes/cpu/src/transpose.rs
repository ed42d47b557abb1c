//! Transposition of square matrices in vector registers.
//!
//! The matrix has side 2^s and one vector per row. For d = side/2, …, 2, 1, vectors p and p + d, where bit d of p is clear,
//! exchange the off-diagonal lanes at that scale.

/// A shuffle of two vectors of the previous exchange.
pub(crate) struct Shuffle {
    /// The vectors.
    pub low: usize,
    pub high: usize,
    /// The lanes of the result: those below the side are in the low vector, the others in the high one.
    pub lanes: Vec<usize>,
}

/// The exchanges, each with one shuffle per vector.
pub(crate) fn exchanges(side: usize) -> impl Iterator<Item = Vec<Shuffle>> {
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
