//! What derivatives cost, counted after simplification: at most five times their function, at every size.
//!
//! The ratio that is bounded is that of the work: arithmetic, and words of eight bytes that are read and written. A
//! function whose state is in registers reads and writes nothing, but each round of its derivative reads what the round
//! has kept; so the ratio of bytes alone has no bound, and is printed only.

use crate::cpu::library::reference;
use crate::derivatives::{Argument, Case, TOPICS, Topic, carries, cases, checkpoints, control, loops, pullback};
use crate::fuzz::gradients::random_like;
use crate::fuzz::oracle::{differentiated, run_steps};
use crate::refutation::numbers::Random;
use dp_dialects::{FloatModel, Literal, Number, ScalarType};
use dp_driver::Cost;
use dp_driver::pipelines::SIMPLIFY;
use std::fmt;
use std::path::Path;

/// The greatest ratio.
const MOST: f64 = 5.0;

/// How much greater the ratio may be at a size that is a few times as large.
const GROWTH: f64 = 1.3;

/// Functions below this work say nothing: the ratio is that of constants.
const LEAST: f64 = 24.0;

/// A ratio that is greater than it should be, with the reason.
struct Exception {
    name: &'static str,
    most: f64,
    reason: &'static str,
}

/// The first whose name is in that of the case counts.
const EXCEPTIONS: &[Exception] = &[
    Exception {
        name: "later and later",
        most: 6.0,
        reason: "two additions a round, of a state in registers, and three numbers that are kept of it",
    },
    Exception { name: "checkpoint", most: f64::INFINITY, reason: "rounds are computed again, as the program asks" },
    Exception { name: "groups of rounds", most: f64::INFINITY, reason: "rounds are computed again, to keep less" },
    Exception {
        name: "along [2, 0]",
        most: 10.0,
        reason: "a product along dimensions that are apart: the other elements of a row, and the other rows",
    },
    Exception { name: "several: ", most: 7.7, reason: "a product, as below, along dimensions that are merged" },
    Exception {
        name: "along [",
        most: 6.6,
        reason: "a product: five operations an element, and two scans that are written and read",
    },
    Exception { name: "max along ", most: 7.4, reason: "a scan, as below, whose rounds ask for ties" },
    Exception { name: "min along ", most: 7.4, reason: "a scan, as below, whose rounds ask for ties" },
    Exception {
        name: "max ",
        most: 5.8,
        reason: "one comparison, and its derivative has three and a product: at a tie, each operand takes the half, and at a \
            NaN none anything",
    },
    Exception { name: "min ", most: 5.8, reason: "three comparisons, as above" },
    Exception {
        name: " along ",
        most: 6.2,
        reason: "a scan: the state before each round is kept, and a cotangent is set to zero where it was read",
    },
    Exception {
        name: "cholesky",
        most: 6.5,
        reason: "a factor takes a sixth of a product of matrices; its pullback has two triangular systems and a product: of \
            large matrices, 13 times as many operations",
    },
    Exception {
        name: "lu ",
        most: 5.0,
        reason: "factors take a third of a product of matrices; their pullback has two triangular systems and two products: \
            of large matrices, 10 times as many operations",
    },
    Exception {
        name: "qr ",
        most: 19.6,
        reason: "factors take two thirds of a product of matrices, and their pullback forms the orthogonal one, with \
            products and triangular systems: of large matrices, 13 times as many operations",
    },
    Exception {
        name: "eigh values",
        most: 5.8,
        reason: "the pullback needs the vectors, which take seven times as much as the values alone: of large matrices, 8.3 \
            times as many operations",
    },
    Exception { name: "svd values", most: 5.8, reason: "the pullback needs both sets of vectors, as above" },
    Exception { name: "region", most: 5.5, reason: "scans by regions, as above" },
    Exception {
        name: "convolution",
        most: 6.1,
        reason: "with strides: the gradient by the input multiplies zeros that stand between the cotangents",
    },
    Exception {
        name: "windows",
        most: 10.9,
        reason: "windows only move elements, and their cotangents are padded and added, with zeros as above",
    },
    Exception { name: "slice with strides at places", most: 6.0, reason: "elements are added one by one" },
];

