//! Operands: what a name, a number or an address means, and whether its width fits.

use super::{Declared, Decoded, Decoder};
use crate::op::{Fill, LaneMask, Slot, Special};
use crate::text::syntax::Operand;
use crate::types::{Space, Ty};

/// Special registers that lead to one value each.
const SPECIALS: &[(&str, &str, Special)] = &[
    ("%tid", "x", Special::Tid(0)),
    ("%tid", "y", Special::Tid(1)),
    ("%tid", "z", Special::Tid(2)),
    ("%ntid", "x", Special::Ntid(0)),
    ("%ntid", "y", Special::Ntid(1)),
    ("%ntid", "z", Special::Ntid(2)),
    ("%ctaid", "x", Special::Ctaid(0)),
    ("%ctaid", "y", Special::Ctaid(1)),
    ("%ctaid", "z", Special::Ctaid(2)),
    ("%nctaid", "x", Special::Nctaid(0)),
    ("%nctaid", "y", Special::Nctaid(1)),
    ("%nctaid", "z", Special::Nctaid(2)),
    ("%laneid", "", Special::LaneId),
    ("%warpid", "", Special::WarpId),
    ("%nwarpid", "", Special::Warps),
    ("%smid", "", Special::Constant(0)),
    ("%nsmid", "", Special::Constant(1)),
    ("%gridid", "", Special::Constant(0)),
    ("%lanemask_eq", "", Special::LaneMask(LaneMask::Equal)),
    ("%lanemask_lt", "", Special::LaneMask(LaneMask::Less)),
    ("%lanemask_le", "", Special::LaneMask(LaneMask::LessEqual)),
    ("%lanemask_gt", "", Special::LaneMask(LaneMask::Greater)),
    ("%lanemask_ge", "", Special::LaneMask(LaneMask::GreaterEqual)),
    ("%dynamic_smem_size", "", Special::DynamicShared),
    ("%total_smem_size", "", Special::TotalShared),
    ("WARP_SZ", "", Special::Constant(32)),
];

/// Whether a register of another width will do: `cvt`, loads and stores take wider ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    Exact,
    AtLeast,
}

