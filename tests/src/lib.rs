//! The tests of the workspace live in `tests/suite`, one executable; IR tests in `lit`.
