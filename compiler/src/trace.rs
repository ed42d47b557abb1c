//! What the tools write to standard error about their own work: nothing, unless
//! the environment variable `DP_LOG` asks for it, as in `DP_LOG=info`.

use crate::dpc::console::Console;
use crate::dpc::remark::Remark;
use dp_dialects::Diagnostic;
use dp_driver::diagnostics::render::DiagnosticFormat;
use dp_driver::{DiagnosticRecord, Severity};
use serde_json::json;
use std::io::{self, IsTerminal, Write};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// The environment's variable.
const LOG: &str = "DP_LOG";

/// Starts writing; each span, such as a pass, says when it ends how long it took. As JSON each line is a remark.
/// Does nothing where something writes already.
pub fn start(format: DiagnosticFormat) {
    let asked = std::env::var(LOG).unwrap_or_default();
    let filter = EnvFilter::try_new(&asked).unwrap_or_else(|error| {
        let warning = DiagnosticRecord {
            severity: Severity::Warning,
            ..Diagnostic::request(format!("{LOG}={asked}: {error}"))
                .help(format!("give a level, for example {LOG}=info"))
                .into()
        };
        Console::new(format, None).print(&warning);
        EnvFilter::default()
    });
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(io::stderr().is_terminal());
    let _ = match format {
        DiagnosticFormat::Text => subscriber.with_writer(io::stderr).try_init(),
        DiagnosticFormat::Json => subscriber.with_ansi(false).with_writer(|| Remarks).try_init(),
    };
}

/// Standard error, on which each line is a remark.
struct Remarks;

impl Write for Remarks {
    /// Takes one line of the log, whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let remark = Remark::new(text.trim_end(), json!({ "about": "log" }));
        writeln!(io::stderr(), "{}", remark.render(DiagnosticFormat::Json)).map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
