//! The front end for MLIR text in our dialects.

pub mod dialects;

use dialects::STABLEHLO;
use dp_dialects::{Diagnostic, ErrorGuaranteed};
use dp_frontends::{Frontend, Source};
use melior::Context;
use melior::ir::{Location, Module};

/// The MLIR front end.
#[derive(Clone, Copy, Debug)]
pub struct Mlir;

impl Frontend for Mlir {
    fn name(&self) -> &'static str {
        "mlir"
    }

    /// Accepts any source: the driver tries this front end last, and the parser reports errors.
    fn recognizes(&self, _: &Source) -> bool {
        true
    }

    fn read<'c>(&self, context: &'c Context, source: &Source) -> Result<Module<'c>, ErrorGuaranteed> {
        if let Some(producer) = stablehlo_producer(&source.contents) {
            let diagnostic = Diagnostic::unsupported(format!("this is {producer} bytecode")).help(STABLEHLO);
            return Err(diagnostic.report(Location::new(context, &source.name, 0, 0)));
        }
        dp_frontends::parse(context, source)
    }
}

/// The producer of a StableHLO portable artifact, which starts like MLIR bytecode; `None` for anything else.
fn stablehlo_producer(contents: &[u8]) -> Option<String> {
    let header = contents.strip_prefix(b"ML\xefR")?;
    // A varint with the version, then the producer as a zero-terminated string.
    let producer = header.get(1..)?.split(|byte| *byte == 0).next()?;
    let producer = String::from_utf8_lossy(producer);
    producer.starts_with("StableHLO").then(|| producer.into_owned())
}
