//! `lower-halves`: lowers f16 and bf16 to integers, in the LLVM dialect.
//!
//! On CPUs without native instructions, LLVM converts to f32 even for a select or a shuffle, and the conversion back
//! calls compiler-rt, on which our libraries must not depend. The bf16 instructions of CPUs flush subnormals to 0. With
//! integers, only the conversions in the program remain, as 32-bit integer arithmetic, which vectorizes on every CPU.

mod bits;

use bits::Bits;
use dp_dialects::ir::{
    Op, Val, block_args, body_ops, erase, operands, replace_all_uses, result, results, set_operand, walk,
};
use dp_dialects::{Builder, Diagnostic, Result};
use dp_loopnest::structured::{is_named, set_attribute};
use dp_passes::{ErrorGuaranteed, Pass, option_words, pass_options};
use melior::ir::attribute::TypeAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{BlockRef, RegionLike, Type, TypeLike, ValueLike};

/// `lower-halves`.
pub static LOWER_HALVES: Pass<HalvesOptions> = Pass {
    flag: "lower-halves",
    summary: "lower bf16 and f16 to integers",
    description: "Takes the LLVM dialect. bf16 values become i16, and so do f16 values if the CPU has no instructions that \
        convert them. Conversions to and from f32, and comparisons, become integer arithmetic. GPU kernels, where \
        both types are native, stay.",
    body: run,
};

option_words! {
    /// The lowering of f16.
    pub enum Float16 {
        /// To integers: the CPU has no conversions.
        Bits = "bits",
        /// Unchanged: the CPU has conversions.
        Native = "native",
    }
}

pass_options! {
    /// Options of `lower-halves`.
    pub struct HalvesOptions {
        "f16" => f16: Float16 = Float16::Bits, "how f16 is represented";
    }
}

fn run<'c>(module: Op<'c>, options: &HalvesOptions) -> Result<(), ErrorGuaranteed> {
    let halves = Halves { native_f16: options.f16 == Float16::Native };
    for lower in [Halves::compute, Halves::check, Halves::retype] {
        let mut found = Vec::new();
        for top in body_ops(module).into_iter().filter(|op| is_named(*op, "llvm.func")) {
            walk(top, &mut |op| found.push(op));
        }
        for op in found {
            lower(&halves, op).map_err(|diagnostic| diagnostic.report(op.location()))?;
        }
    }
    Ok(())
}

/// Operations that move values without interpreting them, so that they also work on integers.
const MOVES: &[&str] = &[
    "llvm.func",
    "llvm.return",
    "llvm.call",
    "llvm.br",
    "llvm.cond_br",
    "llvm.switch",
    "llvm.load",
    "llvm.store",
    "llvm.select",
    "llvm.bitcast",
    "llvm.freeze",
    "llvm.insertelement",
    "llvm.extractelement",
    "llvm.shufflevector",
    "llvm.insertvalue",
    "llvm.extractvalue",
    "llvm.intr.masked.load",
    "llvm.intr.masked.store",
    "llvm.mlir.constant",
    "llvm.mlir.zero",
    "llvm.mlir.undef",
    "llvm.mlir.poison",
];

/// A 16-bit floating-point type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    F16,
    Bf16,
}

struct Halves {
    native_f16: bool,
}

impl Halves {
    /// The 16-bit float in a type, if it is lowered to bits.
    fn of(&self, r#type: Type) -> Option<Half> {
        // SAFETY: the type is live; it is queried as a vector or a structure only if it is one.
        unsafe {
            let raw = r#type.to_raw();
            if mlir_sys::mlirTypeIsAVector(raw) {
                return self.of(Type::from_raw(mlir_sys::mlirShapedTypeGetElementType(raw)));
            }
            if mlir_sys::mlirTypeIsALLVMStructType(raw) {
                let mut members = (0..mlir_sys::mlirLLVMStructTypeGetNumElementTypes(raw))
                    .map(|index| Type::from_raw(mlir_sys::mlirLLVMStructTypeGetElementType(raw, index)));
                return members.find_map(|member| self.of(member));
            }
            if mlir_sys::mlirTypeIsABF16(raw) {
                return Some(Half::Bf16);
            }
            (mlir_sys::mlirTypeIsAF16(raw) && !self.native_f16).then_some(Half::F16)
        }
    }

