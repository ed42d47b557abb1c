//! The digits, and training on them by the method of Adam (Kingma and Ba, 2015).
//!
//! Nothing here knows where the gradient comes from: [`Training::step`] is handed
//! the function. `train.c` does the same operations in the same order.

use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use dp_runtime::{Array, ShapeError};
use flate2::read::GzDecoder;

const PIXELS: usize = 64;
const HIDDEN: usize = 64;
const CLASSES: usize = 10;

/// Rows of a batch; the last one of an epoch may have fewer.
pub const BATCH: usize = 32;
const RATE: f32 = 0.002;
const DECAY: f32 = 0.9;
const DECAY_OF_SQUARES: f32 = 0.999;

/// Images of 8 by 8 pixels, from 0 to 1, and the digits that they show.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pixels: Vec<f32>,
    labels: Vec<i32>,
}

impl Rows {
    /// Reads `digits.csv.gz`, and parts it: the rows whose index is 4 modulo 5 are
    /// for the test, the others for training.
    pub fn read(path: &Path) -> Result<(Rows, Rows), Box<dyn Error>> {
        let mut text = String::new();
        GzDecoder::new(File::open(path)?).read_to_string(&mut text)?;
        let (mut training, mut test) = (Rows::default(), Rows::default());
        for (index, line) in text.lines().enumerate() {
            let rows = if index % 5 == 4 { &mut test } else { &mut training };
            let numbers: Vec<u8> = line.split(',').map(str::parse).collect::<Result<_, _>>()?;
            let [pixels @ .., label] = &numbers[..] else { continue };
            if pixels.len() != PIXELS {
                return Err(format!("line {} has {} pixels, not {PIXELS}", index + 1, pixels.len()).into());
            }
            rows.pixels.extend(pixels.iter().map(|&pixel| f32::from(pixel) / 16.0));
            rows.labels.push(i32::from(*label));
        }
        Ok((training, test))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// The images and the digits of some rows.
    pub fn batch(&self, rows: &[usize]) -> Result<(Array, Array), ShapeError> {
        let pixels = rows.iter().flat_map(|row| &self.pixels[row * PIXELS..][..PIXELS]).copied().collect();
        let labels = rows.iter().map(|row| self.labels[*row]).collect();
        Ok((Array::new(&[rows.len(), PIXELS], pixels)?, Array::new(&[rows.len()], labels)?))
    }

    /// The part of all rows, in percent, for which the digit has the greatest logit.
    pub fn accuracy(&self, logits: &[f32]) -> f64 {
        let right = logits.chunks(CLASSES).zip(&self.labels).filter(|(logits, label)| {
            let best = (1..CLASSES).fold(0, |best, class| if logits[class] > logits[best] { class } else { best });
            best == **label as usize
        });
        100.0 * right.count() as f64 / self.count() as f64
    }
}

/// The generator xorshift64*: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number between -limit and limit.
    fn uniform(&mut self, limit: f32) -> f32 {
        let unit = (self.next() >> 40) as f32 / (1 << 24) as f32;
        limit * (2.0 * unit - 1.0)
    }
}

/// A parameter, and the running means of its gradient and of that one's square.
struct Parameter {
    value: Array,
    mean: Vec<f32>,
    square: Vec<f32>,
}

impl Parameter {
    fn new(shape: &[usize], mut element: impl FnMut() -> f32) -> Result<Parameter, ShapeError> {
        let count = shape.iter().product();
        let value = Array::new(shape, (0..count).map(|_| element()).collect())?;
        Ok(Parameter { value, mean: vec![0.0; count], square: vec![0.0; count] })
    }
}

/// The state of training.
pub struct Training {
    random: Random,
    /// w1, b1, w2, b2.
    parameters: [Parameter; 4],
    /// How far the running means have forgotten their start, 0.
    memory: (f32, f32),
    order: Vec<usize>,
    position: usize,
}

impl Training {
    /// Training on so many rows. The seed, which is not 0, determines all of it.
    pub fn new(rows: usize, seed: u64) -> Result<Training, ShapeError> {
        let mut random = Random(seed);
        // Glorot and Bengio's limits, sqrt(6 / (inputs + outputs)).
        let [limit1, limit2] = [6.0 / 128.0, 6.0 / 74.0].map(f32::sqrt);
        let parameters = [
            Parameter::new(&[PIXELS, HIDDEN], || random.uniform(limit1))?,
            Parameter::new(&[HIDDEN], || 0.0)?,
            Parameter::new(&[HIDDEN, CLASSES], || random.uniform(limit2))?,
            Parameter::new(&[CLASSES], || 0.0)?,
        ];
        Ok(Training { random, parameters, memory: (1.0, 1.0), order: (0..rows).collect(), position: rows })
    }

    /// Steps in which every row comes once.
    pub fn steps(&self) -> usize {
        self.order.len().div_ceil(BATCH)
    }

    /// w1, b1, w2, b2.
    pub fn parameters(&self) -> [&Array; 4] {
        self.parameters.each_ref().map(|parameter| &parameter.value)
    }

    /// One step, on the next rows: the loss before it. `loss_grad` takes the
    /// parameters, the images and the digits, and gives the loss and its gradients
    /// with respect to the parameters.
    pub fn step<E: Error + 'static>(
        &mut self,
        rows: &Rows,
        loss_grad: impl FnOnce(&[&Array]) -> Result<Vec<Array>, E>,
    ) -> Result<f32, Box<dyn Error>> {
        let (images, digits) = rows.batch(self.next_rows())?;
        let [w1, b1, w2, b2] = self.parameters();
        let results = loss_grad(&[w1, b1, w2, b2, &images, &digits])?;
        let [loss, gradients @ ..] = &results[..] else { return Err("a loss was expected".into()) };

        self.memory = (self.memory.0 * DECAY, self.memory.1 * DECAY_OF_SQUARES);
        let (scale, scale_of_squares) = (1.0 - self.memory.0, 1.0 - self.memory.1);
        for (parameter, gradient) in self.parameters.iter_mut().zip(gradients) {
            let (Some(values), Some(gradient)) = (parameter.value.as_mut_slice::<f32>(), gradient.as_slice::<f32>())
            else {
                return Err("gradients of type f32 were expected".into());
            };
            let means = parameter.mean.iter_mut().zip(&mut parameter.square);
            for ((value, gradient), (mean, square)) in values.iter_mut().zip(gradient).zip(means) {
                *mean = DECAY * *mean + (1.0 - DECAY) * gradient;
                *square = DECAY_OF_SQUARES * *square + (1.0 - DECAY_OF_SQUARES) * gradient * gradient;
                *value -= RATE * (*mean / scale) / ((*square / scale_of_squares).sqrt() + 1e-8);
            }
        }
        loss.as_number().ok_or_else(|| "a loss of type f32 was expected".into())
    }

    /// The rows of the next batch; in a new order after each time round.
    fn next_rows(&mut self) -> &[usize] {
        if self.position >= self.order.len() {
            for last in (1..self.order.len()).rev() {
                self.order.swap(last, (self.random.next() % (last as u64 + 1)) as usize);
            }
            self.position = 0;
        }
        let start = self.position;
        self.position = (start + BATCH).min(self.order.len());
        &self.order[start..self.position]
    }
}
