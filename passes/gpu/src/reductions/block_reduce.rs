//! Combines the partial results of the threads of a block.

use super::combine::Combiner;
use crate::indexing::{bytes, extent, known};
use crate::kernel::{Kernel, WARP};
use dp_dialects::MlirType;
use dp_dialects::ir::Val;
use dp_dialects::{Result, ScalarType};
use dp_loopnest::checks::{Order, compare};
use dp_loopnest::structured::Index;
use melior::ir::ValueLike;

/// Threads per block.
pub(crate) const THREADS: i64 = 256;

/// The maximum static shared memory of a kernel, in bytes.
const SHARED: i64 = 48 << 10;

/// The results, and whether the thread has one.
pub(crate) type Reduced<'c> = (Vec<Val<'c>>, Val<'c>);

pub(crate) fn is_zero<'c>(k: &Kernel<'c>, x: Val<'c>) -> Result<Val<'c>> {
    compare(&k.b(), Order::Eq, x, k.index(0)?)
}

/// Combines along rows of threads, each a part of a warp, a warp, or the block; the first thread of each row has the
/// result.
pub(crate) fn rows<'c>(
    k: &Kernel<'c>,
    combiners: &[Combiner<'c>],
    mut sums: Vec<Val<'c>>,
    width: Index<'c>,
    tx: Val<'c>,
) -> Result<Reduced<'c>> {
    let types: Vec<_> = sums.iter().map(|sum| sum.r#type()).collect();
    let mut distance = WARP / 2;
    while distance > 0 {
        let exchange = || combiners.iter().zip(&sums).map(|(c, sum)| c.exchange(k, *sum, distance)).collect();
        sums = match width {
            Index::Known(width) if distance >= width => sums,
            Index::Known(_) => exchange()?,
            Index::Value(_) => {
                let takes = k.less(k.index(distance)?, extent(k, width)?)?;
                k.choose(takes, &types, exchange, || Ok(sums.clone()))?
            }
        };
        distance /= 2;
    }
    let leads = is_zero(k, tx)?;
    // Combines one value per warp through shared memory.
    let across_warps = || {
        let warp = k.index(WARP)?;
        let place = k.div(tx, warp)?;
        let shared = shared(k, combiners, THREADS / WARP)?;
        k.when(is_zero(k, k.rem(tx, warp)?)?, || {
            sums.iter().zip(&shared).try_for_each(|(sum, shared)| k.store(*sum, *shared, &[place]))
        })?;
        k.barrier()?;
        let one = |combiner: &Combiner<'c>, shared: Val<'c>| {
            let mut sum = k.load(shared, &[k.index(0)?])?;
            for warp in 1..THREADS / WARP {
                sum = combiner.pair(&k.b(), sum, k.load(shared, &[k.index(warp)?])?)?;
            }
            Ok(sum)
        };
        combiners.iter().zip(shared).map(|(combiner, shared)| one(combiner, shared)).collect::<Result<Vec<_>>>()
    };
    let sums = match width {
        Index::Known(width) if width <= WARP => sums,
        Index::Known(_) => across_warps()?,
        Index::Value(_) => {
            let is_block = k.less(k.index(WARP)?, extent(k, width)?)?;
            k.choose(is_block, &types, across_warps, || Ok(sums.clone()))?
        }
    };
    Ok((sums, leads))
}

/// Combines along columns of threads by halving; the first row has the results.
pub(crate) fn columns<'c>(
    k: &Kernel<'c>,
    combiners: &[Combiner<'c>],
    sums: Vec<Val<'c>>,
    across: Index<'c>,
    (tx, ty): (Val<'c>, Val<'c>),
) -> Result<Reduced<'c>> {
    let leads = is_zero(k, ty)?;
    if known(across) == Some(THREADS) {
        return Ok((sums, leads));
    }
    let types: Vec<_> = sums.iter().map(|sum| sum.r#type()).collect();
    let reduce = || columns_in_shared(k, combiners, &sums, across, (tx, ty));
    let sums = match across {
        Index::Known(_) => reduce()?,
        Index::Value(_) => {
            let is_shared = k.less(extent(k, across)?, k.index(THREADS)?)?;
            k.choose(is_shared, &types, reduce, || Ok(sums.clone()))?
        }
    };
    Ok((sums, leads))
}

/// The same, for columns of more than one thread.
fn columns_in_shared<'c>(
    k: &Kernel<'c>,
    combiners: &[Combiner<'c>],
    sums: &[Val<'c>],
    across: Index<'c>,
    (tx, ty): (Val<'c>, Val<'c>),
) -> Result<Vec<Val<'c>>> {
    let place = k.add(k.mul(ty, extent(k, across)?)?, tx)?;
    let room: i64 = combiners.iter().map(|combiner| THREADS * bytes(combiner.dtype)).sum();
    if room <= SHARED {
        let shared = shared(k, combiners, THREADS)?;
        return halves(k, combiners, sums, &shared, (across, place));
    }
    // One after the other, in the same shared memory for each type. In between, each thread accesses only its own slot.
    let mut places: Vec<(ScalarType, Vec<Val>)> = Vec::new();
    let mut reduced = Vec::new();
    for (one, sum) in combiners.chunks(1).zip(sums) {
        let dtype = one[0].dtype;
        let at = match places.iter().position(|(of, _)| *of == dtype) {
            Some(at) => at,
            None => {
                places.push((dtype, shared(k, one, THREADS)?));
                places.len() - 1
            }
        };
        reduced.extend(halves(k, one, &[*sum], &places[at].1, (across, place))?);
    }
    Ok(reduced)
}

/// Combines the values of a block's threads in shared memory, until one row is left.
fn halves<'c>(
    k: &Kernel<'c>,
    combiners: &[Combiner<'c>],
    sums: &[Val<'c>],
    shared: &[Val<'c>],
    (across, place): (Index<'c>, Val<'c>),
) -> Result<Vec<Val<'c>>> {
    sums.iter().zip(shared).try_for_each(|(sum, shared)| k.store(*sum, *shared, &[place]))?;
    k.barrier()?;
    let mut half = THREADS / 2;
    while half > 0 && known(across).is_none_or(|across| half >= across) {
        let upper = k.index(half)?;
        let mut takes = k.less(place, upper)?;
        if let Index::Value(_) = across {
            takes = k.both(takes, k.less(extent(k, across)?, k.index(half + 1)?)?)?;
        }
        k.when(takes, || {
            let other = k.add(place, upper)?;
            combiners.iter().zip(shared).try_for_each(|(combiner, shared)| {
                let (x, y) = (k.load(*shared, &[place])?, k.load(*shared, &[other])?);
                k.store(combiner.pair(&k.b(), x, y)?, *shared, &[place])
            })
        })?;
        k.barrier()?;
        half /= 2;
    }
    shared.iter().map(|shared| k.load(*shared, &[place])).collect()
}

/// Shared memory for this many elements of each type.
fn shared<'c>(k: &Kernel<'c>, combiners: &[Combiner<'c>], count: i64) -> Result<Vec<Val<'c>>> {
    combiners.iter().map(|combiner| k.shared(combiner.dtype.to_type(k.host.context()), &[count])).collect()
}
