//! QR factors, eigenvalues and singular values. Vectors are determined up to factors of modulus 1, so the sizes of their
//! elements are differentiated.

use super::{Argument, Case};
use dp_dialects::ScalarType::{Complex128, F64};

super::topics!(qr, eigenvalues, singular_values);

const R: (f64, f64) = (-1.0, 1.0);

/// The cases that are compiled: others differ from them in what the interpreter tests as well.
const COMPILED: &[&str] = &[
    "qr tall",
    "qr wide",
    "qr taus complex tall",
    "qr batch",
    "eigh values",
    "eigh vectors complex",
    "eigh vectors dynamic",
    "svd left tall",
    "svd right wide",
    "svd values square",
    "svd left complex square",
];

fn case(cases: &mut Vec<Case>, name: &str, arguments: Vec<Argument>, result: &str, body: &str) {
    cases.push(Case {
        name: name.to_string(),
        arguments,
        results: vec![result.to_string()],
        body: format!("{body}\n  return %y : {result}"),
        helpers: String::new(),
        is_compiled: COMPILED.contains(&name),
    });
}

fn x(shape: &[u64], dynamic: &[usize]) -> Argument {
    Argument::tensor(F64, shape, dynamic, R)
}

fn z(shape: &[u64]) -> Argument {
    Argument::tensor(Complex128, shape, &[], R)
}

/// A small matrix that is added to one whose columns are far from dependent, and whose eigenvalues and singular values are
/// far from equal.
fn apart([rows, columns]: [usize; 2], t: &str) -> String {
    let element = |row: usize, column: usize| match row == column {
        true => format!("{}.5", 3 * (row + 1)),
        false => "0.25".to_owned(),
    };
    let written = |element: String| if t.contains("complex") { format!("({element}, 0.0)") } else { element };
    let row = |row: usize| (0..columns).map(|column| written(element(row, column))).collect::<Vec<_>>().join(", ");
    let all: Vec<String> = (0..rows).map(|at| format!("[{}]", row(at))).collect();
    format!("%e = array.constant dense<[{}]> : {t}\n  %m = scalar.add %a0, %e : {t}\n  ", all.join(", "))
}

fn qr(cases: &mut Vec<Case>) {
    for (name, [rows, columns]) in [("square", [3, 3]), ("tall", [4, 2]), ("wide", [2, 3]), ("row", [1, 2])] {
        let t = format!("tensor<{rows}x{columns}xf64>");
        let count = format!("tensor<{}xf64>", rows.min(columns));
        let (given, shape) = (apart([rows, columns], &t), [rows as u64, columns as u64]);
        case(cases, &format!("qr {name}"), vec![x(&shape, &[])], &t, &format!("{given}%y = array.qr %m : {t}"));
        let taus = format!("{given}%y = array.qr_taus %m : {t}");
        case(cases, &format!("qr taus {name}"), vec![x(&shape, &[])], &count, &taus);
    }
    for (name, [rows, columns]) in [("square", [2, 2]), ("tall", [3, 2])] {
        let t = format!("tensor<{rows}x{columns}xcomplex<f64>>");
        let (given, shape) = (apart([rows, columns], &t), [rows as u64, columns as u64]);
        case(cases, &format!("qr complex {name}"), vec![z(&shape)], &t, &format!("{given}%y = array.qr %m : {t}"));
        let taus = format!("{given}%y = array.qr_taus %m : {t}");
        case(cases, &format!("qr taus complex {name}"), vec![z(&shape)], "tensor<2xcomplex<f64>>", &taus);
    }
    let t = "tensor<?x3x2xf64>";
    let body = format!("%s = scalar.add %a0, %a1 : {t}\n  %y = array.qr %s : {t}");
    let apart = Argument::tensor(F64, &[2, 3, 2], &[0], (3.0, 4.0)).zero_at(&[1, 2, 4, 5, 7, 8, 10, 11]);
    case(cases, "qr batch", vec![x(&[2, 3, 2], &[0]), apart.clone()], t, &body);
    let t = "tensor<?x3x2xcomplex<f64>>";
    let body = format!(
        "%e = scalar.convert %a1 : tensor<?x3x2xf64> to {t}\n  %s = scalar.add %a0, %e : {t}\n  %y = array.qr %s : {t}"
    );
    let complex = Argument::tensor(Complex128, &[2, 3, 2], &[0], R);
    case(cases, "qr complex batch", vec![complex, apart], t, &body);
}

