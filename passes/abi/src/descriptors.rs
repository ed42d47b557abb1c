//! Memory passed to a function, in the LLVM dialect: pointers and memref descriptors.

use dp_dialects::MlirType;
use dp_dialects::ir::{Val, result};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, Result, ScalarType};
use melior::ir::Type;
use melior::ir::attribute::{Attribute, DenseI32ArrayAttribute, DenseI64ArrayAttribute, IntegerAttribute};
use melior::ir::r#type::MemRefType;

/// The pointer type.
pub fn pointer(context: &melior::Context) -> Type<'_> {
    melior::dialect::llvm::r#type::pointer(context, 0)
}

/// The C type of a scalar type: f16 and bf16 are passed as bits.
pub(crate) fn c_dtype(number: ScalarType) -> ScalarType {
    match number {
        ScalarType::F16 | ScalarType::BF16 => ScalarType::I16,
        ScalarType::Index => ScalarType::I64,
        other => other,
    }
}

/// Builds LLVM dialect operations on external memory.
pub struct AbiBuilder<'c> {
    /// The insertion point.
    pub b: Builder<'c>,
}

impl<'c> AbiBuilder<'c> {
    /// An operation with one result.
    pub(crate) fn one(
        &self,
        name: &str,
        operands: &[Val<'c>],
        to: Type<'c>,
        attributes: &[(&str, Attribute<'c>)],
    ) -> Result<Val<'c>> {
        self.b.named(name, operands, &[to], attributes, vec![]).map(result)
    }

    fn r#type(&self, dtype: ScalarType) -> Type<'c> {
        dtype.to_type(self.b.context())
    }

    /// A 64-bit constant.
    pub fn constant(&self, value: i64) -> Result<Val<'c>> {
        self.one(
            "llvm.mlir.constant",
            &[],
            self.r#type(ScalarType::I64),
            &[("value", IntegerAttribute::new(self.r#type(ScalarType::I64), value).into())],
        )
    }

    /// The address of component `index` of an array.
    pub(crate) fn component(&self, base: Val<'c>, part: ScalarType, index: i32) -> Result<Val<'c>> {
        let context = self.b.context();
        let attributes = [
            ("elem_type", melior::ir::attribute::TypeAttribute::new(self.r#type(part)).into()),
            ("rawConstantIndices", DenseI32ArrayAttribute::new(context, &[index]).into()),
        ];
        self.one("llvm.getelementptr", &[base], pointer(context), &attributes)
    }

    /// A scalar of the program, from where [`AbiBuilder::write`] stored it.
    pub(crate) fn read(&self, address: Val<'c>, dtype: ScalarType) -> Result<Val<'c>> {
        match dtype.is_complex() {
            true => self.number(address, dtype),
            false => self.number(self.load(address, c_dtype(dtype))?, dtype),
        }
    }

    fn load(&self, address: Val<'c>, dtype: ScalarType) -> Result<Val<'c>> {
        self.one("llvm.load", &[address], self.r#type(dtype), &[])
    }

    /// Stores a value at an address.
    pub(crate) fn store(&self, value: Val<'c>, address: Val<'c>) -> Result<()> {
        self.b.named("llvm.store", &[value, address], &[], &[], vec![]).map(|_| ())
    }

    /// A scalar of the program, from a parameter.
    pub(crate) fn number(&self, value: Val<'c>, number: ScalarType) -> Result<Val<'c>> {
        let to = self.r#type(number);
        match number {
            ScalarType::F16 | ScalarType::BF16 => self.one("arith.bitcast", &[value], to, &[]),
            ScalarType::Index => self.one("arith.index_cast", &[value], to, &[]),
            ScalarType::Complex64 | ScalarType::Complex128 => {
                let part = number.real();
                let re = self.load(value, part)?;
                let im = self.load(self.component(value, part, 1)?, part)?;
                self.one("complex.create", &[re, im], to, &[])
            }
            ScalarType::F32
            | ScalarType::F64
            | ScalarType::I1
            | ScalarType::I8
            | ScalarType::I16
            | ScalarType::I32
            | ScalarType::I64 => Ok(value),
        }
    }

    /// Stores a scalar to where a parameter points.
    pub(crate) fn write(&self, value: Val<'c>, number: ScalarType, to: Val<'c>) -> Result<()> {
        match number {
            ScalarType::F16 | ScalarType::BF16 => {
                self.store(self.one("arith.bitcast", &[value], self.r#type(ScalarType::I16), &[])?, to)
            }
            ScalarType::Index => {
                self.store(self.one("arith.index_cast", &[value], self.r#type(ScalarType::I64), &[])?, to)
            }
            ScalarType::Complex64 | ScalarType::Complex128 => {
                let part = number.real();
                let re = self.one("complex.re", &[value], self.r#type(part), &[])?;
                let im = self.one("complex.im", &[value], self.r#type(part), &[])?;
                self.store(re, to)?;
                self.store(im, self.component(to, part, 1)?)
            }
            ScalarType::F32
            | ScalarType::F64
            | ScalarType::I1
            | ScalarType::I8
            | ScalarType::I16
            | ScalarType::I32
            | ScalarType::I64 => self.store(value, to),
        }
    }

    /// The memref descriptor type of a rank.
    pub fn descriptor(&self, rank: usize) -> Result<Type<'c>> {
        let text = match rank {
            0 => "!llvm.struct<(ptr, ptr, i64)>".to_string(),
            rank => format!("!llvm.struct<(ptr, ptr, i64, array<{rank} x i64>, array<{rank} x i64>)>"),
        };
        Type::parse(self.b.context(), &text)
            .ok_or_else(|| Diagnostic::internal("internal error: cannot make the type of a descriptor"))
    }

    /// Converts an `index` to 64 bits.
    pub fn wide(&self, value: Val<'c>) -> Result<Val<'c>> {
        self.one("arith.index_cast", &[value], self.r#type(ScalarType::I64), &[])
    }

    /// The pointer with an address, an `index`.
    pub(crate) fn pointer(&self, address: Val<'c>) -> Result<Val<'c>> {
        self.one("llvm.inttoptr", &[self.wide(address)?], pointer(self.b.context()), &[])
    }

    /// A row-major buffer at an address. Each extent is a value, and a constant if it is static.
    pub(crate) fn row_major(
        &self,
        base: Val<'c>,
        number: ScalarType,
        extents: &[(Val<'c>, Option<u64>)],
    ) -> Result<Val<'c>> {
        let shape: Vec<i64> = extents.iter().map(|(_, known)| known.map_or(DYNAMIC, |known| known as i64)).collect();
        let r#type = MemRefType::new(self.r#type(number), &shape, None, None).into();
        let extents: Vec<Val> = extents.iter().map(|(extent, _)| *extent).collect();
        self.buffer(base, r#type, &extents, None)
    }

    /// A buffer at an address. Without strides, it is row-major. Extents and strides have 64 bits.
    pub fn buffer(
        &self,
        base: Val<'c>,
        r#type: Type<'c>,
        extents: &[Val<'c>],
        strides: Option<&[Val<'c>]>,
    ) -> Result<Val<'c>> {
        let context = self.b.context();
        let descriptor = self.descriptor(extents.len())?;
        let mut value = self.one("llvm.mlir.poison", &[], descriptor, &[])?;
        let mut put = |part: Val<'c>, position: &[i64]| -> Result<()> {
            let position = DenseI64ArrayAttribute::new(context, position).into();
            value = self.one("llvm.insertvalue", &[value, part], descriptor, &[("position", position)])?;
            Ok(())
        };
        put(base, &[0])?;
        put(base, &[1])?;
        put(self.constant(0)?, &[2])?;
        let mut stride = self.constant(1)?;
        for (dim, extent) in extents.iter().enumerate().rev() {
            put(*extent, &[3, dim as i64])?;
            put(strides.map_or(stride, |strides| strides[dim]), &[4, dim as i64])?;
            if dim > 0 && strides.is_none() {
                stride = self.one("llvm.mul", &[stride, *extent], self.r#type(ScalarType::I64), &[])?;
            }
        }
        self.one("builtin.unrealized_conversion_cast", &[value], r#type, &[])
    }

    /// The address of a buffer, as an `index`.
    pub fn address(&self, buffer: Val<'c>) -> Result<Val<'c>> {
        self.one("memref.extract_aligned_pointer_as_index", &[buffer], self.r#type(ScalarType::Index), &[])
    }

    /// A field of a buffer's descriptor.
    fn part(&self, buffer: Val<'c>, rank: usize, position: &[i64], to: Type<'c>) -> Result<Val<'c>> {
        let value = self.one("builtin.unrealized_conversion_cast", &[buffer], self.descriptor(rank)?, &[])?;
        let position = DenseI64ArrayAttribute::new(self.b.context(), position).into();
        self.one("llvm.extractvalue", &[value], to, &[("position", position)])
    }

    /// The allocated pointer of a buffer.
    pub(crate) fn allocated(&self, buffer: Val<'c>, rank: usize) -> Result<Val<'c>> {
        self.part(buffer, rank, &[0], pointer(self.b.context()))
    }

    /// The address of a buffer, and its extents in some dimensions.
    pub(crate) fn address_and_extents(
        &self,
        buffer: Val<'c>,
        rank: usize,
        dims: &[usize],
    ) -> Result<(Val<'c>, Vec<Val<'c>>)> {
        let address = self.part(buffer, rank, &[1], pointer(self.b.context()))?;
        let extent = |dim: &usize| self.part(buffer, rank, &[3, *dim as i64], self.r#type(ScalarType::I64));
        let extents = dims.iter().map(extent).collect::<Result<_>>()?;
        Ok((address, extents))
    }
}
