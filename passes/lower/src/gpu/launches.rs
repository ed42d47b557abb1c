//! `lower-launches`: kernels take plain parameters, and the host calls the runtime.

use super::kernel::{APART, MODULE, is_buffer};
use crate::checks::{Order, compare, require};
use crate::entries::border::{Door, pointer};
use crate::structured::{Made, arith, is_named, segments, set_attribute};
use crate::text;
use crate::vectors::nest::extents_of;
use dp_dialects::ir::{
    Op, Val, block_args, body_ops, context_of, defining_op, erase, i64_array, is_declaration, operands, region_block,
    replace_all_uses, result, results, symbol_name, walk,
};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Complaint, DType, OpKind};
use dp_passes::{Pass, Reported};
use melior::ir::attribute::{
    ArrayAttribute, Attribute, DenseI64ArrayAttribute, FlatSymbolRefAttribute, IntegerAttribute, TypeAttribute,
};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::{FunctionType, MemRefType};
use melior::ir::{Type, TypeLike, ValueLike};
use std::collections::HashMap;

/// `lower-launches`.
pub static LOWER_LAUNCHES: Pass = Pass {
    flag: "lower-launches",
    summary: "give kernels plain parameters, and launch them through the runtime",
    description: "Takes `gpu.func` and `gpu.launch_func` on buffers. Leaves kernels whose parameters are pointers, \
        those extents and strides that types do not say, and numbers; and calls of the runtime, which launches them, \
        allocates and frees the device's memory, and brings single elements to the host and back.",
    options: &[],
    body: run,
};

/// The attribute of a module that lists the kernels by number.
pub(crate) const KERNELS: &str = "dp.kernels";

/// The runtime, as the host calls it: addresses are numbers.
pub(super) const RUNTIME: &str = "
func.func private @dp_cuda_alloc(i64) -> i64
func.func private @dp_cuda_free(i64)
func.func private @dp_cuda_upload(i64, i64, i64)
func.func private @dp_cuda_download(i64, i64, i64) -> i32
func.func private @dp_cuda_copy(i64, i64, i64)
func.func private @dp_cuda_launch(i32, i64, i64, i64, i64, i64, i64, i32, i64)
";

fn run<'c>(module: Op<'c>, _: &[&str]) -> Result<(), Reported> {
    let fail = |op: Op, made: Made<()>| {
        made.map_err(|complaint| {
            complaint.emit(op.location());
            Reported
        })
    };
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
    set_attribute(module, KERNELS, crate::entries::memory::strings(context_of(module), &names));
    let is_ours = |op: &Op| OpKind::of(*op) == Some(OpKind::FuncFunc) && !is_declaration(*op);
    for function in body_ops(module).into_iter().filter(is_ours) {
        fail(function, host(function, &numbers))?;
    }
    let runtime = text::parse(context_of(module), RUNTIME, "the runtime's functions");
    fail(module, runtime.map(|runtime| text::append(module, &runtime)))
}

