//! Operations on whole tensors, static and dynamic.

use super::{Argument, Case};
use dp_dialects::ScalarType::{Complex128, F64, I32};

const R: (f64, f64) = (-1.5, 1.5);

super::topics!(
    broadcast,
    reshape_and_transpose,
    slices,
    pad_and_concatenate,
    reductions,
    dots,
    matrices,
    transforms,
    rows,
    elements
);

fn case(cases: &mut Vec<Case>, name: &str, arguments: Vec<Argument>, result: &str, body: &str) {
    cases.push(Case {
        name: name.to_string(),
        arguments,
        results: vec![result.to_string()],
        body: format!("{body}\n  return %y : {result}"),
        helpers: String::new(),
        is_compiled: true,
    });
}

fn x(shape: &[u64], dynamic: &[usize]) -> Argument {
    Argument::tensor(F64, shape, dynamic, R)
}

fn broadcast(cases: &mut Vec<Case>) {
    let number = Argument::number(F64, R);
    case(
        cases,
        "broadcast of a number",
        vec![number.clone()],
        "tensor<2x3xf64>",
        "%y = array.broadcast %a0 dims [] : f64 to tensor<2x3xf64>",
    );
    case(
        cases,
        "broadcast to nothing",
        vec![number],
        "tensor<0x3xf64>",
        "%y = array.broadcast %a0 dims [] : f64 to tensor<0x3xf64>",
    );
    case(
        cases,
        "broadcast of rank 0",
        vec![x(&[], &[])],
        "tensor<2xf64>",
        "%y = array.broadcast %a0 dims [] : tensor<f64> to tensor<2xf64>",
    );
    case(
        cases,
        "broadcast inner",
        vec![x(&[3], &[])],
        "tensor<2x3xf64>",
        "%y = array.broadcast %a0 dims [1] : tensor<3xf64> to tensor<2x3xf64>",
    );
    case(
        cases,
        "broadcast dynamic",
        vec![x(&[3], &[0]), Argument::tensor(I32, &[2], &[0], (0.0, 3.0))],
        "tensor<?x?x2xf64>",
        "%c0 = arith.constant 0 : index
  %n = tensor.dim %a0, %c0 : tensor<?xf64>
  %m = tensor.dim %a1, %c0 : tensor<?xi32>
  %y = array.broadcast %a0 dims [0] extents(%n, %m) : tensor<?xf64> to tensor<?x?x2xf64>",
    );
}

fn reshape_and_transpose(cases: &mut Vec<Case>) {
    case(
        cases,
        "reshape",
        vec![x(&[2, 3], &[])],
        "tensor<3x2xf64>",
        "%y = array.reshape %a0 : tensor<2x3xf64> to tensor<3x2xf64>",
    );
    case(
        cases,
        "reshape dynamic",
        vec![x(&[2, 6], &[0])],
        "tensor<?x3xf64>",
        "%c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %a0, %c0 : tensor<?x6xf64>
  %m = arith.muli %n, %c2 : index
  %y = array.reshape %a0 extents(%m) : tensor<?x6xf64> to tensor<?x3xf64>",
    );
    case(
        cases,
        "transpose",
        vec![x(&[2, 3, 4], &[])],
        "tensor<4x2x3xf64>",
        "%y = array.transpose %a0 permutation [2, 0, 1] : tensor<2x3x4xf64>",
    );
    case(
        cases,
        "transpose dynamic",
        vec![x(&[2, 3], &[0, 1])],
        "tensor<?x?xf64>",
        "%y = array.transpose %a0 permutation [1, 0] : tensor<?x?xf64>",
    );
}

