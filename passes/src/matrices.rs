//! Matrices in the last two dimensions of tensors, the others being batch dimensions: masks, products, parts, and products
//! of Householder reflections. Passes write with these what has no operation.

use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::{Val, result};
use dp_dialects::parameters::{DotDims, SolveForm, Start};
use dp_dialects::types::Extent;
use dp_dialects::{Builder, Literal, MlirType, Number, OpKind, OpKind::*, Parameters, Result, ScalarType, ValueType};

/// Which elements of a matrix are meant, by row and column.
#[derive(Clone, Copy)]
pub enum Triangle {
    /// Those below the diagonal.
    Lower,
    /// Those above the diagonal.
    Upper,
}

impl Triangle {
    /// How the row compares with the column off the diagonal.
    fn predicate(self) -> Predicate {
        match self {
            Triangle::Lower => Predicate::Gt,
            Triangle::Upper => Predicate::Lt,
        }
    }
}

/// The rank of a tensor.
pub fn rank(x: Val) -> Result<usize> {
    Ok(ValueType::of_value(x)?.rank())
}

/// A tensor in the shape of another one: 1 in a triangle of each matrix, a number on the diagonal, and 0 elsewhere.
pub fn weights<'c>(b: Builder<'c>, like: Val<'c>, triangle: Triangle, diagonal: f64) -> Result<Val<'c>> {
    let rank = rank(like)?;
    let (row, column) = (places(b, like, rank - 2)?, places(b, like, rank - 1)?);
    let (zero, one) = (splat(b, 0.0, like)?, splat(b, 1.0, like)?);
    let on = b.scalar(ScalarSelect, &[compare(b, Predicate::Eq, row, column)?, splat(b, diagonal, like)?, zero])?;
    b.scalar(ScalarSelect, &[compare(b, triangle.predicate(), row, column)?, one, on])
}

/// A number in the shape and type of a tensor.
pub fn splat<'c>(b: Builder<'c>, value: f64, like: Val<'c>) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(like)?;
    b.splat(Number::of_f64(value, r#type.dtype), &r#type, like)
}

/// A number of a type.
pub fn number<'c>(b: Builder<'c>, value: f64, dtype: ScalarType) -> Result<Val<'c>> {
    b.literal(Literal::number(dtype, Number::of_f64(value, dtype)))
}

/// The number of each element along a dimension, in the shape of a tensor.
pub fn places<'c>(b: Builder<'c>, like: Val<'c>, dim: usize) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(like)?.with_dtype(ScalarType::I64);
    b.emit_typed(ArrayIota, &Parameters::Dim(dim), &b.extents(like)?, &r#type)
}

/// A value whose dimensions are some of those of a tensor, repeated to all of them.
pub fn spread<'c>(b: Builder<'c>, x: Val<'c>, dims: &[usize], like: Val<'c>) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(like)?.with_dtype(ValueType::of_value(x)?.dtype);
    b.broadcast(x, dims, &r#type, &b.extents(like)?)
}

/// A comparison.
pub fn compare<'c>(b: Builder<'c>, predicate: Predicate, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    b.emit(ScalarCompare, &Parameters::Compare(predicate), &[x, y])
}

/// A reduction along a dimension.
pub fn reduce<'c>(b: Builder<'c>, kind: Reduction, x: Val<'c>, dim: usize) -> Result<Val<'c>> {
    b.emit(ArrayReduce, &Parameters::Reduce { kind, dims: vec![dim] }, &[x])
}

/// An index as an integer.
pub fn integer<'c>(b: Builder<'c>, index: Val<'c>) -> Result<Val<'c>> {
    let wide = ScalarType::I64.to_type(b.context());
    b.op(ArithIndexCast, &[index], &[wide], &[], vec![]).map(result)
}

/// Arithmetic on indices.
pub fn indices<'c>(b: Builder<'c>, kind: OpKind, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    b.op(kind, &[x, y], &[ScalarType::Index.to_type(b.context())], &[], vec![]).map(result)
}

