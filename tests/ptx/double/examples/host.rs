//! A host program as any other, which speaks to the driver through cudarc and knows nothing of the double. The tests of
//! the double start it; on a machine with a GPU it runs there.

use std::error::Error;
use std::sync::Arc;

use cudarc::driver::{CudaContext, CudaFunction, LaunchConfig, PushKernelArg};
use cudarc::nvrtc::Ptx;

const KERNELS: &str = include_str!("../../tests/fixtures/kernels.ptx");
const PLANTED: &str = include_str!("../../tests/fixtures/planted.ptx");

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        Some("clean") => clean(),
        Some("fault") => fault("neighbour"),
        Some("bounds") => fault("shared_past_end"),
        Some("leak") => leak(),
        Some("refused") => refused(),
        other => Err(format!("what is {other:?}?").into()),
    }
}

fn kernel(context: &Arc<CudaContext>, text: &str, name: &str) -> Result<CudaFunction, Box<dyn Error>> {
    Ok(context.load_module(Ptx::from_src(text))?.load_function(name)?)
}

fn config(grid: u32, block: u32) -> LaunchConfig {
    LaunchConfig { grid_dim: (grid, 1, 1), block_dim: (block, 1, 1), shared_mem_bytes: 0 }
}

/// Copies, launches on two streams, an event between them, and looks at the result.
fn clean() -> Result<(), Box<dyn Error>> {
    let context = CudaContext::new(0)?;
    let (major, minor) = context.compute_capability()?;
    println!("{}, compute capability {major}.{minor}", context.name()?);
    let (first, second) = (context.default_stream(), context.new_stream()?);
    let axpy = kernel(&context, KERNELS, "axpy4")?;
    let sum = kernel(&context, KERNELS, "sum")?;
    let n = 1000;
    let x: Vec<f32> = (0..n).map(|i| (i % 10) as f32).collect();
    let on_device = first.clone_htod(&x)?;
    let mut y = first.alloc_zeros::<f32>(n)?;
    let quarter = n as i32 / 4;
    // SAFETY: the kernel takes two pointers, a float and an int, and stays within `n` numbers.
    unsafe {
        first.launch_builder(&axpy).arg(&on_device).arg(&mut y).arg(&2.0f32).arg(&quarter).launch(config(2, 128))?
    };
    let begun = first.record_event(Some(cudarc::driver::sys::CUevent_flags::CU_EVENT_DEFAULT))?;
    second.wait(&begun)?;
    let mut total = second.alloc_zeros::<f32>(1)?;
    let count = n as i32;
    // SAFETY: the kernel takes two pointers and an int.
    unsafe { second.launch_builder(&sum).arg(&y).arg(&mut total).arg(&count).launch(config(3, 256))? };
    let ended = second.record_event(Some(cudarc::driver::sys::CUevent_flags::CU_EVENT_DEFAULT))?;
    second.synchronize()?;
    begun.elapsed_ms(&ended)?;
    let (total, y) = (second.clone_dtoh(&total)?, first.clone_dtoh(&y)?);
    assert_eq!(total, [2.0 * x.iter().sum::<f32>()]);
    assert_eq!(y, x.iter().map(|x| 2.0 * x).collect::<Vec<_>>());
    println!("sum {}", total[0]);
    Ok(())
}

/// A kernel with a mistake: the error comes out, and stays.
fn fault(name: &str) -> Result<(), Box<dyn Error>> {
    let context = CudaContext::new(0)?;
    let stream = context.default_stream();
    let kernel = kernel(&context, PLANTED, name)?;
    let mut x = stream.clone_htod(&[1.0f32; 64])?;
    let shift = 65;
    let mut builder = stream.launch_builder(&kernel);
    builder.arg(&mut x);
    if name == "shared_past_end" {
        builder.arg(&shift);
    }
    // SAFETY: the kernel takes a pointer, and the one of the two an int; what it does with them is the test.
    let launched = unsafe { builder.launch(config(1, 64)) };
    let result = launched.map(|_| ()).and_then(|()| stream.synchronize());
    println!("launch: {:?}", result.expect_err("an error").0);
    println!("then: {:?}", stream.clone_htod(&[1.0f32]).expect_err("an error").0);
    Ok(())
}

fn leak() -> Result<(), Box<dyn Error>> {
    let context = CudaContext::new(0)?;
    std::mem::forget(context.default_stream().alloc_zeros::<u8>(123)?);
    Ok(())
}

/// What cannot be loaded.
fn refused() -> Result<(), Box<dyn Error>> {
    let context = CudaContext::new(0)?;
    let head = |target: &str| format!(".version 8.0\n.target {target}\n.address_size 64\n.visible .entry k() ");
    let shared = |bytes: u32| {
        format!("{}{{ .shared .b8 s[{bytes}]; .reg .b32 %r<2>; ld.shared.u32 %r1, [s]; ret; }}", head("sm_80"))
    };
    context.load_module(Ptx::from_src(shared(48 * 1024)))?;
    for text in [head("sm_80") + "{ bogus.b32 %r1; }", head("sm_100") + "{ ret; }", shared(48 * 1024 + 4)] {
        println!("{:?}", context.load_module(Ptx::from_src(text)).expect_err("an error").0);
    }
    let module = context.load_module(Ptx::from_src(head("sm_80") + "{ ret; }"))?;
    println!("{:?}", module.load_function("l").expect_err("an error").0);
    // SAFETY: the kernel takes nothing and does nothing; blocks of 2000 threads are too large.
    let launched = unsafe {
        context.default_stream().launch_builder(&module.load_function("k")?).launch(config(1, 2000)).map(|_| ())
    };
    println!("{:?}", launched.expect_err("an error").0);
    // That was the host's mistake, and the context is as good as before.
    context.default_stream().synchronize()?;
    Ok(())
}
