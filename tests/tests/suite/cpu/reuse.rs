//! Results in the memory of operands, against the interpreter: what is read for the last time may be read by another name.

use super::library::Pair;
use dp_dialects::{Literal, Number, ScalarType};

/// Ways to make `%v`, of the shape of `%y`, out of `%y`, which is 3 x 3, and of its column `%k` of positions.
const VIEWS: &[(&str, &str)] = &[
    ("itself", "%v = scalar.cos %y : tensor<SxSxf64>"),
    ("transposed", "%v = array.transpose %y permutation [1, 0] : tensor<SxSxf64>"),
    (
        "row",
        "%s = array.slice %y starts [0, 0] strides [1, 1] : tensor<SxSxf64> to tensor<1x3xf64>
         %r = array.reshape %s : tensor<1x3xf64> to tensor<3xf64>
         %v = array.broadcast %r dims [1] : tensor<3xf64> to tensor<SxSxf64>",
    ),
    (
        "last column",
        "%s = array.slice %y starts [0, 2] strides [1, 1] : tensor<SxSxf64> to tensor<3x1xf64>
         %r = array.reshape %s : tensor<3x1xf64> to tensor<3xf64>
         %v = array.broadcast %r dims [0] : tensor<3xf64> to tensor<SxSxf64>",
    ),
    (
        "reshaped",
        "%s = array.reshape %y : tensor<SxSxf64> to tensor<9x1xf64>
         %t = array.reshape %s : tensor<9x1xf64> to tensor<SxSxf64>
         %v = array.transpose %t permutation [1, 0] : tensor<SxSxf64>",
    ),
    ("gathered", "%v = array.gather %y, %k : tensor<SxSxf64>, tensor<3xi64>"),
    (
        "element",
        "%c2 = arith.constant 2 : index
         %e = tensor.extract %y[%c0, %c2] : tensor<SxSxf64>
         %v = array.broadcast %e dims [] : f64 to tensor<SxSxf64>",
    ),
    (
        "branch",
        "%b = scf.if %p -> tensor<SxSxf64> {
           scf.yield %y : tensor<SxSxf64>
         } else {
           scf.yield %x : tensor<SxSxf64>
         }
         %v = array.transpose %b permutation [1, 0] : tensor<SxSxf64>",
    ),
    (
        "loop",
        "%c1 = arith.constant 1 : index
         %v = scf.for %i = %c0 to %n step %c1 iter_args(%a = %y) -> tensor<SxSxf64> {
           %t = array.transpose %a permutation [1, 0] : tensor<SxSxf64>
           %u = scalar.sub %a, %t : tensor<SxSxf64>
           scf.yield %u : tensor<SxSxf64>
         }",
    ),
];

/// The last use of `%y` beside the view of it, once as a result and once on the way to one.
const PROGRAM: &str = "
func.func @f(%x: tensor<SxSxf64>, %k: tensor<3xi64>, %p: i1, %n: index) -> (tensor<SxSxf64>, f64) {
  %c0 = arith.constant 0 : index
  %y = scalar.sin %x : tensor<SxSxf64>
  VIEW
  %z = scalar.sub %y, %v : tensor<SxSxf64>
  %w = scalar.exp %z : tensor<SxSxf64>
  %sum = array.reduce add %w dims [0, 1] : tensor<SxSxf64>
  %total = tensor.extract %sum[] : tensor<f64>
  return %z, %total : tensor<SxSxf64>, f64
}
func.func @g(%x: tensor<SxSxf64>, %k: tensor<3xi64>, %p: i1, %n: index) -> tensor<SxSxf64> {
  %c0 = arith.constant 0 : index
  %y = scalar.sin %x : tensor<SxSxf64>
  VIEW
  %z = scalar.sub %v, %y : tensor<SxSxf64>
  return %z : tensor<SxSxf64>
}";

#[test]
fn what_has_another_name_is_not_written_over() {
    let x = Literal::tensor(
        ScalarType::F64,
        vec![3, 3],
        (0..9).map(|index| Number::of_f64(f64::from(index * 7 % 5) / 3.0, ScalarType::F64)).collect(),
    );
    let k = Literal::tensor(ScalarType::I64, vec![3], [2, 1, 0].map(Number::Integer).to_vec());
    for (name, view) in VIEWS {
        let pair = Pair::new(&PROGRAM.replace("VIEW", view).replace("SxS", "3x3"));
        for chosen in [0, 1] {
            let p = Literal::number(ScalarType::I1, Number::Integer(chosen));
            let n = Literal::number(ScalarType::Index, Number::Integer(2 + chosen));
            for function in ["f", "g"] {
                let difference = pair.difference(function, &[x.clone(), k.clone(), p.clone(), n.clone()], 4.0);
                assert!(difference.is_none(), "{name}: {difference:?}");
            }
        }
    }
}