fn slices(cases: &mut Vec<Case>) {
    case(
        cases,
        "slice",
        vec![x(&[5, 4], &[])],
        "tensor<2x2xf64>",
        "%y = array.slice %a0 starts [1, 0] strides [2, 3] : tensor<5x4xf64> to tensor<2x2xf64>",
    );
    case(
        cases,
        "slice clamped",
        vec![x(&[5], &[])],
        "tensor<2xf64>",
        "%c4 = arith.constant 4 : index
  %y = array.slice %a0 starts [%c4] strides [1] : tensor<5xf64> to tensor<2xf64>",
    );
    case(
        cases,
        "two slices of one tensor",
        vec![x(&[5], &[0])],
        "tensor<2xf64>",
        "%c1 = arith.constant 1 : index
  %p = array.slice %a0 starts [%c1] strides [1] : tensor<?xf64> to tensor<2xf64>
  %q = array.slice %a0 starts [2] strides [1] : tensor<?xf64> to tensor<2xf64>
  %y = scalar.mul %p, %q : tensor<2xf64>",
    );
    case(
        cases,
        "slice with dynamic extents",
        vec![x(&[5, 3], &[0])],
        "tensor<?x3xf64>",
        "%c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %a0, %c0 : tensor<?x3xf64>
  %m = arith.subi %n, %c2 : index
  %y = array.slice %a0 starts [%c2, 0] strides [1, 1] extents(%m) : tensor<?x3xf64> to tensor<?x3xf64>",
    );
    case(
        cases,
        "slice with strides at places that are operands",
        vec![x(&[8, 4], &[])],
        "tensor<3x2xf64>",
        "%c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %p = array.slice %a0 starts [%c1, %c9] strides [2, 3] : tensor<8x4xf64> to tensor<3x2xf64>
  %q = array.slice %a0 starts [%c9, 0] strides [3, 1] : tensor<8x4xf64> to tensor<3x2xf64>
  %y = scalar.mul %p, %q : tensor<3x2xf64>",
    );
    for extent in [0, 1, 7] {
        case(
            cases,
            &format!("slice with strides of {extent}, dynamic"),
            vec![x(&[extent, 2], &[0])],
            "tensor<?x2xf64>",
            "%c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %a0, %c0 : tensor<?x2xf64>
  %m = arith.divsi %n, %c2 : index
  %s = array.slice %a0 starts [%c1, 0] strides [2, 1] extents(%m) : tensor<?x2xf64> to tensor<?x2xf64>
  %y = scalar.mul %s, %s : tensor<?x2xf64>",
        );
    }
    for accumulate in ["", "accumulate "] {
        case(
            cases,
            &format!("update_slice {accumulate}"),
            vec![x(&[4, 3], &[0]), x(&[2, 2], &[])],
            "tensor<?x3xf64>",
            &format!(
                "%c1 = arith.constant 1 : index
  %y = array.update_slice {accumulate}%a0, %a1 starts [%c1, 1] : tensor<?x3xf64>, tensor<2x2xf64>"
            ),
        );
        case(
            cases,
            &format!("update_slice {accumulate}of dynamic extent"),
            vec![x(&[4], &[]), x(&[2], &[0])],
            "tensor<4xf64>",
            &format!("%y = array.update_slice {accumulate}%a0, %a1 starts [1] : tensor<4xf64>, tensor<?xf64>"),
        );
    }
}

