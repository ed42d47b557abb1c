//! One suite for all targets: what the interpreter computes, machine code and XLA compute too, within a tolerance
//! that each case states in units of the last place of its type of numbers.
//!
//! XLA compiles for fixed extents: a program is compiled anew for those of each call.

mod arrays;
mod contest;
mod digits;
mod random;
mod scalars;
mod xla;
