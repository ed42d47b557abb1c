//! Constants: constant folding, and splat constants as broadcasts.

use crate::rule::Rule;
use crate::rule::Soundness::{Exact, Rounded};
use dp_dialects::{Literal, OpKind, Parameters, ValueType};
use dp_terms::{Graph, Node};
use egg::Id;

/// The maximum size; larger constants would make the program grow.
const MOST: u64 = 256;

const ALL: &[(&str, crate::rule::Soundness)] = &[("fcib", Exact)];
const LIBRARY: &[(&str, crate::rule::Soundness)] = &[("fc", Rounded), ("i", Exact)];

pub const RULES: &[Rule] = &[
    Rule::function("splat", "a constant of equal elements = broadcast(number)", &[OpKind::ArrayConstant], splat, ALL)
        .normal(),
    Rule::elementwise("fold", "f(constants) = constant, f correctly rounded", fold_rounded, ALL).normal(),
    Rule::elementwise("fold-library", "f(constants) = constant, f from a math library", fold_library, LIBRARY).normal(),
    Rule::function(
        "fold-shape",
        "shape operations on a small constant",
        &[
            OpKind::ArrayTranspose,
            OpKind::ArrayReshape,
            OpKind::ArraySlice,
            OpKind::ArrayPad,
            OpKind::ArrayConcatenate,
            OpKind::ArrayGather,
        ],
        evaluate,
        ALL,
    )
    .normal(),
];

fn splat(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let Parameters::Constant(literal) = graph.parameters(node) else { return None };
    let value = literal.splat_value()?;
    let number = Literal::number(literal.dtype, value);
    let r#type = literal.value_type();
    let number = graph.literal(number);
    Some(graph.broadcast(number, Vec::new(), &r#type, &[]))
}

/// Operations with the same bits on every target.
const fn is_rounded(kind: OpKind) -> bool {
    use OpKind::*;
    !matches!(
        kind,
        ScalarPow
            | ScalarAtan2
            | ScalarExp
            | ScalarExpm1
            | ScalarLog
            | ScalarLog1p
            | ScalarRsqrt
            | ScalarSin
            | ScalarCos
    ) && !matches!(kind, ScalarTan | ScalarTanh | ScalarLogistic | ScalarErf | ScalarLgamma | ScalarDigamma)
        && !matches!(kind, ScalarExp2 | ScalarLog2 | ScalarLog10 | ScalarCbrt | ScalarHypot | ScalarErfc | ScalarErfInv)
        && !matches!(kind, ScalarSinh | ScalarCosh | ScalarAsin | ScalarAcos | ScalarAtan)
        && !matches!(kind, ScalarAsinh | ScalarAcosh | ScalarAtanh | ScalarPolygamma | AdStopGradient)
}

fn fold_rounded(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    if is_rounded(node.kind()?) { evaluate(graph, node) } else { None }
}

fn fold_library(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    if is_rounded(node.kind()?) { None } else { evaluate(graph, node) }
}

/// The value of a node with constant operands that are not all splats; splats fold as scalars first.
fn evaluate(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let kind = node.kind()?;
    let r#type: ValueType = graph.interner().types.get(node.r#type).clone();
    if r#type.is_tensor() && !node.children.iter().any(|id| graph.get(*id, OpKind::ArrayConstant).is_some()) {
        return None;
    }
    if r#type.count().is_none_or(|count| count > MOST) {
        return None;
    }
    let operands: Option<Vec<Literal>> = node.children.iter().map(|id| graph.literal_of(*id, MOST)).collect();
    let operands = operands.filter(|_| dp_semantics::is_evaluated(kind))?;
    let value = dp_semantics::evaluate(kind, graph.parameters(node), &operands, &r#type).ok()?;
    (value.value_type() == r#type).then(|| graph.literal(value))
}
