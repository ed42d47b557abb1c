//! The whole of simplification on random terms: normal forms, then e-graphs,
//! windows of any size. What comes out is what went in.

use super::generate::Trial;
use super::numbers::{Random, agree, is_finite};
use super::value::{value, values};
use dp_dialects::{OpKind, Parameters, ScalarType};
use dp_simplify::normalize::normalizer;
use dp_simplify::windows::improve;
use dp_simplify::{FloatModel, RuleSet, Soundness};
use dp_terms::dag::Normalizer;
use dp_terms::{Dag, Graph, Id, Node, NodeKind};
use std::collections::HashMap;

/// The same term in another graph.
fn copy(from: &Dag, root: Id, to: &mut Dag) -> Id {
    copy_as(from, root, to, |dtype| dtype)
}

/// The same term on numbers of other types.
pub fn copy_as(from: &Dag, root: Id, to: &mut Dag, on: fn(ScalarType) -> ScalarType) -> Id {
    let mut copied: HashMap<Id, Id> = HashMap::new();
    for id in from.reachable([root]) {
        let node: &Node = from.node(id);
        let r#type = from.interner().types.get(node.r#type);
        let r#type = &r#type.with_dtype(on(r#type.dtype));
        let made = match node.head {
            NodeKind::Value(number) => to.value(number, r#type),
            NodeKind::Op(kind) => {
                let children = node.children.iter().map(|child| copied[child]).collect();
                let graph: &mut dyn Graph = to;
                let mut parameters = from.interner().parameters.get(node.parameters).clone();
                if let Parameters::Constant(literal) = &mut parameters {
                    literal.dtype = on(literal.dtype);
                }
                graph.typed(kind, &parameters, children, r#type)
            }
        };
        copied.insert(id, made);
    }
    copied[&root]
}

/// Simplification under a model.
pub struct Simplifier {
    normalizer: Normalizer,
    rules: RuleSet,
}

impl Simplifier {
    /// That of a model, with all of its rules.
    pub fn new(model: FloatModel) -> Simplifier {
        Simplifier { normalizer: normalizer(model), rules: RuleSet::new(model, |_| true) }
    }

    /// What a term becomes: normal forms, then e-graphs of some size; the graph in which it stands.
    pub fn simplify(&self, from: &Dag, root: Id, limit: usize) -> (Dag, Id) {
        let mut dag = Dag::new(Some(self.normalizer.clone()));
        let normal = copy(from, root, &mut dag);
        let replacement = improve(&mut dag, &[normal], &self.rules, limit);
        let simple = replacement.get(&normal).copied().unwrap_or(normal);
        (dag, simple)
    }
}

#[test]
fn simplification_keeps_values() {
    let (mut random, mut choices) = (Random::new(3), Random::new(5));
    let models = [FloatModel::Reassociate, FloatModel::Fast];
    let simplifiers = models.map(Simplifier::new);
    let (mut compared, mut changed) = (0, 0);
    for number in 0..3000 {
        let mut trial = Trial::new(&mut random, Soundness::Real, true);
        let dtype = choices.choose(&[ScalarType::F64, ScalarType::F64, ScalarType::I32, ScalarType::Complex128]);
        let want = trial.want(dtype);
        let top = choices.choose(&[OpKind::ScalarAdd, OpKind::ScalarMul, OpKind::ArrayDot, OpKind::ArrayReduce]);
        let Some(root) = trial.operation(top, &want, 3) else { continue };
        // Where a part of the term is undefined, algebra may differ.
        let parts = values(&trial.dag, root, &trial.outside).filter(|parts| parts.values().all(is_finite));
        let Some(expected) = parts.and_then(|mut parts| parts.remove(&root)) else { continue };
        let model = number % models.len();
        let limit = choices.choose(&[16, 64, 4096]);
        let (dag, simple) = simplifiers[model].simplify(&trial.dag, root, limit);
        let found = value(&dag, simple, &trial.outside).expect("the simplified term is defined");
        assert_ne!(
            agree(&expected, &found, Soundness::Real, &|| true),
            Some(false),
            "term {number}: {expected:?}, not {found:?}"
        );
        compared += 1;
        changed += usize::from(dag.reachable([simple]).len() != trial.dag.reachable([root]).len());
    }
    assert!(compared > 1000 && changed > 300, "{compared} terms were compared, {changed} of them changed");
}
