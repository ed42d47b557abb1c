//! Loads, stores and atomic operations: address to bytes, with every check.

use super::Executed;
use super::block::{Clocks, Shared};
use super::frames::{Pending, Thread};
use super::launch::Machine;
use super::sectors::Sectors;
use crate::counts::Traffic;
use crate::fault::{FaultKind, Touch};
use crate::shadow::Found;
use dp_ptx_program::Space;
use dp_ptx_program::address::{LOCAL_WINDOW, PARAM_WINDOW, SHARED_WINDOW, WINDOW};
use dp_ptx_program::functions::Kernel;
use dp_ptx_program::op::{Access, Atomic};

/// Bytes of the widest access.
pub(super) const WIDEST: usize = 32;

/// What a block's threads share and accesses need.
pub(super) struct Sight<'a> {
    pub shared: &'a mut Shared,
    pub clocks: &'a Clocks,
    pub sectors: &'a mut Sectors,
}

/// The space and the address in it that a generic address means.
fn specific(space: Space, address: u64) -> (Space, u64) {
    match (space, address & WINDOW) {
        (Space::Generic, SHARED_WINDOW) => (Space::Shared, address & !WINDOW),
        (Space::Generic, LOCAL_WINDOW) => (Space::Local, address & !WINDOW),
        (Space::Generic, PARAM_WINDOW) => (Space::Param, address & !WINDOW),
        (Space::Generic | Space::Const, _) => (Space::Global, address),
        (Space::Global | Space::Shared | Space::Local | Space::Param, _) => (space, address),
    }
}

/// The generic address of an address in a space.
pub(super) fn generic(space: Space, address: u64, param_base: usize) -> u64 {
    match space {
        Space::Shared => SHARED_WINDOW + address,
        Space::Local => LOCAL_WINDOW + address,
        Space::Param => PARAM_WINDOW + address + param_base as u64,
        Space::Generic | Space::Global | Space::Const => address,
    }
}

/// The address in a space of a generic address.
pub(super) fn from_generic(space: Space, address: u64, param_base: usize) -> u64 {
    match space {
        Space::Shared | Space::Local => address & !WINDOW,
        Space::Param => (address & !WINDOW).wrapping_sub(param_base as u64),
        Space::Generic | Space::Global | Space::Const => address,
    }
}

/// Whether a generic address lies in a space.
pub(super) fn lies_in(space: Space, address: u64) -> bool {
    match space {
        Space::Shared => address & WINDOW == SHARED_WINDOW,
        Space::Local => address & WINDOW == LOCAL_WINDOW,
        Space::Param => address & WINDOW == PARAM_WINDOW,
        Space::Generic => true,
        Space::Global | Space::Const => ![SHARED_WINDOW, LOCAL_WINDOW, PARAM_WINDOW].contains(&(address & WINDOW)),
    }
}

/// One access.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub space: Space,
    pub address: u64,
    pub bytes: u32,
    pub site: u32,
    /// Whether it takes part in ordering: it then counts as atomic.
    pub strong: bool,
}

fn out_of_bounds(touch: Touch, space: Space, place: &Place, address: u64, near: String) -> Box<FaultKind> {
    Box::new(FaultKind::OutOfBounds { touch, space, address, bytes: place.bytes, near })
}

fn race(space: Space, address: u64, touch: Touch, found: Found) -> Box<FaultKind> {
    Box::new(FaultKind::Race {
        space,
        address,
        touch,
        other: found.touch,
        other_thread: found.thread,
        other_block: found.block,
    })
}

fn count(traffic: &mut Traffic, touch: Touch, bytes: u32) {
    let bytes = u64::from(bytes);
    match touch {
        Touch::Read => (traffic.loads, traffic.bytes_loaded) = (traffic.loads + 1, traffic.bytes_loaded + bytes),
        Touch::Write => (traffic.stores, traffic.bytes_stored) = (traffic.stores + 1, traffic.bytes_stored + bytes),
        Touch::Atomic => traffic.atomics += 1,
    }
    traffic.wide += u64::from(bytes == 16 && touch != Touch::Atomic);
}

