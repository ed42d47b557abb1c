//! Random programs whose loops fuse, from a fixed seed.
