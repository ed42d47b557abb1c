//! Functions of bits: what an arithmetic instruction computes.

/// Functions of bits.
pub type F1 = fn(u64) -> u64;
/// Functions of bits.
pub type F2 = fn(u64, u64) -> u64;
/// Functions of bits.
pub type F3 = fn(u64, u64, u64) -> u64;
/// Functions of bits.
pub type F4 = fn(u64, u64, u64, u64) -> u64;
/// Functions of bits and a carry.
pub type FCarry = fn(u64, u64, u64, bool) -> (u64, bool);
/// Comparisons.
pub type Compare = fn(u64, u64) -> bool;

/// A function of one to four operands.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug)]
pub enum Kernel {
    One(F1),
    Two(F2),
    Three(F3),
    Four(F4),
    /// Of three, the last zero where the instruction has but two; reads and writes the carry.
    Carry(FCarry, usize),
}
