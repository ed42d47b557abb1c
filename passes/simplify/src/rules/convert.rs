//! Conversions between element types.

use crate::rule::Rule;
use crate::rule::Soundness::Exact;
use dp_dialects::{OpKind, Parameters, ScalarType};
use dp_terms::{Graph, Node};
use egg::Id;

const ALL: &[(&str, crate::rule::Soundness)] = &[("fcib", Exact)];
const CONVERT: &[OpKind] = &[OpKind::ScalarConvert];

pub const RULES: &[Rule] = &[
    Rule::function("convert-same", "convert(x) = x, to the type of x", CONVERT, same, ALL).normal(),
    Rule::function(
        "convert-through-wider",
        "convert(convert(x)) = convert(x), the first one lossless",
        CONVERT,
        through_wider,
        ALL,
    )
    .normal(),
];

fn same(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let x = node.children[0];
    (graph.facts(x).r#type == node.r#type).then_some(x)
}

/// Whether every value of one type is representable in another of the same kind.
fn embeds(from: ScalarType, to: ScalarType) -> bool {
    use ScalarType::*;
    match from {
        F16 | BF16 => matches!(to, F32 | F64),
        F32 => to == F64,
        Complex64 => to == Complex128,
        I1 => to.is_integer(),
        I8 | I16 | I32 | I64 => to.is_integer() && from.bits() < to.bits(),
        F64 | Complex128 | Index => false,
    }
}

fn through_wider(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let inner = graph.get(node.children[0], OpKind::ScalarConvert)?;
    // Signedness must agree.
    if inner.parameters != node.parameters || !matches!(graph.parameters(node), Parameters::Convert { .. }) {
        return None;
    }
    let x = inner.children[0];
    if !embeds(graph.dtype(x), graph.dtype(node.children[0])) {
        return None;
    }
    let (r#type, parameters) = (graph.interner().types.get(node.r#type).clone(), graph.parameters(node).clone());
    Some(graph.typed(OpKind::ScalarConvert, &parameters, vec![x], &r#type))
}
