//! Simplification by rewriting and equality saturation.
