//! `lower-scalar`: lowers scalar operations to upstream operations or calls.

use dp_dialects::MlirType;
mod convert;

use crate::library::Library;
use crate::table::{self, Emission, emission};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::{
    Blk, Op, Val, block_ops, body_ops, erase, is_set, operands, region_block, replace_all_uses, result, walk,
};
use dp_dialects::marks::REGROUPED;
use dp_dialects::{
    Builder, Diagnostic, FloatModel, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType,
};
use dp_loopnest::structured::set_attribute;
use dp_passes::{ErrorGuaranteed, Pass, option_words, pass_options};
use melior::ir::attribute::{Attribute, IntegerAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::IntegerType;
use melior::ir::{Type, ValueLike};
use std::collections::HashSet;

/// `lower-scalar`.
pub static LOWER_SCALAR: Pass<ScalarOptions> = Pass {
    flag: "lower-scalar",
    summary: "lower scalar operations to arith, math, complex and calls",
    description: "Takes operations of `scalar` on scalars, at any place. Each becomes an upstream operation, a call of a \
        libm function, or a call of a private function of our own library, which is added to the module. f16 and \
        bf16 are computed in f32 and rounded after each operation.",
    body: run,
};

option_words! {
    /// The operations that `lower-scalar` lowers.
    pub enum Scope {
        /// All.
        All = "all",
        /// Those in the bodies of structured loops.
        Bodies = "bodies",
    }
}

option_words! {
    /// The source of elementary functions.
    pub enum Mathematics {
        /// The library in this crate, and libm.
        Own = "own",
        /// libclc, under its function names.
        Clc = "clc",
    }
}

pass_options! {
    /// Options of `lower-scalar`.
    pub struct ScalarOptions {
        "fp" => fp: FloatModel = FloatModel::Reassociate, "the floating-point model";
        "where" => scope: Scope = Scope::All, "lower all operations, or only those in the bodies of structured loops";
        "library" => library: Mathematics = Mathematics::Own, "the library of elementary functions";
    }
}

fn run<'c>(module: Op<'c>, options: &ScalarOptions) -> Result<(), ErrorGuaranteed> {
    let bodies_only = options.scope == Scope::Bodies;
    let mut found = Vec::new();
    walk(module, &mut |op| {
        let kind = OpKind::of(op).filter(|kind| kind.dialect() == "scalar");
        found.extend(kind.filter(|_| !bodies_only || is_in_body(op)).map(|kind| (kind, op)));
    });
    let clc = options.library == Mathematics::Clc;
    let mut library = Library::new(module, clc);
    let long = long_blocks(module);
    let mut outcome = Ok(());
    for (kind, op) in found {
        let place = Place {
            model: options.fp,
            clc,
            is_long: outermost(op).is_some_and(|block| long.contains(&address(block))),
        };
        match lower(kind, op, place, &mut library) {
            Ok(value) => {
                replace_all_uses(result(op), value);
                erase(op);
            }
            Err(diagnostic) => {
                outcome = Err(diagnostic.report(op.location()));
            }
        }
    }
    outcome
}

/// Whether an operation is in the body of a structured loop.
fn is_in_body(op: Op) -> bool {
    let parent = op.block().and_then(|block| block.parent_operation());
    parent.is_some_and(|parent| parent.name().as_string_ref().as_str().is_ok_and(|name| name.starts_with("linalg.")))
}

/// In blocks with more operations than this, calls are not inlined.
const LONG: usize = 1000;

/// The context of an operation.
#[derive(Clone, Copy)]
struct Place {
    model: FloatModel,
    /// Whether elementary functions come from libclc.
    clc: bool,
    /// Whether it is in a long straight-line block: there a call is cheaper than many copies of the callee.
    is_long: bool,
}

fn address(block: Blk) -> usize {
    block.to_raw().ptr as usize
}

/// The long blocks: function bodies outside loops, and outlined parts of them.
fn long_blocks(module: Op) -> HashSet<usize> {
    let bodies = body_ops(module).into_iter().filter_map(|function| Some((function, region_block(function, 0)?)));
    let is_long = |function: Op, body: Blk| is_set(function, "no_inline") || block_ops(body).len() > LONG;
    bodies.filter(|(function, body)| is_long(*function, *body)).map(|(_, body)| address(body)).collect()
}

/// The block of an operation, or of its outermost enclosing branch: branches also run at most once.
fn outermost<'c>(op: Op<'c>) -> Option<Blk<'c>> {
    let mut block = op.block()?;
    while let Some(branch) = block.parent_operation().filter(|op| is_branch(*op)) {
        block = branch.block()?;
    }
    Some(block)
}

fn is_branch(op: Op) -> bool {
    matches!(op.name().as_string_ref().as_str(), Ok("scf.if" | "scf.index_switch"))
}

