//! Machine code for CPUs: objects, shared libraries and C headers.
