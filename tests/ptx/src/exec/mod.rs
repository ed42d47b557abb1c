//! Execution of a launch.

mod access;
mod block;
mod frames;
mod launch;
mod meet;
pub mod mma;
mod sectors;
mod thread;

pub use launch::Launch;

use crate::fault::FaultKind;

/// Faults are rare and large.
type Executed<T> = Result<T, Box<FaultKind>>;

/// Windows of generic addresses: what the upper 16 bits say. The lower ones are an address of the space.
const SHARED_WINDOW: u64 = 0x0e00 << 48;
const LOCAL_WINDOW: u64 = 0x0e01 << 48;
const PARAM_WINDOW: u64 = 0x0e02 << 48;
const FUNCTION_WINDOW: u64 = 0x0e03 << 48;
const WINDOW: u64 = 0xffff << 48;

/// A function's address, for calls through a pointer.
pub(crate) fn function_address(n: u32) -> u64 {
    FUNCTION_WINDOW + 16 * (u64::from(n) + 1)
}

/// The function at an address.
fn function_at(address: u64) -> Option<u32> {
    let n = address.checked_sub(FUNCTION_WINDOW + 16)?;
    (n % 16 == 0 && address & WINDOW == FUNCTION_WINDOW).then_some((n / 16) as u32)
}

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
