//! `open-device` and `close-device`: two entry points per public function, for host memory and for device memory.

use super::image::IMAGE;
use super::runtime::Runtime;
use crate::promote::restore;
use dp_abi::Function;
use dp_abi_passes::attributes::described;
use dp_abi_passes::guard;
use dp_abi_passes::status::branch;
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Op, Val, block_args, context_of, defining_op, erase, functions, operands, region_block, replace_all_uses, result,
    results, set_operand, signature, symbol_name, walk,
};
use dp_dialects::marks::{ABI, ENTRY, LIBRARY};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ScalarType};
use dp_loopnest::nest::extents_of;
use dp_loopnest::structured::{arith, is_buffer, segments, set_attribute};
use dp_passes::symbols::{free_symbol, public_functions, redirect};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass, text};
use melior::ir::attribute::{FlatSymbolRefAttribute, StringAttribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::{FunctionType, MemRefType};
use melior::ir::{Block, RegionLike, Type, TypeLike, ValueLike};

/// `open-device`.
pub static OPEN_DEVICE: Pass = Pass {
    flag: "open-device",
    summary: "add entry points for host memory and for device memory",
    description: "Takes public functions on device buffers. Each becomes a private function with two public entry points: \
        the first copies arguments to the device and results back; the second, `FUNC__device`, takes device memory \
        and a stream. A function with results of computed extents has only the first. `dp.abi` describes both \
        until `close-device`.",
    body: run,
};

/// `close-device`.
pub static CLOSE_DEVICE: Pass = Pass {
    flag: "close-device",
    summary: "end the runtime call at each return of an entry point",
    description: "Takes the entry points that `open-device` makes, after `lower-checks`. Adds a call of the runtime before \
        each return. Its error becomes the status, if there is none yet, and a branch frees results that would \
        otherwise be returned. Restores the program's own library description in `dp.abi`.",
    body: close,
};

/// The symbol of the kernel image passed to the runtime.
const RUNTIME: &str = "
func.func private @dp_cuda_begin(i64, i64, i32) -> i32
func.func private @dp_cuda_end() -> i32
llvm.mlir.global external hidden @dp_cuda_image_of_library() {addr_space = 0 : i32} : !llvm.array<5 x i64>
";

/// The required alignment of device memory, in bytes.
const ALIGNMENT: i64 = 16;

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let fail = |diagnostic: Diagnostic| diagnostic.report(module.location());
    let library = described(module)?;
    let context = context_of(module);
    let own = restore(module, &library).map_err(fail)?;
    LIBRARY.set(module, &own.description());
    let runtime = text::parse(context, RUNTIME, "the runtime's functions").map_err(fail)?;
    text::append(module, &runtime);
    for function in public_functions(module) {
        let Some(model) = symbol_name(function).and_then(|name| library.function(name)) else { continue };
        open(module, function, model).map_err(|diagnostic| diagnostic.report(function.location()))?;
    }
    Ok(())
}

/// Makes the entry points of a function.
fn open<'c>(module: Op<'c>, function: Op<'c>, model: &Function) -> Result<()> {
    let context = context_of(function);
    let name = model.name.clone();
    // The name of the device entry point.
    let second = model.device_symbol();
    if let Some((name, private)) = second.as_deref().and_then(|name| Some((name, functions(module).remove(name)?))) {
        let other = free_symbol(module, format!("{name}_"));
        set_attribute(private, "sym_name", StringAttribute::new(context, &other).into());
        redirect(module, name, &other);
    }
    let inner = free_symbol(module, format!("{name}__run"));
    set_attribute(function, "sym_name", StringAttribute::new(context, &inner).into());
    set_attribute(function, "sym_visibility", StringAttribute::new(context, "private").into());
    let (types, given) = signature(function).ok_or_else(|| Diagnostic::internal("internal error: no signature"))?;
    if let Some(other) = given.iter().find(|r#type| !r#type.is_mem_ref()) {
        let diagnostic = Diagnostic::request(format!("returns {other}, which is not a device buffer"));
        return Err(
            diagnostic.help("run 'open-device' after 'lower-entries' and the passes that follow it in the pipeline")
        );
    }
    take_bits(function)?;
    entry(function, &name, &types, &given, |b, arguments| from_host(b, model, &inner, arguments, &given))?;
    let Some(second) = second else { return Ok(()) };
    let mut types = types.clone();
    types.push(MemRefType::new(ScalarType::I8.to_type(context), &[], None, None).into());
    entry(function, &second, &types, &[], |b, arguments| from_device(b, model, &inner, arguments))
}

