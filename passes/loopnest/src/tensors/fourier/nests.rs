//! Transforms on GPUs: Stockham's passes, each a nest over all elements, which are computed on their own. With `L` numbers
//! left in each transform, `m = L / r` and `s = n / L`: `y[q + s (r p + i)] = Σ_t x[q + s (p + t m)] w_n^(s i (p + t m))`.

use super::Planes;
use super::roots::{Roots, product};
use crate::structured::arith;
use crate::tensors::LoweringSite;
use dp_dialects::ir::Val;
use dp_dialects::{OpKind, Result};

/// Transforms lines whose length is a product of the radices.
pub(super) fn nests<'c>(site: &LoweringSite<'c>, x: &Planes<'c>, radices: &[u64]) -> Result<Planes<'c>> {
    let (b, n) = (&site.b, x.length());
    let roots = Roots::new(b, x.of.dtype, n, n)?;
    let (mut x, mut left) = (x.clone(), n);
    for radix in radices {
        let (rest, stride) = (left / radix, n / left);
        x = x.lines(b, n, &|b, place, element| {
            let op = |name, x, y: u64| arith(b, name, x, b.index(y as i64)?);
            let (q, block) = (op("arith.remui", place, stride)?, op("arith.divui", place, stride)?);
            let (i, p) = (op("arith.remui", block, *radix)?, op("arith.divui", block, *radix)?);
            let mut sum: Option<[Val; 2]> = None;
            for t in 0..*radix {
                let from = op("arith.muli", op("arith.addi", p, t * rest)?, stride)?;
                let power = op("arith.remui", arith(b, "arith.muli", i, from)?, n)?;
                let term = product(b, element(b, arith(b, "arith.addi", from, q)?)?, roots.at(b, power)?)?;
                sum = Some(match sum {
                    None => term,
                    Some([re, im]) => {
                        [b.scalar(OpKind::ScalarAdd, &[re, term[0]])?, b.scalar(OpKind::ScalarAdd, &[im, term[1]])?]
                    }
                });
            }
            match sum {
                Some(sum) => Ok(sum),
                None => site.malformed(),
            }
        })?;
        left = rest;
    }
    Ok(x)
}
