//! Constant extents that are contradictory or negative. They are not a compile-time error: a call that reaches them
//! returns the interpreter's error, at the same location, and a call that does not returns its value.

use super::arrays::tensor;
use crate::cpu::library::{Pair, Tolerance, difference, reference};
use crate::fuzz::oracle::{differentiated, run_steps};
use dp_dialects::{FloatModel, Literal, Number, ScalarType};
use dp_driver::pipelines::SIMPLIFY;

const VECTOR: &str = "tensor<?xf64>";
const MATRIX: &str = "tensor<?x?xf64>";

/// Operations that compute `%m`, and its type. `%a` has 2 elements and `%b` has 3, `%A` is 2 × 2 and `%B` is 3 × 3,
/// `%u` has a dynamic extent; `%c2` is the constant 2, `%n1` is -1.
const OPERATIONS: &[(&str, &str, &str)] = &[
    ("add", "%m = scalar.add %a, %b : tensor<?xf64>", VECTOR),
    ("multiply_add", "%m = scalar.fma %b, %b, %a : tensor<?xf64>", VECTOR),
    (
        "choice",
        "%p2 = scalar.is_nan %a : tensor<?xf64>
  %m = scalar.select %p2, %a, %b : tensor<?xi1>, tensor<?xf64>",
        VECTOR,
    ),
    (
        "map",
        "%m = array.map(%a, %b) : (tensor<?xf64>, tensor<?xf64>) -> tensor<?xf64> {
  ^bb0(%e: f64, %f: f64):
    %z = scalar.mul %e, %f : f64
    array.yield %z : f64
  }",
        VECTOR,
    ),
    ("dot", "%m = array.dot %a, %b contract [0] with [0] : tensor<?xf64>, tensor<?xf64>", "tensor<f64>"),
    ("dot_rows", "%m = array.dot %A, %b contract [1] with [0] : tensor<?x?xf64>, tensor<?xf64>", VECTOR),
    (
        "dot_batch",
        "%m = array.dot %A, %B batch [0] with [0] contract [1] with [1] : tensor<?x?xf64>, tensor<?x?xf64>",
        VECTOR,
    ),
    ("outer", "%m = array.dot %a, %b contract [] with [] : tensor<?xf64>, tensor<?xf64>", MATRIX),
    ("update", "%m = array.update_slice %a, %b starts [0] : tensor<?xf64>, tensor<?xf64>", VECTOR),
    ("update_at", "%m = array.update_slice %A, %B starts [%c1, 0] : tensor<?x?xf64>, tensor<?x?xf64>", MATRIX),
    ("accumulate", "%m = array.update_slice accumulate %a, %b starts [%c1] : tensor<?xf64>, tensor<?xf64>", VECTOR),
    ("concatenate", "%m = array.concatenate %A, %B dim 0 : tensor<?x?xf64>, tensor<?x?xf64>", MATRIX),
    ("concatenate_columns", "%m = array.concatenate %B, %A dim 1 : tensor<?x?xf64>, tensor<?x?xf64>", MATRIX),
    ("broadcast", "%m = array.broadcast %a dims [1] extents(%c2, %c3) : tensor<?xf64> to tensor<?x?xf64>", MATRIX),
    ("broadcast_static", "%m = array.broadcast %a dims [0] : tensor<?xf64> to tensor<3x2xf64>", "tensor<3x2xf64>"),
    ("broadcast_negative", "%m = array.broadcast %x dims [] extents(%n1) : f64 to tensor<?xf64>", VECTOR),
    ("iota_negative", "%m = array.iota dim 0 extents(%n1) : tensor<?xf64>", VECTOR),
    ("slice", "%m = array.slice %a starts [0] strides [1] extents(%c3) : tensor<?xf64> to tensor<?xf64>", VECTOR),
    ("slice_at", "%m = array.slice %a starts [%c1] strides [1] extents(%c3) : tensor<?xf64> to tensor<?xf64>", VECTOR),
    ("slice_static", "%m = array.slice %a starts [0] strides [2] : tensor<?xf64> to tensor<2xf64>", "tensor<2xf64>"),
    (
        "slice_negative",
        "%m = array.slice %a starts [0] strides [1] extents(%n1) : tensor<?xf64> to tensor<?xf64>",
        VECTOR,
    ),
    ("reshape", "%m = array.reshape %a extents(%c2, %c2) : tensor<?xf64> to tensor<?x?xf64>", MATRIX),
    ("reshape_flat", "%m = array.reshape %A extents(%c3) : tensor<?x?xf64> to tensor<?xf64>", VECTOR),
    ("reshape_static", "%m = array.reshape %a : tensor<?xf64> to tensor<3xf64>", "tensor<3xf64>"),
    ("reshape_number", "%m = array.reshape %a : tensor<?xf64> to tensor<f64>", "tensor<f64>"),
    // -1 times -2 equals the number of elements.
    ("reshape_negative", "%m = array.reshape %a extents(%n1, %n2) : tensor<?xf64> to tensor<?x?xf64>", MATRIX),
    (
        "pad",
        "%m = array.pad %a, %x low [1] high [1] interior [0] extents(%c3) : tensor<?xf64>, f64 to tensor<?xf64>",
        VECTOR,
    ),
    (
        "pad_static",
        "%m = array.pad %a, %x low [1] high [0] interior [1] : tensor<?xf64>, f64 to tensor<3xf64>",
        "tensor<3xf64>",
    ),
    (
        "gather",
        "%none = array.slice %a starts [0] strides [1] extents(%c0) : tensor<?xf64> to tensor<?xf64>
  %i = array.constant dense<[0, 1]> : tensor<2xi32>
  %m = array.gather %none, %i : tensor<?xf64>, tensor<2xi32>",
        "tensor<2xf64>",
    ),
    (
        "scatter",
        "%i = array.constant dense<[0, 1]> : tensor<2xi32>
  %is = tensor.cast %i : tensor<2xi32> to tensor<?xi32>
  %m = array.scatter %a, %is, %b : tensor<?xf64>, tensor<?xi32>, tensor<?xf64>",
        VECTOR,
    ),
    ("cast", "%m = tensor.cast %a : tensor<?xf64> to tensor<3xf64>", "tensor<3xf64>"),
    (
        "extract",
        "%e = tensor.extract %a[%c3] : tensor<?xf64>
  %m = tensor.from_elements %e, %e : tensor<2xf64>",
        "tensor<2xf64>",
    ),
    (
        "assertion",
        "%is_equal = arith.cmpi eq, %c2, %c3 : index
  cf.assert %is_equal, \"two is not three\"
  %m = scalar.sin %a : tensor<?xf64>",
        VECTOR,
    ),
    // These extents are not constants: the first check implies the value that the second check uses.
    (
        "checks",
        "%j = scalar.add %u, %b : tensor<?xf64>
  %m = scalar.add %j, %a : tensor<?xf64>",
        VECTOR,
    ),
    ("agreement", "%m = scalar.add %a, %a : tensor<?xf64>", VECTOR),
];

