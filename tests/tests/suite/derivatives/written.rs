//! Linear regions as programs write them, whose bodies hold calls, derivatives, fused sums, and operations that give residuals
//! beside tangents: `<y, L x> = <Lᵀ y, x>`, in the interpreter and as machine code.

use super::{Argument, Random, pairing, size};
use crate::cpu::library::Pair;
use crate::programs::{Program, run};
use dp_dialects::{Literal, ScalarType};
use dp_driver::conversion;

/// What bodies call.
const HELPERS: &str = r#"
func.func private @thrice(%d: !N) -> !N {
  %a = scalar.add %d, %d : !N
  %b = scalar.add %a, %d : !N
  return %b : !N
}
func.func private @scaled(%r: !N, %d: !N) -> (!N, !N) {
  %s = scalar.sin %r : !N
  %y = scalar.mul %d, %s : !N
  %z = func.call @thrice(%y) : (!N) -> !N
  return %s, %z : !N, !N
}
func.func private @f(%x: !N, %y: !N) -> (!N, !N) {
  %s = scalar.sin %x : !N
  %p = scalar.mul %s, %y : !N
  return %p, %s : !N, !N
}
func.func private @applies(%x: !N, %d: !N) -> !N {
  %p, %s, %dp, %ds = ad.jvp @f(%x, %x, %d, %d) wrt [0, 1] : (!N, !N, !N, !N) -> (!N, !N, !N, !N)
  %r = scalar.mul %dp, %s : !N
  return %r : !N
}
func.func private @turns(%x: !N, %d: !N) -> !N {
  %y = ad.linear transpose (%d : !N) at(%x : !N) -> !N {
  ^bb0(%e: !N):
    %p, %s, %dp, %ds = ad.jvp @f(%x, %x, %e, %e) wrt [0, 1] : (!N, !N, !N, !N) -> (!N, !N, !N, !N)
    ad.yield %dp : !N
  }
  return %y : !N
}
"#;

/// Bodies, linear in `%d`, with a point `%x` and a condition `%p` from outside, and what stands before the region.
const BODIES: [(&str, &str, &str); 11] = [
    ("call", "", "%t = func.call @thrice(%d) : (!N) -> !N\nad.yield %t : !N"),
    (
        "residual of a call",
        "",
        "%s, %t = func.call @scaled(%x, %d) : (!N, !N) -> (!N, !N)\n%u = scalar.mul %s, %t : !N\nad.yield %u : !N",
    ),
    (
        "fma",
        "",
        "%a = scalar.fma %x, %d, %d : !N\n%b = scalar.fma %a, %x, %d : !N\n%c = scalar.fma %x, %b, %a : !N\nad.yield %c : !N",
    ),
    (
        "jvp",
        "",
        "%y, %s, %dy, %ds = ad.jvp @f(%x, %x, %d, %d) wrt [0, 1] : (!N, !N, !N, !N) -> (!N, !N, !N, !N)
         %u = scalar.fma %dy, %s, %ds : !N\nad.yield %u : !N",
    ),
    ("jvp in a call", "", "%t = func.call @applies(%x, %d) : (!N, !N) -> !N\nad.yield %t : !N"),
    ("region in a call", "", "%t = func.call @turns(%x, %d) : (!N, !N) -> !N\nad.yield %t : !N"),
    (
        "pull",
        "%y, %s, %back = ad.vjp @f(%x, %x) wrt [0, 1] : (!N, !N) -> (!N, !N, !ad.pullback<(!N, !N) -> (!N, !N)>)",
        "%a, %b = ad.pull %back(%d, %d) : !ad.pullback<(!N, !N) -> (!N, !N)>
         %c = scalar.sub %a, %b : !N\nad.yield %c : !N",
    ),
    (
        "region in a branch",
        "",
        "%t = scf.if %p -> !N {
           %u = func.call @turns(%x, %d) : (!N, !N) -> !N\nscf.yield %u : !N
         } else {
           %u = func.call @thrice(%d) : (!N) -> !N\nscf.yield %u : !N
         }\nad.yield %t : !N",
    ),
    (
        "residual of a branch",
        "",
        "%r, %t = scf.if %p -> (!N, !N) {
           %s = scalar.sin %x : !N\n%m = scalar.mul %s, %d : !N\nscf.yield %s, %m : !N, !N
         } else {
           %r2, %t2 = scf.if %p -> (!N, !N) {
             scf.yield %x, %d : !N, !N
           } else {
             %n = scalar.neg %d : !N\nscf.yield %x, %n : !N, !N
           }
           %m = scalar.mul %r2, %t2 : !N\nscf.yield %r2, %m : !N, !N
         }
         %y = scalar.mul %r, %t : !N\nad.yield %y : !N",
    ),
    (
        "residual of a map",
        "%xs = array.broadcast %x dims [] : !N to tensor<3x!N>",
        "%ds = array.broadcast %d dims [] : !N to tensor<3x!N>
         %r, %t = array.map(%xs, %ds) : (tensor<3x!N>, tensor<3x!N>) -> (tensor<3x!N>, tensor<3x!N>) {
         ^bb0(%a: !N, %b: !N):
           %s = scalar.sin %a : !N\n%m = scalar.mul %s, %b : !N\narray.yield %s, %m : !N, !N
         }
         %y = array.dot %r, %t contract [0] with [0] : tensor<3x!N>, tensor<3x!N>
         %z = tensor.extract %y[] : tensor<!N>\nad.yield %z : !N",
    ),
    (
        "zero of a branch",
        "%zero = scalar.sub %x, %x : !N",
        "%a, %b = scf.if %p -> (!N, !N) {
           scf.yield %zero, %d : !N, !N
         } else {
           scf.yield %x, %d : !N, !N
         }
         %y = scalar.mul %a, %b : !N\n%z = scalar.add %y, %d : !N\nad.yield %z : !N",
    ),
];

