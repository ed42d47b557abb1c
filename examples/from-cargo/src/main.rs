//! Fits a line to points by gradient descent. `build.rs` has `dpc` compile the loss and its gradient.

include!(concat!(env!("OUT_DIR"), "/fit.rs"));

fn main() -> Result<(), fit::Error> {
    let x = [0.0, 1.0, 2.0, 3.0];
    let y = [1.0, 3.0, 5.0, 7.0];
    let (mut a, mut b) = (0.0, 0.0);
    for _ in 0..500 {
        let gradient = fit::loss_grad(a, b, &x, &y)?;
        a -= 0.1 * gradient.d_a;
        b -= 0.1 * gradient.d_b;
    }
    println!("y = {a:.3} x + {b:.3}, loss {:.3}", fit::loss(a, b, &x, &y)?);
    Ok(())
}
