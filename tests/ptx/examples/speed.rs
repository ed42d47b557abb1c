//! How many instructions of a thread the interpreter executes in a second, with all checks:
//! `cargo run -p dp-ptx --example speed`.

use std::error::Error;
use std::time::Instant;

use dp_ptx::{Launch, Memory, Module};

const KERNELS: &str = include_str!("../tests/fixtures/kernels.ptx");

fn main() -> Result<(), Box<dyn Error>> {
    let module = Module::parse(KERNELS)?;
    let mut memory = Memory::new();
    let n: u32 = 1 << 20;
    let mut zeros = || -> Result<[u8; 8], Box<dyn Error>> {
        let at = memory.alloc(u64::from(n) * 4)?;
        memory.write(at, &vec![0; n as usize * 4])?;
        Ok(at.to_le_bytes())
    };
    let (x, y, z) = (zeros()?, zeros()?, zeros()?);
    let (a, quarter, count, side) =
        (2.0f32.to_le_bytes(), (n / 4).to_le_bytes(), n.to_le_bytes(), 256u32.to_le_bytes());
    let rounds = 1000u32.to_le_bytes();
    let launches = [
        ("arithmetic", Launch::new("work", [64, 1, 1], [256, 1, 1], &[&x, &rounds])),
        ("elementwise", Launch::new("axpy4", [n / 1024, 1, 1], [256, 1, 1], &[&x, &y, &a, &quarter])),
        ("sum", Launch::new("sum", [64, 1, 1], [256, 1, 1], &[&x, &y, &count])),
        ("matrices", Launch::new("matmul", [16, 16, 1], [16, 16, 1], &[&x, &y, &z, &side, &side, &side])),
    ];
    for (name, launch) in launches {
        let begun = Instant::now();
        let counts = launch.run(&module, &mut memory)?;
        let seconds = begun.elapsed().as_secs_f64();
        let millions = counts.instructions() as f64 / 1e6;
        println!("{name:12} {millions:7.1} million in {seconds:.2} s: {:.0} million a second", millions / seconds);
    }
    Ok(())
}