/// Checks an access and hands its bytes to the function. Atomic operations read and write.
pub(super) fn touch<R>(
    m: &mut Machine,
    sight: &mut Sight,
    t: &mut Thread,
    place: &Place,
    touch: Touch,
    act: impl FnOnce(&mut [u8]) -> R,
) -> Executed<R> {
    let (mut space, address) = specific(place.space, place.address);
    let size = u64::from(place.bytes);
    // Sizes are powers of two.
    if address & (size - 1) != 0 {
        return Err(Box::new(FaultKind::Misaligned { touch, space, address, bytes: place.bytes }));
    }
    let (reads, writes) = (touch != Touch::Write, touch != Touch::Read);
    let unwritten = |space| Box::new(FaultKind::Uninitialized { space, address, bytes: place.bytes });
    let stamped = if place.strong { Touch::Atomic } else { touch };
    match space {
        Space::Global | Space::Generic | Space::Const => {
            if place.space == Space::Const {
                space = Space::Const;
            }
            if m.memory.locate(address, size).is_none() {
                return Err(out_of_bounds(touch, space, place, address, m.memory.near(address)));
            }
            count(&mut m.counts.global, touch, place.bytes);
            sight.sectors.touch(t.number, place.site, address, &mut m.counts);
            let Some((allocation, at)) = m.memory.locate(address, size) else {
                return Err(out_of_bounds(touch, space, place, address, String::new()));
            };
            if writes && allocation.read_only {
                let what = format!("constant '{}'", allocation.name.as_deref().unwrap_or_default());
                return Err(Box::new(FaultKind::ReadOnly { what }));
            }
            if reads && !allocation.written.all(at, size) {
                return Err(unwritten(space));
            }
            if !allocation.read_only {
                let races = allocation.races.get_or_insert_with(|| crate::shadow::Races::new(allocation.bytes));
                let now = sight.clocks.now(t);
                races.touch(at, size, stamped, &now).map_err(|found| race(space, address, touch, found))?;
            }
            if writes {
                allocation.written.set(at, size);
            }
            Ok(act(&mut allocation.data[at as usize..(at + size) as usize]))
        }
        Space::Shared => {
            let shared = &mut *sight.shared;
            if address.saturating_add(size) > shared.data.len() as u64 || !shared.valid.all(address, size) {
                return Err(out_of_bounds(touch, space, place, address, shared.near(m)));
            }
            count(&mut m.counts.shared, touch, place.bytes);
            if reads && !shared.written.all(address, size) {
                return Err(unwritten(space));
            }
            let now = sight.clocks.now(t);
            shared.races.touch(address, size, stamped, &now).map_err(|found| race(space, address, touch, found))?;
            if writes {
                shared.written.set(address, size);
            }
            Ok(act(&mut shared.data[address as usize..(address + size) as usize]))
        }
        Space::Local => {
            if address.saturating_add(size) > t.local.len() as u64 || !t.local_valid.all(address, size) {
                let near = format!("{} bytes of stack are in use", t.local.len());
                return Err(out_of_bounds(touch, space, place, address, near));
            }
            count(&mut m.counts.local, touch, place.bytes);
            if reads && !t.local_written.all(address, size) {
                return Err(unwritten(space));
            }
            if writes {
                t.local_written.set(address, size);
            }
            Ok(act(&mut t.local[address as usize..(address + size) as usize]))
        }
        Space::Param => {
            // Addresses of parameters count from the frame's own, generic ones from the first frame's.
            let base = if place.space == Space::Param { t.param_base as u64 } else { 0 };
            let start = base.wrapping_add(address);
            if start.saturating_add(size) > t.params.len() as u64 {
                let near = format!("{} bytes of parameters", t.params.len() as u64 - base);
                return Err(out_of_bounds(touch, space, place, address, near));
            }
            let range = start as usize..(start + size) as usize;
            if writes && t.frames.is_empty() && (start as usize) < m.module.functions[t.function].own_bytes() {
                return Err(Box::new(FaultKind::ReadOnly { what: "a kernel's parameter".into() }));
            }
            if reads && !t.params_written[range.clone()].iter().all(|w| *w) {
                return Err(unwritten(space));
            }
            if writes {
                t.params_written[range.clone()].fill(true);
            }
            Ok(act(&mut t.params[range]))
        }
    }
}