const ARGUMENTS: &str = "%x: f64, %v: tensor<2xf64>, %w: tensor<3xf64>, %V: tensor<2x2xf64>, %W: tensor<3x3xf64>, \
    %u: tensor<?xf64>, %U: tensor<?x?xf64>, %p: i1, %k: index";

const CONSTANTS: &str = "  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %n1 = arith.constant -1 : index
  %n2 = arith.constant -2 : index
";

/// Tensors that are cast to dynamic types.
const CAST: &str = "  %a = tensor.cast %v : tensor<2xf64> to tensor<?xf64>
  %b = tensor.cast %w : tensor<3xf64> to tensor<?xf64>
  %A = tensor.cast %V : tensor<2x2xf64> to tensor<?x?xf64>
  %B = tensor.cast %W : tensor<3x3xf64> to tensor<?x?xf64>
";

/// Slices whose extents are constants of the program.
const SLICED: &str = "  %a = array.slice %u starts [0] strides [1] extents(%c2) : tensor<?xf64> to tensor<?xf64>
  %b = array.slice %u starts [0] strides [1] extents(%c3) : tensor<?xf64> to tensor<?xf64>
  %A = array.slice %U starts [0, 0] strides [1, 1] extents(%c2, %c2) : tensor<?x?xf64> to tensor<?x?xf64>
  %B = array.slice %U starts [0, 0] strides [1, 1] extents(%c3, %c3) : tensor<?x?xf64> to tensor<?x?xf64>
