//! Complex numbers in vectors: the real and the imaginary parts of some numbers, one in each lane. The vectors are rows of
//! real tensors.

use crate::structured::{ROW, arith, element_type, projection, segments, set_attribute};
use crate::tensors::sort::{read, write};
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, result, results};
use dp_dialects::{Builder, Diagnostic, Literal, Number, Result, ScalarType};
use melior::ir::attribute::{ArrayAttribute, Attribute, BoolAttribute, DenseI64ArrayAttribute};
use melior::ir::{Type, TypeLike, ValueLike};

/// A complex number in each lane.
#[derive(Clone, Copy)]
pub(super) struct Lanes<'c> {
    pub(super) re: Val<'c>,
    pub(super) im: Val<'c>,
}

/// Arithmetic on vectors.
#[derive(Clone, Copy)]
pub(super) struct Arithmetic {
    /// The type of the lanes.
    pub(super) dtype: ScalarType,
    /// The number of lanes.
    pub(super) lanes: usize,
    /// Whether a product and a sum may be one operation.
    pub(super) contracts: bool,
}

impl Arithmetic {
    /// The type of a vector.
    fn vector<'c>(self, b: &Builder<'c>) -> Type<'c> {
        self.vector_of(b, self.lanes)
    }

    fn vector_of<'c>(self, b: &Builder<'c>, lanes: usize) -> Type<'c> {
        let shape = [lanes as i64];
        // SAFETY: the element type is a float type, and the shape has one extent.
        unsafe {
            Type::from_raw(mlir_sys::mlirVectorTypeGet(1, shape.as_ptr(), self.dtype.to_type(b.context()).to_raw()))
        }
    }

    /// An operation on two vectors or numbers.
    fn op<'c>(self, b: &Builder<'c>, name: &str, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        let made = arith(b, name, x, y)?;
        if self.contracts
            && let Some(op) = dp_dialects::ir::defining_op(made)
        {
            let flags = Attribute::parse(b.context(), "#arith.fastmath<contract>");
            let flags = flags.ok_or_else(|| Diagnostic::internal("internal error: unknown fast-math flags"))?;
            set_attribute(op, "fastmath", flags);
        }
        Ok(made)
    }

    pub(super) fn plus<'c>(self, b: &Builder<'c>, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        self.op(b, "arith.addf", x, y)
    }

    pub(super) fn minus<'c>(self, b: &Builder<'c>, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        self.op(b, "arith.subf", x, y)
    }

    pub(super) fn times<'c>(self, b: &Builder<'c>, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        self.op(b, "arith.mulf", x, y)
    }

    /// `x + y`.
    pub(super) fn add<'c>(self, b: &Builder<'c>, x: Lanes<'c>, y: Lanes<'c>) -> Result<Lanes<'c>> {
        Ok(Lanes { re: self.plus(b, x.re, y.re)?, im: self.plus(b, x.im, y.im)? })
    }

    /// `x - y`.
    pub(super) fn sub<'c>(self, b: &Builder<'c>, x: Lanes<'c>, y: Lanes<'c>) -> Result<Lanes<'c>> {
        Ok(Lanes { re: self.minus(b, x.re, y.re)?, im: self.minus(b, x.im, y.im)? })
    }

    /// `x y`.
    pub(super) fn mul<'c>(self, b: &Builder<'c>, x: Lanes<'c>, y: Lanes<'c>) -> Result<Lanes<'c>> {
        let product = |x, y| self.times(b, x, y);
        let re = self.minus(b, product(x.re, y.re)?, product(x.im, y.im)?)?;
        let im = self.plus(b, product(x.re, y.im)?, product(x.im, y.re)?)?;
        Ok(Lanes { re, im })
    }

    /// `x - i y`.
    pub(super) fn sub_turned<'c>(self, b: &Builder<'c>, x: Lanes<'c>, y: Lanes<'c>) -> Result<Lanes<'c>> {
        Ok(Lanes { re: self.plus(b, x.re, y.im)?, im: self.minus(b, x.im, y.re)? })
    }

    /// `x + i y`.
    pub(super) fn add_turned<'c>(self, b: &Builder<'c>, x: Lanes<'c>, y: Lanes<'c>) -> Result<Lanes<'c>> {
        Ok(Lanes { re: self.minus(b, x.re, y.im)?, im: self.plus(b, x.im, y.re)? })
    }

    /// `s x` for a real constant.
    pub(super) fn scaled<'c>(self, b: &Builder<'c>, x: Lanes<'c>, s: f64) -> Result<Lanes<'c>> {
        let s = self.constant(b, s)?;
        Ok(Lanes { re: self.times(b, x.re, s)?, im: self.times(b, x.im, s)? })
    }

    /// A number in all lanes.
    pub(super) fn spread<'c>(self, b: &Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
        b.named("vector.broadcast", &[x], &[self.vector(b)], &[], vec![]).map(result)
    }

    /// A constant in all lanes.
    fn constant<'c>(self, b: &Builder<'c>, value: f64) -> Result<Val<'c>> {
        let number = b.literal(Literal::number(self.dtype, Number::Real(value).round(self.dtype)))?;
        self.spread(b, number)
    }

    /// A row of a tensor, from its last index on.
    pub(super) fn read<'c>(self, b: &Builder<'c>, from: Val<'c>, at: &[Val<'c>]) -> Result<Val<'c>> {
        self.read_lanes(b, from, at, self.lanes)
    }

    fn read_lanes<'c>(self, b: &Builder<'c>, from: Val<'c>, at: &[Val<'c>], lanes: usize) -> Result<Val<'c>> {
        let padding = b.literal(Literal::number(self.dtype, Number::Real(0.0)))?;
        let operands: Vec<Val> = std::iter::once(from).chain(at.iter().copied()).chain([padding]).collect();
        let attributes = transfer(b, at.len(), [1, at.len(), 1, 0]);
        b.named("vector.transfer_read", &operands, &[self.vector_of(b, lanes)], &attributes, vec![]).map(result)
    }

    /// The tensor with another row.
    pub(super) fn write<'c>(self, b: &Builder<'c>, row: Val<'c>, into: Val<'c>, at: &[Val<'c>]) -> Result<Val<'c>> {
        let operands: Vec<Val> = [row, into].into_iter().chain(at.iter().copied()).collect();
        let attributes = transfer(b, at.len(), [1, 1, at.len(), 0]);
        b.named("vector.transfer_write", &operands, &[into.r#type()], &attributes, vec![]).map(result)
    }

    /// Lanes of two vectors; those of the second one come after those of the first one.
    fn shuffled<'c>(self, b: &Builder<'c>, x: [Val<'c>; 2], lanes: Vec<i64>) -> Result<Val<'c>> {
        let r#type = self.vector_of(b, lanes.len());
        let mask = [("mask", DenseI64ArrayAttribute::new(b.context(), &lanes).into())];
        b.named("vector.shuffle", &x, &[r#type], &mask, vec![]).map(result)
    }

    /// A row of pairs of numbers, as real and imaginary parts.
    pub(super) fn read_pairs<'c>(self, b: &Builder<'c>, from: Val<'c>, at: &[Val<'c>]) -> Result<Lanes<'c>> {
        let pairs = self.read_lanes(b, from, at, 2 * self.lanes)?;
        let part = |first: i64| (0..self.lanes as i64).map(|lane| 2 * lane + first).collect();
        Ok(Lanes { re: self.shuffled(b, [pairs; 2], part(0))?, im: self.shuffled(b, [pairs; 2], part(1))? })
    }

    /// The tensor with another row of pairs.
    pub(super) fn write_pairs<'c>(
        self,
        b: &Builder<'c>,
        lanes: Lanes<'c>,
        into: Val<'c>,
        at: &[Val<'c>],
    ) -> Result<Val<'c>> {
        let order = (0..self.lanes as i64).flat_map(|lane| [lane, lane + self.lanes as i64]).collect();
        let pairs = self.shuffled(b, [lanes.re, lanes.im], order)?;
        self.write(b, pairs, into, at)
    }

    /// A row of a tensor of complex numbers.
    pub(super) fn read_complex<'c>(self, b: &Builder<'c>, from: Val<'c>, at: &[Val<'c>]) -> Result<Lanes<'c>> {
        let first = read(b, &[from], at)?[0];
        let parts = results(b.named(ROW, &[first], &[self.vector(b); 2], &[], vec![])?);
        Ok(Lanes { re: parts[0], im: parts[1] })
    }

    /// The tensor with another row of complex numbers.
    pub(super) fn write_complex<'c>(
        self,
        b: &Builder<'c>,
        lanes: Lanes<'c>,
        into: Val<'c>,
        at: &[Val<'c>],
    ) -> Result<Val<'c>> {
        let number = element_type(into.r#type());
        let first = b.named(ROW, &[lanes.re, lanes.im], &[number], &[], vec![]).map(result)?;
        Ok(write(b, &[first], &[into], at)?[0])
    }
}

/// The attributes of an access to a row of a tensor of some rank, which lies in the tensor.
fn transfer<'c>(b: &Builder<'c>, rank: usize, sizes: [usize; 4]) -> [(&'static str, Attribute<'c>); 3] {
    let map = projection(b.context(), rank, &[rank - 1]);
    let inside = ArrayAttribute::new(b.context(), &[BoolAttribute::new(b.context(), true).into()]);
    [("permutation_map", map), ("in_bounds", inside.into()), segments(b.context(), &sizes)]
}
