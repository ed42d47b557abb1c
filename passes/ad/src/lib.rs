//! Automatic differentiation of the dialects.