/// A function that applies a region, and one that applies its transpose.
fn both_ways(name: &str, before: &str, body: &str) -> String {
    ["", " transpose"]
        .map(|how| {
            format!(
                "func.func @{name}{}(%x: !N, %p: i1, %v: !N) -> !N {{\n{before}\n%g = ad.linear{how} (%v : !N) at(%x : !N) -> !N \
                 {{\n^bb0(%d: !N):\n{body}\n}}\nreturn %g : !N\n}}\n",
                how.trim()
            )
        })
        .concat()
}

#[test]
fn bodies_with_calls_derivatives_and_residuals_are_transposed() {
    let functions: String =
        BODIES.iter().enumerate().map(|(at, (_, before, body))| both_ways(&format!("l{at}_"), before, body)).collect();
    for (element, dtype) in [("f64", ScalarType::F64), ("f32", ScalarType::F32)] {
        let text = (HELPERS.to_string() + &functions).replace("!N", element);
        let program = Program::new(&format!("linear regions of {element}"), &text, &["ad"]);
        let pair = Pair::new(&program.text());
        let mut random = Random(11);
        for (at, (name, ..)) in BODIES.iter().enumerate() {
            for condition in [0, 1] {
                let mut number = |low, high| Argument::number(dtype, (low, high)).draw(&mut random);
                let (x, v, w) = (number(0.3, 1.2), number(-1.0, 1.0), number(-1.0, 1.0));
                let p = Literal::number(ScalarType::I1, dp_dialects::Number::Integer(condition));
                let apply = |way: &str, value: &Literal| {
                    let arguments = vec![x.clone(), p.clone(), value.clone()];
                    let function = format!("l{at}_{way}");
                    let compiled = pair.call(&function, &arguments).expect("is called");
                    let interpreted = run(&program, &function, arguments);
                    let compiled = conversion::literal(&compiled[0], false);
                    let difference = (compiled.element(0).re() - interpreted[0].element(0).re()).abs();
                    let unit = if dtype == ScalarType::F64 { 1e-14 } else { 1e-5 };
                    assert!(
                        difference <= unit * (1.0 + size(&interpreted)),
                        "{name}: compiled otherwise: {compiled:?}"
                    );
                    interpreted
                };
                let forward = pairing(&apply("", &v), std::slice::from_ref(&w));
                let backward = pairing(&apply("transpose", &w), std::slice::from_ref(&v));
                let unit = if dtype == ScalarType::F64 { 1e-13 } else { 1e-5 };
                assert!((forward - backward).abs() <= unit, "{name} of {element}: {forward} is not {backward}");
                assert!(forward != 0.0, "{name} of {element} says nothing");
            }
        }
    }
}

/// A residual may have the extents of a tangent: they are those of the point.
#[test]
fn residuals_may_have_the_extents_of_tangents() {
    let body = "%c0 = arith.constant 0 : index
    %n = tensor.dim %d, %c0 : tensor<?xf64>
    %all = array.broadcast %r dims [] extents(%n) : f64 to tensor<?xf64>
    %y = scalar.mul %all, %d : tensor<?xf64>
    %b = scf.if %p -> tensor<?xf64> {
      %m = tensor.dim %y, %c0 : tensor<?xf64>
      %c = array.broadcast %r dims [] extents(%m) : f64 to tensor<?xf64>
      scf.yield %c : tensor<?xf64>
    } else {
      scf.yield %all : tensor<?xf64>
    }
    %i = array.iota dim 0 extents(%n) : tensor<?xf64>
    %j = scalar.fma %i, %d, %y : tensor<?xf64>
    %z = scalar.mul %b, %j : tensor<?xf64>
    ad.yield %z : tensor<?xf64>";
    let text = ["", " transpose"]
        .map(|how| {
            format!(
                "func.func @l{}(%x: tensor<?xf64>, %p: i1, %r: f64, %v: tensor<?xf64>) -> tensor<?xf64> {{
                 %g = ad.linear{how} (%v : tensor<?xf64>) at(%x : tensor<?xf64>) -> tensor<?xf64> {{
                 ^bb0(%d: tensor<?xf64>):\n{body}\n}}\nreturn %g : tensor<?xf64>\n}}\n",
                how.trim()
            )
        })
        .concat();
    let program = Program::new("extents of tangents", &text, &["ad"]);
    let mut random = Random(3);
    for condition in [0, 1] {
        let mut tensor = || Argument::tensor(ScalarType::F64, &[4], &[0], (-1.0, 1.0)).draw(&mut random);
        let (x, v, w) = (tensor(), tensor(), tensor());
        let apply = |function: &str, value: &Literal| {
            let p = Literal::number(ScalarType::I1, dp_dialects::Number::Integer(condition));
            let r = Literal::number(ScalarType::F64, dp_dialects::Number::Real(1.5));
            run(&program, function, vec![x.clone(), p, r, value.clone()])
        };
        let (forward, backward) = (
            pairing(&apply("l", &v), std::slice::from_ref(&w)),
            pairing(&apply("ltranspose", &w), std::slice::from_ref(&v)),
        );
        assert!((forward - backward).abs() <= 1e-13, "{forward} is not {backward}");
    }
}