";

/// The position of the operations: always reached, or only if `%p` is true or `%k` is not 0.
#[derive(Clone, Copy, PartialEq)]
enum Setting {
    Top,
    Returned,
    Branch,
    Known,
    Loop,
    Round,
    Callee,
}

impl Setting {
    const ALL: [Setting; 7] = [
        Setting::Top,
        Setting::Returned,
        Setting::Branch,
        Setting::Known,
        Setting::Loop,
        Setting::Round,
        Setting::Callee,
    ];

    /// The function `name` with an operation in this position.
    fn function(self, name: &str, operation: &str, r#type: &str) -> String {
        let rank = r#type.matches('x').count();
        let dims = (0..rank).map(|dim| dim.to_string()).collect::<Vec<_>>().join(", ");
        let total = match rank {
            0 => "  %y = tensor.extract %m[] : tensor<f64>\n".to_string(),
            _ => format!(
                "  %sines = scalar.sin %m : {type}
  %sum = array.reduce add %sines dims [{dims}] : {type}
  %y = tensor.extract %sum[] : tensor<f64>\n"
            ),
        };
        let body = format!("  {operation}\n{total}");
        let function = |body: &str| format!("func.func @{name}({ARGUMENTS}) -> f64 {{\n{CONSTANTS}{body}}}\n");
        let branch = |condition: &str, body: &str| {
            function(&format!(
                "{condition}  %r = scf.if %q -> f64 {{\n{body}  scf.yield %y : f64\n  }} else {{\n  scf.yield %x : f64\n  }}
  return %r : f64\n"
            ))
        };
        let rounds = |count: &str, body: &str| {
            function(&format!(
                "  %r = scf.for %round = %c0 to {count} step %c1 iter_args(%s = %x) -> (f64) {{
{body}  %t = scalar.add %s, %y : f64\n  scf.yield %t : f64\n  }}\n  return %r : f64\n"
            ))
        };
        let given = "  %set = arith.constant true\n  %q = arith.select %p, %set, %p : i1\n";
        match self {
            Setting::Top => function(&format!("{CAST}{body}  return %y : f64\n")),
            Setting::Returned => format!(
                "func.func @{name}({ARGUMENTS}) -> {type} {{\n{CONSTANTS}{SLICED}  {operation}\n  return %m : {type}\n}}\n"
            ),
            Setting::Branch => branch(given, &format!("{SLICED}{body}")),
            Setting::Known => branch("  %q = arith.constant true\n", &format!("{CAST}{body}")),
            Setting::Loop => rounds("%k", &format!("{SLICED}{body}")),
            Setting::Round => rounds("%c1", &format!("{CAST}{body}")),
            Setting::Callee => {
                let operands = "%x, %a, %b, %A, %B, %u, %c0, %c1, %c2, %c3, %n1, %n2";
                let types = format!("f64, {VECTOR}, {VECTOR}, {MATRIX}, {MATRIX}, {VECTOR}{}", ", index".repeat(6));
                let arguments: Vec<String> =
                    operands.split(", ").zip(types.split(", ")).map(|(name, of)| format!("{name}: {of}")).collect();
                let call = format!("{CAST}  %y = func.call @{name}_callee({operands}) : ({types}) -> f64\n");
                format!(
                    "func.func private @{name}_callee({}) -> f64 {{\n{body}  return %y : f64\n}}\n{}",
                    arguments.join(", "),
                    branch(given, &call)
                )
            }
        }
    }
}

/// The arguments of a call that reaches the operation, or does not.
fn arguments(comes: bool) -> Vec<Literal> {
    let number = |dtype, value: i64| Literal::number(dtype, Number::Integer(value));
    let x = Literal::number(ScalarType::F64, Number::Real(2.0));
    let tensors = [vec![2], vec![3], vec![2, 2], vec![3, 3], vec![3], vec![4, 4]];
    let given = tensors.map(|shape| tensor(ScalarType::F64, &shape));
    let choice = [number(ScalarType::I1, comes.into()), number(ScalarType::Index, if comes { 2 } else { 0 })];
    std::iter::once(x).chain(given).chain(choice).collect()
}