/// Strides of a type that are not those of its extents; an unknown one is `DYNAMIC`.
fn strides(r#type: Type) -> Option<(Vec<i64>, i64)> {
    let mut offset = 0;
    // SAFETY: the type is that of a live buffer, and there is room for a stride for each dimension.
    unsafe {
        if mlir_sys::mlirAffineMapIsIdentity(mlir_sys::mlirMemRefTypeGetAffineMap(r#type.to_raw())) {
            return None;
        }
        let mut strides = vec![0i64; mlir_sys::mlirShapedTypeGetRank(r#type.to_raw()) as usize];
        mlir_sys::mlirMemRefTypeGetStridesAndOffset(r#type.to_raw(), strides.as_mut_ptr(), &mut offset);
        Some((strides, offset))
    }
}

/// Puts flat parameters in the place of a kernel's own.
fn flatten<'c>(kernel: Op<'c>) -> Made<()> {
    let context = context_of(kernel);
    let Some(block) = region_block(kernel, 0) else { return Ok(()) };
    let Some(first) = block.first_operation() else { return Ok(()) };
    let b = Builder::before(first);
    let old = block_args(block);
    let index = Type::index(context);
    let mut types = Vec::new();
    let apart = i64_array(kernel, APART).unwrap_or_default();
    let attributes = |text: &str| {
        let unread = || Complaint::new("internal error: cannot make attributes of parameters");
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
            match DType::of(r#type) {
                Some(DType::I1) => {
                    let byte = add(DType::I8.to_type(context));
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
        // SAFETY: the argument is the block's, and nothing uses it any more.
        unsafe { mlir_sys::mlirBlockEraseArgument(block.to_raw(), index as u32) };
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

/// A buffer at an address.
fn buffer<'c>(
    b: &Builder<'c>,
    base: Val<'c>,
    r#type: Type<'c>,
    extents: &[Option<Val<'c>>],
    strides: Option<Vec<(i64, Option<Val<'c>>)>>,
) -> Made<Val<'c>> {
    let context = b.context();
    let door = Door { b: *b };
    let i64 = DType::I64.to_type(context);
    let descriptor = door.descriptor(extents.len())?;
    let mut value = b.named("llvm.mlir.poison", &[], &[descriptor], &[], vec![]).map(result)?;
    let mut put = |part: Val<'c>, position: &[i64]| -> Made<()> {
        let position = DenseI64ArrayAttribute::new(context, position).into();
        let made = b.named("llvm.insertvalue", &[value, part], &[descriptor], &[("position", position)], vec![]);
        value = made.map(result)?;
        Ok(())
    };
    let number = |value: i64| {
        let attribute: Attribute = IntegerAttribute::new(i64, value).into();
        b.named("llvm.mlir.constant", &[], &[i64], &[("value", attribute)], vec![]).map(result)
    };
    put(base, &[0])?;
    put(base, &[1])?;
    put(number(0)?, &[2])?;
    let known = extents_of(r#type);
    let mut stride = number(1)?;
    for dim in (0..extents.len()).rev() {
        let extent = match extents[dim] {
            Some(extent) => door.wide(extent)?,
            None => number(known[dim].unwrap_or(0))?,
        };
        put(extent, &[3, dim as i64])?;
        let here = match strides.as_ref().map(|strides| strides[dim]) {
            None => stride,
            Some((_, Some(value))) => door.wide(value)?,
            Some((value, None)) => number(value)?,
        };
        put(here, &[4, dim as i64])?;
        if dim > 0 && strides.is_none() {
            stride = b.named("llvm.mul", &[stride, extent], &[i64], &[], vec![]).map(result)?;
        }
    }
    b.named("builtin.unrealized_conversion_cast", &[value], &[r#type], &[], vec![]).map(result)
}

/// Makes calls of the runtime.
pub(super) struct Runtime<'c> {
    pub b: Builder<'c>,
}

impl<'c> Runtime<'c> {
    pub(super) fn before(op: Op<'c>) -> Self {
        Runtime { b: Builder::before(op) }
    }

    pub(super) fn wide(&self, value: Val<'c>) -> Made<Val<'c>> {
        Door { b: self.b }.wide(value)
    }

    pub(super) fn call(&self, name: &str, operands: &[Val<'c>], results: &[Type<'c>]) -> Made<Op<'c>> {
        let callee = FlatSymbolRefAttribute::new(self.b.context(), name).into();
        self.b.named("func.call", operands, results, &[("callee", callee)], vec![])
    }

    pub(super) fn number(&self, dtype: DType, value: i64) -> Made<Val<'c>> {
        let r#type = dtype.to_type(self.b.context());
        let value: Attribute = IntegerAttribute::new(r#type, value).into();
        self.b.named("arith.constant", &[], &[r#type], &[("value", value)], vec![]).map(result)
    }

    /// The address of a buffer of the host or of the device, as an `index`.
    pub(super) fn address(&self, buffer: Val<'c>) -> Made<Val<'c>> {
        let index = Type::index(self.b.context());
        self.b.named("memref.extract_aligned_pointer_as_index", &[buffer], &[index], &[], vec![]).map(result)
    }

    /// What a buffer's descriptor holds beside its address: offset, extents, strides.
    fn metadata(&self, buffer: Val<'c>) -> Made<(Val<'c>, Vec<Val<'c>>, Vec<Val<'c>>)> {
        let index = Type::index(self.b.context());
        let rank = extents_of(buffer.r#type()).len();
        let base: Type = MemRefType::new(crate::structured::element_type(buffer.r#type()), &[], None, None).into();
        let types: Vec<Type> = std::iter::once(base).chain(std::iter::repeat_n(index, 1 + 2 * rank)).collect();
        let op = self.b.named("memref.extract_strided_metadata", &[buffer], &types, &[], vec![])?;
        let parts = results(op);
        Ok((parts[1], parts[2..2 + rank].to_vec(), parts[2 + rank..].to_vec()))
    }

    /// The address of an element, as an `index`.
    fn element(&self, buffer: Val<'c>, at: &[Val<'c>], bytes: i64) -> Made<Val<'c>> {
        let b = &self.b;
        let (offset, _, strides) = self.metadata(buffer)?;
        let mut place = offset;
        for (at, stride) in at.iter().zip(strides) {
            place = arith(b, "arith.addi", place, arith(b, "arith.muli", *at, stride)?)?;
        }
        let place = arith(b, "arith.muli", place, b.index(bytes)?)?;
        arith(b, "arith.addi", self.address(buffer)?, place)
    }

    /// Device memory of so many bytes, an `index`; its address, an `i64`.
    pub(super) fn alloc(&self, bytes: Val<'c>) -> Made<Val<'c>> {
        let i64 = DType::I64.to_type(self.b.context());
        self.call("dp_cuda_alloc", &[self.wide(bytes)?], &[i64]).map(result)
    }

    /// A row-major buffer at an address.
    pub(super) fn buffer(&self, address: Val<'c>, r#type: Type<'c>, extents: &[Option<Val<'c>>]) -> Made<Val<'c>> {
        let context = self.b.context();
        let base = self.b.named("llvm.inttoptr", &[address], &[pointer(context)], &[], vec![]).map(result)?;
        buffer(&self.b, base, r#type, extents, None)
    }

    /// The bytes that a row-major buffer of a type with these dynamic extents takes.
    pub(super) fn bytes(&self, r#type: Type<'c>, extents: &[Option<Val<'c>>]) -> Made<Val<'c>> {
        let element = element_bytes(r#type)?;
        let known: i64 = extents_of(r#type).into_iter().flatten().product();
        let mut bytes = self.b.index(element * known)?;
        for extent in extents.iter().flatten() {
            bytes = arith(&self.b, "arith.muli", bytes, *extent)?;
        }
        Ok(bytes)
    }
}

/// The bytes of an element of a buffer.
pub(super) fn element_bytes(r#type: Type) -> Made<i64> {
    let dtype = DType::of(crate::structured::element_type(r#type));
    let dtype = dtype.ok_or_else(|| Complaint::new("only buffers of numbers lie in the device's memory"))?;
    Ok(super::points::bytes(dtype))
}

/// Slots for parameters, and their addresses.
struct Table<'c> {
    slots: Val<'c>,
    addresses: Val<'c>,
}

/// Whether a buffer lies in the host's memory.
fn is_hosts(buffer: Val) -> bool {
    let of = defining_op(super::fills::root(buffer));
    of.is_some_and(|op| is_named(op, "memref.alloca") || is_named(op, "memref.get_global"))
}

/// Lowers a function of the host.
fn host<'c>(function: Op<'c>, numbers: &HashMap<String, usize>) -> Made<()> {
    let (mut launches, mut allocs, mut frees) = (vec![], vec![], vec![]);
    let (mut loads, mut stores, mut copies) = (vec![], vec![], vec![]);
    walk(function, &mut |op| match op.name().as_string_ref().as_str() {
        Ok("gpu.launch_func") => launches.push(op),
        Ok("memref.alloc") => allocs.push(op),
        Ok("memref.dealloc") => frees.push(op),
        Ok("memref.copy") => copies.push(op),
        Ok("memref.load") if !is_hosts(operands(op)[0]) => loads.push(op),
        Ok("memref.store") => stores.push(op),
        _ => {}
    });
    let Some(first) = region_block(function, 0).and_then(|block| block.first_operation()) else { return Ok(()) };
    let mut parameters = Vec::new();
    for launch in &launches {
        parameters.push(pass(*launch)?);
    }
    for op in loads {
        download(op, first)?;
    }
    for op in stores {
        upload(op, first)?;
    }
    copies.into_iter().try_for_each(copy)?;
    if !launches.is_empty() {
        let most = parameters.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let table = table(&Builder::before(first).located(function.location()), most)?;
        for (launch, parameters) in launches.into_iter().zip(parameters) {
            call(launch, &table, &parameters, numbers)?;
        }
    }
    for op in allocs {
        let runtime = Runtime::before(op);
        let r#type = result(op).r#type();
        let mut dynamic = operands(op).into_iter();
        let extents: Vec<Option<Val>> =
            extents_of(r#type).into_iter().map(|extent| if extent.is_none() { dynamic.next() } else { None }).collect();
        let address = runtime.alloc(runtime.bytes(r#type, &extents)?)?;
        replace_all_uses(result(op), runtime.buffer(address, r#type, &extents)?);
        erase(op);
    }
    for op in frees {
        let runtime = Runtime::before(op);
        let address = runtime.wide(runtime.address(operands(op)[0])?)?;
        runtime.call("dp_cuda_free", &[address], &[])?;
        erase(op);
    }
    Ok(())
}

/// Memory for the parameters of any launch of a function, at its entry.
fn table<'c>(b: &Builder<'c>, most: usize) -> Made<Table<'c>> {
    let runtime = Runtime { b: *b };
    let i64 = DType::I64.to_type(b.context());
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
fn pass<'c>(launch: Op<'c>) -> Made<Vec<Val<'c>>> {
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

/// A number as 64 bits, or two of them.
fn bits<'c>(runtime: &Runtime<'c>, value: Val<'c>, to: &mut Vec<Val<'c>>) -> Made<()> {
    let b = &runtime.b;
    let unknown = || Complaint::new("internal error: a parameter that is neither a buffer nor a number");
    let dtype = DType::of(value.r#type()).ok_or_else(unknown)?;
    let one = |name: &str, value: Val<'c>, dtype: DType| {
        b.named(name, &[value], &[dtype.to_type(b.context())], &[], vec![]).map(result)
    };
    let integer = |bits: u32| match bits {
        16 => DType::I16,
        32 => DType::I32,
        _ => DType::I64,
    };
    let made = match dtype {
        DType::I64 => value,
        DType::Index => runtime.wide(value)?,
        DType::I1 | DType::I8 | DType::I16 | DType::I32 => one("arith.extui", value, DType::I64)?,
        DType::F64 => one("arith.bitcast", value, DType::I64)?,
        DType::F16 | DType::BF16 | DType::F32 => {
            one("arith.extui", one("arith.bitcast", value, integer(dtype.bits()))?, DType::I64)?
        }
        DType::C64 | DType::C128 => {
            for part in ["complex.re", "complex.im"] {
                bits(runtime, one(part, value, dtype.real())?, to)?;
            }
            return Ok(());
        }
    };
    to.push(made);
    Ok(())
}

/// Calls the runtime in the place of a launch.
fn call<'c>(launch: Op<'c>, table: &Table<'c>, parameters: &[Val<'c>], numbers: &HashMap<String, usize>) -> Made<()> {
    let runtime = Runtime::before(launch);
    let b = &runtime.b;
    for (slot, parameter) in parameters.iter().enumerate() {
        b.named("memref.store", &[*parameter, table.slots, b.index(slot as i64)?], &[], &[], vec![])?;
    }
    let name = launch.attribute("kernel").map(|kernel| kernel.to_string()).unwrap_or_default();
    let name = name.rsplit('@').next().unwrap_or_default().trim_matches('"');
    let number = numbers.get(name).ok_or_else(|| Complaint::new("internal error: a launch of no kernel"))?;
    let mut of = vec![runtime.number(DType::I32, *number as i64)?];
    for extent in operands(launch).into_iter().take(6) {
        of.push(runtime.wide(extent)?);
    }
    of.push(runtime.number(DType::I32, 0)?);
    of.push(runtime.wide(runtime.address(table.addresses)?)?);
    runtime.call("dp_cuda_launch", &of, &[])?;
    erase(launch);
    Ok(())
}

/// Copies a stretch of the device's memory.
fn copy<'c>(op: Op<'c>) -> Made<()> {
    let runtime = Runtime::before(op);
    let [from, to] = operands(op)[..] else { return Ok(()) };
    let (_, extents, _) = runtime.metadata(from)?;
    let known = extents_of(from.r#type());
    let dynamic: Vec<Option<Val>> =
        known.iter().zip(extents).map(|(known, extent)| known.is_none().then_some(extent)).collect();
    let bytes = runtime.wide(runtime.bytes(from.r#type(), &dynamic)?)?;
    let (from, to) = (runtime.wide(runtime.address(from)?)?, runtime.wide(runtime.address(to)?)?);
    runtime.call("dp_cuda_copy", &[to, from, bytes], &[])?;
    erase(op);
    Ok(())
}

/// A place on the host's stack for one element.
fn place<'c>(first: Op<'c>, buffer: Val<'c>) -> Made<Val<'c>> {
    let b = Builder::before(first);
    let r#type: Type = MemRefType::new(crate::structured::element_type(buffer.r#type()), &[], None, None).into();
    b.named("memref.alloca", &[], &[r#type], &[segments(b.context(), &[0, 0])], vec![]).map(result)
}

/// Brings an element to the host. Where that fails the function ends: what it would do with a number that nobody has
/// computed, as to go round a loop, may never come to an end.
fn download<'c>(op: Op<'c>, first: Op<'c>) -> Made<()> {
    let runtime = Runtime::before(op);
    let of = operands(op);
    let place = place(first, of[0])?;
    let bytes = element_bytes(of[0].r#type())?;
    let from = runtime.wide(runtime.element(of[0], &of[1..], bytes)?)?;
    let to = runtime.wide(runtime.address(place)?)?;
    let bytes = runtime.number(DType::I64, bytes)?;
    let i32 = DType::I32.to_type(runtime.b.context());
    let status = runtime.call("dp_cuda_download", &[to, from, bytes], &[i32]).map(result)?;
    let went_well = compare(&runtime.b, Order::Eq, status, runtime.number(DType::I32, 0)?)?;
    require(&runtime.b, went_well, "the device has failed")?;
    let loaded = runtime.b.named("memref.load", &[place], &[result(op).r#type()], &[], vec![])?;
    replace_all_uses(result(op), result(loaded));
    erase(op);
    Ok(())
}

/// Brings an element to the device.
fn upload<'c>(op: Op<'c>, first: Op<'c>) -> Made<()> {
    let runtime = Runtime::before(op);
    let of = operands(op);
    let place = place(first, of[1])?;
    runtime.b.named("memref.store", &[of[0], place], &[], &[], vec![])?;
    let bytes = element_bytes(of[1].r#type())?;
    let to = runtime.wide(runtime.element(of[1], &of[2..], bytes)?)?;
    let from = runtime.wide(runtime.address(place)?)?;
    runtime.call("dp_cuda_upload", &[to, from, runtime.number(DType::I64, bytes)?], &[])?;
    erase(op);
    Ok(())
}
