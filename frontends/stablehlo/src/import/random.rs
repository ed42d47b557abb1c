//! `rng_bit_generator`: the generators Threefry-2x32 and Philox-4x32 of Salmon et al. (Parallel random numbers: as easy as
//! 1, 2, 3; SC 2011), as XLA uses them: the counters are those of the state and the ones after it.

use super::extents::shaped;
use super::site::{Site, count, extents_of};
use super::{Translated, attributes, bits::whole};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, Literal, Number, OpKind, OpKind::*, Parameters, ScalarType};

/// `rng_bit_generator`: the next state, and random bits.
pub(super) fn rng_bit_generator<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (state, to) = (site.operand(0)?, site.result(1)?);
    let words = extents_of(&site.type_of(state)?)?;
    let is_state = site.type_of(state)?.dtype == ScalarType::I64 && matches!(words[..], [2 | 3]);
    if !is_state || !to.dtype.is_integer() {
        let diagnostic = Diagnostic::unsupported("takes two or three integers of 64 bits, and makes integers");
        return Err(diagnostic.into());
    }
    let extents = extents_of(&to)?;
    let elements = count(&extents)?;
    let words = (0..words[0]).map(|word| element(site, state, word)).collect::<Translated<'c, Vec<_>>>()?;
    let is_wide = to.dtype == ScalarType::I64;
    let (next, made) = match attributes::keyword(site.op, "rng_algorithm") {
        Some("THREE_FRY") if words.len() == 2 => threefry(site, &words, &extents, is_wide)?,
        // The default of XLA on CPUs.
        Some("PHILOX" | "DEFAULT") => philox(site, &words, &extents, elements, is_wide)?,
        _ => return Err(Diagnostic::unsupported("makes random numbers in a way that is not supported").into()),
    };
    let made =
        if elements == 0 { site.empty(&to)? } else { site.reshape(made, &to.with_dtype(site.type_of(made)?.dtype))? };
    Ok(vec![joined(site, &next)?, site.convert(made, to.dtype, true)?])
}

/// One element of a vector.
fn element<'c>(site: &Site<'_, 'c>, vector: Val<'c>, place: u64) -> Translated<'c, Val<'c>> {
    let one = site.slice(vector, &[place], &[1], &[1])?;
    site.reshaped(one, &[])
}

/// A vector of numbers.
fn joined<'c>(site: &Site<'_, 'c>, numbers: &[Val<'c>]) -> Translated<'c, Val<'c>> {
    let mut rows = Vec::new();
    for number in numbers {
        rows.push(site.reshape(*number, &shaped(site.type_of(*number)?.dtype, &[1]))?);
    }
    site.emit(ArrayConcatenate, &Parameters::Dim(0), &rows)
}

/// An operation on integers and a constant.
fn with<'c>(site: &Site<'_, 'c>, kind: OpKind, x: Val<'c>, constant: i64) -> Translated<'c, Val<'c>> {
    site.scalar(kind, &[x, whole(site, constant, x)?])
}

/// The low and the high half of 64 bits.
fn halves<'c>(site: &Site<'_, 'c>, x: Val<'c>) -> Translated<'c, [Val<'c>; 2]> {
    let high = with(site, ScalarUshr, x, 32)?;
    Ok([site.convert(x, ScalarType::I32, true)?, site.convert(high, ScalarType::I32, true)?])
}

/// 64 bits of two halves.
fn whole_of<'c>(site: &Site<'_, 'c>, [low, high]: [Val<'c>; 2]) -> Translated<'c, Val<'c>> {
    let (low, high) = (site.convert(low, ScalarType::I64, true)?, site.convert(high, ScalarType::I64, true)?);
    site.scalar(ScalarOr, &[low, with(site, ScalarShl, high, 32)?])
}

/// `start, start + 1, …`.
fn counters<'c>(site: &Site<'_, 'c>, start: Val<'c>, number: u64) -> Translated<'c, Val<'c>> {
    let row = shaped(ScalarType::I64, &[number]);
    let steps = site.emit_typed(ArrayIota, &Parameters::Dim(0), &[], &row)?;
    site.scalar(ScalarAdd, &[site.spread(start, steps)?, steps])
}

/// `x + step` of 64 bits.
fn advanced<'c>(site: &Site<'_, 'c>, x: Val<'c>, step: u64) -> Translated<'c, Val<'c>> {
    let step = site.builder.literal(Literal::number(ScalarType::I64, Number::Integer(step as i64)))?;
    site.scalar(ScalarAdd, &[x, step])
}

/// Threefry-2x32 with 20 rounds. Two numbers of 32 bits from one counter are neighbors in the first dimension of even
/// extent, or else in the longest one; a number of 64 bits has a counter of its own.
fn threefry<'c>(
    site: &Site<'_, 'c>,
    state: &[Val<'c>],
    extents: &[u64],
    is_wide: bool,
) -> Translated<'c, (Vec<Val<'c>>, Val<'c>)> {
    let longest = (0..extents.len()).rev().max_by_key(|dim| extents[*dim]);
    let split = extents.iter().position(|extent| extent % 2 == 0).or(longest);
    let mut half = extents.to_vec();
    if let (Some(split), false) = (split, is_wide) {
        half[split] = half[split].div_ceil(2);
    }
    let number = count(&half)?;
    let next = vec![state[0], advanced(site, state[1], number)?];
    if number == 0 {
        return Ok((next, state[0]));
    }
    let made = threefry_rounds(site, halves(site, state[0])?, halves(site, counters(site, state[1], number)?)?)?;
    if is_wide {
        return Ok((next, whole_of(site, made)?));
    }
    let Some(split) = split else { return Ok((next, made[0])) };
    let mut pair = half.clone();
    pair.insert(split + 1, 1);
    let pair = shaped(ScalarType::I32, &pair);
    let pair = [site.reshape(made[0], &pair)?, site.reshape(made[1], &pair)?];
    let whole = site.emit(ArrayConcatenate, &Parameters::Dim(split + 1), &pair)?;
    half[split] *= 2;
    let whole = site.reshape(whole, &shaped(ScalarType::I32, &half))?;
    let rank = half.len();
    Ok((next, site.slice(whole, &vec![0; rank], &vec![1; rank], extents)?))
}

