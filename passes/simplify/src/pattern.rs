//! Compiled equations: matching of left sides and instantiation of right sides.

use crate::rule::Soundness;
use dp_dialects::{Number, OpKind, Parameters, ScalarType};
use dp_terms::range::is_plain as is_plain_number;
use dp_terms::{Expr, Graph, Node, NodeKind, syntax};
use egg::Id;

/// The maximum number of matches of one equation at one node.
const MATCHES: usize = 8;

/// A side of an equation, with numbered variables.
#[derive(Clone, Debug)]
enum Pattern {
    Variable(usize),
    Number(f64),
    Apply(OpKind, Parameters, Vec<Pattern>),
}

impl Pattern {
    fn of(expr: &Expr, variables: &[&str]) -> Option<Pattern> {
        Some(match expr {
            Expr::Variable(name) => Pattern::Variable(variables.iter().position(|variable| variable == name)?),
            Expr::Number(value) => Pattern::Number(*value),
            Expr::Apply { kind, parameters, arguments } => {
                let arguments: Option<_> = arguments.iter().map(|argument| Pattern::of(argument, variables)).collect();
                Pattern::Apply(*kind, parameters.clone(), arguments?)
            }
        })
    }
}

/// A compiled equation.
#[derive(Clone, Debug)]
pub struct Equation {
    /// The root operation of the left side.
    pub root: OpKind,
    parameters: Parameters,
    arguments: Vec<Pattern>,
    right: Pattern,
    variables: usize,
    predicates: Vec<bool>,
    /// Whether the last operand has the type of the variables.
    plain: bool,
}

/// Whether a pattern has the type of its variables, along its last operands.
fn is_plain(pattern: &Pattern) -> bool {
    use OpKind::*;
    match pattern {
        Pattern::Variable(_) => true,
        Pattern::Number(_) => false,
        Pattern::Apply(ScalarCompare | ScalarReal | ScalarImag | ScalarComplex | ScalarAbs, ..) => false,
        Pattern::Apply(ScalarIsNan | ScalarIsFinite, ..) => false,
        Pattern::Apply(_, _, arguments) => arguments.last().is_some_and(is_plain),
    }
}

/// Variables that can only be i1.
fn predicates(expr: &Expr, found: &mut Vec<String>) {
    let Expr::Apply { kind, arguments, .. } = expr else { return };
    if *kind == OpKind::ScalarSelect {
        let mut place = arguments.first();
        while let Some(Expr::Apply { kind: OpKind::ScalarNot, arguments, .. }) = place {
            place = arguments.first();
        }
        if let Some(Expr::Variable(name)) = place {
            found.push(name.clone());
        }
    }
    arguments.iter().for_each(|argument| predicates(argument, found));
}

impl Equation {
    /// Parses an equation.
    ///
    /// # Errors
    /// A description of the syntax error.
    pub fn parse(text: &str) -> Result<Equation, String> {
        let (left, right) = text.split_once("=>").ok_or("an equation is written 'left => right'")?;
        let left = syntax::parse(left).map_err(|error| error.to_string())?;
        let right = syntax::parse(right).map_err(|error| error.to_string())?;
        let names = left.variables();
        let mut chosen = Vec::new();
        predicates(&left, &mut chosen);
        let predicates = names.iter().map(|name| chosen.iter().any(|chosen| chosen == name)).collect();
        let unbound = || "the right side has a variable that the left side lacks".to_string();
        let Some(Pattern::Apply(root, parameters, arguments)) = Pattern::of(&left, &names) else {
            return Err("the left side is an operation".to_string());
        };
        let right = Pattern::of(&right, &names).ok_or_else(unbound)?;
        let plain = arguments.last().is_some_and(is_plain);
        Ok(Equation { root, parameters, arguments, right, variables: names.len(), predicates, plain })
    }

    /// All matches of the left side at a node: the terms of its variables.
    pub fn matches(
        &self,
        graph: &dyn Graph,
        node: &Node,
        soundness: impl Fn(ScalarType) -> Option<Soundness>,
    ) -> Vec<Vec<Id>> {
        let mut found = Vec::new();
        let fits = |id: &Id| !self.plain || soundness(graph.dtype(*id)).is_some();
        if graph.parameters(node) != &self.parameters
            || !node.children.last().is_some_and(fits)
            || !self.may(graph, node)
        {
            return found;
        }
        let search = Search { graph, soundness: &soundness };
        let mut bound = vec![None; self.variables];
        for children in orders(self.root, &node.children) {
            let todo: Vec<(&Pattern, Id)> = self.arguments.iter().zip(children).collect();
            search.run(todo, &mut bound, &mut found);
        }
        found.retain(|bound: &Vec<Id>| {
            let typed = |(index, id): (usize, &Id)| self.predicates[index] || soundness(graph.dtype(*id)).is_some();
            bound.iter().enumerate().all(typed)
        });
        found
    }

    /// Which variables can only be i1, in order of appearance.
    pub fn predicates(&self) -> &[bool] {
        &self.predicates
    }

    /// Instantiates the left side with given terms.
    pub fn left(&self, graph: &mut dyn Graph, bound: &[Id], dtype: ScalarType) -> Option<Id> {
        let left = Pattern::Apply(self.root, self.parameters.clone(), self.arguments.clone());
        build(graph, &left, bound, dtype, &|_| false)
    }

