//! The rewrite rules, one file per topic. The README of this crate says how to write one.

mod accumulate;
mod arithmetic;
mod broadcast;
mod choice;
mod complex;
mod constant;
mod convert;
mod dot;
mod exponential;
mod float;
mod index;
mod outward;
mod power;
mod reduce;
mod reshape;
mod scan;
mod slice;
mod transpose;
mod trigonometric;

use crate::rule::Rule;

/// The tables by topic.
pub const TOPICS: &[(&str, &[Rule])] = &[
    ("constants", constant::RULES),
    ("arithmetic", arithmetic::RULES),
    ("powers", power::RULES),
    ("exponentials and logarithms", exponential::RULES),
    ("trigonometric functions", trigonometric::RULES),
    ("floating-point numbers", float::RULES),
    ("comparison and choice", choice::RULES),
    ("conversion", convert::RULES),
    ("complex numbers", complex::RULES),
    ("extents and indices", index::RULES),
    ("broadcast", broadcast::RULES),
    ("transpose", transpose::RULES),
    ("reshape", reshape::RULES),
    ("slice, pad and concatenate", slice::RULES),
    ("reduce", reduce::RULES),
    ("scan", scan::RULES),
    ("dot", dot::RULES),
    ("accumulation", accumulate::RULES),
];

/// All rules.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    TOPICS.iter().flat_map(|(_, rules)| rules.iter())
}
