//! What the blocks of `scf.while` pass to one another, in the memory of the loop.

use super::library::Pair;
use dp_dialects::{Literal, Number, ScalarType};

/// Loops that swap, share, drop, update and replace tensors. Each takes tensors of four numbers, then the number of rounds.
const PROGRAMS: &str = include_str!("whiles/programs.mlir");

/// The functions, and how many tensors they take.
const FUNCTIONS: [(&str, usize); 13] = [
    ("one", 1),
    ("swap", 2),
    ("pure", 2),
    ("cross", 2),
    ("dowhile", 1),
    ("both", 1),
    ("twice", 1),
    ("outside", 2),
    ("elements", 1),
    ("grow", 1),
    ("nested", 1),
    ("outer", 1),
    ("choice", 1),
];

#[test]
fn loops_pass_tensors() {
    let pair = Pair::new(PROGRAMS);
    let tensor = |start: f64| {
        let elements = (0..4).map(|place| Number::Real(start + 0.75 * f64::from(place))).collect();
        Literal::tensor(ScalarType::F64, vec![4], elements)
    };
    for (name, tensors) in FUNCTIONS {
        for rounds in 0..4 {
            let mut arguments: Vec<Literal> = [0.5, 4.25].into_iter().take(tensors).map(tensor).collect();
            arguments.push(Literal::number(ScalarType::Index, Number::Integer(rounds)));
            pair.check(name, &arguments, 4.0);
        }
    }
}