/// Products of matrices, or of matrices and vectors, contracted along one dimension of each; all dimensions before the
/// last two of the one with more dimensions are batch dimensions of both.
pub fn product<'c>(b: Builder<'c>, x: Val<'c>, y: Val<'c>, contract: [usize; 2]) -> Result<Val<'c>> {
    let batch: Vec<usize> = (0..rank(x)?.max(rank(y)?) - 2).collect();
    let [of_x, of_y] = contract;
    let dims = DotDims { batch_a: batch.clone(), batch_b: batch, contract_a: vec![of_x], contract_b: vec![of_y] };
    b.emit(ArrayDot, &Parameters::Dot(dims), &[x, y])
}

/// The complex conjugate; real numbers themselves.
pub fn conjugate<'c>(b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    if ValueType::of_value(x)?.dtype.is_complex() { b.scalar(ScalarConj, &[x]) } else { Ok(x) }
}

/// The real part; real numbers themselves.
pub fn real<'c>(b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    if ValueType::of_value(x)?.dtype.is_complex() { b.scalar(ScalarReal, &[x]) } else { Ok(x) }
}

/// Real numbers as numbers of a type, which is theirs or the complex one.
pub fn promoted<'c>(b: Builder<'c>, x: Val<'c>, dtype: ScalarType) -> Result<Val<'c>> {
    match dtype.is_complex() && !ValueType::of_value(x)?.dtype.is_complex() {
        true => b.scalar(ScalarComplex, &[x, splat(b, 0.0, x)?]),
        false => Ok(x),
    }
}

/// The transposed matrices.
pub fn transposed<'c>(b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    let rank = rank(x)?;
    let mut turned: Vec<usize> = (0..rank).collect();
    turned.swap(rank - 2, rank - 1);
    b.emit(ArrayTranspose, &Parameters::Permutation(turned), &[x])
}

/// The transposed conjugates.
pub fn adjoint<'c>(b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    conjugate(b, transposed(b, x)?)
}

/// The solution of triangular systems.
pub fn solve<'c>(b: Builder<'c>, form: SolveForm, a: Val<'c>, sides: Val<'c>) -> Result<Val<'c>> {
    b.emit(ArrayTriangularSolve, &Parameters::Solve(form), &[a, sides])
}

/// The extent of a dimension.
#[derive(Clone, Copy)]
pub struct Size<'c> {
    /// The extent, if types say it.
    pub known: Extent,
    /// The extent as an index.
    pub value: Val<'c>,
}

impl<'c> Size<'c> {
    /// A constant.
    pub fn known(b: Builder<'c>, extent: u64) -> Result<Size<'c>> {
        Ok(Size { known: Some(extent), value: b.index(extent as i64)? })
    }

    /// The extent of a tensor along a dimension.
    pub fn of(b: Builder<'c>, x: Val<'c>, dim: usize) -> Result<Size<'c>> {
        Ok(Size { known: ValueType::of_value(x)?.extents()[dim], value: b.extent(x, dim)? })
    }
}