/// The cases with loops and branches.
const LOOPS: [&[Topic]; 3] = [control::TOPICS, loops::TOPICS, checkpoints::TOPICS];

/// A program of the benchmarks.
struct Program {
    file: &'static str,
    function: &'static str,
    arguments: fn(u64) -> Vec<Literal>,
    /// A small and a large size.
    sizes: [u64; 2],
}

const PROGRAMS: &[Program] = &[
    Program { file: "loops/loops.mlir", function: "power", arguments: |n| vec![real(1.01), i64(n)], sizes: [16, 64] },
    Program { file: "loops/loops.mlir", function: "waves", arguments: |n| vec![tensor(&[n])], sizes: [16, 64] },
    Program { file: "loops/loops.mlir", function: "thomas", arguments: thomas, sizes: [16, 64] },
    Program {
        file: "loops/loops.mlir",
        function: "heat",
        arguments: |n| vec![tensor(&[n]), real(0.1), index(n)],
        sizes: [8, 32],
    },
    Program { file: "loops/loops.mlir", function: "prefix", arguments: |n| vec![tensor(&[n])], sizes: [16, 64] },
    Program {
        file: "loops/loops.mlir",
        function: "lorenz",
        arguments: |n| [&[1.0, 1.5, 2.0, 10.0, 28.0, 2.5, 0.01].map(real)[..], &[index(n)]].concat(),
        sizes: [16, 64],
    },
    Program {
        file: "loops/logistic.mlir",
        function: "logistic",
        arguments: |n| vec![real(0.5), real(3.5), index(n)],
        sizes: [16, 64],
    },
    Program { file: "gradbench/det.mlir", function: "det", arguments: |n| vec![tensor(&[n, n])], sizes: [4, 7] },
    Program { file: "gradbench/lse.mlir", function: "lse", arguments: |n| vec![tensor(&[n])], sizes: [64, 256] },
    Program {
        file: "gradbench/llsq.mlir",
        function: "llsq",
        arguments: |n| vec![tensor(&[8]), index(n)],
        sizes: [16, 64],
    },
    Program {
        file: "gradbench/ode.mlir",
        function: "last",
        arguments: |n| vec![tensor(&[n]), index(4)],
        sizes: [8, 32],
    },
    Program { file: "gradbench/gmm.mlir", function: "gmm", arguments: mixture, sizes: [8, 32] },
    Program {
        file: "gradbench/lstm.mlir",
        function: "lstm",
        arguments: |n| vec![tensor(&[2, 2, 4, 8]), tensor(&[3, 8]), tensor(&[2, 2, 8]), tensor(&[n, 8])],
        sizes: [4, 16],
    },
];

fn real(value: f64) -> Literal {
    Literal::number(ScalarType::F64, Number::Real(value))
}

fn index(value: u64) -> Literal {
    Literal::number(ScalarType::Index, Number::Integer(value as i64))
}

fn i64(value: u64) -> Literal {
    Literal::number(ScalarType::I64, Number::Integer(value as i64))
}

/// The type of an argument, whose extents programs leave open but for those of the recurrent network.
fn opened(literal: &Literal, file: &str) -> String {
    let r#type = literal.value_type();
    let Some(shape) = r#type.shape.as_ref().map(Vec::len) else { return r#type.to_string() };
    match (file, shape) {
        ("gradbench/lstm.mlir", 4) => "tensor<?x2x4x?xf64>".into(),
        ("gradbench/lstm.mlir", 3) => "tensor<?x2x?xf64>".into(),
        ("gradbench/lstm.mlir", 2) if literal.extents()[0] == 3 => "tensor<3x?xf64>".into(),
        (_, rank) => format!("tensor<{}f64>", "?x".repeat(rank)),
    }
}

