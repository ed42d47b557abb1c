//! Trains the classifier with the library that dpc made of `model.mlir`:
//!
//! ```sh
//! dpc examples/digits/model.mlir --grad loss:wrt=0,1,2,3 -o target/digits/libdigits.so
//! cargo run --release -p dp-digits -- target/digits/libdigits.so examples/digits/digits.csv.gz
//! ```

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use dp_digits::{Rows, Training};
use dp_runtime::{Array, Library};

const EPOCHS: usize = 30;
const SEED: u64 = 2026;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, library, data] = &arguments[..] else {
        eprintln!("usage: train-digits LIBRARY DATA");
        return ExitCode::from(2);
    };
    match run(Path::new(library), Path::new(data)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("train-digits: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(library: &Path, data: &Path) -> Result<(), Box<dyn Error>> {
    let library = Library::open(library)?;
    let loss_grad = library.function("loss_grad")?;
    let predict = library.function("predict")?;

    let (rows, test) = Rows::read(data)?;
    println!("{} digits to train on, {} to test", rows.count(), test.count());
    let start = Instant::now();
    let mut training = Training::new(rows.count(), SEED)?;
    for epoch in 1..=EPOCHS {
        let mut loss = 0.0;
        for _ in 0..training.steps() {
            loss += f64::from(training.step(&rows, |arguments| loss_grad.call(arguments))?);
        }
        println!("epoch {epoch:2}: loss {:.4}", loss / training.steps() as f64);
    }
    println!("{EPOCHS} epochs in {:.2} s", start.elapsed().as_secs_f64());

    let all: Vec<usize> = (0..test.count()).collect();
    let (images, _) = test.batch(&all)?;
    let [w1, b1, w2, b2] = training.parameters();
    let results = predict.call(&[w1, b1, w2, b2, &images])?;
    let logits = results.first().and_then(Array::as_slice).ok_or("logits of type f32 were expected")?;
    println!("accuracy: {:.1} %", test.accuracy(logits));
    Ok(())
}
