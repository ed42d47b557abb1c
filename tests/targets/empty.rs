//! Tensors without elements: an extent of 0 in a type, from the caller, or from a constant of the program, in
//! combination with other extents of each kind. MLIR's operations mishandle some of these types, so the compiler must
//! avoid them.

use super::arrays::tensor;
use super::extents::simplified;
use crate::cpu::library::Pair;
use crate::fuzz::oracle::differentiated;
use dp_dialects::{Literal, Number, ScalarType};

/// Operations that compute `%m`, and its type. `%V` has no elements and `%U` has 2, `%X` is 0 × 2 and `%Y` is 2 × 0.
/// `x(0,2)` is the type of an operand with these extents, `r(0,2)` the type of a result, and `e(0,2)` its `index`
/// operands; `=3` is an extent that is always static.
const OPERATIONS: &[(&str, &str, &str)] = &[
    ("slice", "%m = array.slice %X starts [0, 0] strides [1, 2] e(0,1) : x(0,2) to r(0,1)", "r(0,1)"),
    ("slice_at_end", "%m = array.slice %Y starts [2, 0] strides [1, 1] e(0,0) : x(2,0) to r(0,0)", "r(0,0)"),
    ("slice_behind", "%m = array.slice %X starts [0, %z1] strides [1, 1] e(0,2) : x(0,2) to r(0,2)", "r(0,2)"),
    ("update", "%m = array.update_slice %X, %X starts [0, 0] : x(0,2), x(0,2)", "x(0,2)"),
    ("update_none", "%m = array.update_slice %U, %V starts [2] : x(2), x(0)", "x(2)"),
    ("accumulate", "%m = array.update_slice accumulate %U, %V starts [%c1] : x(2), x(0)", "x(2)"),
    ("pad", "%m = array.pad %V, %x low [2] high [0] interior [1] e(2) : x(0), f64 to r(2)", "r(2)"),
    ("pad_none", "%m = array.pad %V, %x low [0] high [0] interior [1] e(0) : x(0), f64 to r(0)", "r(0)"),
    (
        "pad_one",
        "%m = array.pad %Y, %x low [0, 1] high [0, 0] interior [0, 0] e(2,1) : x(2,0), f64 to r(2,1)",
        "r(2,1)",
    ),
    ("concatenate", "%m = array.concatenate %X, %X dim 0 : x(0,2), x(0,2)", "x(0,2)"),
    ("concatenate_columns", "%m = array.concatenate %Y, %Y, %Y dim 1 : x(2,0), x(2,0), x(2,0)", "x(2,0)"),
    ("reshape", "%m = array.reshape %X e(2,0,1) : x(0,2) to r(2,0,1)", "r(2,0,1)"),
    ("reshape_flat", "%m = array.reshape %Y e(0) : x(2,0) to r(0)", "r(0)"),
    ("broadcast", "%m = array.broadcast %X dims [0, 2] e(0,1,2) : x(0,2) to r(0,1,2)", "r(0,1,2)"),
    ("broadcast_none", "%m = array.broadcast %U dims [0] e(2,0) : x(2) to r(2,0)", "r(2,0)"),
    ("transpose", "%m = array.transpose %X permutation [1, 0] : x(0,2)", "x(2,0)"),
    ("product", "%m = array.reduce mul %Y dims [1] : x(2,0)", "x(2)"),
    ("sum", "%m = array.reduce add %X dims [0] : x(0,2)", "x(2)"),
    ("dot", "%m = array.dot %Y, %X contract [1] with [0] : x(2,0), x(0,2)", "x(2,2)"),
    ("outer", "%m = array.dot %X, %Y contract [1] with [0] : x(0,2), x(2,0)", "x(0,0)"),
    (
        "gather",
        "%i = array.constant dense<[0, 1, 0]> : tensor<3xi32>
  %m = array.gather %Y, %i : x(2,0), tensor<3xi32>",
        "x(=3,0)",
    ),
    (
        "scatter",
        "%i = array.constant dense<[0, 1]> : tensor<2xi32>
  %m = array.scatter %Y, %i, %Y : x(2,0), tensor<2xi32>, x(2,0)",
        "x(2,0)",
    ),
    // Rows whose extents have another form than those they are added to.
    (
        "scatter_mixed",
        "%i = array.constant dense<[0, 1]> : tensor<2xi32>
  %u = array.broadcast %x dims [] e(2,0) : f64 to r(2,0)
  %m = array.scatter %Y, %i, %u : x(2,0), tensor<2xi32>, r(2,0)",
        "x(2,0)",
    ),
];

const ARGUMENTS: &str = "%x: f64, %g: tensor<?xf64>, %G: tensor<?x?xf64>, %z0: index, %z1: index, %z2: index";

/// The form of an extent: static in a type, from the caller, or from a constant.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Written,
    Given,
    Constant,
}

const FORMS: [Form; 3] = [Form::Written, Form::Given, Form::Constant];

/// The forms of the extents of operands that are 0, of their other extents, and of the extents of results.
#[derive(Clone, Copy)]
struct Forms {
    zero: Form,
    other: Form,
    result: Form,
}

impl Forms {
    /// All forms. For operands, only those in which an extent is static or can be inferred by MLIR.
    fn all() -> impl Iterator<Item = Forms> {
        use Form::{Constant, Given, Written};
        let operands =
            [(Written, Given), (Written, Constant), (Constant, Given), (Constant, Written), (Given, Written)];
        let results = move |(zero, other)| FORMS.into_iter().map(move |result| Forms { zero, other, result });
        operands.into_iter().flat_map(results)
    }

    fn of_operand(self, extent: &str) -> Form {
        match extent {
            "0" => self.zero,
            _ if extent.starts_with('=') => Form::Written,
            _ => self.other,
        }
    }

