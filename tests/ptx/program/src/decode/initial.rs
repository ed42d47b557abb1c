//! Initial values of variables.

use crate::module::Relocation;
use crate::text::ParseError;
use crate::text::syntax::Initial;
use crate::types::Ty;

/// The bytes that a variable holds at first, and the addresses among them.
pub(super) fn initial(
    initial: &[Initial<'_>],
    ty: Ty,
    bytes: u64,
    line: u32,
) -> Result<(Vec<u8>, Vec<Relocation>), ParseError> {
    let (size, mut out, mut addresses) = (ty.bytes() as usize, Vec::new(), Vec::new());
    for value in initial {
        let bits = match *value {
            Initial::Number(bits, 64) if ty == Ty::F32 => u64::from((f64::from_bits(bits) as f32).to_bits()),
            Initial::Number(bits, _) => bits,
            Initial::Address(name, offset) => {
                addresses.push(Relocation { at: out.len(), bytes: size, name: name.into(), offset, shift: 0 });
                0
            }
            Initial::AddressByte(name, offset, shift) => {
                addresses.push(Relocation { at: out.len(), bytes: size, name: name.into(), offset, shift });
                0
            }
        };
        out.extend(&bits.to_le_bytes()[..size]);
    }
    if out.len() as u64 > bytes {
        return Err(ParseError::new(line, format!("{} bytes of initial values for {bytes} bytes", out.len())));
    }
    out.resize(bytes as usize, 0);
    Ok((out, addresses))
}
