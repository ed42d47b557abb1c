//! `lower-expansions`: lowers reshapes that split a dimension into several dynamic ones.

use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, erase, i64_array, operands, replace_all_uses, result, results, walk};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, Result, ScalarType};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::{ArrayAttribute, Attribute, DenseI32ArrayAttribute, DenseI64ArrayAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{ShapedTypeLike, Type, ValueLike};

/// `lower-expansions`.
pub static LOWER_EXPANSIONS: Pass = Pass {
    flag: "lower-expansions",
    summary: "lower reshapes of buffers to several dynamic extents",
    description: "Takes `memref.expand_shape`. One that splits a dimension into several dynamic extents becomes a \
        `memref.reinterpret_cast`, since upstream's lowering would compute one of these extents from the others. \
        Others stay.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| {
        if op.name().as_string_ref().as_str() == Ok("memref.expand_shape") {
            found.push(op);
        }
    });
    for op in found {
        let Some((groups, shape)) = groups(op).zip(i64_array(op, "static_output_shape")) else { continue };
        let mut rest = &shape[..];
        let unknown = groups.iter().map(|size| {
            let (group, others) = rest.split_at(*size);
            rest = others;
            group.iter().filter(|extent| **extent == DYNAMIC).count()
        });
        if unknown.max().unwrap_or(0) < 2 {
            continue;
        }
        reinterpret(op, &groups, &shape).map_err(|diagnostic| diagnostic.report(op.location()))?;
        erase(op);
    }
    Ok(())
}

/// The number of result dimensions for each operand dimension.
fn groups(op: Op) -> Option<Vec<usize>> {
    let groups = ArrayAttribute::try_from(op.attribute("reassociation").ok()?).ok()?;
    let size = |group| Some(ArrayAttribute::try_from(groups.element(group).ok()?).ok()?.len());
    (0..groups.len()).map(size).collect()
}

/// The same memory with the given extents. The innermost dimension of a group has the stride of the split dimension,
/// each outer one that of the next inner one times its extent.
fn reinterpret<'c>(op: Op<'c>, groups: &[usize], shape: &[i64]) -> Result<()> {
    let b = Builder::before(op);
    let index = ScalarType::Index.to_type(b.context());
    let malformed = || Diagnostic::internal("internal error: 'memref.expand_shape' of a type that is not a buffer");
    let (arguments, to) = (operands(op), result(op));
    let from = arguments[0];
    let buffer = MemRefType::try_from(from.r#type()).map_err(|_| malformed())?;
    let (known, offset) = MemRefType::try_from(to.r#type()).map_err(|_| malformed())?.strides_and_offset();

    let base: Type = MemRefType::new(buffer.element(), &[], None, buffer.memory_space()).into();
    let parts: Vec<Type> = std::iter::once(base).chain(vec![index; 1 + 2 * groups.len()]).collect();
    let parts = results(b.named("memref.extract_strided_metadata", &[from], &parts, &[], vec![])?);
    let split = &parts[2 + groups.len()..];

    let mut given = arguments[1..].iter().copied();
    let mut extents = Vec::new();
    for extent in shape {
        extents.push(match *extent {
            DYNAMIC => given.next().ok_or_else(malformed)?,
            extent => b.index(extent)?,
        });
    }
    let mut strides: Vec<Val> = Vec::new();
    let mut dim = 0;
    for (size, stride) in groups.iter().zip(split) {
        let mut within = vec![*stride];
        for extent in extents[dim + 1..dim + size].iter().rev() {
            let last = within[within.len() - 1];
            within.push(result(b.named("arith.muli", &[last, *extent], &[index], &[], vec![])?));
        }
        strides.extend(within.into_iter().rev());
        dim += size;
    }

    // Static extents are written as constants.
    let unknown = |known: &[i64], values: &[Val<'c>]| -> Vec<Val<'c>> {
        known.iter().zip(values).filter(|(known, _)| **known == DYNAMIC).map(|(_, value)| *value).collect()
    };
    let lists = [unknown(&[offset], &parts[1..2]), unknown(shape, &extents), unknown(&known, &strides)];
    let sizes: Vec<i32> = std::iter::once(1).chain(lists.iter().map(|list| list.len() as i32)).collect();
    let arguments: Vec<Val> = std::iter::once(parts[0]).chain(lists.into_iter().flatten()).collect();
    let ints = |values: &[i64]| -> Attribute<'c> { DenseI64ArrayAttribute::new(b.context(), values).into() };
    let attributes = [
        ("static_offsets", ints(&[offset])),
        ("static_sizes", ints(shape)),
        ("static_strides", ints(&known)),
        ("operandSegmentSizes", DenseI32ArrayAttribute::new(b.context(), &sizes).into()),
    ];
    let made = b.named("memref.reinterpret_cast", &arguments, &[to.r#type()], &attributes, vec![])?;
    replace_all_uses(to, result(made));
    Ok(())
}