/// Passes f16 and bf16 as bits, since their calling convention differs between CPUs.
fn take_bits<'c>(function: Op<'c>) -> Result<()> {
    let missing = || Diagnostic::internal("internal error: a function without a body");
    let block = region_block(function, 0).ok_or_else(missing)?;
    let first = block.first_operation().ok_or_else(missing)?;
    let b = Builder::before(first);
    let (_, given) = signature(function).ok_or_else(missing)?;
    for argument in block_args(block) {
        let r#type = argument.r#type();
        if !is_half(argument) {
            continue;
        }
        // SAFETY: the argument and the type are live; uses of the argument are replaced below.
        unsafe { mlir_sys::mlirValueSetType(argument.to_raw(), ScalarType::I16.to_type(b.context()).to_raw()) };
        let number = b.named("arith.bitcast", &[argument], &[r#type], &[], vec![])?;
        replace_all_uses(argument, result(number));
        set_operand(number, 0, argument);
    }
    let types: Vec<Type> = block_args(block).into_iter().map(|argument| argument.r#type()).collect();
    let r#type = FunctionType::new(b.context(), &types, &given);
    set_attribute(function, "function_type", TypeAttribute::new(r#type.into()).into());
    Ok(())
}

fn is_half(value: Val) -> bool {
    matches!(ScalarType::of(value.r#type()), Some(ScalarType::F16 | ScalarType::BF16))
}

/// A scalar in the form that the inner function takes.
fn bits<'c>(b: &Builder<'c>, value: Val<'c>) -> Result<Val<'c>> {
    if !is_half(value) {
        return Ok(value);
    }
    b.named("arith.bitcast", &[value], &[ScalarType::I16.to_type(b.context())], &[], vec![]).map(result)
}

/// A public function before another one.
fn entry<'c>(
    before: Op<'c>,
    name: &str,
    types: &[Type<'c>],
    given: &[Type<'c>],
    body: impl FnOnce(&Builder<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>>,
) -> Result<()> {
    let context = context_of(before);
    let outer = Builder::before(before);
    let (region, arguments, b) = outer.region(types);
    let values = body(&b, &arguments)?;
    b.named("func.return", &values, &[], &[], vec![])?;
    let attributes = [
        ("sym_name", StringAttribute::new(context, name).into()),
        ("function_type", TypeAttribute::new(FunctionType::new(context, types, given).into()).into()),
        ENTRY.attribute(context, &()),
    ];
    outer.named("func.func", &[], &[], &attributes, vec![region]).map(|_| ())
}

/// Begins a runtime call.
fn begin<'c>(runtime: &Runtime<'c>, stream: Val<'c>, on_device: bool) -> Result<()> {
    let b = &runtime.b;
    let name = FlatSymbolRefAttribute::new(b.context(), IMAGE).into();
    let pointer = dp_abi_passes::descriptors::pointer(b.context());
    let image = b.named("llvm.mlir.addressof", &[], &[pointer], &[("global_name", name)], vec![]).map(result)?;
    let i64 = ScalarType::I64.to_type(b.context());
    let image = b.named("llvm.ptrtoint", &[image], &[i64], &[], vec![]).map(result)?;
    let on_device = runtime.number(ScalarType::I32, i64::from(on_device))?;
    runtime.call("dp_cuda_begin", &[image, stream, on_device], &[ScalarType::I32.to_type(b.context())]).map(|_| ())
}

/// A host buffer and the device buffer for it.
struct Pair<'c> {
    host: Val<'c>,
    device: Val<'c>,
    bytes: Val<'c>,
}

impl<'c> Pair<'c> {
    fn of(runtime: &Runtime<'c>, host: Val<'c>) -> Result<Self> {
        let b = &runtime.b;
        let r#type = host.r#type();
        let mut extents = Vec::new();
        for (dim, known) in extents_of(r#type).into_iter().enumerate() {
            extents.push(match known {
                Some(_) => None,
                None => Some(dim_of(b, host, dim)?),
            });
        }
        // A negative extent is reported later; nothing is copied for it.
        let zero = b.index(0)?;
        let positive: Vec<Option<Val>> = extents
            .iter()
            .map(|extent| extent.map(|extent| arith(b, "arith.maxsi", extent, zero)).transpose())
            .collect::<Result<_>>()?;
        let bytes = runtime.bytes(r#type, &positive)?;
        let address = runtime.alloc(bytes)?;
        let device = runtime.buffer(address, r#type, &extents)?;
        Ok(Pair { host, device, bytes })
    }

    fn copy(&self, runtime: &Runtime<'c>, name: &str) -> Result<()> {
        let address = |buffer: Val<'c>| runtime.wide(runtime.address(buffer)?);
        let (host, device) = (address(self.host)?, address(self.device)?);
        let bytes = runtime.wide(self.bytes)?;
        // The end of the entry point returns its status.
        match name {
            "dp_cuda_upload" => runtime.call(name, &[device, host, bytes], &[]),
            _ => runtime.call(name, &[host, device, bytes], &[ScalarType::I32.to_type(runtime.b.context())]),
        }
        .map(|_| ())
    }
}

fn dim_of<'c>(b: &Builder<'c>, buffer: Val<'c>, dim: usize) -> Result<Val<'c>> {
    let of = [buffer, b.index(dim as i64)?];
    b.named("memref.dim", &of, &[Type::index(b.context())], &[], vec![]).map(result)
}

/// Copies arguments to the device and results back.
fn from_host<'c>(
    b: &Builder<'c>,
    model: &Function,
    inner: &str,
    arguments: &[Val<'c>],
    given: &[Type<'c>],
) -> Result<Vec<Val<'c>>> {
    let runtime = Runtime { b: *b };
    begin(&runtime, runtime.number(ScalarType::I64, 0)?, false)?;
    let mut passed = Vec::new();
    let mut outputs = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        if !is_buffer(*argument) {
            passed.push(bits(b, *argument)?);
            continue;
        }
        if index < model.shape_arguments() {
            // Only its extents are there.
            passed.push(*argument);
            continue;
        }
        let pair = Pair::of(&runtime, *argument)?;
        passed.push(pair.device);
        if index < model.arguments.len() {
            pair.copy(&runtime, "dp_cuda_upload")?;
        } else {
            outputs.push(pair);
        }
    }
    let made = runtime.call(inner, &passed, given).map(results)?;
    for pair in outputs {
        pair.copy(&runtime, "dp_cuda_download")?;
    }
    let mut returned = Vec::new();
    for device in made {
        let r#type = device.r#type();
        let mut extents = Vec::new();
        for (dim, known) in extents_of(r#type).into_iter().enumerate() {
            if known.is_none() {
                extents.push(dim_of(b, device, dim)?);
            }
        }
        let attributes = [segments(b.context(), &[extents.len(), 0])];
        let host = b.named("memref.alloc", &extents, &[r#type], &attributes, vec![]).map(result)?;
        let bytes = runtime.bytes(r#type, &extents.into_iter().map(Some).collect::<Vec<_>>())?;
        Pair { host, device, bytes }.copy(&runtime, "dp_cuda_download")?;
        returned.push(host);
    }
    Ok(returned)
}

/// All tensors are in device memory; the last argument is the stream.
fn from_device<'c>(b: &Builder<'c>, model: &Function, inner: &str, arguments: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
    let runtime = Runtime { b: *b };
    let Some((stream, passed)) = arguments.split_last() else { return Ok(vec![]) };
    begin(&runtime, runtime.wide(runtime.address(*stream)?)?, true)?;
    let names = model.arguments.iter().map(|argument| &argument.name).chain(model.results.iter().map(|r| &r.name));
    for (argument, name) in passed.iter().zip(names).filter(|(argument, _)| is_buffer(**argument)) {
        let rest = arith(b, "arith.remui", runtime.address(*argument)?, b.index(ALIGNMENT)?)?;
        let whole = dp_loopnest::checks::compare(b, dp_loopnest::checks::Order::Eq, rest, b.index(0)?)?;
        let message = format!("'{name}' is not aligned to {ALIGNMENT} bytes");
        dp_loopnest::checks::require(b, whole, &message)?;
    }
    let passed = passed.iter().map(|value| bits(b, *value)).collect::<Result<Vec<_>>>()?;
    runtime.call(inner, &passed, &[])?;
    Ok(vec![])
}

fn close<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    for function in dp_dialects::ir::body_ops(module).into_iter().filter(|op| ENTRY.is_on(*op)) {
        let mut returns = Vec::new();
        walk(function, &mut |op| returns.extend((OpKind::of(op) == Some(OpKind::FuncReturn)).then_some(op)));
        for op in returns {
            end(function, op).map_err(|diagnostic| diagnostic.report(op.location()))?;
        }
    }
    if let Some(description) = LIBRARY.of(module) {
        ABI.set(module, &description);
    }
    Ok(())
}

/// Ends the runtime call. If it reports an error, that is the status, since later failing checks may be a consequence.
/// Results that the library allocated are returned only if there is no error.
fn end<'c>(function: Op<'c>, op: Op<'c>) -> Result<()> {
    let runtime = Runtime::before(op);
    let b = &runtime.b;
    let i32 = ScalarType::I32.to_type(b.context());
    let Some(status) = operands(op).first().copied() else { return Ok(()) };
    let error = runtime.call("dp_cuda_end", &[], &[i32]).map(result)?;
    let zero = runtime.number(ScalarType::I32, 0)?;
    let succeeded = dp_loopnest::checks::compare(b, dp_loopnest::checks::Order::Eq, error, zero)?;
    // After a failed check, everything is freed: the status is an argument of the failure block.
    if defining_op(status).is_some() && guard::holds(function) {
        let missing = || Diagnostic::internal("internal error: a function without a body");
        let region = function.region(0).map_err(|_| missing())?;
        let failure = region.append_block(Block::new(&[(i32, op.location())]));
        let b = Builder::at_end(b.context(), failure, op.location());
        guard::release_all(&b, function)?;
        b.named("func.return", &block_args(failure), &[], &[], vec![])?;
        return branch(op, succeeded, failure, error);
    }
    let made = b.named("arith.select", &[succeeded, status, error], &[i32], &[], vec![]).map(result)?;
    b.named("func.return", &[made], &[], &[], vec![])?;
    erase(op);
    Ok(())
}
