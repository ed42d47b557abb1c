//! The functions of the runtime that host code calls.

use super::parameters::buffer;
use dp_abi_passes::descriptors::{AbiBuilder, pointer};
use dp_bufferize::workspace::size::too_large;
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, result, results};
use dp_dialects::{Builder, Diagnostic, Result, ScalarType};
use dp_loopnest::nest::extents_of;
use dp_loopnest::structured::arith;
use melior::ir::attribute::{Attribute, FlatSymbolRefAttribute, IntegerAttribute};
use melior::ir::r#type::MemRefType;
use melior::ir::{Type, ValueLike};

/// The declarations of the runtime; addresses are integers.
pub(crate) const RUNTIME: &str = "
func.func private @dp_cuda_alloc(i64) -> i64
func.func private @dp_cuda_free(i64)
func.func private @dp_cuda_upload(i64, i64, i64)
func.func private @dp_cuda_download(i64, i64, i64) -> i32
func.func private @dp_cuda_copy(i64, i64, i64)
func.func private @dp_cuda_launch(i32, i64, i64, i64, i64, i64, i64, i64)
";

/// Builds runtime calls.
pub(crate) struct Runtime<'c> {
    pub b: Builder<'c>,
}

impl<'c> Runtime<'c> {
    pub(crate) fn before(op: Op<'c>) -> Self {
        Runtime { b: Builder::before(op) }
    }

    pub(crate) fn wide(&self, value: Val<'c>) -> Result<Val<'c>> {
        AbiBuilder { b: self.b }.wide(value)
    }

    pub(crate) fn call(&self, name: &str, operands: &[Val<'c>], results: &[Type<'c>]) -> Result<Op<'c>> {
        let callee = FlatSymbolRefAttribute::new(self.b.context(), name).into();
        self.b.named("func.call", operands, results, &[("callee", callee)], vec![])
    }

    pub(crate) fn number(&self, dtype: ScalarType, value: i64) -> Result<Val<'c>> {
        let r#type = dtype.to_type(self.b.context());
        let value: Attribute = IntegerAttribute::new(r#type, value).into();
        self.b.named("arith.constant", &[], &[r#type], &[("value", value)], vec![]).map(result)
    }

    /// The address of a buffer as an `index`.
    pub(crate) fn address(&self, buffer: Val<'c>) -> Result<Val<'c>> {
        AbiBuilder { b: self.b }.address(buffer)
    }

    /// The descriptor of a buffer without the address: offset, extents, strides.
    pub(crate) fn metadata(&self, buffer: Val<'c>) -> Result<(Val<'c>, Vec<Val<'c>>, Vec<Val<'c>>)> {
        let index = Type::index(self.b.context());
        let rank = extents_of(buffer.r#type()).len();
        let base: Type =
            MemRefType::new(dp_loopnest::structured::element_type(buffer.r#type()), &[], None, None).into();
        let types: Vec<Type> = std::iter::once(base).chain(std::iter::repeat_n(index, 1 + 2 * rank)).collect();
        let op = self.b.named("memref.extract_strided_metadata", &[buffer], &types, &[], vec![])?;
        let parts = results(op);
        Ok((parts[1], parts[2..2 + rank].to_vec(), parts[2 + rank..].to_vec()))
    }

    /// The address of an element as an `index`.
    pub(crate) fn element(&self, buffer: Val<'c>, at: &[Val<'c>], bytes: i64) -> Result<Val<'c>> {
        let b = &self.b;
        let (offset, _, strides) = self.metadata(buffer)?;
        let mut place = offset;
        for (at, stride) in at.iter().zip(strides) {
            place = arith(b, "arith.addi", place, arith(b, "arith.muli", *at, stride)?)?;
        }
        let place = arith(b, "arith.muli", place, b.index(bytes)?)?;
        arith(b, "arith.addi", self.address(buffer)?, place)
    }

    /// Allocates this many bytes of device memory, an `index`; returns the address, an `i64`.
    pub(crate) fn alloc(&self, bytes: Val<'c>) -> Result<Val<'c>> {
        let i64 = ScalarType::I64.to_type(self.b.context());
        self.call("dp_cuda_alloc", &[self.wide(bytes)?], &[i64]).map(result)
    }

    /// A row-major buffer at an address.
    pub(crate) fn buffer(&self, address: Val<'c>, r#type: Type<'c>, extents: &[Option<Val<'c>>]) -> Result<Val<'c>> {
        let context = self.b.context();
        let base = self.b.named("llvm.inttoptr", &[address], &[pointer(context)], &[], vec![]).map(result)?;
        buffer(&self.b, base, r#type, extents, None)
    }

    /// The size of a row-major buffer in bytes, which is known not to overflow.
    pub(crate) fn bytes(&self, r#type: Type<'c>, extents: &[Option<Val<'c>>]) -> Result<Val<'c>> {
        let mut known = extents_of(r#type).into_iter().flatten();
        let bytes = known.try_fold(element_bytes(r#type)?, i64::checked_mul).ok_or_else(|| too_large(r#type))?;
        let mut bytes = self.b.index(bytes)?;
        for extent in extents.iter().flatten() {
            bytes = arith(&self.b, "arith.muli", bytes, *extent)?;
        }
        Ok(bytes)
    }
}

/// The size of an element of a buffer, in bytes.
pub(crate) fn element_bytes(r#type: Type) -> Result<i64> {
    let dtype = ScalarType::of(dp_loopnest::structured::element_type(r#type));
    let dtype = dtype.ok_or_else(|| Diagnostic::unsupported("internal error: not a buffer of numbers"))?;
    Ok(crate::indexing::bytes(dtype))
}
