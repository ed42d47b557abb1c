//! Meshes and shardings in the words of Shardy.
//!
//! The devices of a mesh are its positions in row-major order, the last axis varying fastest; `device_ids` lists others. A dimension is divided by its axes, the first of which is the major one. An axis may be a part of another:
//! `"data":(2)4` is, of an axis of 2·4·k devices, the factor 4 between the major factor 2 and the minor factor k.
//!
//! Source: the document of Shardy, "Sharding representation".

use super::words::{Words, malformed};
use dp_abi::Sharding;
use dp_dialects::Result;
use std::collections::BTreeSet;

/// A mesh of devices.
pub(crate) struct Mesh {
    pub name: String,
    axes: Vec<(String, usize)>,
    /// The device at each position, if not in order.
    devices: Option<Vec<usize>>,
}

/// An axis of a mesh, or the factor of one.
struct Axis {
    name: String,
    /// The product of the major factors, and the factor.
    factor: Option<(usize, usize)>,
}

/// The axes that divide each dimension.
pub(super) struct Dimensions {
    mesh: String,
    axes: Vec<Vec<Axis>>,
}

/// A factor of an axis of a mesh.
struct Factor {
    axis: usize,
    /// The product of the major factors.
    major: usize,
    size: usize,
    /// The product of the minor factors.
    minor: usize,
}

impl Mesh {
    /// The mesh in a text such as `mesh <["data"=2, "model"=2]>`.
    ///
    /// # Errors
    /// If the text has another form, or it lists other devices than its positions have.
    pub(crate) fn of(text: &str) -> Result<Mesh> {
        let mut words = Words::of(text);
        let name = words.name()?;
        words.expect("<")?;
        let axes = words.list("[", "]", |words| {
            let name = words.quoted()?;
            words.expect("=")?;
            Ok((name, words.number()?))
        })?;
        let mut devices = None;
        if words.takes(",") {
            words.expect("device_ids")?;
            words.expect("=")?;
            devices = Some(words.list("[", "]", Words::number)?);
        }
        words.expect(">")?;
        words.end()?;
        let mesh = Mesh { name, axes, devices };
        let sizes = mesh.axes.iter().try_fold(1_usize, |product, (_, size)| product.checked_mul(*size));
        if sizes.is_none_or(|size| size == 0 || size > MOST) {
            return Err(malformed(text, &format!("it has not 1 to {MOST} devices")));
        }
        Ok(mesh)
    }

    /// The number of devices.
    pub fn size(&self) -> usize {
        self.axes.iter().map(|(_, size)| size).product()
    }

    /// Whether it has no axes: a tensor is whole on each device, or on the one that is listed.
    pub fn is_empty(&self) -> bool {
        self.axes.is_empty()
    }

    /// The position of a device along each axis.
    fn position(&self, device: usize) -> Vec<usize> {
        let sizes: Vec<usize> = self.axes.iter().map(|(_, size)| *size).collect();
        super::position(device, &sizes)
    }
}

/// The greatest number of devices of a mesh.
const MOST: usize = 1 << 20;

impl Dimensions {
    /// `<@MESH, [{"AXIS", …}, …]>`: the mesh, and for each dimension the axes that divide it, the major one first. What is
    /// left open to XLA is not divided.
    pub fn of(text: &str) -> Result<Dimensions> {
        let mut words = Words::of(text);
        words.expect("<")?;
        words.expect("@")?;
        let mesh = words.name()?;
        words.expect(",")?;
        let dims = words.list("[", "]", |words| {
            words.list("{", "}", |words| if words.takes("?") { Ok(None) } else { Axis::take(words).map(Some) })
        })?;
        // Axes that are said to replicate the tensor do so without it.
        if words.takes(",") {
            words.expect("replicated")?;
            words.expect("=")?;
            words.list("{", "}", Axis::take)?;
        }
        words.expect(">")?;
        words.end()?;
        Ok(Dimensions { mesh, axes: dims.into_iter().map(|axes| axes.into_iter().flatten().collect()).collect() })
    }

    /// The text without dimensions that are open.
    pub fn closed(&self) -> String {
        let dims: Vec<String> = self.axes.iter().map(|axes| format!("{{{}}}", axes_text(axes))).collect();
        format!("<@{}, [{}]>", self.mesh, dims.join(", "))
    }

