//! Offsets of buffers of static size in one block of memory.
//!
//! The largest buffers are placed first, each in the smallest gap between those that are live at the same time and are
//! placed already, or behind them. (Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference, 2020:
//! greedy by size.) This takes time that grows with the square of their number, so the number is limited.

use super::live::Range;
use std::cmp::Reverse;

/// The most buffers that are placed so.
pub(super) const MOST: usize = 4096;

/// A buffer with its place.
struct Placed {
    from: u64,
    /// Where the next one may begin.
    until: u64,
    live: Range,
}

/// The offset of each buffer of a size and a live range. `height` is what a buffer takes, with the gap after it.
pub(super) fn offsets(buffers: &[(u64, Range)], height: impl Fn(u64) -> u64) -> Vec<u64> {
    let mut order: Vec<usize> = (0..buffers.len()).collect();
    order.sort_by_key(|buffer| (Reverse(buffers[*buffer].0), buffers[*buffer].1.0));
    // Sorted by their places.
    let mut placed: Vec<Placed> = Vec::with_capacity(buffers.len());
    let mut offsets = vec![0; buffers.len()];
    for buffer in order {
        let (bytes, live) = buffers[buffer];
        let (mut end, mut best) = (0, None);
        for other in placed.iter().filter(|other| other.live.0 <= live.1 && live.0 <= other.live.1) {
            let gap = other.from.saturating_sub(end);
            if gap >= height(bytes) && best.is_none_or(|(least, _)| gap < least) {
                best = Some((gap, end));
            }
            end = end.max(other.until);
        }
        let from = best.map_or(end, |(_, from)| from);
        offsets[buffer] = from;
        let at = placed.partition_point(|other| other.from <= from);
        placed.insert(at, Placed { from, until: from + height(bytes), live });
    }
    offsets
}

#[cfg(test)]
mod tests {
    use super::offsets;

    #[test]
    fn small_buffers_share_the_place_of_a_large_one() {
        // A large one, two small ones after it, and one that is live all the time.
        let buffers = [(100, (0, 3)), (50, (4, 9)), (40, (5, 9)), (60, (0, 9))];
        assert_eq!(offsets(&buffers, |bytes| bytes), [0, 0, 50, 100]);
    }

    #[test]
    fn the_smallest_gap_is_taken() {
        let buffers = [(30, (0, 9)), (20, (0, 3)), (10, (0, 9)), (5, (0, 2)), (10, (5, 9)), (4, (0, 9))];
        let found = offsets(&buffers, |bytes| bytes);
        assert_eq!(found[..3], [0, 30, 50]);
        assert_eq!(found[4], 30);
        // 4 bytes lie behind the 10 that follow the first 30, not in the place of the 20, since these are live.
        assert_eq!((found[3], found[5]), (60, 65));
    }

    #[test]
    fn what_is_live_at_the_same_time_does_not_overlap() {
        let mut state = 1u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) % below
        };
        let buffers: Vec<_> = (0..300)
            .map(|_| {
                let from = random(1000) as usize;
                (1 + random(500), (from, from + random(100) as usize))
            })
            .collect();
        let found = offsets(&buffers, |bytes| bytes + 3);
        for (a, (size, live)) in buffers.iter().enumerate() {
            for (b, (_, other)) in buffers.iter().enumerate().filter(|(b, _)| *b != a) {
                let are_apart = found[a] + size + 3 <= found[b] || found[b] + buffers[b].0 + 3 <= found[a];
                assert!(are_apart || live.1 < other.0 || other.1 < live.0, "{a} and {b}");
            }
        }
    }
}
