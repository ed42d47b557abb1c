//! Loads, stores, atomic operations, asynchronous copies.

use super::arithmetic::operands;
use super::operands::Width;
use super::{Decoded, Decoder, Row};
use crate::alu::{self, Modifiers};
use crate::class::Class;
use crate::functions::Kernel;
use crate::op::{Access, Atomic, CopyAsync, Op, Slot};
use crate::text::syntax::{Operand, Statement};
use crate::types::{Space, Ty};

pub(super) const ROWS: &[Row] = &[
    ("ld", |d, s, m| access(d, s, m, true)),
    ("ldu", |d, s, m| access(d, s, m, true)),
    ("st", |d, s, m| access(d, s, m, false)),
    ("atom", |d, s, m| atomic(d, s, m, true)),
    ("red", |d, s, m| atomic(d, s, m, false)),
    ("cp", copy_async),
    ("membar", |_, s, m| {
        let _: &[_; 0] = operands(s)?;
        m.choose(LEVELS).ok_or("'membar' of no level")?;
        Ok((Op::Nothing, Class::Barrier))
    }),
    ("fence", |_, s, m| {
        let _: &[_; 0] = operands(s)?;
        m.choose(&[("sc", ()), ("acq_rel", ()), ("acquire", ()), ("release", ())]);
        m.choose(SCOPES).ok_or("'fence' of no scope")?;
        Ok((Op::Nothing, Class::Barrier))
    }),
    ("prefetch", |d, s, m| {
        let [at] = operands(s)?;
        d.address(at)?;
        m.find(Space::named);
        m.choose(&[("L1", ()), ("L2", ())]).ok_or("'prefetch' to no cache")?;
        Ok((Op::Nothing, Class::Load))
    }),
];

const LEVELS: &[(&str, ())] = &[("cta", ()), ("gl", ()), ("sys", ())];
const SCOPES: &[(&str, ())] = &[("cta", ()), ("cluster", ()), ("gpu", ()), ("sys", ())];
/// Whether the access takes part in ordering.
const ORDERS: &[(&str, bool)] =
    &[("weak", false), ("volatile", true), ("relaxed", true), ("acquire", true), ("release", true), ("acq_rel", true)];
const CACHES: &[(&str, ())] = &[
    ("ca", ()),
    ("cg", ()),
    ("cs", ()),
    ("lu", ()),
    ("cv", ()),
    ("wb", ()),
    ("wt", ()),
    ("L1::evict_normal", ()),
    ("L1::evict_unchanged", ()),
    ("L1::evict_first", ()),
    ("L1::evict_last", ()),
    ("L1::no_allocate", ()),
];
const PREFETCHES: &[(&str, ())] = &[("L2::64B", ()), ("L2::128B", ()), ("L2::256B", ())];

fn site(d: &mut Decoder) -> u32 {
    d.tables.sites += 1;
    d.tables.sites - 1
}

fn access<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers, load: bool) -> Decoded<(Op, Class)> {
    let strong = m.choose(ORDERS).unwrap_or(false);
    m.choose(SCOPES);
    let space = m.find(Space::named).unwrap_or(Space::Generic);
    let read_only = load && m.flag("nc");
    m.choose(CACHES);
    m.choose(PREFETCHES);
    let lanes = m.choose(&[("v2", 2), ("v4", 4), ("v8", 8)]).unwrap_or(1);
    let ty = m.ty().filter(|ty| *ty != Ty::Pred).ok_or("an access of no type")?;
    let [first, second] = operands(s)?;
    let (values, at) = if load { (first, second) } else { (second, first) };
    let single = [values.clone()];
    let values = if let Operand::Vector(values) = values { &values[..] } else { &single };
    if values.len() != lanes || lanes as u32 * ty.bytes() > 32 {
        return Err(format!("{} values for {lanes} of '.{}'", values.len(), ty.name()));
    }
    let mut width = 0;
    let mut registers: Vec<Option<Slot>> = Vec::new();
    for value in values {
        registers.push(if load {
            d.perhaps_target(value, ty, Width::AtLeast)?
        } else {
            Some(d.source_of(value, ty, Width::AtLeast)?)
        });
        if let Operand::Name(name, "") = value
            && let Some((_, own)) = d.register(name)
        {
            width = own.bits();
        }
    }
    let (base, offset) = d.address(at)?;
    let site = site(d);
    let access = Box::new(Access {
        space,
        ty,
        size: ty.bytes(),
        bytes: ty.bytes() * lanes as u32,
        registers: registers.into(),
        width,
        base,
        offset,
        strong,
        read_only,
        site,
    });
    match (load, space) {
        (true, _) => Ok((Op::Load(access), Class::Load)),
        (false, Space::Const) => Err("a store to constant memory".into()),
        (false, _) => Ok((Op::Store(access), Class::Store)),
    }
}

