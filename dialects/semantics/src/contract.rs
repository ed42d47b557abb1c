//! Reductions and contractions.

use crate::elementwise::Kernel;
use crate::require::{malformed, require_equal};
use crate::view::{View, fitting, gathered, room};
use dp_dialects::parameters::DotDims;
use dp_dialects::{Diagnostic, Literal, Number, Parameters, Result, ScalarType, ValueType};
use num_complex::Complex;
use std::ops::{Add, Mul};

/// Combines the elements along `dims`, in row-major order, from `init` on, as `array.reduce` does; each step is
/// `combine`'s, and the last one's number is rounded to the tensor's type.
///
/// # Errors
/// What `combine` complains of.
pub fn reduce_with(
    x: &Literal,
    init: Number,
    dims: &[usize],
    mut combine: impl FnMut(Number, Number) -> Result<Number>,
) -> Result<Literal> {
    fitting(x.extents())?;
    let kept: Vec<usize> = (0..x.extents().len()).filter(|dim| !dims.contains(dim)).collect();
    let mut reduced = dims.to_vec();
    reduced.sort_unstable();
    let whole = View::whole(x.extents());
    let mut group = whole.pick(&reduced);
    let extents: Vec<u64> = kept.iter().map(|dim| x.extents()[*dim]).collect();
    let mut elements = room(&extents)?;
    for offset in whole.pick(&kept).positions() {
        group.offset = offset;
        let total = group.positions().try_fold(init, |total, position| combine(total, x.element(position)))?;
        elements.push(total.round(x.dtype));
    }
    Ok(Literal::tensor(x.dtype, extents, elements))
}

/// The short forms of `array.reduce`, rounding at each step; sums and products of halves to f32, and to their own type
/// at the end.
pub fn reduce(parameters: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let (Parameters::Reduce { kind, dims }, [x, ..]) = (parameters, operands) else { return Err(malformed()) };
    let (Some(combiner), Some(init)) = (kind.combiner(), kind.identity(x.dtype)) else {
        return Err(Diagnostic::unsupported("a reduction with a region is evaluated by running the region"));
    };
    let accumulator = kind.accumulator(x.dtype);
    let combine = Kernel::of(combiner, &Parameters::None, accumulator, accumulator)?;
    reduce_with(x, init, dims, |a, b| Ok(combine.apply(&[a, b])))
}

/// `y[b…, i…, j…] = Σ_k a[b, i, k] b[b, j, k]`, summed in row-major order, each product and each sum rounded to the
/// element type (integers wrap); those of halves to f32, and to their own type at the end. Without dimensions to sum
/// over, the product.
pub fn dot(parameters: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let (Parameters::Dot(dims), [a, b]) = (parameters, operands) else { return Err(malformed()) };
    let pairs = dims.batch_a.iter().zip(&dims.batch_b).chain(dims.contract_a.iter().zip(&dims.contract_b));
    for (i, j) in pairs {
        let message = || format!("the extents of dimension {i} of the first operand and {j} of the second");
        require_equal(message, a.extents()[*i], b.extents()[*j])?;
    }
    for x in [a, b] {
        fitting(x.extents())?;
    }
    let plan = ContractionLoops::of(dims, a, b)?;
    let elements = match a.dtype.accumulator() {
        ScalarType::F64 => plan.sums(a, b, Number::re, 0.0, Number::Real),
        ScalarType::F16 | ScalarType::BF16 | ScalarType::F32 => {
            plan.sums(a, b, |number| number.re() as f32, 0.0, |sum| Number::Real(sum.into()))
        }
        ScalarType::Complex128 => plan.sums(a, b, Number::complex, Complex::new(0.0, 0.0), Number::Complex),
        ScalarType::Complex64 => {
            let read = |number: Number| {
                let z = number.complex();
                Complex::new(z.re as f32, z.im as f32)
            };
            let write = |sum: Complex<f32>| Number::Complex(Complex::new(sum.re.into(), sum.im.into()));
            plan.sums(a, b, read, Complex::new(0.0, 0.0), write)
        }
        ScalarType::I1 | ScalarType::I8 | ScalarType::I16 | ScalarType::I32 | ScalarType::I64 | ScalarType::Index => {
            let read = |number: Number| std::num::Wrapping(number.integer());
            plan.sums(a, b, read, std::num::Wrapping(0), |sum| Number::Integer(sum.0))
        }
    }?;
    Ok(Literal::tensor(a.dtype, plan.extents, elements))
}

/// Where the factors of a contraction stand: positions in each operand, which add up to the place of one factor.
struct ContractionLoops {
    extents: Vec<u64>,
    batch: Vec<(usize, usize)>,
    free_a: Vec<usize>,
    free_b: Vec<usize>,
    contract: Vec<(usize, usize)>,
    /// Whether there are dimensions to sum over.
    sums: bool,
}

impl ContractionLoops {
    fn of(dims: &DotDims, a: &Literal, b: &Literal) -> Result<ContractionLoops> {
        let (free_a, free_b) = (dims.free_a(a.extents().len()), dims.free_b(b.extents().len()));
        let (view_a, view_b) = (View::whole(a.extents()), View::whole(b.extents()));
        let positions = |x: &Literal, view: &View, dims: &[usize]| -> Result<Vec<usize>> {
            let extents: Vec<u64> = dims.iter().map(|dim| x.extents()[*dim]).collect();
            gathered(&extents, view.pick(dims).positions())
        };
        let pairs = |dims_a: &[usize], dims_b: &[usize]| -> Result<Vec<(usize, usize)>> {
            let (of_a, of_b) = (positions(a, &view_a, dims_a)?, positions(b, &view_b, dims_b)?);
            Ok(of_a.into_iter().zip(of_b).collect())
        };
        let of_a = dims.batch_a.iter().chain(&free_a).map(|dim| a.extents()[*dim]);
        let extents = of_a.chain(free_b.iter().map(|dim| b.extents()[*dim])).collect();
        Ok(ContractionLoops {
            extents,
            batch: pairs(&dims.batch_a, &dims.batch_b)?,
            free_a: positions(a, &view_a, &free_a)?,
            free_b: positions(b, &view_b, &free_b)?,
            contract: pairs(&dims.contract_a, &dims.contract_b)?,
            sums: !dims.contract_a.is_empty(),
        })
    }

    fn sums<T: Copy + Add<Output = T> + Mul<Output = T>>(
        &self,
        a: &Literal,
        b: &Literal,
        read: impl Fn(Number) -> T,
        zero: T,
        write: impl Fn(T) -> Number,
    ) -> Result<Vec<Number>> {
        let a_values = gathered(a.extents(), a.iter().map(&read))?;
        let b_values = gathered(b.extents(), b.iter().map(&read))?;
        let mut elements = room(&self.extents)?;
        for (batch_a, batch_b) in &self.batch {
            for i in &self.free_a {
                for j in &self.free_b {
                    let (at_a, at_b) = (batch_a + i, batch_b + j);
                    let term = |(k, l): &(usize, usize)| a_values[at_a + k] * b_values[at_b + l];
                    // A product by itself may be -0, which no sum is that starts from 0.
                    let sum = match &self.contract[..] {
                        [alone] if !self.sums => term(alone),
                        pairs => pairs.iter().map(term).fold(zero, Add::add),
                    };
                    elements.push(write(sum).round(a.dtype));
                }
            }
        }
        Ok(elements)
    }
}