/// Compares compiled functions with the interpreter. Returns the numbers of calls that fail and that succeed.
fn compare(text: &str, names: &[String]) -> [usize; 2] {
    let pair = Pair::new(text);
    let mut counts = [0, 0];
    let mut differences = Vec::new();
    for (name, comes) in names.iter().flat_map(|name| [(name, true), (name, false)]) {
        let arguments = arguments(comes);
        let found = pair.call(name, &arguments);
        let tolerance = Tolerance { units: 16.0, flushes: false, of_greatest: false };
        let wrong = match (pair.outcome(name, &arguments), found) {
            (Ok(expected), found) => {
                counts[1] += 1;
                difference("compiled", name, &arguments, &expected, found, tolerance)
            }
            (Err(place), Err(error)) => {
                counts[0] += 1;
                let is_there = error.contains(&format!("{place}: error: "));
                (!is_there).then(|| format!("@{name} fails with '{error}', not at {place}"))
            }
            (Err(place), Ok(_)) => Some(format!("@{name} does not fail at {place}")),
        };
        differences.extend(wrong);
    }
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), 2 * names.len(), differences.join("\n"));
    counts
}

/// The functions of all operations in a position, and their names.
fn programs(setting: Setting) -> (String, Vec<String>) {
    let names = OPERATIONS.iter().map(|(name, ..)| (*name).to_string()).collect();
    (OPERATIONS.iter().map(|(name, operation, r#type)| setting.function(name, operation, r#type)).collect(), names)
}

/// The simplified program. (If an operation is removed, so is its check.)
pub(super) fn simplified(text: &str) -> String {
    let context = dp_driver::registry::context();
    let module = dp_dialects::context::parse(&context, text, "test").expect("parses");
    run_steps(SIMPLIFY, &module, FloatModel::default()).unwrap_or_else(|error| panic!("{error}"));
    assert!(melior::ir::operation::OperationLike::verify(&reference(&module)));
    module.as_operation().to_string()
}

#[test]
fn contradictory_extents_fail_where_they_are_reached() {
    for setting in Setting::ALL {
        let (text, names) = programs(setting);
        let [failed, ran] = compare(&text, &names);
        let always = matches!(setting, Setting::Top | Setting::Returned | Setting::Known | Setting::Round);
        // The outer product does not fail, since it has no extents that must agree.
        let fine = 2;
        let expected =
            if always { [2 * (names.len() - fine), 2 * fine] } else { [names.len() - fine, names.len() + fine] };
        assert_eq!([failed, ran], expected);
    }
}

#[test]
fn contradictory_extents_after_simplification() {
    for setting in Setting::ALL {
        let (text, names) = programs(setting);
        let [failed, _] = compare(&simplified(&text), &names);
        assert!(failed >= names.len() / 2, "{failed} calls fail");
    }
}

/// The gradient of a branch has two branches with the same condition, one for the primal computation and one for the
/// transpose.
#[test]
fn contradictory_extents_in_gradients() {
    for setting in [Setting::Top, Setting::Branch, Setting::Known, Setting::Callee] {
        let (mut text, names) = programs(setting);
        let types: Vec<&str> =
            ARGUMENTS.split(", ").filter_map(|argument| argument.split_once(": ")).map(|it| it.1).collect();
        let values: Vec<&str> =
            ARGUMENTS.split(", ").filter_map(|argument| argument.split_once(": ")).map(|it| it.0).collect();
        let (types, values) = (types.join(", "), values.join(", "));
        for name in &names {
            text += &format!(
                "func.func @{name}_gradient({ARGUMENTS}) -> (f64, f64, tensor<2xf64>, tensor<?xf64>) {{
  %g:4 = ad.grad @{name}({values}) wrt [0, 1, 5] : ({types}) -> (f64, f64, tensor<2xf64>, tensor<?xf64>)
  return %g#0, %g#1, %g#2, %g#3 : f64, f64, tensor<2xf64>, tensor<?xf64>
}}
"
            );
        }
        let context = dp_driver::registry::context();
        let module = differentiated(&context, &text).unwrap_or_else(|error| panic!("{error}"));
        let text = module.as_operation().to_string();
        let names: Vec<String> = names.iter().map(|name| format!("{name}_gradient")).collect();
        compare(&text, &names);
        compare(&simplified(&text), &names);
    }
}