    /// Lowers arithmetic to integers, with bit casts around it.
    fn compute<'c>(&self, op: Op<'c>) -> Result<()> {
        let b = Builder::before(op);
        let of = |value: &Val<'c>| self.of(value.r#type());
        let made = if is_named(op, "llvm.fpext") {
            let Some(half) = of(&operands(op)[0]) else { return Ok(()) };
            let to = result(op).r#type();
            let wide = Bits::of(b, to)?.extend(half, operands(op)[0])?;
            if wide.r#type() == to { wide } else { result(b.named("llvm.fpext", &[wide], &[to], &[], vec![])?) }
        } else if is_named(op, "llvm.fptrunc") {
            let Some(half) = of(&result(op)) else { return Ok(()) };
            Bits::of(b, operands(op)[0].r#type())?.round(half, operands(op)[0], result(op).r#type())?
        } else if is_named(op, "llvm.fcmp") {
            for (index, operand) in operands(op).into_iter().enumerate() {
                if let Some(half) = of(&operand) {
                    set_operand(op, index, Bits::of(b, operand.r#type())?.extend(half, operand)?);
                }
            }
            return Ok(());
        } else {
            return Ok(());
        };
        replace_all_uses(result(op), made);
        erase(op);
        Ok(())
    }

    /// Rejects all other operations on these types.
    fn check<'c>(&self, op: Op<'c>) -> Result<()> {
        let mut values = operands(op).into_iter().chain(results(op));
        let name = op.name();
        let name = name.as_string_ref().as_str().unwrap_or("?");
        match values.find(|value| self.of(value.r#type()).is_some()) {
            Some(value) if !MOVES.contains(&name) => {
                Err(Diagnostic::internal(format!("internal error: '{name}' on {} has no form on bits", value.r#type())))
            }
            _ => Ok(()),
        }
    }

    /// Changes the types of values to integers.
    fn retype<'c>(&self, op: Op<'c>) -> Result<()> {
        let b = Builder::before(op);
        if let Some(of) = op.attribute("function_type").ok().and_then(|value| TypeAttribute::try_from(value).ok()) {
            set_attribute(op, "function_type", TypeAttribute::new(self.bits(of.value(), &b)?).into());
        }
        for region in op.regions() {
            let mut next = region.first_block();
            while let Some(block) = next {
                // SAFETY: the block is that of a live operation, which outlives this.
                self.retype_all(&block_args(unsafe { BlockRef::from_raw(block.to_raw()) }), &b)?;
                next = block.next_in_region();
            }
        }
        if is_named(op, "llvm.mlir.constant") {
            return self.constant(op);
        }
        self.retype_all(&results(op), &b)?;
        match (is_named(op, "llvm.bitcast"), operands(op).first()) {
            (true, Some(x)) if x.r#type() == result(op).r#type() => {
                replace_all_uses(result(op), *x);
                erase(op);
            }
            _ => {}
        }
        Ok(())
    }

    /// A constant keeps its bits.
    fn constant<'c>(&self, op: Op<'c>) -> Result<()> {
        if self.of(result(op).r#type()).is_some() {
            let b = Builder::before(op);
            let to = self.bits(result(op).r#type(), &b)?;
            let copy = result(b.clone_op(op, &[]));
            let moved = result(b.named("llvm.bitcast", &[copy], &[to], &[], vec![])?);
            replace_all_uses(result(op), moved);
            erase(op);
        }
        Ok(())
    }

    fn retype_all<'c>(&self, values: &[Val<'c>], b: &Builder<'c>) -> Result<()> {
        for value in values.iter().filter(|value| self.of(value.r#type()).is_some()) {
            let bits = self.bits(value.r#type(), b)?;
            // SAFETY: value and type are live and of one context.
            unsafe { mlir_sys::mlirValueSetType(value.to_raw(), bits.to_raw()) }
        }
        Ok(())
    }

    /// The type with integers in place of these floats.
    fn bits<'c>(&self, r#type: Type<'c>, b: &Builder<'c>) -> Result<Type<'c>> {
        let text = r#type.to_string().replace("bf16", "i16");
        let text = if self.native_f16 { text } else { text.replace("f16", "i16") };
        Type::parse(b.context(), &text).ok_or_else(|| Diagnostic::internal(format!("internal error: no type {text}")))
    }
}