fn eigenvalues(cases: &mut Vec<Case>) {
    let t = "tensor<3x3xf64>";
    let given = apart([3, 3], t);
    case(
        cases,
        "eigh values",
        vec![x(&[3, 3], &[])],
        "tensor<3xf64>",
        &format!("{given}%y = array.eigh_values %m : {t}"),
    );
    let body = format!("{given}%v = array.eigh_vectors %m : {t}\n  %y = scalar.abs %v : {t}");
    case(cases, "eigh vectors", vec![x(&[3, 3], &[])], t, &body);
    let c = "tensor<2x2xcomplex<f64>>";
    let given = apart([2, 2], c);
    let body = format!("{given}%y = array.eigh_values %m : {c}");
    case(cases, "eigh values complex", vec![z(&[2, 2])], "tensor<2xf64>", &body);
    let body = format!("{given}%v = array.eigh_vectors %m : {c}\n  %y = scalar.abs %v : {c}");
    case(cases, "eigh vectors complex", vec![z(&[2, 2])], "tensor<2x2xf64>", &body);
    let t = "tensor<2x?x?xf64>";
    let apart = Argument::tensor(F64, &[2, 2, 2], &[1, 2], (3.0, 4.0)).zero_at(&[0, 1, 2, 4, 5, 6]);
    let sum = format!("%m = scalar.add %a0, %a1 : {t}");
    let arguments = vec![x(&[2, 2, 2], &[1, 2]), apart];
    case(
        cases,
        "eigh values dynamic",
        arguments.clone(),
        "tensor<2x?xf64>",
        &format!("{sum}\n  %y = array.eigh_values %m : {t}"),
    );
    let body = format!("{sum}\n  %v = array.eigh_vectors %m : {t}\n  %y = scalar.abs %v : {t}");
    case(cases, "eigh vectors dynamic", arguments, t, &body);
}

fn singular_values(cases: &mut Vec<Case>) {
    for (name, [rows, columns]) in [("square", [3, 3]), ("tall", [3, 2]), ("wide", [2, 3])] {
        let t = format!("tensor<{rows}x{columns}xf64>");
        let (given, shape, count) = (apart([rows, columns], &t), [rows as u64, columns as u64], rows.min(columns));
        let parts = [
            ("values", format!("tensor<{count}xf64>")),
            ("left", format!("tensor<{rows}x{count}xf64>")),
            ("right", format!("tensor<{count}x{columns}xf64>")),
        ];
        for (part, result) in parts {
            let body = format!("{given}%v = array.svd_{part} %m : {t}\n  %y = scalar.abs %v : {result}");
            case(cases, &format!("svd {part} {name}"), vec![x(&shape, &[])], &result, &body);
        }
    }
    for (name, [rows, columns]) in [("square", [2, 2]), ("tall", [3, 2])] {
        let t = format!("tensor<{rows}x{columns}xcomplex<f64>>");
        let (given, shape) = (apart([rows, columns], &t), [rows as u64, columns as u64]);
        for (part, height) in [("left", rows), ("right", 2)] {
            let result = format!("tensor<{height}x2x");
            let body = format!("{given}%v = array.svd_{part} %m : {t}\n  %y = scalar.abs %v : {result}complex<f64>>");
            case(cases, &format!("svd {part} complex {name}"), vec![z(&shape)], &format!("{result}f64>"), &body);
        }
        let body = format!("{given}%y = array.svd_values %m : {t}");
        case(cases, &format!("svd values complex {name}"), vec![z(&shape)], "tensor<2xf64>", &body);
    }
}
