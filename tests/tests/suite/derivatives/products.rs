//! Products of elements, with and without zeros among them: where quotients
//! would be wrong, and derivatives of some order are all that is not zero.

use super::{Argument, Case};
use crate::cpu::library::Pair;
use crate::programs::{Program, run};
use dp_dialects::ScalarType::{Complex128, F32, F64, I1, I32};
use dp_dialects::types::ValueType;
use dp_dialects::{Literal, Number, ScalarType};

const R: (f64, f64) = (-1.5, 1.5);

super::topics!(
    zeros_among_the_factors,
    extents_of_products,
    several_dimensions_of_products,
    reductions_among_other_operations
);

/// The product of an argument along some dimensions.
fn product(name: &str, x: Argument, dims: &[usize]) -> Case {
    let (shape, r#type) = (x.shape.clone().unwrap_or_default(), x.r#type.clone());
    let known: Vec<&str> = r#type.trim_start_matches("tensor<").split('x').collect();
    let kept = (0..shape.len()).filter(|dim| !dims.contains(dim));
    let kept = kept.map(|dim| known[dim].parse().ok());
    let result = ValueType::tensor(x.dtype, kept.collect()).to_string();
    Case {
        name: format!("{name}: {type} along {dims:?}"),
        body: format!("  %y = array.reduce mul %a0 dims {dims:?} : {type}\n  return %y : {result}"),
        arguments: vec![x],
        results: vec![result],
        helpers: String::new(),
        is_compiled: false,
    }
}

/// With every dimension known, and with none.
fn both(dtype: ScalarType, shape: &[u64]) -> [Argument; 2] {
    let all: Vec<usize> = (0..shape.len()).collect();
    [&[][..], &all].map(|dynamic| Argument::tensor(dtype, shape, dynamic, R))
}

fn zeros_among_the_factors(cases: &mut Vec<Case>) {
    for (count, zeros) in [&[][..], &[2], &[0, 3], &[1, 2, 4], &[0, 1, 2, 3, 4]].into_iter().enumerate() {
        let [known, open] = both(F64, &[5]);
        cases.push(product(&format!("{count} zeros"), known.zero_at(zeros), &[0]).compiled());
        cases.push(product(&format!("{count} zeros"), open.zero_at(zeros), &[0]));
        let [complex, _] = both(Complex128, &[3, 2]);
        cases.push(product(&format!("{count} complex zeros"), complex.zero_at(zeros), &[0]).compiled());
    }
}

fn extents_of_products(cases: &mut Vec<Case>) {
    for extent in [0, 1, 2, 3, 4, 7, 8] {
        for x in both(F64, &[extent]) {
            cases.push(product("extent", x.zero_at(&[1]), &[0]));
        }
    }
    for x in both(F64, &[2, 0, 3]) {
        cases.push(product("none of some", x.clone(), &[1]));
        cases.push(product("some of none", x, &[2]));
    }
}

fn several_dimensions_of_products(cases: &mut Vec<Case>) {
    for dims in [&[0][..], &[1], &[2], &[0, 1], &[2, 0], &[1, 2], &[0, 1, 2], &[]] {
        for x in both(F64, &[2, 3, 2]) {
            cases.push(product("several", x.zero_at(&[1, 2, 7]), dims));
        }
    }
    let x = Argument::tensor(F64, &[2, 3, 2], &[1], R).zero_at(&[0, 5]);
    cases.push(product("partly open", x, &[2, 0]).compiled());
    for x in both(F64, &[]) {
        cases.push(product("rank 0", x, &[]).compiled());
    }
}

fn reductions_among_other_operations(cases: &mut Vec<Case>) {
    cases.push(Case {
        name: "a product in a branch, reductions of integers and booleans".into(),
        arguments: vec![
            Argument::number(I1, (1.0, 1.2)),
            Argument::tensor(F64, &[3, 2], &[], R).zero_at(&[0, 2]),
            Argument::tensor(I32, &[3], &[], (0.0, 9.0)),
        ],
        results: ["tensor<2xf64>", "tensor<i32>", "tensor<i1>"].map(String::from).to_vec(),
        body: "  %s = scalar.sin %a1 : tensor<3x2xf64>
  %y = scf.if %a0 -> tensor<2xf64> {
    %p = array.reduce mul %s dims [0] : tensor<3x2xf64>
    %q = array.reduce add %a1 dims [0] : tensor<3x2xf64>
    %r = scalar.mul %p, %q : tensor<2xf64>
    scf.yield %r : tensor<2xf64>
  } else {
    %k = array.constant dense<1.0> : tensor<2xf64>
    scf.yield %k : tensor<2xf64>
  }
  %n = array.reduce mul %a2 dims [0] : tensor<3xi32>
  %zero = array.constant dense<0.0> : tensor<3x2xf64>
  %above = scalar.compare ge %a1, %zero : tensor<3x2xf64>
  %rows = array.reduce or %above dims [1] : tensor<3x2xi1>
  %all = array.reduce and %rows dims [0] : tensor<3xi1>
  return %y, %n, %all : tensor<2xf64>, tensor<i32>, tensor<i1>"
            .into(),
        helpers: String::new(),
        is_compiled: true,
    });
}

/// `@d3`, the third derivative of `Π_i (x_i + a u_i + b v_i + c w_i)` by a, b
/// and c, each taken forward or in reverse as the bits of `ways` say.
fn third(x: &str, number: &str, ways: u32) -> String {
    let (point, parameters) = (format!("{x}, {x}, {x}, {x}"), format!("%x: {x}, %u: {x}, %v: {x}, %w: {x}"));
    let scales = format!("%a: {number}, %b: {number}, %c: {number}");
    let (types, all) = (format!("{point}, {number}, {number}, {number}"), "%x, %u, %v, %w, %a, %b, %c");
    let mut text = format!("func.func @d0({parameters}, {scales}) -> {number} {{\n  %c0 = arith.constant 0 : index\n");
    let extents = if x.contains('?') {
        text += &format!("  %n = tensor.dim %x, %c0 : {x}\n");
        " extents(%n)"
    } else {
        ""
    };
    let mut sum = "%x".to_string();
    for (scale, direction) in [("%a", "%u"), ("%b", "%v"), ("%c", "%w")] {
        text += &format!("  {scale}s = array.broadcast {scale} dims []{extents} : {number} to {x}\n");
        text += &format!("  {scale}t = scalar.mul {scale}s, {direction} : {x}\n");
        text += &format!("  {scale}r = scalar.add {sum}, {scale}t : {x}\n");
        sum = format!("{scale}r");
    }
    text += &format!("  %p = array.reduce mul {sum} dims [0] : {x}\n");
    text += &format!("  %y = tensor.extract %p[] : tensor<{number}>\n  return %y : {number}\n}}\n");
    for level in 1..=3 {
        let (below, wrt) = (level - 1, 3 + level);
        text += &format!("func.func @d{level}({parameters}, {scales}) -> {number} {{\n");
        text += &if ways >> below & 1 == 0 {
            format!(
                "  %one = scalar.constant 1.0 : {number}\n  %y:2 = ad.jvp @d{below}({all}, %one) wrt [{wrt}] : ({types}, {number}) -> ({number}, {number})\n"
            )
        } else {
            format!("  %y:2 = ad.grad @d{below}({all}) wrt [{wrt}] : ({types}) -> ({number}, {number})\n")
        };
        text += &format!("  return %y#1 : {number}\n}}\n");
    }
    text
}

/// At three zeros, the third derivative by the three of them is the first that
/// is not zero, and is the product of the others.
#[test]
fn third_derivatives_at_three_zeros() {
    for dtype in [F32, F64] {
        let tensor =
            |elements: [f64; 5]| Literal::tensor(dtype, vec![5], elements.into_iter().map(Number::Real).collect());
        let (number, zero) = (dtype.to_string(), Literal::number(dtype, Number::Real(0.0)));
        let arguments = vec![
            tensor([0.0, 3.0, 0.0, 0.0, 7.0]),
            tensor([2.0, 1.0, 0.0, 0.0, 0.0]),
            tensor([0.0, 0.0, 0.0, 1.0, 1.0]),
            tensor([0.0, 0.0, 5.0, 0.0, 0.0]),
            zero.clone(),
            zero.clone(),
            zero,
        ];
        for (x, ways) in [format!("tensor<5x{number}>"), format!("tensor<?x{number}>")].iter().zip([0..8, 2..6]) {
            for ways in ways {
                let program = Program::new("third derivative", &third(x, &number, ways), &["ad"]);
                let found = run(&program, "d3", arguments.clone());
                assert_eq!(found[0].element(0), Number::Real(2.0 * 3.0 * 1.0 * 5.0 * 7.0), "{x}, {ways:03b}");
            }
        }
    }
}

/// More elements than blocks of blocks bring down to one: at two zeros the
/// gradient is zero, and its derivative along one of them is the product of the
/// others at the other.
#[test]
fn products_of_many() {
    let gradients = "func.func @f(%x: tensor<?xf64>) -> f64 {
  %p = array.reduce mul %x dims [0] : tensor<?xf64>
  %y = tensor.extract %p[] : tensor<f64>
  return %y : f64
}
func.func @g(%x: tensor<?xf64>) -> tensor<?xf64> {
  %y, %g = ad.grad @f(%x) wrt [0] : (tensor<?xf64>) -> (f64, tensor<?xf64>)
  return %g : tensor<?xf64>
}
";
    let second = "func.func @h(%x: tensor<?xf64>, %t: tensor<?xf64>) -> tensor<?xf64> {
  %g:2 = ad.jvp @g(%x, %t) wrt [0] : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>, tensor<?xf64>)
  return %g#1 : tensor<?xf64>
}
";
    let program = Program::new("products of many", &format!("{gradients}{second}"), &["ad", "simplify"]);
    let count = 5000;
    let with = |value: f64, places: &[(usize, f64)]| {
        let mut elements = vec![Number::Real(value); count];
        places.iter().for_each(|(place, value)| elements[*place] = Number::Real(*value));
        Literal::tensor(F64, vec![count as u64], elements)
    };
    let x = with(1.0, &[(7, 0.0), (11, 2.0), (count - 2, 0.0), (count - 1, 3.0)]);
    let t = with(0.0, &[(7, 1.0), (11, 1.0)]);
    let gradient = run(&program, "g", vec![x.clone()]);
    assert_eq!(gradient[0], with(0.0, &[]));
    let turned = run(&program, "h", vec![x.clone(), t]);
    assert_eq!(turned[0], with(0.0, &[(count - 2, 6.0)]));
    // Machine code of the gradient.
    let pair = Pair::new(&Program::new("gradient of many", gradients, &["ad", "simplify"]).text());
    pair.check("g", &[x], 0.0);
    for few in 0..10 {
        pair.check("g", &[Literal::tensor(F64, vec![few], (0..few).map(|i| Number::Real(i as f64)).collect())], 0.0);
    }
}
