//! What the tools write to standard error about their own work: nothing, unless
//! the environment variable `DP_LOG` asks for it, as in `DP_LOG=info`.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Starts writing; each span, such as a pass, says when it ends how long it took.
/// Does nothing where something writes already.
pub fn start() {
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_env("DP_LOG"))
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}
