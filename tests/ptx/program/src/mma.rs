//! Products of small matrices by a warp: `mma.sync` and `ldmatrix`.
//!
//! Which lane holds which element is what PTX says; sums are made in `f64` and rounded once, where hardware rounds (or
//! cuts off) after a few terms. Elements of `tf32` lose what `tf32` does not hold.

use crate::alu::Modifiers;
use crate::alu::round::{self, Mode};
use crate::types::Ty;

/// A form of `mma.sync`: `m16n8kK`, rows by columns.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub k: usize,
    pub element: Ty,
    pub sum: Ty,
}

const M: usize = 16;
const N: usize = 8;

/// Depth, type of elements, types of sums.
const SHAPES: &[(&str, usize, Ty, &[Ty])] = &[
    ("m16n8k8", 8, Ty::F16, &[Ty::F16, Ty::F32]),
    ("m16n8k16", 16, Ty::F16, &[Ty::F16, Ty::F32]),
    ("m16n8k8", 8, Ty::Bf16, &[Ty::F32]),
    ("m16n8k16", 16, Ty::Bf16, &[Ty::F32]),
    ("m16n8k4", 4, Ty::Tf32, &[Ty::F32]),
    ("m16n8k8", 8, Ty::Tf32, &[Ty::F32]),
];

/// Reads the modifiers.
pub fn pick(m: &mut Modifiers) -> Result<Shape, String> {
    let names: Vec<(&str, &str)> = SHAPES.iter().map(|row| (row.0, row.0)).collect();
    let aligned = m.flag("aligned");
    let name = m.choose(&names).ok_or("'mma' of an unknown shape")?;
    let layout = m.flag("row") && m.flag("col");
    let types: Vec<Option<Ty>> = (0..4).map(|_| m.ty()).collect();
    let known = |row: &&(&str, usize, Ty, &[Ty])| {
        row.0 == name
            && types[1..3] == [Some(row.2); 2]
            && types[0] == types[3]
            && types[0].is_some_and(|t| row.3.contains(&t))
    };
    match (SHAPES.iter().find(known), types[0]) {
        (Some(row), Some(sum)) if aligned && layout => Ok(Shape { k: row.1, element: row.2, sum }),
        _ => Err("'mma' in this form".into()),
    }
}

impl Shape {
    /// Elements in a register of the factors.
    fn packed(&self) -> usize {
        if self.element == Ty::Tf32 { 1 } else { 2 }
    }

    /// How many registers hold a lane's part of each factor and of the sum.
    pub fn registers(&self) -> (usize, usize, usize) {
        let sums = if self.sum == Ty::F16 { 2 } else { 4 };
        (M * self.k / 32 / self.packed(), N * self.k / 32 / self.packed(), sums)
    }

    /// Row and column of the lane's element `i` of the left factor: rows come in halves of 8, columns in groups that
    /// four lanes share.
    fn left(&self, lane: usize, i: usize) -> (usize, usize) {
        let (group, within, packed) = (lane / 4, lane % 4, self.packed());
        let register = i / packed;
        (group + 8 * (register % 2), within * packed + i % packed + 4 * packed * (register / 2))
    }

    /// Row and column of the lane's element `i` of the right factor.
    fn right(&self, lane: usize, i: usize) -> (usize, usize) {
        let packed = self.packed();
        (lane % 4 * packed + i % packed + 4 * packed * (i / packed), lane / 4)
    }

    fn element(&self, registers: &[u64], i: usize) -> f64 {
        let register = registers[i / self.packed()];
        let half = register >> (16 * (i % 2)) & 0xffff;
        match self.element {
            Ty::F16 => round::from_f16(half),
            Ty::Bf16 => round::from_bf16(half),
            _ => f64::from(f32::from_bits(register as u32 & !0x1fff)),
        }
    }
}

/// Row and column of the lane's element `i` of the sum.
fn sum_at(lane: usize, i: usize) -> (usize, usize) {
    (lane / 4 + 8 * (i / 2), lane % 4 * 2 + i % 2)
}

/// The registers of the sum, from those of the factors and of what is added, a lane each.
pub fn multiply(shape: &Shape, inputs: &[Vec<u64>]) -> Vec<Vec<u64>> {
    let (na, nb, _) = shape.registers();
    let (mut a, mut b) = (vec![0.0; M * shape.k], vec![0.0; shape.k * N]);
    for (lane, registers) in inputs.iter().enumerate() {
        for i in 0..na * shape.packed() {
            let (row, column) = shape.left(lane, i);
            a[row * shape.k + column] = shape.element(&registers[..na], i);
        }
        for i in 0..nb * shape.packed() {
            let (row, column) = shape.right(lane, i);
            b[row * N + column] = shape.element(&registers[na..na + nb], i);
        }
    }
    let sum = |lane: usize, i: usize, c: f64| {
        let (row, column) = sum_at(lane, i);
        (0..shape.k).fold(c, |sum, k| sum + a[row * shape.k + k] * b[k * N + column])
    };
    let one = |(lane, registers): (usize, &Vec<u64>)| -> Vec<u64> {
        let c = &registers[na + nb..];
        if shape.sum == Ty::F16 {
            let half = |i: usize| {
                let c = round::from_f16(c[i / 2] >> (16 * (i % 2)) & 0xffff);
                round::narrow(sum(lane, i, c), round::F16, Mode::Nearest)
            };
            return vec![half(0) | half(1) << 16, half(2) | half(3) << 16];
        }
        let single =
            |i: usize| round::narrow(sum(lane, i, f64::from(f32::from_bits(c[i] as u32))), round::F32, Mode::Nearest);
        (0..4).map(single).collect()
    };
    inputs.iter().enumerate().map(one).collect()
}

/// The registers that `ldmatrix` gives each of 32 lanes, from the rows of the matrices.
pub fn load(rows: &[[u8; 16]], matrices: usize, transposed: bool) -> Vec<Vec<u64>> {
    let element = |matrix: usize, row: usize, column: usize| {
        let (row, column) = if transposed { (column, row) } else { (row, column) };
        let bytes = &rows[8 * matrix + row];
        u64::from(bytes[2 * column]) | u64::from(bytes[2 * column + 1]) << 8
    };
    let one = |lane: usize, matrix: usize| {
        element(matrix, lane / 4, lane % 4 * 2) | element(matrix, lane / 4, lane % 4 * 2 + 1) << 16
    };
    (0..32).map(|lane| (0..matrices).map(|matrix| one(lane, matrix)).collect()).collect()
}
