//! How the arguments and results of a function are divided over devices.

/// How a tensor is divided over devices: into parts of equal shape, of which each device holds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharding {
    /// The number of parts along each dimension.
    pub parts: Vec<usize>,
    /// The position of each device's part along each dimension. Devices at the same position hold copies.
    pub positions: Vec<Vec<usize>>,
}

/// The shardings of a function's arguments and results over the same devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shardings {
    /// The number of devices.
    pub devices: usize,
    /// The arguments, in order.
    pub arguments: Vec<Sharding>,
    /// The results, in order.
    pub results: Vec<Sharding>,
}

/// The extent of a dimension that the number of its parts does not divide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("dimension {dimension} of extent {extent} is not divisible into {parts} equal parts")]
pub struct Indivisible {
    /// The dimension.
    pub dimension: usize,
    /// Its extent.
    pub extent: usize,
    /// The number of its parts.
    pub parts: usize,
}

impl Sharding {
    /// The sharding of a tensor of which every device holds a copy.
    pub fn replicated(rank: usize, devices: usize) -> Sharding {
        Sharding { parts: vec![1; rank], positions: vec![vec![0; rank]; devices] }
    }

    /// The shape of a part of a tensor of this shape, which has the rank of the sharding.
    ///
    /// # Errors
    /// If an extent is not divisible.
    pub fn part(&self, shape: &[usize]) -> Result<Vec<usize>, Indivisible> {
        let divided = |(dimension, (&extent, &parts)): (usize, (&usize, &usize))| match extent.checked_rem(parts) {
            Some(0) => Ok(extent / parts),
            Some(_) | None => Err(Indivisible { dimension, extent, parts }),
        };
        shape.iter().zip(&self.parts).enumerate().map(divided).collect()
    }
}
