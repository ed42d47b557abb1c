//! The interface of targets: a target says which pipeline lowers a module for
//! it, and makes artifacts of what comes out. It never lowers by itself.
