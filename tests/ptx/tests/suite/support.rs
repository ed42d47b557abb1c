//! What tests share.

use dp_ptx::{Counts, Fault, Launch, Memory, Module};

pub const KERNELS: &str = include_str!("../fixtures/kernels.ptx");
pub const KERNELS_O0: &str = include_str!("../fixtures/kernels-O0.ptx");
pub const PLANTED: &str = include_str!("../fixtures/planted.ptx");
pub const HALF: &str = include_str!("../fixtures/half.ptx");

pub fn module(text: &str) -> Module {
    Module::parse(text).unwrap_or_else(|e| panic!("{e}"))
}

/// A number that device memory holds.
pub trait Number: Copy {
    fn bytes(self) -> Vec<u8>;
    fn read(bytes: &[u8]) -> Self;
}

macro_rules! numbers {
    ($($t:ty),*) => {$(
        impl Number for $t {
            fn bytes(self) -> Vec<u8> {
                self.to_le_bytes().to_vec()
            }
            fn read(bytes: &[u8]) -> Self {
                <$t>::from_le_bytes(bytes.try_into().expect("a number's bytes"))
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, i32, i64, f32, f64, half::f16, half::bf16);

/// A device with its memory.
#[derive(Default)]
pub struct Device {
    pub memory: Memory,
}

impl Device {
    /// Allocates and writes.
    pub fn put<T: Number>(&mut self, values: &[T]) -> u64 {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.bytes()).collect();
        let at = self.memory.alloc(bytes.len() as u64).expect("memory");
        self.memory.write(at, &bytes).expect("a write");
        at
    }

    /// Allocates room for so many.
    pub fn room<T: Number>(&mut self, count: usize) -> u64 {
        self.memory.alloc((count * size_of::<T>()) as u64).expect("memory")
    }

    pub fn get<T: Number>(&mut self, at: u64, count: usize) -> Vec<T> {
        let mut bytes = vec![0; count * size_of::<T>()];
        self.memory.read(at, &mut bytes).expect("a read");
        bytes.chunks(size_of::<T>()).map(T::read).collect()
    }

    /// Launches in one dimension.
    pub fn run(
        &mut self,
        module: &Module,
        kernel: &str,
        grid: u32,
        block: u32,
        params: &[&dyn Param],
        seed: u64,
    ) -> Result<Counts, Fault> {
        self.run3(module, kernel, [grid, 1, 1], [block, 1, 1], params, seed)
    }

    pub fn run3(
        &mut self,
        module: &Module,
        kernel: &str,
        grid: [u32; 3],
        block: [u32; 3],
        params: &[&dyn Param],
        seed: u64,
    ) -> Result<Counts, Fault> {
        let bytes: Vec<Vec<u8>> = params.iter().map(|p| p.param()).collect();
        let params: Vec<&[u8]> = bytes.iter().map(|b| &b[..]).collect();
        Launch::new(kernel, grid, block, &params).seed(seed).run(module, &mut self.memory)
    }
}

/// A parameter of a kernel.
pub trait Param {
    fn param(&self) -> Vec<u8>;
}

impl<T: Number> Param for T {
    fn param(&self) -> Vec<u8> {
        self.bytes()
    }
}

/// Pseudo-random numbers.
pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// In [-1, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

/// The `f32` that is odd among the two around a number: rounded once more, to 16 bits, it gives what the number gives.
/// (The crate `half` cuts off half of an `f64` before it rounds.)
fn odd(x: f64) -> f32 {
    let near = x as f32;
    let exact = f64::from(near);
    if exact == x || x.is_nan() || near.to_bits() & 1 == 1 {
        near
    } else if exact < x {
        near.next_up()
    } else {
        near.next_down()
    }
}

pub fn to_f16(x: f64) -> half::f16 {
    half::f16::from_f32(odd(x))
}

pub fn to_bf16(x: f64) -> half::bf16 {
    half::bf16::from_f32(odd(x))
}
