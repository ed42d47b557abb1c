//! The term algebra: expressions over operations, and their emission to MLIR.