fn pad_and_concatenate(cases: &mut Vec<Case>) {
    let margin = Argument::number(F64, R);
    case(
        cases,
        "pad",
        vec![x(&[3, 2], &[]), margin.clone()],
        "tensor<8x3xf64>",
        "%y = array.pad %a0, %a1 low [1, 0] high [2, 1] interior [1, 0] : tensor<3x2xf64>, f64 to tensor<8x3xf64>",
    );
    case(
        cases,
        "pad dynamic",
        vec![x(&[3], &[0]), margin],
        "tensor<?xf64>",
        "%c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %n = tensor.dim %a0, %c0 : tensor<?xf64>
  %m = arith.addi %n, %c3 : index
  %y = array.pad %a0, %a1 low [1] high [2] interior [0] extents(%m) : tensor<?xf64>, f64 to tensor<?xf64>",
    );
    case(
        cases,
        "windows",
        vec![x(&[2, 5, 4, 1], &[0])],
        "tensor<?x2x2x3x2x1xf64>",
        "%y = array.windows %a0 dim 1 sizes [3, 2] strides [2, 2] dilations [1, 1] : tensor<?x5x4x1xf64>",
    );
    case(
        cases,
        "windows dilated",
        vec![x(&[6], &[])],
        "tensor<2x2xf64>",
        "%y = array.windows %a0 dim 0 sizes [2] strides [2] dilations [3] : tensor<6xf64>",
    );
    case(
        cases,
        "no windows",
        vec![x(&[2, 2], &[])],
        "tensor<2x0x3xf64>",
        "%y = array.windows %a0 dim 1 sizes [3] strides [1] dilations [1] : tensor<2x2xf64>",
    );
    case(
        cases,
        "convolution",
        vec![x(&[2, 6, 5, 2], &[]), x(&[3, 2, 2, 3], &[])],
        "tensor<2x2x4x3xf64>",
        "%w = array.windows %a0 dim 1 sizes [3, 2] strides [2, 1] dilations [1, 1] : tensor<2x6x5x2xf64>
  %y = array.dot %w, %a1 contract [3, 4, 5] with [0, 1, 2] : tensor<2x2x4x3x2x2xf64>, tensor<3x2x2x3xf64>",
    );
    case(
        cases,
        "convolution wide",
        vec![x(&[2, 7, 16], &[0]), x(&[3, 2, 16], &[])],
        "tensor<?x2x3xf64>",
        "%w = array.windows %a0 dim 1 sizes [2] strides [3] dilations [2] : tensor<?x7x16xf64>
  %y = array.dot %w, %a1 contract [2, 3] with [1, 2] : tensor<?x2x2x16xf64>, tensor<3x2x16xf64>",
    );
    case(
        cases,
        "convolution without windows",
        vec![x(&[2, 1, 2], &[]), x(&[2, 2, 3], &[])],
        "tensor<2x0x3xf64>",
        "%w = array.windows %a0 dim 1 sizes [2] strides [1] dilations [1] : tensor<2x1x2xf64>
  %y = array.dot %w, %a1 contract [2, 3] with [0, 1] : tensor<2x0x2x2xf64>, tensor<2x2x3xf64>",
    );
    case(
        cases,
        "concatenate",
        vec![x(&[2, 1], &[]), x(&[2, 0], &[]), x(&[2, 3], &[])],
        "tensor<2x4xf64>",
        "%y = array.concatenate %a0, %a1, %a2 dim 1 : tensor<2x1xf64>, tensor<2x0xf64>, tensor<2x3xf64>",
    );
    case(
        cases,
        "concatenate dynamic",
        vec![x(&[2], &[]), x(&[3], &[0]), x(&[1], &[0])],
        "tensor<?xf64>",
        "%y = array.concatenate %a0, %a1, %a2 dim 0 : tensor<2xf64>, tensor<?xf64>, tensor<?xf64>",
    );
    case(
        cases,
        "concatenate with a constant",
        vec![x(&[2], &[])],
        "tensor<4xf64>",
        "%k = array.constant dense<1.5> : tensor<2xf64>
  %y = array.concatenate %k, %a0 dim 0 : tensor<2xf64>, tensor<2xf64>",
    );
}

fn reductions(cases: &mut Vec<Case>) {
    for kind in ["add", "max", "min"] {
        case(
            cases,
            &format!("reduce {kind} rows"),
            vec![x(&[3, 4], &[])],
            "tensor<3xf64>",
            &format!("%y = array.reduce {kind} %a0 dims [1] : tensor<3x4xf64>"),
        );
        case(
            cases,
            &format!("reduce {kind} all"),
            vec![x(&[3, 2], &[0, 1])],
            "tensor<f64>",
            &format!("%y = array.reduce {kind} %a0 dims [0, 1] : tensor<?x?xf64>"),
        );
    }
    case(
        cases,
        "reduce add of nothing",
        vec![x(&[0, 2], &[0])],
        "tensor<2xf64>",
        "%y = array.reduce add %a0 dims [0] : tensor<?x2xf64>",
    );
    let z = Argument::tensor(Complex128, &[3], &[], R);
    case(
        cases,
        "reduce add complex",
        vec![z],
        "tensor<complex<f64>>",
        "%y = array.reduce add %a0 dims [0] : tensor<3xcomplex<f64>>",
    );
}

