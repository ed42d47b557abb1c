//! The client of the PJRT API: against XLA's own plugin for the CPU, and against a double
//! that counts what it hands out.

mod double;
mod leaks;
mod refused;
mod signature;
mod xla;
