//! Tests of the PJRT client, with XLA's CPU plugin and with a mock plugin that counts the objects that it creates.

mod leaks;
mod mock;
mod refused;
mod signature;
mod xla;