fn place(t: &Thread, a: &Access) -> Place {
    let address = t.slots[t.base + a.base as usize].wrapping_add_signed(a.offset);
    Place { space: a.space, address, bytes: a.bytes, site: a.site, strong: a.strong }
}

fn value(bytes: &[u8]) -> u64 {
    match bytes {
        [a] => u64::from(*a),
        [a, b] => u64::from(u16::from_le_bytes([*a, *b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    }
}

pub(super) fn load(m: &mut Machine, sight: &mut Sight, t: &mut Thread, a: &Access) -> Executed<()> {
    let place = place(t, a);
    let mut bytes = [0; WIDEST];
    let n = place.bytes as usize;
    touch(m, sight, t, &place, Touch::Read, |data| bytes[..n].copy_from_slice(data))?;
    let size = a.size as usize;
    for (element, register) in bytes.chunks(size).zip(&a.registers) {
        let Some(register) = register else { continue };
        let mut bits = value(element);
        if a.ty.is_signed() {
            let above = 64 - 8 * a.size;
            bits = ((bits << above) as i64 >> above) as u64 & u64::MAX >> (64 - a.width);
        }
        t.slots[t.base + *register as usize] = bits;
    }
    Ok(())
}

pub(super) fn store(m: &mut Machine, sight: &mut Sight, t: &mut Thread, a: &Access) -> Executed<()> {
    let place = place(t, a);
    let mut bytes = [0; WIDEST];
    let size = a.size as usize;
    for (element, register) in bytes.chunks_mut(size).zip(&a.registers) {
        if let Some(register) = register {
            element.copy_from_slice(&t.slots[t.base + *register as usize].to_le_bytes()[..size]);
        }
    }
    let n = place.bytes as usize;
    touch(m, sight, t, &place, Touch::Write, |data| data.copy_from_slice(&bytes[..n]))
}

pub(super) fn atomic(m: &mut Machine, sight: &mut Sight, t: &mut Thread, a: &Atomic) -> Executed<()> {
    let address = t.slots[t.base + a.base as usize].wrapping_add_signed(a.offset);
    let (b, c) = (t.slots[t.base + a.b as usize], t.slots[t.base + a.c as usize]);
    let place = Place { space: a.space, address, bytes: a.ty.bytes(), site: a.site, strong: true };
    let kernel = a.kernel;
    let old = touch(m, sight, t, &place, Touch::Atomic, |data| {
        let old = value(data);
        let new = match kernel {
            Kernel::Two(f) => f(old, b),
            Kernel::Three(f) => f(old, b, c),
            Kernel::One(_) | Kernel::Four(_) | Kernel::Carry(..) => old,
        };
        data.copy_from_slice(&new.to_le_bytes()[..data.len()]);
        old
    })?;
    if let Some(d) = a.d {
        t.slots[t.base + d as usize] = old;
    }
    Ok(())
}

/// Makes the copies of groups until at most so many are pending; all, and those not committed, where none is said.
pub(super) fn wait_copies(m: &mut Machine, sight: &mut Sight, t: &mut Thread, pending: Option<u32>) -> Executed<()> {
    let mut due: Vec<Pending> = Vec::new();
    while t.groups.len() > pending.unwrap_or(0) as usize {
        due.extend(t.groups.pop_front().unwrap_or_default());
    }
    if pending.is_none() {
        due.append(&mut t.copies);
    }
    for p in due {
        let (mut bytes, read) = ([0; 16], p.source_bytes as usize);
        // What is read in part is read in words.
        let step = if p.source_bytes == p.copy.bytes { read } else { 4 };
        for at in (0..read).step_by(step) {
            let address = p.from + at as u64;
            let place = Place { space: Space::Global, address, bytes: step as u32, site: p.copy.site, strong: false };
            touch(m, sight, t, &place, Touch::Read, |data| bytes[at..at + step].copy_from_slice(data))?;
        }
        let n = p.copy.bytes;
        let place = Place { space: Space::Shared, address: p.to, bytes: n, site: p.copy.site, strong: false };
        touch(m, sight, t, &place, Touch::Write, |data| data.copy_from_slice(&bytes[..n as usize]))?;
    }
    Ok(())
}
