//! Scans.

use crate::rule::Rule;
use crate::rule::Soundness::{Exact, Rounded};
use dp_dialects::attributes::Reduction;
use dp_dialects::{OpKind, Parameters};
use dp_terms::{Graph, Node, Size};
use egg::Id;

pub const RULES: &[Rule] = &[Rule::function(
    "scan-unit",
    "scan(x) = x, along extent 1, inclusive",
    &[OpKind::ArrayScan],
    unit,
    // A sum that starts from 0 is never -0.
    &[("fc", Rounded), ("ib", Exact)],
)
.normal()];

fn unit(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let Parameters::Scan(form) = *graph.parameters(node) else { return None };
    let x = node.children[0];
    let is_unit = matches!(graph.sizes(x)[form.dim], Size::Known(0 | 1));
    (is_unit && !form.exclusive && form.kind != Reduction::Region).then_some(x)
}
