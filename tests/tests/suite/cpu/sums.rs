//! The error of long sums: within the bound of `passes/cpu/src/vectors/blocks.rs`, whatever their length.

use super::library::Pair;
use dp_dialects::FloatModel;
use dp_dialects::{Literal, Number, ScalarType};

/// Sums, also of products and beside another reduction, and of rows.
const PROGRAM: &str = r#"
func.func @sum(%x: tensor<?xf32>) -> tensor<f32> {
  %s = array.reduce add %x dims [0] : tensor<?xf32>
  return %s : tensor<f32>
}
func.func @known(%x: tensor<1048653xf32>) -> tensor<f32> {
  %s = array.reduce add %x dims [0] : tensor<1048653xf32>
  return %s : tensor<f32>
}
func.func @products(%x: tensor<?xf32>, %y: tensor<?xf32>) -> (tensor<f32>, tensor<f32>) {
  %p = scalar.mul %x, %y : tensor<?xf32>
  %s = array.reduce add %p dims [0] : tensor<?xf32>
  %m = array.reduce max %p dims [0] : tensor<?xf32>
  return %s, %m : tensor<f32>, tensor<f32>
}
func.func @exponentials(%x: tensor<?xf32>) -> tensor<f32> {
  %e = scalar.exp %x : tensor<?xf32>
  %s = array.reduce add %e dims [0] : tensor<?xf32>
  return %s : tensor<f32>
}
func.func @rows(%x: tensor<?x?xf32>) -> tensor<?xf32> {
  %s = array.reduce add %x dims [1] : tensor<?x?xf32>
  return %s : tensor<?xf32>
}
"#;

/// Not a multiple of any vector's lanes.
const COUNT: u64 = (1 << 20) + 77;

/// In units of half a last place of f32.
const BOUND: f64 = 256.0 + 32.0;

fn number(pair: &Pair, function: &str, arguments: &[Literal]) -> f64 {
    let results = pair.call(function, arguments).unwrap_or_else(|error| panic!("{error}"));
    f64::from(results[0].as_slice::<f32>().expect("of f32")[0])
}

#[track_caller]
fn within(found: f64, exact: f64) {
    let off = (found / exact - 1.0).abs() / f64::powi(2.0, -24);
    assert!(off <= BOUND, "{found} instead of {exact}: {off} units off");
}

/// One number again and again: all roundings of a naive sum go one way.
#[test]
fn do_not_grow_with_the_length() {
    for cpu in ["x86-64", "x86-64-v3", "native"] {
        let options = dp_cpu::Options { cpu: cpu.into(), fp: FloatModel::Reassociate, ..dp_cpu::Options::default() };
        let pair = Pair::with(PROGRAM, &options);
        for value in [0.1_f32, 0.7, 1.1] {
            let x = Literal::splat(ScalarType::F32, vec![COUNT], Number::Real(value.into()));
            let exact = f64::from(value) * COUNT as f64;
            within(number(&pair, "sum", std::slice::from_ref(&x)), exact);
            within(number(&pair, "known", std::slice::from_ref(&x)), exact);
            let one = Literal::splat(ScalarType::F32, vec![COUNT], Number::Real(1.0));
            within(number(&pair, "products", &[x.clone(), one]), exact);
            let rows = Literal::splat(ScalarType::F32, vec![2, COUNT / 2], Number::Real(value.into()));
            within(number(&pair, "rows", &[rows]), f64::from(value) * (COUNT / 2) as f64);
        }
        let zero = Literal::splat(ScalarType::F32, vec![COUNT], Number::Real(0.1));
        let exact = f64::from(0.1_f32).exp() * COUNT as f64;
        within(number(&pair, "exponentials", &[zero]), exact);
    }
}

/// What is kept of roundings is undefined beside infinity, and then not counted.
#[test]
fn keep_infinities_and_nan() {
    let pair = Pair::new(PROGRAM);
    for (value, at) in [(f64::INFINITY, 3), (f64::NEG_INFINITY, 40_000), (f64::INFINITY, 49_999)] {
        let element = |index: usize| Number::Real(if index == at { value } else { 1.0 });
        let x = Literal::tensor(ScalarType::F32, vec![50_000], (0..50_000).map(element).collect());
        assert_eq!(number(&pair, "sum", &[x]), value);
    }
    let nan = Literal::splat(ScalarType::F32, vec![50_000], Number::Real(f64::NAN));
    assert!(number(&pair, "sum", &[nan]).is_nan());
    let large = Literal::splat(ScalarType::F32, vec![50_000], Number::Real(1e38));
    assert_eq!(number(&pair, "sum", &[large]), f64::INFINITY);
}
