//! Products that are linked in are those that would be written into the module, bit for bit, on
//! processors with vectors of each width.

use super::library::Pair;
use dp_cpu::Options;
use dp_dialects::{DType, Literal, Number};

const PROGRAM: &str = r#"
func.func @plain(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<?x?xT> {
  %c = array.dot %a, %b contract [1] with [0] : tensor<?x?xT>, tensor<?x?xT>
  return %c : tensor<?x?xT>
}
func.func @transposed(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<?x?xT> {
  %c = array.dot %b, %a contract [1] with [0] : tensor<?x?xT>, tensor<?x?xT>
  %d = array.dot %a, %c contract [0] with [0] : tensor<?x?xT>, tensor<?x?xT>
  return %d : tensor<?x?xT>
}
"#;

/// Numbers of both signs, none of which is short in binary.
fn matrix(dtype: DType, rows: u64, columns: u64) -> Literal {
    let numbers = (0..rows * columns).map(|index| {
        let x = f64::from((index * 7919 % 1009) as u32) / 1009.0 - 0.5;
        Number::of_f64(x, dtype)
    });
    Literal::tensor(dtype, vec![rows, columns], numbers.collect())
}

#[test]
fn linked_products_are_those_that_are_written() {
    // Rows, depth and columns: less than a tile, tiles and rests, several blocks, and the packed way.
    const EXTENTS: [(u64, u64, u64); 6] =
        [(1, 1, 1), (3, 5, 10), (8, 0, 7), (33, 130, 37), (64, 64, 10), (450, 20, 97)];
    for cpu in ["native", "x86-64", "x86-64-v3"] {
        for dtype in [DType::F32, DType::F64] {
            let text = PROGRAM.replace("xT>", &format!("x{}>", dtype.name()));
            let options = Options { cpu: cpu.into(), ..Options::default() };
            let written = Pair::with(&text, &options);
            let linked = Pair::with(&text, &Options { kernels: dp_kernels::KERNELS, ..options });
            for (rows, depth, columns) in EXTENTS {
                let (a, b) = (matrix(dtype, rows, depth), matrix(dtype, depth, columns));
                let arguments = [a.clone(), b];
                let expected = written.call("plain", &arguments);
                assert_eq!(linked.call("plain", &arguments), expected, "{cpu}, {rows}x{depth}x{columns}");
                let arguments = [a, matrix(dtype, rows, rows)];
                let expected = written.call("transposed", &arguments);
                assert_eq!(linked.call("transposed", &arguments), expected, "{cpu}, transposed, {rows}x{depth}");
            }
        }
    }
}
