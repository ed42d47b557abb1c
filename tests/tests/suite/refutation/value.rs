//! The value of a term, for given values from outside.

use dp_dialects::{Literal, Number, OpKind, ScalarType};
use dp_terms::Id;
use dp_terms::{Dag, Graph, Node, NodeKind};
use std::collections::HashMap;

/// What a term is, with `outside` for its leaves; `None` where that is undefined.
pub fn value(dag: &Dag, id: Id, outside: &[Literal]) -> Option<Literal> {
    values(dag, id, outside)?.remove(&id)
}

/// What all are of which a term is made, itself included; `None` where one is undefined.
pub fn values(dag: &Dag, id: Id, outside: &[Literal]) -> Option<HashMap<Id, Literal>> {
    let mut found = HashMap::new();
    for id in dag.reachable([id]) {
        let node = dag.node(id);
        let value = match node.head {
            NodeKind::Value(number) => outside.get(number as usize)?.clone(),
            NodeKind::Op(kind) => {
                let operands = node.children.iter().map(|child| Literal::clone(&found[child])).collect();
                evaluate(dag, node, kind, operands)?
            }
        };
        found.insert(id, value);
    }
    Some(found)
}

fn evaluate(dag: &Dag, node: &Node, kind: OpKind, operands: Vec<Literal>) -> Option<Literal> {
    let r#type = dag.interner().types.get(node.r#type);
    let parameters = dag.interner().parameters.get(node.parameters);
    let integer = |index: usize| operands[index].element(0).integer();
    let index = |value: i64| Some(Literal::number(r#type.dtype, Number::Integer(value)));
    match kind {
        OpKind::ArithConstant => match parameters {
            dp_dialects::Parameters::Constant(literal) => Some(literal.clone()),
            _ => None,
        },
        OpKind::TensorDim => index(*operands[0].extents().get(integer(1) as usize)? as i64),
        OpKind::TensorExtract => {
            let mut position = 0;
            for (dim, extent) in operands[0].extents().iter().enumerate() {
                let at = u64::try_from(integer(dim + 1)).ok().filter(|at| at < extent)?;
                position = position * extent + at;
            }
            Some(Literal::number(r#type.dtype, operands[0].element(position as usize)))
        }
        OpKind::TensorFromElements => {
            let shape = r#type.extents().iter().copied().collect::<Option<Vec<u64>>>()?;
            Some(Literal::tensor(r#type.dtype, shape, operands.iter().map(|operand| operand.element(0)).collect()))
        }
        OpKind::TensorCast | OpKind::AdStopGradient => operands.into_iter().next(),
        OpKind::ArithIndexCast => index(dp_semantics::indices::index_cast(integer(0), operands[0].dtype)),
        OpKind::ArithAddI => index(integer(0).checked_add(integer(1))?),
        OpKind::ArithSubI => index(integer(0).checked_sub(integer(1))?),
        OpKind::ArithMulI => index(integer(0).checked_mul(integer(1))?),
        OpKind::ArithDivSI => index(integer(0).checked_div(integer(1))?),
        OpKind::ArithMaxSI => index(integer(0).max(integer(1))),
        OpKind::ArithMinSI => index(integer(0).min(integer(1))),
        _ => {
            debug_assert!(r#type.dtype != ScalarType::Index, "'{}' makes no index", kind.name());
            dp_semantics::evaluate(kind, parameters, &operands, r#type).ok()
        }
    }
}