impl<'t> Decoder<'_, 't> {
    /// The register of that name.
    pub(super) fn register(&self, name: &str) -> Option<(Slot, Ty)> {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        for scope in self.registers.iter().rev() {
            if let Some(Declared { ty, first, count: None }) = scope.get(name) {
                return Some((*first, *ty));
            }
            if let (Some(Declared { ty, first, count: Some(count) }), Ok(n)) =
                (scope.get(stem), name[stem.len()..].parse::<u32>())
                && n < *count
            {
                return Some((first + n, *ty));
            }
        }
        None
    }

    fn fitting(&self, name: &str, ty: Ty, width: Width) -> Decoded<Option<Slot>> {
        let Some((slot, own)) = self.register(name) else { return Ok(None) };
        let fits = match width {
            Width::Exact => own.bits() == ty.bits(),
            Width::AtLeast => own.bits() >= ty.bits() && (own == Ty::Pred) == (ty == Ty::Pred),
        };
        if fits { Ok(Some(slot)) } else { Err(format!("register '{name}' is '.{}', not '.{}'", own.name(), ty.name())) }
    }

    /// A value to read.
    pub(super) fn source(&mut self, operand: &Operand<'t>, ty: Ty) -> Decoded<Slot> {
        self.source_of(operand, ty, Width::Exact)
    }

    /// A value to read, from a register that may be wider.
    pub(super) fn source_of(&mut self, operand: &Operand<'t>, ty: Ty, width: Width) -> Decoded<Slot> {
        match operand {
            Operand::Name(name, "") => {
                if let Some(slot) = self.fitting(name, ty, width)? {
                    return Ok(slot);
                }
                match self.special(name, "") {
                    Some(special) => Ok(self.fill(Fill::Special(special))),
                    None => self.address_of(name, 0),
                }
            }
            Operand::Name(name, rest) => match self.special(name, rest) {
                Some(special) => Ok(self.fill(Fill::Special(special))),
                None => Err(format!("unknown special register '{name}.{rest}'")),
            },
            Operand::Sum(name, offset) => self.address_of(name, *offset),
            Operand::Int(n) if ty == Ty::Pred => Ok(self.bits(u64::from(*n != 0))),
            Operand::Int(n) if ty.is_float() && ty.bytes() > 2 => Err(format!("the integer {n} as '.{}'", ty.name())),
            Operand::Int(n) => Ok(self.bits(n & u64::MAX >> (64 - ty.bits()))),
            Operand::Float(bits, width) => {
                let bits = match (ty, width) {
                    (Ty::F32, 64) => u64::from((f64::from_bits(*bits) as f32).to_bits()),
                    _ if *width == ty.bits() => *bits,
                    _ => return Err(format!("a literal of {width} bits as '.{}'", ty.name())),
                };
                Ok(self.bits(bits))
            }
            Operand::Address(..) | Operand::Vector(_) | Operand::List(_) | Operand::Pair(..) | Operand::Not(_) => {
                Err(format!("{operand:?} is no value of '.{}'", ty.name()))
            }
        }
    }

    fn special(&self, name: &str, rest: &str) -> Option<Special> {
        if name.starts_with("%envreg") && rest.is_empty() {
            return Some(Special::Constant(0));
        }
        SPECIALS.iter().find(|row| row.0 == name && row.1 == rest).map(|row| row.2)
    }

    /// The address of a variable, parameter or function, in its own space.
    fn address_of(&mut self, name: &str, offset: i64) -> Decoded<Slot> {
        if let Some((at, _)) = self.parameters.iter().rev().find_map(|scope| scope.get(name)).copied() {
            return Ok(self.bits((i64::from(at) + offset) as u64));
        }
        if let Some(at) = self.locals.get(name).copied() {
            return Ok(self.fill(Fill::Local(at.wrapping_add_signed(offset))));
        }
        if let Some(n) = self.own_shared.get(name).or(self.tables.variable_names.get(name)).copied() {
            if self.tables.variables[n as usize].space == Space::Shared && !self.shared.contains(&n) {
                self.shared.push(n);
            }
            return Ok(self.fill(Fill::Variable(n, offset)));
        }
        if let (Some(n), 0) = (self.tables.function_names.get(name).copied(), offset) {
            self.calls.push(n);
            return Ok(self.fill(Fill::Function(n)));
        }
        Err(format!("unknown name '{name}'"))
    }

    /// A register to write.
    pub(super) fn target(&mut self, operand: &Operand<'t>, ty: Ty) -> Decoded<Slot> {
        self.target_of(operand, ty, Width::Exact)
    }

    /// A register to write, which may be wider.
    pub(super) fn target_of(&mut self, operand: &Operand<'t>, ty: Ty, width: Width) -> Decoded<Slot> {
        match operand {
            Operand::Name(name, "") => {
                self.fitting(name, ty, width)?.ok_or_else(|| format!("unknown register '{name}'"))
            }
            _ => Err(format!("{operand:?} is no register")),
        }
    }

    /// A register to write, or `_`.
    pub(super) fn perhaps_target(&mut self, operand: &Operand<'t>, ty: Ty, width: Width) -> Decoded<Option<Slot>> {
        match operand {
            Operand::Name("_", "") => Ok(None),
            _ => self.target_of(operand, ty, width).map(Some),
        }
    }

    /// A predicate's slot.
    pub(super) fn predicate_register(&self, name: &str) -> Decoded<Slot> {
        self.fitting(name, Ty::Pred, Width::Exact)?.ok_or_else(|| format!("unknown predicate '{name}'"))
    }

    /// A predicate, perhaps negated.
    pub(super) fn predicate(&mut self, operand: &Operand<'t>) -> Decoded<(Slot, bool)> {
        match operand {
            Operand::Not(inner) => self.source(inner, Ty::Pred).map(|slot| (slot, true)),
            _ => self.source(operand, Ty::Pred).map(|slot| (slot, false)),
        }
    }

    /// `[base + offset]`: a slot and an offset.
    pub(super) fn address(&mut self, operand: &Operand<'t>) -> Decoded<(Slot, i64)> {
        let Operand::Address(base, offset) = operand else { return Err(format!("{operand:?} is no address")) };
        match &**base {
            Operand::Int(n) => Ok((self.bits(*n), *offset)),
            Operand::Name(name, "") => match self.register(name) {
                Some((slot, ty)) if ty.bits() == 64 || ty.bits() == 32 => Ok((slot, *offset)),
                Some((_, ty)) => Err(format!("an address of type '.{}'", ty.name())),
                None => Ok((self.address_of(name, *offset)?, 0)),
            },
            other => Err(format!("{other:?} is no address")),
        }
    }

    /// A parameter's place and size in the parameter area.
    pub(super) fn parameter_of(&self, operand: &Operand<'t>) -> Decoded<(u32, u32)> {
        match operand {
            Operand::Name(name, "") => self.parameters.iter().rev().find_map(|scope| scope.get(name)).copied(),
            _ => None,
        }
        .ok_or_else(|| format!("{operand:?} is no parameter"))
    }
}

/// The operands, if there are so many.
pub(super) fn exactly<'s, 't, const N: usize>(operands: &'s [Operand<'t>]) -> Decoded<&'s [Operand<'t>; N]> {
    operands.try_into().map_err(|_| format!("{} operands, where {N} are expected", operands.len()))
}
