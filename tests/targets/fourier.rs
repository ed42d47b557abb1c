//! Fourier transforms of each kind: of lengths with all radices, of prime ones, along each dimension.

use super::arrays::tensor;
use super::differential::Contest;
use dp_dialects::ScalarType;

/// Lengths: small ones, radices and products of them, and numbers with a prime factor that is no radix.
const LENGTHS: [u64; 21] = [1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 13, 16, 17, 20, 30, 32, 34, 49, 64, 100, 128];

fn name(dtype: ScalarType) -> String {
    dtype.name().replace(['<', '>'], "")
}

/// A function for each kind: of the type of the operand, its elements and those of the result.
fn functions(
    real: ScalarType,
    n: u64,
    of: impl Fn(&str, u64) -> (String, usize),
) -> (String, Vec<(String, ScalarType, u64)>) {
    let complex = real.complex().expect("floats have complex numbers");
    let h = n / 2 + 1;
    let mut text = String::new();
    let mut all = Vec::new();
    for (kind, from, to, given, made) in [
        ("fft", complex, complex, n, n),
        ("ifft", complex, complex, n, n),
        ("rfft", real, complex, n, h),
        ("irfft", complex, real, h, n),
    ] {
        let ((x, dim), (y, _)) = (of(from.name(), given), of(to.name(), made));
        let function = format!("{kind}_{n}_{dim}_{}", name(real));
        text += &format!(
            "func.func @{function}(%x: {x}) -> {y} {{\n  %y = array.fft {kind} %x dim {dim} length {n} : {x}\n  \
             return %y : {y}\n}}\n"
        );
        all.push((function, from, given));
    }
    (text, all)
}

#[test]
fn lines_of_each_length() {
    for real in [ScalarType::F32, ScalarType::F64] {
        let lengths = LENGTHS.iter().filter(|n| real == ScalarType::F64 || n.is_multiple_of(16) || **n == 17);
        let (texts, all): (Vec<_>, Vec<_>) =
            lengths.map(|n| functions(real, *n, |dtype, n| (format!("tensor<?x{n}x{dtype}>"), 1))).unzip();
        let contest = Contest::new(&texts.concat());
        for (function, from, given) in all.into_iter().flatten() {
            for lines in [0, 3] {
                contest.check_whole(&function, &[tensor(from, &[lines, given])], 16.0);
            }
        }
    }
}

#[test]
fn columns_of_each_number() {
    let of = |dim: usize| {
        move |dtype: &str, n: u64| {
            let text = ["?", "?", "?"].map(String::from);
            let mut text = text.to_vec();
            text[dim] = n.to_string();
            (format!("tensor<{}x{dtype}>", text.join("x")), dim)
        }
    };
    let mut texts = Vec::new();
    let mut all = Vec::new();
    for dim in 0..2 {
        for n in [2, 6, 17, 24] {
            let (text, functions) = functions(ScalarType::F64, n, of(dim));
            texts.push(text);
            all.extend(functions.into_iter().map(|(function, from, given)| (function, from, given, dim)));
        }
    }
    let contest = Contest::new(&texts.concat());
    for (function, from, given, dim) in all {
        for (others, columns) in [(2, 1), (1, 8), (3, 11), (0, 2), (2, 0)] {
            let mut extents = [others, others, columns];
            extents[dim] = given;
            contest.check_whole(&function, &[tensor(from, &extents)], 16.0);
        }
    }
}

#[test]
fn columns_of_known_numbers() {
    let mut texts = Vec::new();
    let mut all = Vec::new();
    for columns in [1, 3, 8, 13, 40] {
        let of = |dtype: &str, n: u64| (format!("tensor<{n}x{columns}x{dtype}>"), 0);
        let (text, functions) = functions(ScalarType::F64, columns + 2, of);
        texts.push(text);
        all.extend(functions.into_iter().map(|(function, from, given)| (function, from, [given, columns])));
    }
    let contest = Contest::new(&texts.concat());
    for (function, from, extents) in all {
        contest.check_whole(&function, &[tensor(from, &extents)], 16.0);
    }
}

/// Lines whose factors are products of two tables.
#[test]
fn long_lines() {
    let (text, all) = functions(ScalarType::F64, 1 << 15, |dtype, n| (format!("tensor<{n}x{dtype}>"), 0));
    let contest = Contest::new(&text);
    for (function, from, given) in all {
        contest.check_whole(&function, &[tensor(from, &[given])], 16.0);
    }
}

/// Imaginary parts that `irfft` does not read.
#[test]
fn what_is_not_read() {
    let contest = Contest::new(
        r#"
func.func @f(%x: tensor<3xcomplex<f64>>) -> (tensor<4xf64>, tensor<5xf64>) {
  %i = scalar.constant #complex.number<:f64 0.0, 1.0> : complex<f64>
  %t = array.broadcast %i dims [] : complex<f64> to tensor<3xcomplex<f64>>
  %z = scalar.mul %x, %t : tensor<3xcomplex<f64>>
  %e = array.fft irfft %z dim 0 length 4 : tensor<3xcomplex<f64>>
  %o = array.fft irfft %z dim 0 length 5 : tensor<3xcomplex<f64>>
  return %e, %o : tensor<4xf64>, tensor<5xf64>
}
"#,
    );
    contest.check_whole("f", &[tensor(ScalarType::Complex128, &[3])], 16.0);
}