/// A part of a tensor: for some dimensions, where it starts, at 0 unless it is said, and how long it is.
pub fn slice<'c>(b: Builder<'c>, x: Val<'c>, parts: &[(usize, Option<Val<'c>>, Size<'c>)]) -> Result<Val<'c>> {
    let of = ValueType::of_value(x)?;
    let mut extents = of.extents().to_vec();
    let mut sizes = (0..of.rank()).map(|dim| Ok(Size::of(b, x, dim)?.value)).collect::<Result<Vec<_>>>()?;
    let mut starts = vec![Start::At(0); of.rank()];
    let mut given = Vec::new();
    let mut parts = parts.to_vec();
    parts.sort_by_key(|(dim, ..)| *dim);
    for (dim, start, size) in parts {
        (extents[dim], sizes[dim]) = (size.known, size.value);
        if let Some(start) = start {
            starts[dim] = Start::Operand;
            given.push(start);
        }
    }
    let r#type = ValueType::tensor(of.dtype, extents);
    let open = r#type.dynamic_dimensions().map(|dim| sizes[dim]);
    let operands: Vec<Val> = [x].into_iter().chain(given).chain(open).collect();
    b.emit_typed(ArraySlice, &Parameters::Slice { starts, strides: vec![1; of.rank()] }, &operands, &r#type)
}

/// A tensor with another part, which starts at some places; at 0 along the other dimensions.
pub fn update<'c>(b: Builder<'c>, x: Val<'c>, part: Val<'c>, at: &[(usize, Val<'c>)]) -> Result<Val<'c>> {
    let mut starts = vec![Start::At(0); rank(x)?];
    let mut at = at.to_vec();
    at.sort_by_key(|(dim, _)| *dim);
    at.iter().for_each(|(dim, _)| starts[*dim] = Start::Operand);
    let operands: Vec<Val> = [x, part].into_iter().chain(at.into_iter().map(|(_, start)| start)).collect();
    b.emit(ArrayUpdateSlice, &Parameters::Update { starts, accumulate: false }, &operands)
}

/// A tensor without some dimensions, of extent 1.
pub fn without<'c>(b: Builder<'c>, x: Val<'c>, dims: &[usize]) -> Result<Val<'c>> {
    let of = ValueType::of_value(x)?;
    let kept: Vec<Extent> = (0..of.rank()).filter(|dim| !dims.contains(dim)).map(|dim| of.extents()[dim]).collect();
    reshaped(b, x, kept)
}

/// A tensor with these extents; the dynamic ones are those of the tensor, in order.
pub fn reshaped<'c>(b: Builder<'c>, x: Val<'c>, extents: Vec<Extent>) -> Result<Val<'c>> {
    let operands: Vec<Val> = [x].into_iter().chain(b.extents(x)?).collect();
    let r#type = ValueType::tensor(ValueType::of_value(x)?.dtype, extents);
    b.emit_typed(ArrayReshape, &Parameters::None, &operands, &r#type)
}

/// A tensor with more zeros at the end of a dimension.
pub fn padded<'c>(b: Builder<'c>, x: Val<'c>, dim: usize, more: u64) -> Result<Val<'c>> {
    if more == 0 {
        return Ok(x);
    }
    let of = ValueType::of_value(x)?;
    let mut extents = of.extents().to_vec();
    extents[dim] = extents[dim].map(|extent| extent + more);
    let r#type = ValueType::tensor(of.dtype, extents);
    let none = vec![0; of.rank()];
    let mut high = none.clone();
    high[dim] = more as usize;
    let mut operands = vec![x, number(b, 0.0, of.dtype)?];
    for open in r#type.dynamic_dimensions() {
        let had = b.extent(x, open)?;
        operands.push(if open == dim { indices(b, ArithAddI, had, b.index(more as i64)?)? } else { had });
    }
    b.emit_typed(ArrayPad, &Parameters::Pad { low: none.clone(), high, interior: none }, &operands, &r#type)
}

/// The vectors of reflections as columns, from packed ones: 1 at the place of each, 0 before it. The first one stands at a
/// row, 0 unless it is given.
pub fn reflectors<'c>(b: Builder<'c>, packed: Val<'c>, first: Option<Val<'c>>) -> Result<Val<'c>> {
    let rank = rank(packed)?;
    let (rows, mut columns) = (places(b, packed, rank - 2)?, places(b, packed, rank - 1)?);
    if let Some(first) = first {
        columns = b.scalar(ScalarAdd, &[columns, spread(b, integer(b, first)?, &[], packed)?])?;
    }
    let (zero, one) = (splat(b, 0.0, packed)?, splat(b, 1.0, packed)?);
    let above = b.scalar(ScalarSelect, &[compare(b, Predicate::Eq, rows, columns)?, one, zero])?;
    b.scalar(ScalarSelect, &[compare(b, Predicate::Gt, rows, columns)?, packed, above])
}

/// A product `H_0 H_1 …` of reflections `H_i = 1 - tau_i v_i v_iᴴ` is `1 - v t vᴴ` with an upper triangular matrix
/// `t = (1 + d s)⁻¹ d`: `d` has the taus on its diagonal, and `s` is `vᴴ v` above the diagonal and 0 elsewhere (Joffrain,
/// Low, Quintana-Ortí, van de Geijn: Accumulating Householder Transformations, Revisited). Taus may be 0.
pub struct Reflections<'c> {
    /// The vectors, as columns.
    vectors: Val<'c>,
    taus: Val<'c>,
    /// `d s`, of which what is above the diagonal matters.
    scaled: Val<'c>,
}

impl<'c> Reflections<'c> {
    /// The reflections with these vectors, as columns, and taus.
    pub fn of(b: Builder<'c>, vectors: Val<'c>, taus: Val<'c>) -> Result<Reflections<'c>> {
        let rows = rank(vectors)? - 2;
        let gram = product(b, conjugate(b, vectors)?, vectors, [rows, rows])?;
        let scaled = scale_rows(b, gram, taus)?;
        Ok(Reflections { vectors, taus, scaled })
    }

    /// `t x`.
    pub fn factor(&self, b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
        let form = SolveForm { upper: true, unit: true, ..SolveForm::default() };
        solve(b, form, self.scaled, scale_rows(b, x, self.taus)?)
    }

    /// The adjoint of the product, times matrices of which some columns alone are changed: those with a 1 in a mask.
    pub fn apply_adjoint(
        &self,
        b: Builder<'c>,
        x: Val<'c>,
        mask: impl FnOnce(Val<'c>) -> Result<Val<'c>>,
    ) -> Result<Val<'c>> {
        let rows = rank(x)? - 2;
        let along = mask(product(b, conjugate(b, self.vectors)?, x, [rows, rows])?)?;
        let form = SolveForm { upper: true, unit: true, transposed: true, conjugated: true, ..SolveForm::default() };
        let along = scale_rows(b, solve(b, form, self.scaled, along)?, conjugate(b, self.taus)?)?;
        b.scalar(ScalarSub, &[x, product(b, self.vectors, along, [rows + 1, rows])?])
    }

    /// The first columns of the product.
    pub fn columns(&self, b: Builder<'c>, count: Size<'c>) -> Result<Val<'c>> {
        let rows = rank(self.vectors)? - 2;
        let first = slice(b, self.vectors, &[(rows, None, count)])?;
        let made = product(b, self.vectors, self.factor(b, adjoint(b, first)?)?, [rows + 1, rows])?;
        b.scalar(ScalarSub, &[identity(b, made)?, made])
    }
}

/// A tensor in the shape of another one: 1 on the diagonal of each matrix, 0 elsewhere.
pub fn identity<'c>(b: Builder<'c>, like: Val<'c>) -> Result<Val<'c>> {
    let rank = rank(like)?;
    let on = compare(b, Predicate::Eq, places(b, like, rank - 2)?, places(b, like, rank - 1)?)?;
    b.scalar(ScalarSelect, &[on, splat(b, 1.0, like)?, splat(b, 0.0, like)?])
}

/// Matrices whose rows are multiplied by numbers.
pub fn scale_rows<'c>(b: Builder<'c>, x: Val<'c>, by: Val<'c>) -> Result<Val<'c>> {
    let dims: Vec<usize> = (0..rank(x)? - 1).collect();
    b.scalar(ScalarMul, &[x, spread(b, by, &dims, x)?])
}

/// Matrices whose columns are multiplied by numbers.
pub fn scale_columns<'c>(b: Builder<'c>, x: Val<'c>, by: Val<'c>) -> Result<Val<'c>> {
    b.scalar(ScalarMul, &[x, spread(b, by, &of_columns(x)?, x)?])
}

/// The dimensions of a tensor of matrices without that of the rows.
pub fn of_columns(x: Val) -> Result<Vec<usize>> {
    let rank = rank(x)?;
    Ok((0..rank).filter(|dim| *dim != rank - 2).collect())
}
