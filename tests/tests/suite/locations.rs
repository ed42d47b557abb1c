//! Checks at run time fail at the place of the operation whose check it is, however the program around it was
//! simplified: the line and column that the interpreter names for the program as it was written.

use crate::cpu::library::{compile_by, reference};
use dp_cpu::Level;
use dp_dialects::diagnostics::place;
use dp_dialects::ir::Op;
use dp_dialects::{FloatModel, Literal, Number, ScalarType, context};
use dp_driver::conversion;
use dp_driver::pipelines::{self, DIFFERENTIATE, SIMPLIFY, Settings};
use dp_lower::Stage;
use dp_passes::manager::{self, Halt, Step};
use dp_runtime::Library;

/// Operations from `$x`, a `tensor<?xf32>`, to `$y`, another, in which a check fails.
struct Check {
    name: &'static str,
    ops: &'static [&'static str],
    /// The extents of `%x` and `%w`, and `%n`.
    given: (u64, u64, i64),
}

const fn check(name: &'static str, ops: &'static [&'static str], given: (u64, u64, i64)) -> Check {
    Check { name, ops, given }
}

const CHECKS: &[Check] = &[
    check("slice", &["$y = array.slice $x starts [0] strides [1] extents(%n) : !T to !T"], (4, 4, 9)),
    check(
        "steps",
        &[
            "$y.box = array.slice $x starts [%n] strides [2] : !T to tensor<3xf32>",
            "$y = tensor.cast $y.box : tensor<3xf32> to !T",
        ],
        (4, 4, 0),
    ),
    check("update", &["$y = array.update_slice $x, %w starts [%n] : !T, !T"], (4, 5, 0)),
    check("added", &["$y = array.update_slice accumulate $x, %w starts [0] : !T, !T"], (4, 5, 0)),
    check("gather", &["$y = array.gather $x, %i : !T, tensor<?xi32>"], (0, 0, 0)),
    check("scatter", &["$y = array.scatter $x, %i, %w : !T, tensor<?xi32>, !T"], (4, 3, 0)),
    check(
        "reshape",
        &[
            "$y.pairs = array.reshape $x extents(%n) : !T to tensor<?x2xf32>",
            "$y = array.reduce add $y.pairs dims [1] : tensor<?x2xf32>",
        ],
        (4, 4, 3),
    ),
    check(
        "broadcast",
        &[
            "$y.rows = array.broadcast $x dims [1] extents(%n, %n) : !T to tensor<?x?xf32>",
            "$y.numbers = array.iota dim 0 extents(%n, %n) : tensor<?x?xf32>",
            "$y.angles = scalar.atan2 $y.rows, $y.numbers : tensor<?x?xf32>",
            "$y = array.reduce max $y.angles dims [0] : tensor<?x?xf32>",
        ],
        (4, 4, 3),
    ),
    check(
        "negative",
        &[
            "$y.rows = array.broadcast $x dims [1] extents(%n, %len) : !T to tensor<?x?xf32>",
            "$y.numbers = array.iota dim 0 extents(%n, %len) : tensor<?x?xf32>",
            "$y.angles = scalar.atan2 $y.rows, $y.numbers : tensor<?x?xf32>",
            "$y = array.reduce max $y.angles dims [0] : tensor<?x?xf32>",
        ],
        (4, 4, -1),
    ),
    check("add", &["$y = scalar.add $x, %w : !T"], (4, 5, 0)),
    check("mul", &["$y = scalar.mul $x, %w : !T"], (4, 5, 0)),
    check(
        "select",
        &["$y.large = scalar.compare gt $x, %w : !T", "$y = scalar.select $y.large, $x, %w : tensor<?xi1>, !T"],
        (4, 5, 0),
    ),
    check("pad", &["$y = array.pad $x, %one low [1] high [0] interior [1] extents(%n) : !T, f32 to !T"], (4, 4, 7)),
    check(
        "concatenate",
        &[
            "$y.x = array.reshape $x extents(%len) : !T to tensor<1x?xf32>",
            "$y.w = array.reshape %w extents(%width) : !T to tensor<1x?xf32>",
            "$y.both = array.concatenate $y.x, $y.w dim 0 : tensor<1x?xf32>, tensor<1x?xf32>",
            "$y = array.reduce add $y.both dims [0] : tensor<2x?xf32>",
        ],
        (4, 5, 0),
    ),
    check(
        "dot",
        &[
            "$y.sum = array.dot $x, %w contract [0] with [0] : !T, !T",
            "$y.number = tensor.extract $y.sum[] : tensor<f32>",
            "$y = array.broadcast $y.number dims [] extents(%len) : f32 to !T",
        ],
        (4, 5, 0),
    ),
    check(
        "extract",
        &["$y.number = tensor.extract $x[%n] : !T", "$y = array.broadcast $y.number dims [] extents(%len) : f32 to !T"],
        (4, 4, 4),
    ),
    check(
        "cast",
        &[
            "$y.known = tensor.cast $x : !T to tensor<3xf32>",
            "$y.shifted = scalar.sin $y.known : tensor<3xf32>",
            "$y = tensor.cast $y.shifted : tensor<3xf32> to !T",
        ],
        (4, 4, 0),
    ),
    check(
        "assert",
        &["$y.fine = arith.cmpi slt, %n, %len : index", "cf.assert $y.fine, \"too many\"", "$y = scalar.sin $x : !T"],
        (4, 4, 4),
    ),
    check(
        "map",
        &[
            "$y = array.map($x) : (!T) -> !T {",
            "^bb0($y.e: f32):",
            "  $y.k = scalar.convert $y.e : f32 to i32",
            "  $y.j = arith.index_cast $y.k : i32 to index",
            "  $y.many = arith.constant 5 : index",
            "  $y.table = array.constant dense<[1.0, 2.0]> : tensor<2xf32>",
            "  $y.at = arith.addi $y.j, $y.many : index",
            "  $y.v = tensor.extract $y.table[$y.at] : tensor<2xf32>",
            "  array.yield $y.v : f32",
            "}",
        ],
        (4, 4, 0),
    ),
];

/// Where a check stands in `%r`, a function of `%x`; `@NAME` is a check, from one value to another.
const PLACES: &[(&str, &[&str])] = &[
    ("alone", &["@%x %r"]),
    ("after", &["%a = scalar.neg %x : !T", "%b = scalar.neg %a : !T", "@%b %r"]),
    ("before", &["@%x %a", "%b = scalar.neg %a : !T", "%r = scalar.neg %b : !T"]),
    ("between", &["%a = scalar.neg %x : !T", "@%a %b", "%r = scalar.neg %b : !T"]),
    // A factor that leaves what is between, and terms that are equal.
    (
        "factors",
        &[
            "%a = scalar.mul %x, %x : !T",
            "@%a %b",
            "%c = scalar.mul %b, %b : !T",
            "%d = scalar.mul %b, %b : !T",
            "%r = scalar.add %c, %d : !T",
        ],
    ),
    ("twice", &["%a = scalar.exp %x : !T", "@%a %b", "@%a %c", "%r = scalar.add %b, %c : !T"]),
    (
        "equal",
        &["@%x %a", "%b = scalar.neg %x : !T", "%c = scalar.neg %b : !T", "@%c %d", "%r = scalar.mul %a, %d : !T"],
    ),
    // Nothing is left of the operation before, whose value a rule makes anew.
    ("halves", &["%a = scalar.add %x, %x : !T", "%b = scalar.sub %a, %x : !T", "@%b %c", "%r = scalar.neg %c : !T"]),
    (
        "branch",
        &[
            "%a = scalar.neg %x : !T",
            "%r = scf.if %p -> (!T) {",
            "  %b = scalar.neg %a : !T",
            "  @%b %c",
            "  %d = scalar.neg %c : !T",
            "  scf.yield %d : !T",
            "} else {",
            "  scf.yield %x : !T",
            "}",
        ],
    ),
    (
        "branches",
        &[
            "%a = scf.if %q -> (!T) {",
            "  @%x %b",
            "  scf.yield %b : !T",
            "} else {",
            "  %c = scalar.sin %x : !T",
            "  scf.yield %c : !T",
            "}",
            "%d = scf.if %p -> (!T) {",
            "  @%x %e",
            "  scf.yield %e : !T",
            "} else {",
            "  scf.yield %x : !T",
            "}",
            "%r = scalar.add %a, %d : !T",
        ],
    ),
    (
        "loop",
        &[
            "%zero = arith.constant 0 : index",
            "%step = arith.constant 1 : index",
            "%rounds = arith.constant 2 : index",
            "%r = scf.for %k = %zero to %rounds step %step iter_args(%a = %x) -> (!T) {",
            "  %b = scalar.neg %a : !T",
            "  %c = scalar.neg %b : !T",
            "  @%c %d",
            "  scf.yield %d : !T",
            "}",
        ],
    ),
];

/// How a program with a check is called.
#[derive(Clone, Copy)]
enum Use {
    /// Itself.
    Plain,
    /// By another function.
    Called,
    /// For its gradient.
    Gradient,
}

const PARAMETERS: &str = "%x: !T, %w: !T, %i: tensor<?xi32>, %n: index, %one: f32, %p: i1, %q: i1";
const ARGUMENTS: &str = "%x, %w, %i, %n, %one, %p, %q";
const TYPES: &str = "!T, !T, tensor<?xi32>, index, f32, i1, i1";

/// The function `@NAME` of a check in its place, and what it calls.
fn program(check: &Check, place: &[&str], used: Use, name: &str) -> String {
    let mut body = vec![
        "%c0 = arith.constant 0 : index".to_string(),
        "%len = tensor.dim %x, %c0 : !T".to_string(),
        "%width = tensor.dim %w, %c0 : !T".to_string(),
    ];
    for line in place {
        let (indent, op) = line.split_at(line.len() - line.trim_start().len());
        let Some((from, to)) = op.strip_prefix('@').and_then(|values| values.split_once(' ')) else {
            body.push((*line).to_string());
            continue;
        };
        body.extend(check.ops.iter().map(|op| format!("{indent}{}", op.replace("$x", from).replace("$y", to))));
    }
    let body = body.join("\n  ");
    match used {
        Use::Plain => format!("func.func @{name}({PARAMETERS}) -> !T {{\n  {body}\n  return %r : !T\n}}\n"),
        Use::Called => format!(
            "func.func private @{name}_callee({PARAMETERS}) -> !T {{\n  {body}\n  return %r : !T\n}}\n\
             func.func @{name}({PARAMETERS}) -> !T {{\n  %a = scalar.neg %x : !T\n  %b = scalar.neg %a : !T\n  \
             %r = call @{name}_callee({}) : ({TYPES}) -> !T\n  return %r : !T\n}}\n",
            ARGUMENTS.replace("%x", "%b")
        ),
        Use::Gradient => format!(
            "func.func private @{name}_loss({PARAMETERS}) -> f32 {{\n  {body}\n  \
             %squares = scalar.mul %r, %r : !T\n  %sum = array.reduce add %squares dims [0] : !T\n  \
             %loss = tensor.extract %sum[] : tensor<f32>\n  return %loss : f32\n}}\n\
             func.func @{name}({PARAMETERS}) -> (f32, !T) {{\n  \
             %v:2 = ad.grad @{name}_loss({ARGUMENTS}) wrt [0] : ({TYPES}) -> (f32, !T)\n  \
             return %v#0, %v#1 : f32, !T\n}}\n"
        ),
    }
}

fn arguments(check: &Check) -> Vec<Literal> {
    let (x, w, n) = check.given;
    let number = |dtype, number| Literal::number(dtype, number);
    let tensor = |len: u64| {
        let elements = (0..len).map(|at| Number::Real(0.5 + at as f64)).collect();
        Literal::tensor(ScalarType::F32, vec![len], elements)
    };
    vec![
        tensor(x),
        tensor(w),
        Literal::tensor(ScalarType::I32, vec![2], vec![Number::Integer(0); 2]),
        number(ScalarType::Index, Number::Integer(n)),
        number(ScalarType::F32, Number::Real(1.0)),
        number(ScalarType::I1, Number::Integer(1)),
        number(ScalarType::I1, Number::Integer(1)),
    ]
}

fn run(steps: &[Step<Settings>], module: Op, level: u8) -> Result<(), Halt> {
    let settings = Settings {
        fp: FloatModel::default(),
        level,
        max_tape: dp_passes::manager::ByteLimit::default(),
        inline: dp_passes::calls::InlineLimit::default(),
        bounds: Vec::new(),
        ad_report: false,
        extents: Vec::new(),
        fixed: false,
    };
    manager::run(steps, module, &settings, &mut ())
}

/// Checks fail where the interpreter says, in places that satisfy a test, at some level of optimization.
#[track_caller]
fn fail_in_place(used: Use, level: Level, effort: u8, is_wanted: impl Fn(&str) -> bool) {
    let mut programs = Vec::new();
    let mut text = String::from("!T = tensor<?xf32>\n");
    for check in CHECKS {
        for (place, lines) in PLACES.iter().filter(|(place, _)| is_wanted(place)) {
            let name = format!("{}_{place}", check.name);
            text += &program(check, lines, used, &name);
            programs.push((name, check));
        }
    }
    let context = dp_driver::registry::context();
    let module = context::parse(&context, &text, "test").expect("the programs parse");
    let module = reference(&module);
    assert!(run(DIFFERENTIATE, module, effort).is_ok(), "the programs are not differentiated");
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let options = dp_cpu::Options { level, ..dp_cpu::Options::default() };
    let path = compile_by(&context, &text, &options, folder.path(), |module, options| {
        run(DIFFERENTIATE, module, effort)?;
        run(SIMPLIFY, module, effort)?;
        pipelines::lower(module, options, Stage::Llvm, &mut ())
    });
    let library = Library::open(&path).unwrap_or_else(|error| panic!("{error}"));
    let mut wrong = Vec::new();
    for (name, check) in &programs {
        let arguments = arguments(check);
        let Err(located) = dp_interp::run(module, name, arguments.clone()) else {
            wrong.push(format!("{name}: does not fail"));
            continue;
        };
        let expected = place(located.location).unwrap_or_default();
        let arrays: Vec<_> = arguments.iter().map(|literal| conversion::array(literal).expect("an array")).collect();
        let function = library.function(name).unwrap_or_else(|error| panic!("{error}"));
        let found = function.call(&arrays).err().map_or("does not fail".to_string(), |error| error.to_string());
        if !found.starts_with(&format!("{expected}: error: ")) {
            wrong.push(format!("{name}: fails at {expected} ({}), but compiled: {found}", located.diagnostic));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}\n{text}", wrong.len(), programs.len(), wrong.join("\n"));
}

/// Places that show most.
fn is_telling(place: &str) -> bool {
    ["after", "between", "branch"].contains(&place)
}

#[test]
fn checks_fail_in_place() {
    fail_in_place(Use::Plain, Level::O0, 0, is_telling);
    fail_in_place(Use::Plain, Level::O3, 3, |_| true);
}

#[test]
fn checks_fail_in_place_where_they_are_called() {
    fail_in_place(Use::Called, Level::O3, 3, is_telling);
}

#[test]
fn checks_fail_in_place_in_gradients() {
    fail_in_place(Use::Gradient, Level::O0, 0, is_telling);
    // Loops have no derivatives.
    fail_in_place(Use::Gradient, Level::O3, 3, |place| place != "loop");
}
