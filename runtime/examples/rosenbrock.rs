//! Opens a library that `dpc` compiled and calls one of its functions.

use dp_runtime::Library;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let library = Library::open("librosenbrock.so")?;
    let results = library.call("rosenbrock_grad", &[[1.0, 2.0, 3.0].into()])?;
    let value: f64 = results[0].as_number().ok_or("a number was expected")?;
    let gradient: &[f64] = results[1].as_slice().ok_or("a tensor of f64 was expected")?;
    println!("{value} {gradient:?}");
    Ok(())
}
