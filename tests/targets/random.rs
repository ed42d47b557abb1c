//! Random programs with loops that fuse, and their gradients, from a fixed seed.

use super::differential::Contest;
use crate::derivatives::Random;
use crate::programs::Program;
use dp_dialects::{Literal, Number, ScalarType};

const PROGRAMS: usize = 30;

/// Extents of the matrices: a single element, partial vectors, more than a thread block.
const EXTENTS: [[u64; 2]; 6] = [[1, 1], [5, 7], [33, 10], [1, 130], [64, 64], [300, 3]];

/// An incomplete program, with its values of each kind.
struct Draft {
    random: Random,
    lines: Vec<String>,
    matrices: Vec<String>,
    rows: Vec<String>,
    columns: Vec<String>,
}

impl Draft {
    fn below(&mut self, count: usize) -> usize {
        ((self.random.unit() * count as f64) as usize).min(count - 1)
    }

    fn pick(&mut self, from: fn(&Draft) -> &Vec<String>) -> String {
        let count = from(self).len();
        let position = self.below(count);
        from(self)[position].clone()
    }

    /// Adds one or a few operations. `$T` is the type of matrices, `$U` of transposed ones, `$R` of vectors with an
    /// element per row, `$C` per column; `$1` and `$2` are the extents.
    fn step(&mut self, new: usize) {
        let (a, b) = (self.pick(|draft| &draft.matrices), self.pick(|draft| &draft.matrices));
        let (r, c) = (self.pick(|draft| &draft.rows), self.pick(|draft| &draft.columns));
        let mut matrix = |line: String| {
            self.lines.push(line);
            self.matrices.push(format!("%v{new}"));
        };
        let choice = (self.random.unit() * 13.0) as usize;
        match choice {
            0 => matrix(format!("%v{new} = scalar.add {a}, {b} : $T")),
            1 => matrix(format!("%v{new} = scalar.sub {a}, {b} : $T")),
            2 => matrix(format!("%v{new} = scalar.mul {a}, {b} : $T")),
            3 => matrix(format!("%v{new} = scalar.tanh {a} : $T")),
            4 => matrix(format!("%v{new} = scalar.logistic {a} : $T")),
            5 => matrix(format!("%w{new} = scalar.sin {a} : $T\n  %v{new} = scalar.exp %w{new} : $T")),
            6 => matrix(format!("%v{new} = array.broadcast {r} dims [0] : $R to $T")),
            7 => matrix(format!("%v{new} = array.broadcast {c} dims [1] : $C to $T")),
            8 => matrix(format!(
                "%i{new} = array.iota dim 0 : tensor<$1x$2xi32>\n  %j{new} = array.iota dim 1 : tensor<$1x$2xi32>
  %p{new} = scalar.compare le %i{new}, %j{new} : tensor<$1x$2xi32>
  %v{new} = scalar.select %p{new}, {a}, {b} : tensor<$1x$2xi1>, $T"
            )),
            9 => matrix(format!(
                "%t{new} = array.transpose {a} permutation [1, 0] : $T\n  %s{new} = scalar.tanh %t{new} : $U
  %v{new} = array.transpose %s{new} permutation [1, 0] : $U"
            )),
            10 => matrix(format!(
                "%g{new} = array.dot {a}, {b} contract [1] with [1] : $T, $T
  %n{new} = scalar.tanh %g{new} : tensor<$1x$1xf32>
  %v{new} = array.dot %n{new}, {a} contract [1] with [0] : tensor<$1x$1xf32>, $T"
            )),
            11 => {
                self.lines.push(format!(
                    "%q{new} = array.reduce add {a} dims [1] : $T\n  %r{new} = scalar.tanh %q{new} : $R"
                ));
                self.rows.push(format!("%r{new}"));
            }
            _ => {
                self.lines
                    .push(format!("%q{new} = array.reduce max {a} dims [0] : $T\n  %c{new} = scalar.sin %q{new} : $C"));
                self.columns.push(format!("%c{new}"));
            }
        }
    }
}

/// A function of two matrices, a vector of row values and one of column values, and its gradient.
fn program(seed: u64, [rows, columns]: [u64; 2]) -> String {
    let mut draft = Draft {
        random: Random(seed),
        lines: Vec::new(),
        matrices: vec!["%x".into(), "%y".into()],
        rows: vec!["%r".into()],
        columns: vec!["%c".into()],
    };
    let length = 4 + draft.below(12);
    (0..length).for_each(|new| draft.step(new));
    let last = draft.matrices.last().cloned().unwrap_or_default();
    let (m, r, c) =
        (draft.pick(|draft| &draft.matrices), draft.pick(|draft| &draft.rows), draft.pick(|draft| &draft.columns));
    let text = format!(
        "func.func @f(%x: $T, %y: $T, %r: $R, %c: $C) -> ($T, $T, $R, $C, f32) {{
  {}
  %squares = scalar.mul {last}, {last} : $T
  %sum = array.reduce add %squares dims [0, 1] : $T
  %number = tensor.extract %sum[] : tensor<f32>
  return {last}, {m}, {r}, {c}, %number : $T, $T, $R, $C, f32
}}
func.func private @loss(%x: $T, %y: $T, %r: $R, %c: $C) -> f32 {{
  %f:5 = func.call @f(%x, %y, %r, %c) : ($T, $T, $R, $C) -> ($T, $T, $R, $C, f32)
  return %f#4 : f32
}}
func.func @g(%x: $T, %y: $T, %r: $R, %c: $C) -> (f32, $T, $T, $R, $C) {{
  %g:5 = ad.grad @loss(%x, %y, %r, %c) wrt [0, 1, 2, 3] : ($T, $T, $R, $C) -> (f32, $T, $T, $R, $C)
  return %g#0, %g#1, %g#2, %g#3, %g#4 : f32, $T, $T, $R, $C
}}
",
        draft.lines.join("\n  ")
    );
    let text = text.replace("$T", "tensor<$1x$2xf32>").replace("$U", "tensor<$2x$1xf32>");
    let text = text.replace("$R", "tensor<$1xf32>").replace("$C", "tensor<$2xf32>");
    text.replace("$1", &rows.to_string()).replace("$2", &columns.to_string())
}

#[test]
fn programs_that_fuse_and_their_gradients() {
    for seed in 0..PROGRAMS as u64 {
        let [rows, columns] = EXTENTS[seed as usize % EXTENTS.len()];
        let written = program(seed, [rows, columns]);
        let differentiated = Program::new("random", &written, &["ad"]);
        let simplified = Program::new("random", &differentiated.text(), &["inline-calls", "simplify"]);
        let differential = Contest::new(&simplified.text());
        let mut random = Random(1000 + seed);
        let mut draw = |shape: &[u64]| {
            let count: u64 = shape.iter().product();
            let elements = (0..count).map(|_| Number::Real(random.unit() - 0.5).round(ScalarType::F32)).collect();
            Literal::tensor(ScalarType::F32, shape.to_vec(), elements)
        };
        let arguments = [draw(&[rows, columns]), draw(&[rows, columns]), draw(&[rows]), draw(&[columns])];
        for function in ["f", "g"] {
            differential.check_whole(function, &arguments, 500.0);
        }
    }
}
