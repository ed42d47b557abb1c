//! Extents, index arithmetic, and reads of single elements.

use crate::rule::Rule;
use crate::rule::Soundness::Exact;
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};
use dp_semantics::indices;
use dp_terms::{Graph, Node, Size};
use egg::Id;

const ALL: &[(&str, crate::rule::Soundness)] = &[("fcib", Exact)];
const ARITHMETIC: &[OpKind] = &[
    OpKind::ArithAddI,
    OpKind::ArithSubI,
    OpKind::ArithMulI,
    OpKind::ArithMaxSI,
    OpKind::ArithMinSI,
    OpKind::ArithDivSI,
];

pub const RULES: &[Rule] = &[
    Rule::function("extent", "dim(x, d) = the term that defines the extent", &[OpKind::TensorDim], extent, ALL)
        .normal(),
    Rule::function("index-fold", "index arithmetic on constants", ARITHMETIC, fold, ALL).normal(),
    Rule::function("index-identity", "n + 0 = n, n - 0 = n, n * 1 = n, n / 1 = n", ARITHMETIC, identity, ALL).normal(),
    Rule::function("index-cast-known", "index_cast(constant) = constant", &[OpKind::ArithIndexCast], cast_known, ALL)
        .normal(),
    Rule::function("index-cast-back", "cast(cast(n)) = n, through i64", &[OpKind::ArithIndexCast], cast_back, ALL)
        .normal(),
    Rule::function("cast-same", "cast(x) = x, to the type of x", &[OpKind::TensorCast], cast_same, ALL).normal(),
    Rule::function("from-number", "from_elements(x) = broadcast(x)", &[OpKind::TensorFromElements], from_number, ALL)
        .normal(),
    Rule::function(
        "extract-broadcast",
        "broadcast(x)[i…] = x[i… along its own dimensions]",
        &[OpKind::TensorExtract],
        extract_broadcast,
        ALL,
    )
    .normal(),
    Rule::function("extract-known", "constant[i…] = scalar", &[OpKind::TensorExtract], extract_known, ALL).normal(),
    Rule::function(
        "extract-elementwise",
        "f(a, b)[i…] = f(a[i…], b[i…])",
        &[OpKind::TensorExtract],
        extract_elementwise,
        ALL,
    ),
];

fn known(graph: &dyn Graph, id: Id) -> Option<i64> {
    match graph.number(id)? {
        Number::Integer(value) => Some(value),
        _ => None,
    }
}

fn extent(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (x, dim) = (node.children[0], known(graph, node.children[1])?);
    match *graph.sizes(x).get(usize::try_from(dim).ok()?)? {
        Size::Of(of, own) if graph.same(of, x) && own as i64 == dim => None,
        size => Some(graph.extent(size)),
    }
}

fn fold(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (a, b) = (known(graph, node.children[0])?, known(graph, node.children[1])?);
    let value = match node.kind()? {
        OpKind::ArithAddI => a.checked_add(b),
        OpKind::ArithSubI => a.checked_sub(b),
        OpKind::ArithMulI => a.checked_mul(b),
        OpKind::ArithMaxSI => Some(a.max(b)),
        OpKind::ArithMinSI => Some(a.min(b)),
        OpKind::ArithDivSI => a.checked_div(b),
        _ => None,
    };
    let r#type = graph.interner().types.get(node.r#type).clone();
    if r#type != ValueType::number(ScalarType::Index) {
        return None;
    }
    Some(graph.index(value?))
}

fn identity(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let [a, b] = node.children[..] else { return None };
    let neutral = match node.kind()? {
        OpKind::ArithAddI | OpKind::ArithSubI => 0.0,
        OpKind::ArithMulI | OpKind::ArithDivSI => 1.0,
        _ => return None,
    };
    if graph.is(b, neutral) {
        return Some(a);
    }
    let commutes = matches!(node.kind()?, OpKind::ArithAddI | OpKind::ArithMulI);
    (commutes && graph.is(a, neutral)).then_some(b)
}

fn cast_known(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let value = known(graph, node.children[0])?;
    let (from, dtype) = (graph.dtype(node.children[0]), graph.interner().types.get(node.r#type).dtype);
    Some(graph.literal(Literal::number(dtype, Number::Integer(indices::index_cast(value, from)))))
}

fn cast_back(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let inner = graph.get(node.children[0], OpKind::ArithIndexCast)?;
    let x = inner.children[0];
    let wide = graph.dtype(node.children[0]) == ScalarType::I64;
    (wide && graph.facts(x).r#type == node.r#type).then_some(x)
}

fn cast_same(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let x = node.children[0];
    (graph.facts(x).r#type == node.r#type).then_some(x)
}

fn from_number(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let [x] = node.children[..] else { return None };
    let r#type = graph.interner().types.get(node.r#type).clone();
    Some(graph.broadcast(x, Vec::new(), &r#type, &[]))
}

fn extract_broadcast(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (x, dims) = graph.broadcast_of(node.children[0])?;
    if !graph.type_of(x).is_tensor() {
        return Some(x);
    }
    let indices = dims.iter().map(|dim| node.children.get(dim + 1).copied());
    let children: Option<Vec<Id>> = std::iter::once(Some(x)).chain(indices).collect();
    let r#type = graph.interner().types.get(node.r#type).clone();
    Some(graph.typed(OpKind::TensorExtract, &Parameters::None, children?, &r#type))
}

fn extract_known(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let constant = graph.get(node.children[0], OpKind::ArrayConstant)?;
    let Parameters::Constant(literal) = graph.parameters(&constant) else { return None };
    let mut position = 0;
    for (index, extent) in node.children[1..].iter().zip(literal.extents()) {
        let index = u64::try_from(known(graph, *index)?).ok().filter(|index| index < extent)?;
        position = position * extent + index;
    }
    let number = Literal::number(literal.dtype, literal.element(position as usize));
    Some(graph.literal(number))
}

fn extract_elementwise(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let from = graph.nodes(node.children[0]);
    let inner = from.iter().find(|node| node.kind().is_some_and(OpKind::is_elementwise))?.clone();
    let parameters = graph.parameters(&inner).clone();
    let mut children = Vec::new();
    for child in &inner.children {
        let mut operands = node.children.to_vec();
        operands[0] = *child;
        let number = ValueType::number(graph.dtype(*child));
        children.push(graph.typed(OpKind::TensorExtract, &Parameters::None, operands, &number));
    }
    let r#type = graph.interner().types.get(node.r#type).clone();
    Some(graph.typed(inner.kind()?, &parameters, children, &r#type))
}