fn dots(cases: &mut Vec<Case>) {
    case(
        cases,
        "dot",
        vec![x(&[2, 3], &[]), x(&[3, 4], &[])],
        "tensor<2x4xf64>",
        "%y = array.dot %a0, %a1 contract [1] with [0] : tensor<2x3xf64>, tensor<3x4xf64>",
    );
    case(
        cases,
        "dot dynamic",
        vec![x(&[2, 3], &[0, 1]), x(&[4, 3], &[0])],
        "tensor<?x?xf64>",
        "%y = array.dot %a0, %a1 contract [1] with [1] : tensor<?x?xf64>, tensor<?x3xf64>",
    );
    case(
        cases,
        "dot with itself",
        vec![x(&[3, 2], &[])],
        "tensor<2x2xf64>",
        "%y = array.dot %a0, %a0 contract [0] with [0] : tensor<3x2xf64>, tensor<3x2xf64>",
    );
    case(
        cases,
        "outer product",
        vec![x(&[3], &[]), x(&[2], &[])],
        "tensor<3x2xf64>",
        "%y = array.dot %a0, %a1 contract [] with [] : tensor<3xf64>, tensor<2xf64>",
    );
    case(
        cases,
        "inner product of nothing",
        vec![x(&[0], &[]), x(&[0], &[])],
        "tensor<f64>",
        "%y = array.dot %a0, %a1 contract [0] with [0] : tensor<0xf64>, tensor<0xf64>",
    );
    case(
        cases,
        "batched dot of two contractions",
        vec![x(&[3, 2, 4, 2], &[]), x(&[4, 2, 5, 3], &[0])],
        "tensor<2x2x5xf64>",
        "%y = array.dot %a0, %a1 batch [1] with [1] contract [0, 2] with [3, 0] : tensor<3x2x4x2xf64>, tensor<?x2x5x3xf64>",
    );
    let z = |shape: &[u64]| Argument::tensor(Complex128, shape, &[], R);
    case(
        cases,
        "dot complex",
        vec![z(&[2, 3]), z(&[3, 2])],
        "tensor<2x2xcomplex<f64>>",
        "%y = array.dot %a0, %a1 contract [1] with [0] : tensor<2x3xcomplex<f64>>, tensor<3x2xcomplex<f64>>",
    );
}