/// The rounds of Threefry on counters: five times four rounds, with a part of the key added after each.
fn threefry_rounds<'c>(site: &Site<'_, 'c>, key: [Val<'c>; 2], counter: [Val<'c>; 2]) -> Translated<'c, [Val<'c>; 2]> {
    const ROTATIONS: [[i64; 4]; 2] = [[13, 15, 26, 6], [17, 29, 16, 24]];
    const PARITY: i64 = 0x1bd1_1bda;
    let parity = with(site, ScalarXor, site.scalar(ScalarXor, &key)?, PARITY)?;
    let mut keys = Vec::new();
    for part in [key[0], key[1], parity] {
        keys.push(site.spread(part, counter[0])?);
    }
    let [mut a, mut b] = counter;
    a = site.scalar(ScalarAdd, &[a, keys[0]])?;
    b = site.scalar(ScalarAdd, &[b, keys[1]])?;
    for group in 0..5 {
        for rotation in ROTATIONS[group % 2] {
            a = site.scalar(ScalarAdd, &[a, b])?;
            let (left, right) = (with(site, ScalarShl, b, rotation)?, with(site, ScalarUshr, b, 32 - rotation)?);
            let turned = site.scalar(ScalarOr, &[left, right])?;
            b = site.scalar(ScalarXor, &[a, turned])?;
        }
        a = site.scalar(ScalarAdd, &[a, keys[(group + 1) % 3]])?;
        b = site.scalar(ScalarAdd, &[b, keys[(group + 2) % 3]])?;
        b = with(site, ScalarAdd, b, group as i64 + 1)?;
    }
    Ok([a, b])
}

/// Philox-4x32 with 10 rounds. The counter has 128 bits; a state of two words has the key for its high ones.
fn philox<'c>(
    site: &Site<'_, 'c>,
    state: &[Val<'c>],
    extents: &[u64],
    elements: u64,
    is_wide: bool,
) -> Translated<'c, (Vec<Val<'c>>, Val<'c>)> {
    let low = state[1];
    let high = *state.get(2).unwrap_or(&state[0]);
    let per_counter = if is_wide { 2 } else { 4 };
    let number = elements.div_ceil(per_counter);
    let carried = |from: Val<'c>, to: Val<'c>| -> Translated<'c, Val<'c>> {
        let (from, high) = (site.spread(from, to)?, site.spread(high, to)?);
        let carries = site.emit(ScalarCompare, &Parameters::Compare(Predicate::Ult), &[to, from])?;
        site.scalar(ScalarSelect, &[carries, with(site, ScalarAdd, high, 1)?, high])
    };
    let next_low = advanced(site, low, number)?;
    let mut next = vec![state[0], next_low];
    if state.len() == 3 {
        next.push(carried(low, next_low)?);
    }
    if number == 0 {
        return Ok((next, low));
    }
    let counter = counters(site, low, number)?;
    let ([a, b], [c, d]) = (halves(site, counter)?, halves(site, carried(low, counter)?)?);
    let made = philox_rounds(site, halves(site, state[0])?, [a, b, c, d])?;
    let parts = match is_wide {
        true => vec![whole_of(site, [made[0], made[1]])?, whole_of(site, [made[2], made[3]])?],
        false => made.to_vec(),
    };
    let dtype = site.type_of(parts[0])?.dtype;
    let column = shaped(dtype, &[number, 1]);
    let columns = parts.into_iter().map(|part| site.reshape(part, &column)).collect::<Translated<'c, Vec<_>>>()?;
    let rows = site.emit(ArrayConcatenate, &Parameters::Dim(1), &columns)?;
    let flat = site.reshape(rows, &shaped(dtype, &[number * per_counter]))?;
    let flat = site.slice(flat, &[0], &[1], &[elements])?;
    Ok((next, site.reshape(flat, &shaped(dtype, extents))?))
}

/// The rounds of Philox on counters.
fn philox_rounds<'c>(site: &Site<'_, 'c>, key: [Val<'c>; 2], counter: [Val<'c>; 4]) -> Translated<'c, [Val<'c>; 4]> {
    const MULTIPLIERS: [i64; 2] = [0xd251_1f53, 0xcd9e_8d57];
    const WEYL: [i64; 2] = [0x9e37_79b9, 0xbb67_ae85];
    let mut x = counter;
    let mut key = key;
    let product = |x: Val<'c>, by: i64| -> Translated<'c, [Val<'c>; 2]> {
        halves(site, with(site, ScalarMul, site.convert(x, ScalarType::I64, true)?, by)?)
    };
    for _ in 0..10 {
        let ([low, high], [other_low, other_high]) = (product(x[0], MULTIPLIERS[0])?, product(x[2], MULTIPLIERS[1])?);
        let mixed = |high: Val<'c>, x: Val<'c>, key: Val<'c>| -> Translated<'c, Val<'c>> {
            let mixed = site.scalar(ScalarXor, &[high, x])?;
            site.scalar(ScalarXor, &[mixed, site.spread(key, x)?])
        };
        x = [mixed(other_high, x[1], key[0])?, other_low, mixed(high, x[3], key[1])?, low];
        key = [with(site, ScalarAdd, key[0], WEYL[0])?, with(site, ScalarAdd, key[1], WEYL[1])?];
    }
    Ok(x)
}
