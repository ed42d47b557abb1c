//! `lower-launches`: flattens kernel parameters and lowers launches to calls of the runtime.

use super::parameters::{flatten, strides};
use super::runtime::{RUNTIME, Runtime, element_bytes};
use crate::kernel::MODULE;
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Op, Val, body_ops, context_of, defining_op, erase, is_declaration, operands, region_block, replace_all_uses,
    result, symbol_name, walk,
};
use dp_dialects::marks::KERNELS;
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ScalarType};
use dp_loopnest::checks::{Order, compare, require};
use dp_loopnest::nest::extents_of;
use dp_loopnest::structured::{arith, is_buffer, is_named, segments};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass, text};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{AttributeLike, Type, ValueLike};
use std::collections::HashMap;

/// `lower-launches`.
pub static LOWER_LAUNCHES: Pass = Pass {
    flag: "lower-launches",
    summary: "lower kernel launches to calls of the runtime",
    description: "Takes `gpu.func` and `gpu.launch_func` on buffers. Leaves kernels whose parameters are pointers, dynamic \
        extents and strides, and scalars, and calls of the runtime that launch them and copy single elements to \
        and from the host.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let fail = |op: Op, made: Result<()>| made.map_err(|diagnostic| diagnostic.report(op.location()));
    let mut names = Vec::new();
    let mut numbers = HashMap::new();
    for kernels in body_ops(module).into_iter().filter(|op| symbol_name(*op) == Some(MODULE)) {
        for kernel in body_ops(kernels).into_iter().filter(|op| is_named(*op, "gpu.func")) {
            let name = symbol_name(kernel).unwrap_or_default();
            numbers.insert(name.to_string(), names.len());
            names.push(name.to_string());
            fail(kernel, flatten(kernel))?;
        }
    }
    KERNELS.set(module, &names);
    let is_ours = |op: &Op| OpKind::of(*op) == Some(OpKind::FuncFunc) && !is_declaration(*op);
    for function in body_ops(module).into_iter().filter(is_ours) {
        fail(function, host(function, &numbers))?;
    }
    let runtime = text::parse(context_of(module), RUNTIME, "the runtime's functions");
    fail(module, runtime.map(|runtime| text::append(module, &runtime)))
}

/// Slots for parameters, and their addresses.
struct Table<'c> {
    slots: Val<'c>,
    addresses: Val<'c>,
}

/// Whether a buffer is in host memory.
fn is_on_host(buffer: Val) -> bool {
    let of = defining_op(crate::fills::root(buffer));
    of.is_some_and(|op| is_named(op, "memref.alloca") || is_named(op, "memref.get_global"))
}

/// Lowers a host function.
fn host<'c>(function: Op<'c>, numbers: &HashMap<String, usize>) -> Result<()> {
    let (mut launches, mut loads, mut stores) = (vec![], vec![], vec![]);
    walk(function, &mut |op| match op.name().as_string_ref().as_str() {
        Ok("gpu.launch_func") => launches.push(op),
        Ok("memref.load") if !is_on_host(operands(op)[0]) => loads.push(op),
        Ok("memref.store") => stores.push(op),
        _ => {}
    });
    let Some(first) = region_block(function, 0).and_then(|block| block.first_operation()) else { return Ok(()) };
    for op in loads {
        download(op, first)?;
    }
    for op in stores {
        upload(op, first)?;
    }
    // After the loads of elements are replaced, since these elements may be parameters.
    let mut parameters = Vec::new();
    for launch in &launches {
        parameters.push(parameters_of(*launch)?);
    }
    if !launches.is_empty() {
        let most = parameters.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let table = table(&Builder::before(first).located(function.location()), most)?;
        for (launch, parameters) in launches.into_iter().zip(parameters) {
            call(launch, &table, &parameters, numbers)?;
        }
    }
    Ok(())
}

