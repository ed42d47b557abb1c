//! Whether there is enough memory for a large tensor. The system overcommits and kills processes that run out, so this
//! is checked in advance.

/// Less than this is not asked about.
const SMALL: u64 = 64 << 20;

/// How often a tensor may be in memory at a time: an operand, and a copy of it, and a result.
const COPIES: u64 = 3;

/// Whether so many bytes may be used, with copies. Where the system does not say, they may.
pub(crate) fn is_free(bytes: u64) -> bool {
    bytes < SMALL || free().is_none_or(|free| bytes.saturating_mul(COPIES) <= free)
}

/// The bytes that the system and the process's control group leave.
fn free() -> Option<u64> {
    let of_group = number("/sys/fs/cgroup/memory.max")
        .zip(number("/sys/fs/cgroup/memory.current"))
        .map(|(most, used)| most.saturating_sub(used));
    of_system().into_iter().chain(of_group).min()
}

fn of_system() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The number that a file holds; none where it holds a word, as `max`.
fn number(path: &str) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}