    /// A quick check whether the operands can match.
    fn may(&self, graph: &dyn Graph, node: &Node) -> bool {
        let fits = |pattern: &Pattern, id: Id| match pattern {
            Pattern::Variable(_) => true,
            Pattern::Number(value) => graph.number(id).is_some_and(|number| number.is(*value)),
            Pattern::Apply(kind, ..) => graph.nodes(id).iter().any(|node| node.head == NodeKind::Op(*kind)),
        };
        let mut operands = self.arguments.iter().zip(&node.children);
        if self.root.is_commutative() {
            return operands.all(|(pattern, _)| node.children.iter().any(|id| fits(pattern, *id)));
        }
        operands.all(|(pattern, id)| fits(pattern, *id))
    }

    /// Instantiates the right side of a match. Numbers take the type and shape of their context; `dtype` is the type of
    /// the whole. `plain` tells for which types new constants must be normal numbers: `(x * a) * b` is not `x * (a *
    /// b)` if `a * b` is subnormal.
    pub fn right(
        &self,
        graph: &mut dyn Graph,
        bound: &[Id],
        dtype: ScalarType,
        plain: &dyn Fn(ScalarType) -> bool,
    ) -> Option<Id> {
        build(graph, &self.right, bound, dtype, plain)
    }
}

/// The orders in which operands may be matched.
fn orders(kind: OpKind, children: &[Id]) -> Vec<Vec<Id>> {
    let mut orders = vec![children.to_vec()];
    if kind.is_commutative() && children[0] != children[1] {
        orders.push(vec![children[1], children[0]]);
    }
    orders
}

struct Search<'a> {
    graph: &'a dyn Graph,
    soundness: &'a dyn Fn(ScalarType) -> Option<Soundness>,
}

impl Search<'_> {
    fn run(&self, mut todo: Vec<(&Pattern, Id)>, bound: &mut Vec<Option<Id>>, found: &mut Vec<Vec<Id>>) {
        let Some((pattern, id)) = todo.pop() else {
            let complete: Option<Vec<Id>> = bound.iter().copied().collect();
            if let Some(complete) = complete.filter(|complete| found.len() < MATCHES && !found.contains(complete)) {
                found.push(complete);
            }
            return;
        };
        match pattern {
            Pattern::Number(value) => {
                if self.is_number(id, *value) {
                    self.run(todo, bound, found);
                }
            }
            Pattern::Variable(index) => match bound[*index] {
                Some(before) if self.graph.same(before, id) => self.run(todo, bound, found),
                Some(_) => {}
                None => {
                    bound[*index] = Some(id);
                    self.run(todo, bound, found);
                    bound[*index] = None;
                }
            },
            Pattern::Apply(kind, parameters, arguments) => {
                for node in self.graph.nodes(id) {
                    if node.head != NodeKind::Op(*kind) || self.graph.parameters(node) != parameters {
                        continue;
                    }
                    for children in orders(*kind, &node.children) {
                        let mut todo = todo.clone();
                        todo.extend(arguments.iter().zip(children));
                        self.run(todo, bound, found);
                    }
                }
            }
        }
    }

    /// Whether a term is a number of a pattern; bit-exact if the rule is exact.
    fn is_number(&self, id: Id, value: f64) -> bool {
        let Some(number) = self.graph.number(id) else { return false };
        let dtype = self.graph.dtype(id);
        match (self.soundness)(dtype) {
            Some(Soundness::Exact) if value.fract() == 0.0 || dtype.is_float() => {
                number == Number::of_f64(value, dtype)
            }
            _ => number.is(value),
        }
    }
}

fn build(
    graph: &mut dyn Graph,
    pattern: &Pattern,
    bound: &[Id],
    dtype: ScalarType,
    plain: &dyn Fn(ScalarType) -> bool,
) -> Option<Id> {
    let (kind, parameters, arguments) = match pattern {
        Pattern::Variable(index) => return Some(bound[*index]),
        Pattern::Number(value) => return Some(graph.splat_like(Number::of_f64(*value, dtype), dtype, *bound.first()?)),
        Pattern::Apply(kind, parameters, arguments) => (*kind, parameters, arguments),
    };
    let mut children: Vec<Option<Id>> = Vec::new();
    for argument in arguments {
        let number = matches!(argument, Pattern::Number(_));
        children.push(if number { None } else { Some(build(graph, argument, bound, dtype, plain)?) });
    }
    // A number takes the type of its sibling; the predicate of a select has a different type.
    let first = usize::from(kind == OpKind::ScalarSelect);
    let sibling = children.iter().skip(first).flatten().next().copied();
    let inner = sibling.map_or(dtype, |sibling| graph.dtype(sibling));
    for (child, argument) in children.iter_mut().zip(arguments) {
        if child.is_none() {
            *child = Some(build(graph, argument, bound, inner, plain)?);
        }
    }
    let children: Vec<Id> = children.into_iter().flatten().collect();
    let keeps = !plain(inner) || keeps_digits(graph, kind, parameters, &children);
    if keeps { graph.apply(kind, parameters, children) } else { None }
}

/// Whether an operation on constants neither overflows nor underflows.
fn keeps_digits(graph: &dyn Graph, kind: OpKind, parameters: &Parameters, children: &[Id]) -> bool {
    let known: Option<Vec<Number>> = children.iter().map(|id| graph.number(*id)).collect();
    let (Some(known), Some(last)) = (known, children.last()) else { return true };
    let dtype = graph.dtype(*last);
    let Ok(value) = dp_semantics::scalar(kind, parameters, &known, dtype, dtype) else { return true };
    // A difference that is 0 is exact.
    let vanishes = matches!(kind, OpKind::ScalarAdd | OpKind::ScalarSub) || known.iter().any(|number| number.is(0.0));
    is_plain_number(value, dtype) && (vanishes || !value.is(0.0))
}
