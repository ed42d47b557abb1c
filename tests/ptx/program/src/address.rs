//! The layout of addresses.

/// The window of generic addresses that stands for shared memory: the upper 16 bits. The lower ones are an address of the
/// space.
pub const SHARED_WINDOW: u64 = 0x0e00 << 48;
/// The window of local memory.
pub const LOCAL_WINDOW: u64 = 0x0e01 << 48;
/// The window of parameters.
pub const PARAM_WINDOW: u64 = 0x0e02 << 48;
/// The bits that select a window.
pub const WINDOW: u64 = 0xffff << 48;

/// The window of functions.
const FUNCTION_WINDOW: u64 = 0x0e03 << 48;

/// The gap between variables of shared and local memory, so that an access past the end of one is not in the next.
pub const GAP: u64 = 64;

/// The address of a function, for calls through a pointer.
pub fn of_function(n: u32) -> u64 {
    FUNCTION_WINDOW + 16 * (u64::from(n) + 1)
}

/// The function at an address.
pub fn function_at(address: u64) -> Option<u32> {
    let n = address.checked_sub(FUNCTION_WINDOW + 16)?;
    (n % 16 == 0 && address & WINDOW == FUNCTION_WINDOW).then_some((n / 16) as u32)
}
