//! Random programs on special numbers, simplified under each floating-point model: what comes out keeps the model's
//! promise. `DP_PROGRAMS` is how many are tried, of each model.

use super::engine::{Simplifier, copy_as};
use super::generate::Trial;
use super::numbers::{Random, agree};
use super::value::{value, values};
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};
use dp_simplify::normalize::normalizer;
use dp_simplify::{FloatModel, Soundness};
use dp_terms::range::limits;
use dp_terms::{Dag, Graph, Id};

/// How many programs are tried.
fn programs() -> usize {
    std::env::var("DP_PROGRAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(1500)
}

/// Tries a model on random programs; how many of them simplification changed.
fn each(
    model: FloatModel,
    soundness: Soundness,
    dtypes: &[ScalarType],
    mut check: impl FnMut(&Trial, Id, &Dag, Id),
) -> usize {
    let (mut random, mut choices) = (Random::new(13), Random::new(17));
    let simplifier = Simplifier::new(model);
    let mut changed = 0;
    for _ in 0..programs() {
        let mut trial = Trial::program(&mut random, soundness);
        let dtype = choices.choose(dtypes);
        let want = trial.want(dtype);
        use OpKind::*;
        let top = choices.choose(&[ScalarAdd, ScalarMul, ScalarSub, ScalarSelect, ArrayDot, ArrayReduce]);
        let Some(root) = trial.operation(top, &want, 4) else { continue };
        let limit = choices.choose(&[16, 64, 1024]);
        let (dag, simple) = simplifier.simplify(&trial.dag, root, limit);
        changed += usize::from(dag.reachable([simple]).len() != trial.dag.reachable([root]).len());
        check(&trial, root, &dag, simple);
    }
    changed
}

/// A term in words.
fn shown(dag: &Dag, id: Id) -> String {
    let line = |id: Id| {
        let (interner, node) = (dag.interner(), dag.node(id));
        let (parameters, r#type) = (interner.parameters.get(node.parameters), interner.types.get(node.r#type));
        format!("  {id} = {:?} {:?} {parameters:?} : {type}\n", node.head, node.children)
    };
    dag.reachable([id]).into_iter().map(line).collect()
}

#[test]
fn strict_keeps_every_bit() {
    let dtypes =
        [ScalarType::F64, ScalarType::F32, ScalarType::F16, ScalarType::BF16, ScalarType::Complex128, ScalarType::I8];
    let mut compared = 0;
    let changed = each(FloatModel::Strict, Soundness::Exact, &dtypes, |trial, root, dag, simple| {
        let Some(expected) = value(&trial.dag, root, &trial.outside) else { return };
        let found = value(dag, simple, &trial.outside).expect("the simplified term is defined");
        assert_ne!(
            agree(&expected, &found, Soundness::Exact, &|| false),
            Some(false),
            "{expected:?}, not {found:?}\n{}simplified\n{}with {:?}",
            shown(&trial.dag, root),
            shown(dag, simple),
            trial.outside
        );
        compared += 1;
    });
    assert!(compared > programs() / 2 && changed > programs() / 8, "{compared} compared, {changed} changed");
}

/// The type in which results are known well enough.
fn wide(dtype: ScalarType) -> ScalarType {
    if dtype.is_float() { ScalarType::F64 } else { dtype }
}

/// The distance of neighbours of 1.
fn epsilon(dtype: ScalarType) -> f64 {
    match dtype {
        ScalarType::F16 => 2.0_f64.powi(-10),
        ScalarType::BF16 => 2.0_f64.powi(-7),
        ScalarType::F32 => 2.0_f64.powi(-23),
        _ => 2.0_f64.powi(-52),
    }
}

/// Whether an element is as it should be: where the program as it stands is right, so is the simplified one. `size` is
/// that of the largest number on the way.
fn is_kept(dtype: ScalarType, exact: f64, plain: f64, found: f64, size: f64) -> bool {
    let kind = |x: f64| (x.is_nan(), x == f64::INFINITY, x == f64::NEG_INFINITY);
    let tolerance = 64.0 * epsilon(dtype) * (1.0 + size);
    let well = kind(exact) == kind(plain) && (!exact.is_finite() || (exact - plain).abs() <= tolerance / 8.0);
    !well || kind(exact) == kind(found) && (!exact.is_finite() || (exact - found).abs() <= tolerance)
}

#[test]
fn reassociate_keeps_nan_and_infinities() {
    let mut compared = 0;
    let dtypes = [ScalarType::F64, ScalarType::F32, ScalarType::F16, ScalarType::BF16];
    let changed = each(FloatModel::Reassociate, Soundness::Rounded, &dtypes, |trial, root, dag, simple| {
        let Some(parts) = values(&trial.dag, root, &trial.outside) else { return };
        let mut exact = Dag::new(None);
        let better = copy_as(&trial.dag, root, &mut exact, wide);
        let outside: Vec<Literal> =
            trial.outside.iter().map(|x| Literal { dtype: wide(x.dtype), ..x.clone() }).collect();
        let Some(expected) = value(&exact, better, &outside) else { return };
        let found = value(dag, simple, &trial.outside).expect("the simplified term is defined");
        // The sign of zero is free, and so is what hangs on it: an infinity, and the side of a comparison of such.
        let divides = |id: &Id| matches!(trial.dag.node(*id).kind(), Some(OpKind::ScalarDiv | OpKind::ScalarPow));
        let has_zero = parts.values().any(|part| part.iter().any(|number| number.is(0.0)));
        if has_zero && parts.keys().any(divides) {
            return;
        }
        let numbers = parts.values().flat_map(Literal::iter).map(|number| number.re().abs());
        let size = numbers.filter(|size| size.is_finite()).fold(0.0, f64::max);
        let plain = &parts[&root];
        let dtype = plain.dtype;
        for (position, exact) in expected.iter().enumerate() {
            let (plain, found) = (plain.element(position).re(), found.element(position).re());
            assert!(
                is_kept(dtype, exact.re(), plain, found, size),
                "{dtype}: {} is {plain} as it stands, and {found} simplified\n{}simplified\n{}with {:?}",
                exact.re(),
                shown(&trial.dag, root),
                shown(dag, simple),
                trial.outside
            );
            compared += 1;
        }
    });
    assert!(compared > programs() / 2 && changed > programs() / 8, "{compared} compared, {changed} changed");
}

/// x · a · b for constants of all sizes: within rounding of the right product, whatever the model, where that is a
/// normal number and the program as it stands has it right.
#[test]
fn constants_lose_no_digits() {
    for dtype in [ScalarType::F16, ScalarType::BF16, ScalarType::F32] {
        let (least, most) = limits(dtype);
        let sizes: Vec<f64> = [least / 8.0, least * 1.3, least.sqrt() * 1.1, 0.3, 1.7, most.sqrt(), most / 3.0].into();
        for model in FloatModel::ALL {
            let simplifier = Simplifier::new(model);
            for (a, b) in sizes.iter().flat_map(|a| sizes.iter().map(move |b| (*a, *b))) {
                for kind in [OpKind::ScalarMul, OpKind::ScalarDiv] {
                    let (dag, term) = twice(dtype, kind, [a, b]);
                    let mut wider = Dag::new(None);
                    let better = copy_as(&dag, term, &mut wider, wide);
                    let (simple, simplified) = simplifier.simplify(&dag, term, 256);
                    for x in &sizes {
                        let x = Literal::number(dtype, Number::Real(*x));
                        let at = |dag: &Dag, term: Id, x: &Literal| value(dag, term, std::slice::from_ref(x));
                        let number = |value: Option<Literal>| value.expect("is defined").element(0).re();
                        let exact = number(at(&wider, better, &Literal { dtype: ScalarType::F64, ..x.clone() }));
                        let (plain, found) = (number(at(&dag, term, &x)), number(at(&simple, simplified, &x)));
                        let right = |result: f64| (result - exact).abs() <= 4.0 * epsilon(dtype) * exact.abs();
                        let normal = (least..=most).contains(&exact.abs());
                        assert!(
                            !normal || !right(plain) || right(found),
                            "{dtype}, {model}: {x:?} {kind:?} {a}, {b} is {exact}, not {found}"
                        );
                    }
                }
            }
        }
    }
}

/// A value from outside, combined with two known numbers, one after the other.
fn twice(dtype: ScalarType, kind: OpKind, factors: [f64; 2]) -> (Dag, Id) {
    let (mut dag, r#type) = (Dag::new(None), ValueType::number(dtype));
    let mut term = dag.value(0, &r#type);
    let graph: &mut dyn Graph = &mut dag;
    for factor in factors {
        let factor = graph.literal(Literal::number(dtype, Number::Real(factor)));
        term = graph.typed(kind, &Parameters::None, vec![term, factor], &r#type);
    }
    (dag, term)
}

/// Σ of n times x is x · n, also where n is no number of the type, and where there are more elements than are ever made.
#[test]
fn sums_of_many_are_products() {
    const HUGE: u64 = 1 << 32;
    let cases: &[(ScalarType, f64, &[u64])] = &[
        (ScalarType::F16, 1e-3, &[100_000]),
        (ScalarType::F16, 3.0, &[4099]),
        (ScalarType::F16, -0.01, &[300, 300]),
        (ScalarType::F16, 1.0, &[70_000]),
        (ScalarType::BF16, 0.5, &[1 << 33]),
        (ScalarType::F32, 2.0, &[HUGE, 3]),
        (ScalarType::F64, 1.5, &[HUGE, HUGE]),
        (ScalarType::F64, -1e300, &[HUGE, HUGE]),
        (ScalarType::F64, f64::NAN, &[7]),
        (ScalarType::F64, f64::INFINITY, &[HUGE, HUGE]),
        (ScalarType::F64, f64::NAN, &[0]),
        (ScalarType::F32, f64::INFINITY, &[5, 0]),
        (ScalarType::F32, 4.0, &[u64::MAX / 2]),
        (ScalarType::I8, 3.0, &[HUGE, HUGE]),
        (ScalarType::I32, 3.0, &[5, HUGE + 1]),
        (ScalarType::I64, 7.0, &[HUGE, HUGE + 3]),
    ];
    for model in [FloatModel::Reassociate, FloatModel::Fast] {
        let normalizer = normalizer(model);
        for (dtype, x, extents) in cases {
            for known in [true, false] {
                let mut dag = Dag::new(Some(normalizer.clone()));
                let x = Number::of_f64(*x, *dtype);
                let mut outside = vec![Literal::number(*dtype, x)];
                let mut children = vec![dag.value(0, &ValueType::number(*dtype))];
                for extent in extents.iter().filter(|_| !known) {
                    outside.push(Literal::number(ScalarType::Index, Number::Integer(*extent as i64)));
                    children.push(dag.value(outside.len() as u32 - 1, &ValueType::number(ScalarType::Index)));
                }
                let shape = extents.iter().map(|extent| known.then_some(*extent)).collect();
                let dims = (0..extents.len()).collect();
                let reduce = Parameters::Reduce { kind: dp_dialects::attributes::Reduction::Add, dims };
                let graph: &mut dyn Graph = &mut dag;
                let wide = ValueType::tensor(*dtype, shape);
                let many = graph.typed(OpKind::ArrayBroadcast, &Parameters::Broadcast(vec![]), children, &wide);
                let sum = graph.apply(OpKind::ArrayReduce, &reduce, vec![many]).expect("has a type");
                let found = value(&dag, sum, &outside).expect("is defined").element(0);
                let count: f64 = extents.iter().map(|extent| *extent as f64).product();
                let expected = match x {
                    Number::Integer(x) => {
                        let wrapped = extents.iter().fold(x, |product, n| product.wrapping_mul(*n as i64));
                        Number::Integer(wrapped).round(*dtype)
                    }
                    _ if count == 0.0 => Number::Real(0.0),
                    _ => Number::Real(x.re() * count).round(*dtype),
                };
                let near = (found.re() - expected.re()).abs() <= 2.0 * epsilon(*dtype) * expected.re().abs();
                let same = found == expected || found.re().is_nan() && expected.re().is_nan();
                // Of real numbers, sums of nothing are no matter.
                let skipped = model == FloatModel::Fast && !x.complex().is_finite();
                assert!(
                    near || same || skipped,
                    "{dtype}, {model}, {extents:?}, known {known}: {found:?} is not {expected:?}"
                );
            }
        }
    }
}