/// Matrices with a great diagonal are far from singular; what is read of them as Hermitian is positive definite.
fn matrices(cases: &mut Vec<Case>) {
    let great = |t: &str, n: usize| {
        let element = |place: usize| if place / n == place % n { "4.0" } else { "0.0" };
        let complex = |place: usize| format!("({}, 0.0)", element(place));
        let is_complex = t.ends_with("complex<f64>>");
        let row = |row: usize| {
            let row = (0..n).map(|column| row * n + column);
            let row: Vec<String> =
                row.map(|at| if is_complex { complex(at) } else { element(at).to_owned() }).collect();
            format!("[{}]", row.join(", "))
        };
        let rows: Vec<String> = (0..n).map(row).collect();
        format!("%e = array.constant dense<[{}]> : {t}\n  %m = scalar.add %a0, %e : {t}", rows.join(", "))
    };
    let z = |shape: &[u64]| Argument::tensor(Complex128, shape, &[], R);
    let (m, c) = ("tensor<3x3xf64>", "tensor<3x3xcomplex<f64>>");
    let factor = |t: &str| format!("{}\n  %y = array.cholesky %m : {t}", great(t, 3));
    case(cases, "cholesky", vec![x(&[3, 3], &[])], m, &factor(m));
    case(cases, "cholesky complex", vec![z(&[3, 3])], c, &factor(c));
    let open = "tensor<2x?x?xf64>";
    let body = "%s = scalar.sin %a0 : tensor<2x?x?xf64>
  %g = array.dot %s, %s batch [0] with [0] contract [2] with [2] : tensor<2x?x?xf64>, tensor<2x?x?xf64>
  %h = scalar.add %g, %a1 : tensor<2x?x?xf64>
  %y = array.cholesky %h : tensor<2x?x?xf64>";
    // Both diagonals are at least 3.
    let apart = Argument::tensor(F64, &[2, 2, 2], &[1, 2], (3.0, 4.0)).zero_at(&[1, 2, 5, 6]);
    case(cases, "cholesky dynamic", vec![x(&[2, 2, 2], &[1, 2]), apart], open, body);
    for (name, flags) in [
        ("lower", ""),
        ("upper", "upper "),
        ("transposed", "transposed "),
        ("unit", "unit "),
        ("right", "right "),
        ("right transposed", "right upper transposed "),
    ] {
        let t = "tensor<3x3xf64>, tensor<3x3xf64>";
        let body = format!("{}\n  %y = array.triangular_solve {flags}%m, %a1 : {t}", great(m, 3));
        case(cases, &format!("triangular solve {name}"), vec![x(&[3, 3], &[]), x(&[3, 3], &[])], m, &body);
    }
    for (name, flags) in [("adjoint", "transposed conjugated "), ("conjugated", "right upper unit conjugated ")] {
        let t = format!("{c}, {c}");
        let body = format!("{}\n  %y = array.triangular_solve {flags}%m, %a1 : {t}", great(c, 3));
        case(cases, &format!("triangular solve {name}"), vec![z(&[3, 3]), z(&[3, 3])], c, &body);
    }
    for (name, shape, t, p) in [
        ("square", [3, 3], "tensor<3x3xf64>", "tensor<3xi32>"),
        ("tall", [4, 2], "tensor<4x2xf64>", "tensor<2xi32>"),
        ("wide", [2, 4], "tensor<2x4xf64>", "tensor<2xi32>"),
    ] {
        let body =
            format!("%e = scalar.exp %a0 : {t}\n  %p = array.lu_pivots %e : {t}\n  %y = array.lu %e, %p : {t}, {p}");
        case(cases, &format!("lu {name}"), vec![x(&shape, &[])], t, &body);
    }
    let pivots = Argument::tensor(I32, &[2, 2], &[0], (0.0, 3.0));
    case(
        cases,
        "swapped rows",
        vec![x(&[2, 3, 2], &[0]), pivots],
        "tensor<?x3x2xf64>",
        "%y = array.swap_rows %a0, %a1 : tensor<?x3x2xf64>, tensor<?x2xi32>",
    );
    let body = "%e = scalar.exp %a0 : tensor<?x3xf64>\n  \
                %y = array.shard %e \"{devices=[2,1]<=[2]}\" : tensor<?x3xf64>";
    case(cases, "spread over devices", vec![x(&[2, 3], &[0])], "tensor<?x3xf64>", body);
}

