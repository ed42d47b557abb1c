//! Execution of a launch.

mod access;
mod block;
mod converge;
mod frames;
mod launch;
mod sectors;
mod thread;

pub use launch::Launch;

use crate::fault::FaultKind;

/// Faults are rare and large.
type Executed<T> = Result<T, Box<FaultKind>>;

/// A small generator of pseudo-random numbers (xorshift64*): the same seed gives the same schedule.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        // Neighbouring seeds are spread by the finalizer of splitmix64; zero is no state.
        let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        Random((z ^ z >> 31) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() * n) >> 32
    }
}