/// Operations that are the arithmetic of the same name: the name, and what else that arithmetic is told.
const SAME: &[(&str, &str)] =
    &[("add", "add"), ("min", "min"), ("max", "max"), ("and", "and"), ("or", "or"), ("xor", "xor")];

fn atomic<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers, gives: bool) -> Decoded<(Op, Class)> {
    m.choose(ORDERS);
    m.choose(SCOPES);
    let space = m.find(Space::named).unwrap_or(Space::Generic);
    if !matches!(space, Space::Generic | Space::Global | Space::Shared) {
        return Err(format!("an atomic operation in {space} memory"));
    }
    m.flag("noftz");
    let same = m.choose(&SAME.iter().map(|row| (row.0, row.1)).collect::<Vec<_>>());
    let other: Option<Kernel> = m.choose(&[
        ("exch", Kernel::Two(|_, b| b)),
        ("cas", Kernel::Three(|old, b, c| if old == b { c } else { old })),
        ("inc", Kernel::Two(|old, b| if old >= b { 0 } else { old + 1 })),
        ("dec", Kernel::Two(|old, b| if old == 0 || old > b { b } else { old - 1 })),
    ]);
    let ty = m.ty().ok_or("an atomic operation of no type")?;
    let kernel = match (same, other) {
        (Some(name), None) => alu::pick(name, &[ty.name()])?.kernel,
        (None, Some(kernel)) => kernel,
        _ => return Err("an atomic operation that is not known".into()),
    };
    let (to, rest) = if gives {
        let [to, rest @ ..] = &s.operands[..] else { return Err("operands are missing".into()) };
        (d.perhaps_target(to, ty, Width::Exact)?, rest)
    } else {
        (None, &s.operands[..])
    };
    let ([at, b], c) = match (kernel, rest) {
        (Kernel::Two(_), [at, b]) => ([at, b], None),
        (Kernel::Three(_), [at, b, c]) => ([at, b], Some(c)),
        _ => return Err(format!("{} operands", s.operands.len())),
    };
    let (base, offset) = d.address(at)?;
    let b = d.source(b, ty)?;
    let c = match c {
        Some(c) => d.source(c, ty)?,
        None => b,
    };
    let site = site(d);
    Ok((Op::Atomic(Box::new(Atomic { space, ty, kernel, d: to, base, offset, b, c, site })), Class::Atomic))
}

fn copy_async<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    if !m.flag("async") {
        return Err("'cp' in this form".into());
    }
    if m.flag("commit_group") {
        let _: &[_; 0] = operands(s)?;
        return Ok((Op::CommitGroup, Class::Barrier));
    }
    if m.flag("wait_all") {
        let _: &[_; 0] = operands(s)?;
        return Ok((Op::WaitGroup { pending: None }, Class::Barrier));
    }
    if m.flag("wait_group") {
        let [Operand::Int(n)] = operands(s)? else { return Err("'wait_group' of no number".into()) };
        return Ok((Op::WaitGroup { pending: Some(*n as u32) }, Class::Barrier));
    }
    let wide = m.choose(&[("ca", false), ("cg", true)]).ok_or("'cp.async' in this form")?;
    let spaces = (m.find(Space::named), m.find(Space::named));
    if spaces != (Some(Space::Shared), Some(Space::Global)) {
        return Err("'cp.async' goes from global to shared memory".into());
    }
    m.choose(PREFETCHES);
    let [to, from, Operand::Int(bytes), rest @ ..] = &s.operands[..] else {
        return Err("'cp.async' wants two addresses and a size".into());
    };
    if !(*bytes == 16 || !wide && matches!(bytes, 4 | 8)) {
        return Err(format!("'cp.async' of {bytes} bytes"));
    }
    let source_bytes = match rest {
        [] => None,
        [n] => Some(d.source(n, Ty::U32)?),
        _ => return Err("too many operands".into()),
    };
    let ((to, to_offset), (from, from_offset)) = (d.address(to)?, d.address(from)?);
    let site = site(d);
    let copy = CopyAsync { to, to_offset, from, from_offset, bytes: *bytes as u32, source_bytes, site };
    Ok((Op::CopyAsync(Box::new(copy)), Class::Load))
}