/// Lengths: 1, even and odd ones, and a prime number that is transformed by longer lines.
fn transforms(cases: &mut Vec<Case>) {
    let z = |shape: &[u64], dynamic: &[usize]| Argument::tensor(Complex128, shape, dynamic, R);
    for n in [1, 2, 3, 4, 5, 6, 17] {
        let h = n / 2 + 1;
        let whole = format!("tensor<?x{n}xcomplex<f64>>");
        for kind in ["fft", "ifft"] {
            let body = format!("%y = array.fft {kind} %a0 dim 1 length {n} : {whole}");
            case(cases, &format!("{kind} of {n}"), vec![z(&[2, n], &[0])], &whole, &body);
        }
        let (real, half) = (format!("tensor<?x{n}xf64>"), format!("tensor<?x{h}xcomplex<f64>>"));
        let body = format!("%y = array.fft rfft %a0 dim 1 length {n} : {real}");
        case(cases, &format!("rfft of {n}"), vec![x(&[2, n], &[0])], &half, &body);
        let body = format!("%y = array.fft irfft %a0 dim 1 length {n} : {half}");
        case(cases, &format!("irfft of {n}"), vec![z(&[2, h], &[0])], &real, &body);
    }
    case(
        cases,
        "fft along the first dimension",
        vec![z(&[4, 3], &[1])],
        "tensor<4x?xcomplex<f64>>",
        "%y = array.fft fft %a0 dim 0 length 4 : tensor<4x?xcomplex<f64>>",
    );
    case(
        cases,
        "fft of no lines",
        vec![z(&[0, 3], &[])],
        "tensor<0x3xcomplex<f64>>",
        "%y = array.fft fft %a0 dim 1 length 3 : tensor<0x3xcomplex<f64>>",
    );
    case(
        cases,
        "convolution by transforms",
        vec![x(&[6], &[]), x(&[6], &[])],
        "tensor<6xf64>",
        "%p = array.fft rfft %a0 dim 0 length 6 : tensor<6xf64>
  %q = array.fft rfft %a1 dim 0 length 6 : tensor<6xf64>
  %r = scalar.mul %p, %q : tensor<4xcomplex<f64>>
  %y = array.fft irfft %r dim 0 length 6 : tensor<4xcomplex<f64>>",
    );
}

fn rows(cases: &mut Vec<Case>) {
    let indices = Argument::tensor(I32, &[4], &[], (-1.0, 4.0));
    case(
        cases,
        "gather",
        vec![x(&[3, 2], &[0]), indices.clone()],
        "tensor<4x2xf64>",
        "%y = array.gather %a0, %a1 : tensor<?x2xf64>, tensor<4xi32>",
    );
    case(
        cases,
        "two gathers of one tensor",
        vec![x(&[3], &[]), indices.clone()],
        "tensor<4xf64>",
        "%p = array.gather %a0, %a1 : tensor<3xf64>, tensor<4xi32>
  %s = scalar.mul %a0, %a0 : tensor<3xf64>
  %q = array.gather %a0, %a1 : tensor<3xf64>, tensor<4xi32>
  %r = array.gather %s, %a1 : tensor<3xf64>, tensor<4xi32>
  %t = scalar.mul %p, %q : tensor<4xf64>
  %y = scalar.add %t, %r : tensor<4xf64>",
    );
    case(
        cases,
        "scatter",
        vec![x(&[3, 2], &[]), indices, x(&[4, 2], &[])],
        "tensor<3x2xf64>",
        "%y = array.scatter %a0, %a1, %a2 : tensor<3x2xf64>, tensor<4xi32>, tensor<4x2xf64>",
    );
}

fn elements(cases: &mut Vec<Case>) {
    case(
        cases,
        "extract and from_elements",
        vec![x(&[2, 3], &[1])],
        "tensor<2x2xf64>",
        "%c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %p = tensor.extract %a0[%c1, %c0] : tensor<2x?xf64>
  %q = tensor.extract %a0[%c0, %c1] : tensor<2x?xf64>
  %m = scalar.mul %p, %q : f64
  %k = scalar.constant 2.0 : f64
  %y = tensor.from_elements %p, %m, %k, %q : tensor<2x2xf64>",
    );
    case(
        cases,
        "extract of rank 0 and cast",
        vec![x(&[3], &[0])],
        "f64",
        "%c = tensor.cast %a0 : tensor<?xf64> to tensor<3xf64>
  %d = scalar.mul %c, %c : tensor<3xf64>
  %s = array.reduce add %d dims [0] : tensor<3xf64>
  %y = tensor.extract %s[] : tensor<f64>",
    );
}
