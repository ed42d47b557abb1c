//! Kernel parameters: pointers, dynamic extents and strides, and scalars.

use dp_abi_passes::descriptors::{AbiBuilder, pointer};
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, block_args, context_of, erase_argument, region_block, replace_all_uses, result};
use dp_dialects::marks::APART;
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, Result, ScalarType};
use dp_loopnest::nest::extents_of;
use dp_loopnest::structured::{is_buffer, set_attribute};
use melior::ir::attribute::{ArrayAttribute, Attribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{Type, TypeLike, ValueLike};

/// The strides of a type if they do not follow from its extents; a dynamic one is `DYNAMIC`.
pub(crate) fn strides(r#type: Type) -> Option<(Vec<i64>, i64)> {
    let mut offset = 0;
    // SAFETY: the type is a live buffer type, and there is room for one stride per dimension.
    unsafe {
        if mlir_sys::mlirAffineMapIsIdentity(mlir_sys::mlirMemRefTypeGetAffineMap(r#type.to_raw())) {
            return None;
        }
        let mut strides = vec![0i64; mlir_sys::mlirShapedTypeGetRank(r#type.to_raw()) as usize];
        mlir_sys::mlirMemRefTypeGetStridesAndOffset(r#type.to_raw(), strides.as_mut_ptr(), &mut offset);
        Some((strides, offset))
    }
}

/// Replaces the parameters of a kernel by flat ones.
pub(crate) fn flatten<'c>(kernel: Op<'c>) -> Result<()> {
    let context = context_of(kernel);
    let Some(block) = region_block(kernel, 0) else { return Ok(()) };
    let Some(first) = block.first_operation() else { return Ok(()) };
    let b = Builder::before(first);
    let old = block_args(block);
    let index = Type::index(context);
    let mut types = Vec::new();
    let apart = APART.of(kernel).unwrap_or_default();
    let attributes = |text: &str| {
        let unread = || Diagnostic::internal("internal error: cannot make attributes of parameters");
        Attribute::parse(context, text).ok_or_else(unread)
    };
    let mut annotated = Vec::new();
    for (position, argument) in old.iter().enumerate() {
        let is_apart = apart.contains(&(position as i64)) && is_buffer(*argument);
        annotated.push((types.len(), is_apart));
        let mut add = |r#type: Type<'c>| {
            types.push(r#type);
            block.add_argument(r#type, kernel.location())
        };
        let r#type = argument.r#type();
        let value = if is_buffer(*argument) {
            let base = add(pointer(context));
            let extents: Vec<Option<Val>> =
                extents_of(r#type).into_iter().map(|extent| extent.is_none().then(|| add(index))).collect();
            let steps = strides(r#type)
                .map(|(strides, _)| strides.into_iter().map(|s| (s, (s == DYNAMIC).then(|| add(index)))).collect());
            buffer(&b, base, r#type, &extents, steps)?
        } else {
            match ScalarType::of(r#type) {
                Some(ScalarType::I1) => {
                    let byte = add(ScalarType::I8.to_type(context));
                    b.named("arith.trunci", &[byte], &[r#type], &[], vec![]).map(result)?
                }
                Some(dtype) if dtype.is_complex() => {
                    let part = dtype.real().to_type(context);
                    let (re, im) = (add(part), add(part));
                    b.named("complex.create", &[re, im], &[r#type], &[], vec![]).map(result)?
                }
                _ => add(r#type),
            }
        };
        replace_all_uses(*argument, value);
    }
    for index in (0..old.len()).rev() {
        erase_argument(block, index);
    }
    let r#type = FunctionType::new(context, &types, &[]);
    set_attribute(kernel, "function_type", TypeAttribute::new(r#type.into()).into());
    let mut all = vec![attributes("{}")?; types.len()];
    for (position, _) in annotated.into_iter().filter(|(_, is_apart)| *is_apart) {
        all[position] = attributes("{llvm.noalias}")?;
    }
    set_attribute(kernel, "arg_attrs", ArrayAttribute::new(context, &all).into());
    Ok(())
}

/// A buffer at an address: dynamic extents, and, unless it is row-major, its strides, of which dynamic ones are values.
pub(crate) fn buffer<'c>(
    b: &Builder<'c>,
    base: Val<'c>,
    r#type: Type<'c>,
    extents: &[Option<Val<'c>>],
    strides: Option<Vec<(i64, Option<Val<'c>>)>>,
) -> Result<Val<'c>> {
    let abi = AbiBuilder { b: *b };
    let number = |known: i64, value: Option<Val<'c>>| match value {
        Some(value) => abi.wide(value),
        None => abi.constant(known),
    };
    let known = extents_of(r#type).into_iter().map(Option::unwrap_or_default);
    let extents = known.zip(extents).map(|(known, extent)| number(known, *extent)).collect::<Result<Vec<_>>>()?;
    let strides: Option<Result<Vec<Val>>> =
        strides.map(|strides| strides.into_iter().map(|(known, value)| number(known, value)).collect());
    abi.buffer(base, r#type, &extents, strides.transpose()?.as_deref())
}