    /// Replaces `x(…)`, `r(…)` and `e(…)` in a text by types and operands.
    fn fill(self, text: &str) -> String {
        let Some((at, kind)) =
            text.char_indices().find(|(at, c)| "xre".contains(*c) && text[at + 1..].starts_with('('))
        else {
            return text.to_string();
        };
        let (list, rest) = text[at + 2..].split_once(')').expect("a list ends");
        let extents: Vec<&str> = list.split(',').collect();
        let shape = |form: &dyn Fn(&str) -> Form| -> String {
            let written = |extent: &&str| {
                if form(extent) == Form::Written { format!("{}x", extent.trim_start_matches('=')) } else { "?x".into() }
            };
            format!("tensor<{}f64>", extents.iter().map(written).collect::<String>())
        };
        let made = match kind {
            'x' => shape(&|extent| self.of_operand(extent)),
            'r' => shape(&|_| self.result),
            _ => operands(&extents, |_| self.result),
        };
        format!("{}{made}{}", &text[..at], self.fill(rest))
    }

    /// Computes the operands from arguments.
    fn operands(self) -> String {
        let make = |(name, list): (&str, &str)| {
            let extents: Vec<&str> = list.split(',').collect();
            let (whole, of) = if extents.len() == 1 { ("%g", "?x") } else { ("%G", "?x?x") };
            let (starts, strides) = (vec!["0"; extents.len()].join(", "), vec!["1"; extents.len()].join(", "));
            let given = operands(&extents, |extent| self.of_operand(extent));
            let text = format!(
                "  {name} = array.slice {whole} starts [{starts}] strides [{strides}] {given} : tensor<{of}f64> to x({list})\n"
            );
            self.fill(&text)
        };
        [("%V", "0"), ("%U", "2"), ("%X", "0,2"), ("%Y", "2,0")].map(make).concat()
    }
}

/// The `index` operands for extents, some of which are dynamic.
fn operands(extents: &[&str], form: impl Fn(&str) -> Form) -> String {
    let operand = |extent: &&str| match form(extent) {
        Form::Written => None,
        Form::Given => Some(format!("%z{extent}")),
        Form::Constant => Some(format!("%c{extent}")),
    };
    let given: Vec<String> = extents.iter().filter_map(operand).collect();
    if given.is_empty() { String::new() } else { format!("extents({})", given.join(", ")) }
}

/// Functions that compute the sum of sines of each operation's result, with extents of all forms, and their names.
fn programs() -> (String, Vec<String>) {
    let (mut text, mut names) = (String::new(), Vec::new());
    for (name, operation, r#type) in OPERATIONS {
        let mut bodies: Vec<String> = Vec::new();
        // With the mock driver, each operation is tested with a few of the forms; together, operations cover all forms.
        let every = if super::cuda::is_asked_for() { 5 } else { 1 };
        for forms in Forms::all().skip(names.len() % every).step_by(every) {
            let (operation, r#type) = (forms.fill(operation), forms.fill(r#type));
            let dims: Vec<String> = (0..r#type.matches('x').count()).map(|dim| dim.to_string()).collect();
            let body = format!(
                "(ARGUMENTS) -> f64 {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
{}  {operation}
  %sines = scalar.sin %m : {type}
  %sum = array.reduce add %sines dims [{}] : {type}
  %y = tensor.extract %sum[] : tensor<f64>
  return %y : f64\n}}\n",
                forms.operands(),
                dims.join(", ")
            );
            // If an operation has no `extents` operands, the forms of results do not matter.
            if !bodies.contains(&body) {
                names.push(format!("{name}_{}", bodies.len()));
                bodies.push(body);
            }
        }
        for (number, body) in bodies.iter().enumerate() {
            text += &format!("func.func @{name}_{number}{}", body.replace("ARGUMENTS", ARGUMENTS));
        }
    }
    (text, names)
}

fn arguments() -> Vec<Literal> {
    let index = |value| Literal::number(ScalarType::Index, Number::Integer(value));
    let x = Literal::number(ScalarType::F64, Number::Real(2.0));
    vec![x, tensor(ScalarType::F64, &[3]), tensor(ScalarType::F64, &[3, 3]), index(0), index(1), index(2)]
}

#[track_caller]
fn check(text: &str, names: &[String]) {
    let pair = Pair::new(text);
    let differences: Vec<String> = names.iter().filter_map(|name| pair.difference(name, &arguments(), 16.0)).collect();
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), names.len(), differences.join("\n"));
}

#[test]
fn empty_tensors() {
    let (text, names) = programs();
    assert!(names.len() > OPERATIONS.len(), "{} programs", names.len());
    check(&text, &names);
    check(&simplified(&text), &names);
}

#[test]
fn gradients_of_empty_tensors() {
    let (mut text, names) = programs();
    let types = "f64, tensor<?xf64>, tensor<?x?xf64>, index, index, index";
    for name in &names {
        text += &format!(
            "func.func @{name}_gradient({ARGUMENTS}) -> (f64, f64, tensor<?xf64>, tensor<?x?xf64>) {{
  %d:4 = ad.grad @{name}(%x, %g, %G, %z0, %z1, %z2) wrt [0, 1, 2] : ({types}) -> (f64, f64, tensor<?xf64>, tensor<?x?xf64>)
  return %d#0, %d#1, %d#2, %d#3 : f64, f64, tensor<?xf64>, tensor<?x?xf64>
}}
"
        );
    }
    let context = dp_driver::registry::context();
    let module = differentiated(&context, &text).unwrap_or_else(|error| panic!("{error}"));
    let text = module.as_operation().to_string();
    let names: Vec<String> = names.iter().map(|name| format!("{name}_gradient")).collect();
    check(&text, &names);
    check(&simplified(&text), &names);
}