/// Numbers between 0.1 and 0.9.
fn tensor(shape: &[u64]) -> Literal {
    let element = |place: u64| Number::Real(0.1 + 0.8 * ((place * 37 % 101) as f64 / 101.0));
    let count = shape.iter().product();
    Literal::tensor(ScalarType::F64, shape.to_vec(), (0..count).map(element).collect())
}

fn thomas(n: u64) -> Vec<Literal> {
    let diagonal = (0..n).map(|place| Number::Real(4.0 + place as f64 / n as f64)).collect();
    let diagonal = Literal::tensor(ScalarType::F64, vec![n], diagonal);
    vec![tensor(&[n]), diagonal, tensor(&[n]), tensor(&[n])]
}

/// Three components in four dimensions.
fn mixture(n: u64) -> Vec<Literal> {
    let (d, k) = (4, 3);
    let l = tensor(&[k, d * (d - 1) / 2]);
    vec![tensor(&[k]), tensor(&[k, d]), tensor(&[k, d]), l, tensor(&[n, d]), real(1.0), i64(0)]
}

#[test]
fn of_the_programs() {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench");
    let mut wrong = Vec::new();
    for Program { file, function, arguments: of, sizes } in PROGRAMS {
        let primal = std::fs::read_to_string(bench.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let at = of(sizes[0]);
        let types: Vec<String> = at.iter().map(|literal| opened(literal, file)).collect();
        let wrt: Vec<usize> = (0..at.len()).filter(|place| at[*place].dtype.is_differentiable()).collect();
        let text = primal + &pullback(function, &types, &["f64".to_string()], &wrt).text;
        let ratios = ratios(&text, function, &sizes.map(of));
        assert_eq!(ratios.len(), sizes.len(), "{file}: @{function} runs at each size");
        wrong.extend(too_great(&format!("{file} {function}"), &ratios));
    }
    assert!(wrong.is_empty(), "{} of the programs:\n{}", wrong.len(), wrong.join("\n"));
}

/// The costs of a derivative and its function, at some size.
#[derive(Clone, Copy)]
struct Ratio {
    primal: Cost,
    derivative: Cost,
}

/// Arithmetic and words.
fn work(cost: Cost) -> f64 {
    cost.operations as f64 + cost.bytes as f64 / 8.0
}

impl Ratio {
    fn value(self) -> f64 {
        work(self.derivative) / work(self.primal).max(1.0)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let ratio = |a: u64, b: u64| if b > 0 { format!("{:.2}", a as f64 / b as f64) } else { "-".into() };
        let Ratio { primal, derivative } = self;
        write!(
            f,
            "{:9} → {:9} operations {:>7}, {:9} → {:9} bytes {:>7}, work {:6.2}",
            primal.operations,
            derivative.operations,
            ratio(derivative.operations, primal.operations),
            primal.bytes,
            derivative.bytes,
            ratio(derivative.bytes, primal.bytes),
            self.value()
        )
    }
}

/// A function and its pullback, at several sizes: the ratios, small sizes first. A size at which it cannot run is left
/// out.
fn ratios(text: &str, name: &str, sizes: &[Vec<Literal>]) -> Vec<Ratio> {
    let context = dp_driver::registry::context();
    let module = differentiated(&context, text).unwrap_or_else(|error| panic!("{name}: {error}"));
    match run_steps(SIMPLIFY, &module, FloatModel::default()) {
        Ok(()) => {}
        // Recursion with tensors is for the interpreter alone, before this.
        Err(error) if error == "step 'inline' fails" && text.contains("tensor") => return Vec::new(),
        Err(error) => panic!("{name}: {error}"),
    }
    let module = reference(&module);
    let one = |arguments: &Vec<Literal>| {
        let results = dp_interp::run(module, name, arguments.clone()).ok()?;
        let carrying: Vec<Literal> = results.into_iter().filter(carries).collect();
        let cotangents = random_like(&mut Random::new(1), &carrying);
        let primal = dp_interp::count(module, name, arguments.clone()).ok()?;
        let derivative = dp_interp::count(module, &format!("{name}_vjp"), [&arguments[..], &cotangents].concat());
        Some(Ratio { primal, derivative: derivative.unwrap_or_else(|error| panic!("{name}: {}", error.diagnostic)) })
    };
    sizes.iter().filter_map(one).collect()
}

/// Prints the ratios of a function, and tells what is wrong with them.
fn too_great(name: &str, ratios: &[Ratio]) -> Option<String> {
    let exception = EXCEPTIONS.iter().find(|exception| name.contains(exception.name));
    let most = exception.map_or(MOST, |exception| exception.most);
    for ratio in ratios {
        let reason = exception.filter(|_| ratio.value() > MOST).map(|exception| format!(" ({})", exception.reason));
        println!("{name:50} {ratio}{}", reason.unwrap_or_default());
    }
    let says: Vec<&Ratio> = ratios.iter().filter(|ratio| work(ratio.primal) >= LEAST).collect();
    if let Some(ratio) = says.iter().find(|ratio| ratio.value() > most) {
        return Some(format!("{name}: {:.2} times the function", ratio.value()));
    }
    let grows = says.windows(2).find(|pair| pair[1].value() > GROWTH * pair[0].value().max(most / 2.0));
    grows.map(|pair| format!("{name}: grows from {:.2} to {:.2}", pair[0].value(), pair[1].value()))
}

/// The arguments of a case, where what is dynamic is some times as large.
fn arguments(case: &Case, times: u64) -> Vec<Literal> {
    let mut random = case.random();
    let scaled = |argument: &Argument| {
        let dynamic: Vec<bool> = argument.r#type.split('x').map(|extent| extent.ends_with('?')).collect();
        let shape = argument.shape.as_ref().map(|shape| {
            let extent =
                |(dim, extent): (usize, &u64)| if dynamic.get(dim) == Some(&true) { extent * times } else { *extent };
            shape.iter().enumerate().map(extent).collect()
        });
        Argument { shape, ..argument.clone() }
    };
    let mut draw = |argument: &Argument| {
        let literal = scaled(argument).draw(&mut random);
        match (literal.dtype, &literal.shape) {
            // A number of rounds.
            (ScalarType::Index | ScalarType::I64 | ScalarType::I32, None) => {
                let value = literal.element(0).integer();
                Literal::number(literal.dtype, Number::Integer(value * times as i64))
            }
            _ => literal,
        }
    };
    case.arguments.iter().map(&mut draw).collect()
}

#[test]
fn of_loops() {
    check_cases(&LOOPS, &[1, 3, 9]);
}

#[test]
fn of_all_cases() {
    check_cases(&TOPICS, &[1]);
}

fn check_cases(topics: &[&[Topic]], times: &[u64]) {
    let (mut wrong, mut measured, mut all) = (Vec::new(), 0, 0);
    for case in topics.iter().flat_map(|topics| topics.iter()).flat_map(|topic| cases(*topic)) {
        let types: Vec<String> = case.arguments.iter().map(|argument| argument.r#type.clone()).collect();
        let request = case.request();
        let text = request.primal.clone() + &pullback("f", &types, &case.results, &request.wrt).text;
        let sizes: Vec<Vec<Literal>> = times.iter().map(|times| arguments(&case, *times)).collect();
        let ratios = ratios(&text, "f", &sizes);
        all += sizes.len();
        measured += ratios.len();
        wrong.extend(too_great(&case.name, &ratios));
    }
    // Some cases do not run with more rounds, or are recursive functions of tensors.
    assert!(10 * measured >= 9 * all, "only {measured} of {all} are counted");
    assert!(wrong.is_empty(), "{} of the cases:\n{}", wrong.len(), wrong.join("\n"));
}