    /// The mesh, and the factors of its axes that divide each dimension of a tensor of this rank.
    fn factors<'m>(&self, text: &str, meshes: &'m [Mesh], rank: usize) -> Result<(&'m Mesh, Vec<Vec<Factor>>)> {
        let mesh = meshes.iter().find(|mesh| mesh.name == self.mesh);
        let mesh = mesh.ok_or_else(|| malformed(text, "there is no such mesh in 'dp.meshes'"))?;
        if self.axes.len() != rank {
            let message = format!("it has {} dimensions, and the tensor has {rank}", self.axes.len());
            return Err(malformed(text, &message));
        }
        let mut used: Vec<(usize, usize, usize)> = Vec::new();
        let mut factor = |axis: &Axis| -> Result<Factor> {
            let index = mesh.axes.iter().position(|(name, _)| *name == axis.name);
            let index = index.ok_or_else(|| malformed(text, &format!("the mesh has no axis \"{}\"", axis.name)))?;
            let whole = mesh.axes[index].1;
            let (major, size) = axis.factor.unwrap_or((1, whole));
            let outer = major.checked_mul(size).filter(|outer| *outer > 0 && whole.is_multiple_of(*outer));
            let outer = outer.ok_or_else(|| {
                malformed(text, &format!("{} is no factor of an axis of {whole} devices", axis.text()))
            })?;
            // The factors between `major` and `outer`.
            if used.iter().any(|(other, low, high)| *other == index && major < *high && *low < outer) {
                return Err(malformed(text, &format!("{} is used twice", axis.text())));
            }
            used.push((index, major, outer));
            Ok(Factor { axis: index, major, size, minor: whole / outer })
        };
        let factors: Result<Vec<Vec<Factor>>> =
            self.axes.iter().map(|axes| axes.iter().map(&mut factor).collect()).collect();
        Ok((mesh, factors?))
    }

    /// Checks the sharding of a tensor.
    pub fn check(&self, text: &str, meshes: &[Mesh], rank: usize) -> Result<()> {
        self.factors(text, meshes, rank).map(drop)
    }

    /// The parts of a tensor of this rank.
    pub fn sharding(&self, text: &str, meshes: &[Mesh], rank: usize, devices: usize) -> Result<Sharding> {
        let (mesh, factors) = self.factors(text, meshes, rank)?;
        if mesh.is_empty() {
            return match mesh.devices {
                None => Ok(Sharding::replicated(rank, devices)),
                Some(_) => Err(malformed(text, "its tensor is on one device only")),
            };
        }
        let parts = factors.iter().map(|factors| factors.iter().map(|factor| factor.size).product()).collect();
        let positions = (0..devices).map(|device| {
            let place = mesh.position(device);
            let along = |factors: &Vec<Factor>| {
                factors.iter().fold(0, |index, factor| index * factor.size + factor.of(place[factor.axis]))
            };
            factors.iter().map(along).collect()
        });
        Ok(Sharding { parts, positions: positions.collect() })
    }
}

impl Factor {
    /// The position along the factor of a position along its axis, which is one of major · size · minor.
    fn of(&self, position: usize) -> usize {
        debug_assert!(position < self.major * self.size * self.minor);
        position / self.minor % self.size
    }
}

impl Axis {
    /// Takes an axis, or a factor of one: `"data"`, `"data":(1)2`.
    fn take(words: &mut Words) -> Result<Axis> {
        let name = words.quoted()?;
        if !words.takes(":(") {
            return Ok(Axis { name, factor: None });
        }
        let major = words.number()?;
        words.expect(")")?;
        Ok(Axis { name, factor: Some((major, words.number()?)) })
    }

    fn text(&self) -> String {
        match self.factor {
            None => format!("\"{}\"", self.name),
            Some((major, size)) => format!("\"{}\":({major}){size}", self.name),
        }
    }
}

fn axes_text(axes: &[Axis]) -> String {
    axes.iter().map(Axis::text).collect::<Vec<_>>().join(", ")
}

/// Checks that a mesh has this many devices, in order.
///
/// # Errors
/// If it has another number, or another order.
pub(super) fn fits(mesh: &Mesh, devices: usize) -> Result<()> {
    let subject = format!("the mesh '{}'", mesh.name);
    match &mesh.devices {
        _ if mesh.is_empty() => Ok(()),
        _ if mesh.size() != devices => Err(super::other_number(&subject, mesh.size(), devices)),
        Some(listed) if !listed.iter().copied().eq(0..devices) => Err(super::other_order(&subject)),
        Some(_) | None => Ok(()),
    }
}

/// The number of devices along axes such as `{"data", "model"}`, which are those of one mesh.
///
/// # Errors
/// If the text has another form, or no mesh has all of the axes.
pub(crate) fn manual_axes(text: &str, meshes: &[Mesh]) -> Result<usize> {
    let mut words = Words::of(text);
    let axes: BTreeSet<String> = words.list("{", "}", Words::quoted)?.into_iter().collect();
    words.end()?;
    let size = |mesh: &Mesh| {
        let size = |axis: &String| mesh.axes.iter().find(|(name, _)| name == axis).map(|(_, size)| *size);
        axes.iter().map(size).product::<Option<usize>>()
    };
    if axes.is_empty() {
        return Ok(1);
    }
    meshes.iter().filter_map(size).max().ok_or_else(|| malformed(text, "no mesh has these axes"))
}

/// The shardings in a list such as `<[<@mesh, [{"data"}]>, <@mesh, []>]>`.
///
/// # Errors
/// If the text has another form.
pub(crate) fn per_value(text: &str) -> Result<Vec<&str>> {
    let inside = text.strip_prefix("<[").and_then(|rest| rest.strip_suffix("]>"));
    let inside = inside.ok_or_else(|| malformed(text, "it is no list"))?;
    // No sharding has `>` but at its end.
    let items = inside.split_inclusive('>').map(|item| item.trim_start_matches([',', ' ']).trim_end());
    let items: Vec<&str> = items.filter(|item| !item.is_empty()).collect();
    items.iter().try_for_each(|item| Dimensions::of(item).map(drop))?;
    Ok(items)
}
