//! Options of the compiler, a serialized `CompileOptionsProto`.
//!
//! Source: `xla/pjrt/proto/compile_options.proto`.

/// Tags of the fields: the number times 8, plus 0 for an integer or 2 for bytes.
mod tag {
    /// `CompileOptionsProto::executable_build_options`
    pub const BUILD_OPTIONS: u8 = 3 << 3 | 2;
    /// `CompileOptionsProto::env_option_overrides`
    pub const OVERRIDES: u8 = 7 << 3 | 2;
    /// `ExecutableBuildOptionsProto::num_replicas`
    pub const REPLICAS: u8 = 4 << 3;
    /// `ExecutableBuildOptionsProto::num_partitions`
    pub const PARTITIONS: u8 = 5 << 3;
    /// `ExecutableBuildOptionsProto::use_spmd_partitioning`
    pub const SPMD: u8 = 6 << 3;
    /// `ExecutableBuildOptionsProto::use_shardy_partitioner`, number 19, in two bytes
    pub const SHARDY: [u8; 2] = [0x98, 0x01];
}

/// Options for this many devices, over which a program with shardings is divided, and XLA's own options that are turned off.
pub(super) fn compile_options(devices: usize, off: &[&str]) -> Vec<u8> {
    let mut build = vec![tag::REPLICAS, 1, tag::PARTITIONS];
    build.extend(number(devices));
    if devices > 1 {
        // With both, shardings of Shardy go to its partitioner, and those of XLA to XLA's.
        build.extend([tag::SPMD, 1]);
        build.extend(tag::SHARDY);
        build.push(1);
    }
    let mut options = message(tag::BUILD_OPTIONS, &build);
    for name in off {
        // A key, and a value whose field 2 is a boolean.
        let entry = [message(1 << 3 | 2, name.as_bytes()), message(2 << 3 | 2, &[2 << 3, 0])].concat();
        options.extend(message(tag::OVERRIDES, &entry));
    }
    options
}

/// A field of bytes.
fn message(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![tag];
    field.extend(number(bytes.len()));
    field.extend(bytes);
    field
}

/// A number, seven bits a byte, the lowest ones first.
fn number(mut rest: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}