/// Stack memory for the parameters of any launch in a function, at its entry.
fn table<'c>(b: &Builder<'c>, most: usize) -> Result<Table<'c>> {
    let runtime = Runtime { b: *b };
    let i64 = ScalarType::I64.to_type(b.context());
    let r#type: Type = MemRefType::new(i64, &[most as i64], None, None).into();
    let make = || b.named("memref.alloca", &[], &[r#type], &[segments(b.context(), &[0, 0])], vec![]).map(result);
    let (slots, addresses) = (make()?, make()?);
    let base = runtime.address(slots)?;
    for slot in 0..most as i64 {
        let address = runtime.wide(arith(b, "arith.addi", base, b.index(8 * slot)?)?)?;
        b.named("memref.store", &[address, addresses, b.index(slot)?], &[], &[], vec![])?;
    }
    Ok(Table { slots, addresses })
}

/// The parameters of a launch, each as 64 bits.
fn parameters_of<'c>(launch: Op<'c>) -> Result<Vec<Val<'c>>> {
    let runtime = Runtime::before(launch);
    let b = &runtime.b;
    let mut parameters = Vec::new();
    for value in operands(launch).into_iter().skip(6) {
        if is_buffer(value) {
            let r#type = value.r#type();
            let (offset, extents, steps) = runtime.metadata(value)?;
            let strides = strides(r#type);
            let mut address = runtime.address(value)?;
            if strides.as_ref().is_some_and(|(_, offset)| *offset == DYNAMIC) {
                let bytes = arith(b, "arith.muli", offset, b.index(element_bytes(r#type)?)?)?;
                address = arith(b, "arith.addi", address, bytes)?;
            }
            parameters.push(runtime.wide(address)?);
            for (known, extent) in extents_of(r#type).into_iter().zip(extents) {
                if known.is_none() {
                    parameters.push(runtime.wide(extent)?);
                }
            }
            for (known, step) in strides.map(|(strides, _)| strides).into_iter().flatten().zip(steps) {
                if known == DYNAMIC {
                    parameters.push(runtime.wide(step)?);
                }
            }
        } else {
            bits(&runtime, value, &mut parameters)?;
        }
    }
    Ok(parameters)
}

/// A scalar as 64 bits, or two words.
fn bits<'c>(runtime: &Runtime<'c>, value: Val<'c>, to: &mut Vec<Val<'c>>) -> Result<()> {
    let b = &runtime.b;
    let unknown = || Diagnostic::internal("internal error: a parameter that is neither a buffer nor a number");
    let dtype = ScalarType::of(value.r#type()).ok_or_else(unknown)?;
    let one = |name: &str, value: Val<'c>, dtype: ScalarType| {
        b.named(name, &[value], &[dtype.to_type(b.context())], &[], vec![]).map(result)
    };
    let integer = |bits: u32| match bits {
        16 => ScalarType::I16,
        32 => ScalarType::I32,
        _ => ScalarType::I64,
    };
    let made = match dtype {
        ScalarType::I64 => value,
        ScalarType::Index => runtime.wide(value)?,
        ScalarType::I1 | ScalarType::I8 | ScalarType::I16 | ScalarType::I32 => {
            one("arith.extui", value, ScalarType::I64)?
        }
        ScalarType::F64 => one("arith.bitcast", value, ScalarType::I64)?,
        ScalarType::F16 | ScalarType::BF16 | ScalarType::F32 => {
            one("arith.extui", one("arith.bitcast", value, integer(dtype.bits()))?, ScalarType::I64)?
        }
        ScalarType::Complex64 | ScalarType::Complex128 => {
            for part in ["complex.re", "complex.im"] {
                bits(runtime, one(part, value, dtype.real())?, to)?;
            }
            return Ok(());
        }
    };
    to.push(made);
    Ok(())
}

/// Replaces a launch by a runtime call.
fn call<'c>(launch: Op<'c>, table: &Table<'c>, parameters: &[Val<'c>], numbers: &HashMap<String, usize>) -> Result<()> {
    let runtime = Runtime::before(launch);
    let b = &runtime.b;
    for (slot, parameter) in parameters.iter().enumerate() {
        b.named("memref.store", &[*parameter, table.slots, b.index(slot as i64)?], &[], &[], vec![])?;
    }
    let number = launched(launch)
        .and_then(|name| numbers.get(name))
        .ok_or_else(|| Diagnostic::internal("internal error: a launch of no kernel"))?;
    let mut of = vec![runtime.number(ScalarType::I32, *number as i64)?];
    for extent in operands(launch).into_iter().take(6) {
        of.push(runtime.wide(extent)?);
    }
    of.push(runtime.wide(runtime.address(table.addresses)?)?);
    runtime.call("dp_cuda_launch", &of, &[])?;
    erase(launch);
    Ok(())
}

/// The name of the launched kernel.
pub(crate) fn launched<'c>(launch: Op<'c>) -> Option<&'c str> {
    let symbol = launch.attribute("kernel").ok()?;
    // SAFETY: the attribute is live, and its leaf is queried only if it is a symbol; names live as long as the context.
    unsafe {
        let name = mlir_sys::mlirAttributeIsASymbolRef(symbol.to_raw())
            .then(|| mlir_sys::mlirSymbolRefAttrGetLeafReference(symbol.to_raw()))?;
        melior::StringRef::from_raw(name).as_str().ok()
    }
}

/// A stack slot for one element.
fn stack_slot<'c>(first: Op<'c>, buffer: Val<'c>) -> Result<Val<'c>> {
    let b = Builder::before(first);
    let r#type: Type = MemRefType::new(dp_loopnest::structured::element_type(buffer.r#type()), &[], None, None).into();
    b.named("memref.alloca", &[], &[r#type], &[segments(b.context(), &[0, 0])], vec![]).map(result)
}

/// Copies an element to the host. If that fails, the function returns: with an undefined value, for example a loop
/// condition, it might not terminate.
fn download<'c>(op: Op<'c>, first: Op<'c>) -> Result<()> {
    let runtime = Runtime::before(op);
    let of = operands(op);
    let slot = stack_slot(first, of[0])?;
    let bytes = element_bytes(of[0].r#type())?;
    let from = runtime.wide(runtime.element(of[0], &of[1..], bytes)?)?;
    let to = runtime.wide(runtime.address(slot)?)?;
    let bytes = runtime.number(ScalarType::I64, bytes)?;
    let i32 = ScalarType::I32.to_type(runtime.b.context());
    let status = runtime.call("dp_cuda_download", &[to, from, bytes], &[i32]).map(result)?;
    let succeeded = compare(&runtime.b, Order::Eq, status, runtime.number(ScalarType::I32, 0)?)?;
    require(&runtime.b, succeeded, "device error")?;
    let loaded = runtime.b.named("memref.load", &[slot], &[result(op).r#type()], &[], vec![])?;
    replace_all_uses(result(op), result(loaded));
    erase(op);
    Ok(())
}

/// Copies an element to the device.
fn upload<'c>(op: Op<'c>, first: Op<'c>) -> Result<()> {
    let runtime = Runtime::before(op);
    let of = operands(op);
    let slot = stack_slot(first, of[1])?;
    runtime.b.named("memref.store", &[of[0], slot], &[], &[], vec![])?;
    let bytes = element_bytes(of[1].r#type())?;
    let to = runtime.wide(runtime.element(of[1], &of[2..], bytes)?)?;
    let from = runtime.wide(runtime.address(slot)?)?;
    runtime.call("dp_cuda_upload", &[to, from, runtime.number(ScalarType::I64, bytes)?], &[])?;
    erase(op);
    Ok(())
}