/// Builds scalar operations of upstream dialects.
struct Emitter<'a, 'c> {
    b: Builder<'c>,
    is_long: bool,
    clc: bool,
    /// The fast-math flags as text; empty for none.
    flags: &'static str,
    library: &'a mut Library<'c>,
}

impl<'c> Emitter<'_, 'c> {
    fn context(&self) -> &'c melior::Context {
        self.b.context()
    }

    fn literal(&self, dtype: ScalarType, value: Number) -> Result<Val<'c>> {
        constant(&self.b, &Literal::number(dtype, value))
    }

    /// An operation, with the flags if it accepts them.
    fn op(&self, name: &str, operands: &[Val<'c>], to: ScalarType) -> Result<Val<'c>> {
        self.op_with(name, operands, to, &[])
    }

    fn op_with(
        &self,
        name: &str,
        operands: &[Val<'c>],
        to: ScalarType,
        more: &[(&str, Attribute<'c>)],
    ) -> Result<Val<'c>> {
        let op = self.b.named(name, operands, &[to.to_type(self.context())], more, vec![])?;
        if !self.flags.is_empty() && table::takes_flags(name) {
            let flags = Attribute::parse(self.context(), &format!("#arith.fastmath<{}>", self.flags));
            let flags = flags.ok_or_else(|| Diagnostic::internal("internal error: unknown fast-math flags"))?;
            set_attribute(op, "fastmath", flags);
        }
        Ok(result(op))
    }

    /// A call of a library function.
    fn call(&mut self, name: &str, operands: &[Val<'c>], to: ScalarType) -> Result<Val<'c>> {
        self.library.require(name)?;
        self.call_symbol(name, operands, to.to_type(self.context()))
    }

    /// A call of a libm function.
    fn libm(&mut self, name: &str, operands: &[Val<'c>], to: ScalarType) -> Result<Val<'c>> {
        self.library.declare(name, to.name(), operands.len())?;
        self.call_symbol(name, operands, to.to_type(self.context()))
    }

    /// A call of a libclc function.
    fn clc(&mut self, name: &str, operands: &[Val<'c>], to: ScalarType) -> Result<Val<'c>> {
        self.library.declare_clc(name, to.name(), operands.len())?;
        let context = self.context();
        let attributes = [
            ("callee", melior::ir::attribute::FlatSymbolRefAttribute::new(context, name).into()),
            ("op_bundle_sizes", melior::ir::attribute::DenseI32ArrayAttribute::new(context, &[]).into()),
            dp_loopnest::structured::segments(context, &[operands.len(), 0]),
        ];
        self.b.named("llvm.call", operands, &[to.to_type(context)], &attributes, vec![]).map(result)
    }

    fn call_symbol(&self, name: &str, operands: &[Val<'c>], to: Type<'c>) -> Result<Val<'c>> {
        let callee = melior::ir::attribute::FlatSymbolRefAttribute::new(self.context(), name).into();
        let mut attributes = vec![("callee", callee)];
        attributes.extend(self.is_long.then(|| ("no_inline", Attribute::unit(self.context()))));
        self.b.named("func.call", operands, &[to], &attributes, vec![]).map(result)
    }
}

fn lower<'c>(kind: OpKind, op: Op<'c>, place: Place, library: &mut Library<'c>) -> Result<Val<'c>> {
    let malformed = || Diagnostic::internal(format!("internal error: '{}' is malformed", kind.name()));
    let parameters = Parameters::of(kind, op).ok_or_else(malformed)?;
    let to = ValueType::of(result(op).r#type()).ok_or_else(malformed)?.dtype;
    if let Parameters::Constant(literal) = &parameters {
        return constant(&Builder::before(op), literal);
    }
    let flags = place.model.flags(REGROUPED.is_on(op));
    let mut e = Emitter { b: Builder::before(op), is_long: place.is_long, clc: place.clc, flags, library };
    let operands = operands(op);
    let from = ValueType::of(operands[0].r#type()).ok_or_else(malformed)?.dtype;
    match &parameters {
        Parameters::Convert { unsigned } => return convert::convert(&mut e, operands[0], from, to, *unsigned),
        Parameters::Compare(predicate) => return compare(&mut e, *predicate, &operands, from),
        Parameters::Precision { exponent, mantissa } => {
            let integer = match from.bits() {
                16 => ScalarType::I16,
                32 => ScalarType::I32,
                _ => ScalarType::I64,
            };
            let count = |e: &Emitter<'_, 'c>, bits: u32| e.literal(integer, Number::Integer(i64::from(bits)));
            let bits = [count(&e, *exponent)?, count(&e, *mantissa)?, operands[0]];
            return e.call(&format!("dp_reduce_precision_{}", table::suffix(from)), &bits, to);
        }
        _ if kind == OpKind::ScalarBitcast && from == to => return Ok(operands[0]),
        _ if kind == OpKind::ScalarBitcast => return e.op("arith.bitcast", &operands, to),
        _ if kind == OpKind::ScalarSelect => return e.op("arith.select", &operands, to),
        _ => {}
    }
    // f16 and bf16 are computed in f32; a multiply-add, which rounds once, in f64.
    let is_half = matches!(from, ScalarType::F16 | ScalarType::BF16);
    let work = match (is_half, kind) {
        (true, OpKind::ScalarFma) => ScalarType::F64,
        (true, _) => ScalarType::F32,
        (false, _) => from,
    };
    let wide = if is_half {
        operands.iter().map(|x| convert::convert(&mut e, *x, from, work, false)).collect::<Result<Vec<_>>>()?
    } else {
        operands
    };
    if is_half && kind == OpKind::ScalarFma {
        let value = e.call("dp_fma_to_odd_f64", &wide, work)?;
        return convert::convert(&mut e, value, work, to, false);
    }
    let result_type = if is_half && to == from { work } else { to };
    let value = emit(&mut e, kind, &parameters, &wide, work, result_type)?;
    convert::convert(&mut e, value, result_type, to, false)
}

/// Emits the row of the table.
fn emit<'c>(
    e: &mut Emitter<'_, 'c>,
    kind: OpKind,
    parameters: &Parameters,
    operands: &[Val<'c>],
    from: ScalarType,
    to: ScalarType,
) -> Result<Val<'c>> {
    match emission(kind, from) {
        Emission::Op(name) => e.op(name, operands, to),
        Emission::Own(stem) | Emission::Libm(stem) if e.clc && table::is_in_clc(stem, from) => {
            e.clc(&table::clc_name(stem, from, operands.len()), operands, to)
        }
        Emission::Own(stem) => e.call(&format!("dp_{stem}_{}", table::suffix(from)), operands, to),
        Emission::Libm(stem) => {
            let name = if from == ScalarType::F32 { format!("{stem}f") } else { stem.to_string() };
            e.libm(&name, operands, to)
        }
        Emission::Parts(name) => {
            let mut parts = Vec::new();
            for part in ["complex.re", "complex.im"] {
                let of = operands.iter().map(|x| e.op(part, &[*x], from.real())).collect::<Result<Vec<_>>>()?;
                parts.push(e.op(name, &of, from.real())?);
            }
            e.op("complex.create", &parts, to)
        }
        Emission::Not => {
            let ones = e.literal(from, Number::Integer(-1))?;
            e.op("arith.xori", &[operands[0], ones], to)
        }
        Emission::Negate => {
            let zero = e.literal(from, Number::Integer(0))?;
            e.op("arith.subi", &[zero, operands[0]], to)
        }
        Emission::Polygamma => {
            let order = if let Parameters::Order(order) = parameters { *order } else { 0 };
            let order = e.literal(ScalarType::I64, Number::Integer(order))?;
            e.call(&format!("dp_polygamma_{}", table::suffix(from)), &[order, operands[0]], to)
        }
        Emission::Unsupported(reason) => {
            Err(Diagnostic::unsupported(format!("'{}' on {from} is not supported by this target", kind.name()))
                .help(reason))
        }
    }
}

/// An upstream constant.
fn constant<'c>(b: &Builder<'c>, literal: &Literal) -> Result<Val<'c>> {
    let context = b.context();
    let r#type = literal.dtype.to_type(context);
    if !literal.dtype.is_complex() {
        let value = literal.to_attribute(context);
        return b.named("arith.constant", &[], &[r#type], &[("value", value)], vec![]).map(result);
    }
    let number = literal.element(0).complex();
    let part = |value| Literal::number(literal.dtype.real(), Number::Real(value)).to_attribute(context);
    let parts = melior::ir::attribute::ArrayAttribute::new(context, &[part(number.re), part(number.im)]).into();
    b.named("complex.constant", &[], &[r#type], &[("value", parts)], vec![]).map(result)
}

fn compare<'c>(
    e: &mut Emitter<'_, 'c>,
    predicate: Predicate,
    operands: &[Val<'c>],
    from: ScalarType,
) -> Result<Val<'c>> {
    if from.is_complex() {
        let name = if predicate == Predicate::Eq { "complex.eq" } else { "complex.neq" };
        return e.op(name, operands, ScalarType::I1);
    }
    let name = if from.is_float() { "arith.cmpf" } else { "arith.cmpi" };
    let number = table::predicate(predicate, from.is_float());
    let i64 = IntegerType::new(e.context(), 64).into();
    e.op_with(name, operands, ScalarType::I1, &[("predicate", IntegerAttribute::new(i64, number).into())])
}
