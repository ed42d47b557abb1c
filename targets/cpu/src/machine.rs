//! LLVM target machines for CPUs.

use crate::Error;
use dp_passes::manager::VectorWidth;
use inkwell::OptimizationLevel;
use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::targets::{CodeModel, FileType, InitializationConfig, RelocMode, Target, TargetMachine};
use std::collections::BTreeMap;
use std::sync::{Mutex, Once, PoisonError};

/// The optimization level of LLVM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// No optimization.
    O0,
    /// Basic optimization.
    O1,
    /// Basic optimization and vectorization.
    O2,
    /// All optimizations.
    #[default]
    O3,
}

impl Level {
    pub(crate) fn code_generation(self) -> OptimizationLevel {
        match self {
            Level::O0 => OptimizationLevel::None,
            Level::O1 => OptimizationLevel::Less,
            Level::O2 => OptimizationLevel::Default,
            Level::O3 => OptimizationLevel::Aggressive,
        }
    }
}

/// The 64-bit CPUs that LLVM 22 supports. LLVM only warns about unknown names, and its C interface has no list.
const PROCESSORS: &str = "
    alderlake amdfam10 arrowlake arrowlake-s athlon-fx athlon64 athlon64-sse3 atom barcelona bdver1 bdver2 bdver3 bdver4
    bonnell broadwell btver1 btver2 cannonlake cascadelake clearwaterforest cooperlake core-avx-i core-avx2 core2 corei7
    corei7-avx diamondrapids emeraldrapids generic goldmont goldmont-plus gracemont grandridge graniterapids
    graniterapids-d haswell icelake-client icelake-server ivybridge k8 k8-sse3 knl knm lunarlake meteorlake nehalem nocona
    novalake opteron opteron-sse3 pantherlake penryn raptorlake rocketlake sandybridge sapphirerapids sierraforest
    silvermont skx skylake skylake-avx512 tigerlake tremont westmere wildcatlake x86-64 x86-64-v2 x86-64-v3 x86-64-v4
    znver1 znver2 znver3 znver4 znver5
";

/// Checks that LLVM supports a CPU of this name; `native` is always supported.
fn check_cpu(cpu: &str) -> Result<(), Error> {
    let known = cpu == "native" || PROCESSORS.split_ascii_whitespace().any(|name| name == cpu);
    if known { Ok(()) } else { Err(Error::UnknownCpu(cpu.to_string())) }
}

/// LLVM's target machine for a CPU, for position-independent code.
pub(crate) fn target_machine(cpu: &str, level: Level) -> Result<TargetMachine, Error> {
    check_cpu(cpu)?;
    match cpu {
        "native" => {
            let (name, features) = (TargetMachine::get_host_cpu_name(), TargetMachine::get_host_cpu_features());
            machine_with(&name.to_string(), &features.to_string(), level)
        }
        name => machine_with(name, "", level),
    }
}

/// LLVM's target machine for a CPU with additional features.
pub(crate) fn machine_with(name: &str, features: &str, level: Level) -> Result<TargetMachine, Error> {
    static INITIALIZED: Once = Once::new();
    INITIALIZED.call_once(|| Target::initialize_x86(&InitializationConfig::default()));
    let triple = TargetMachine::get_default_triple();
    let target = Target::from_triple(&triple).map_err(|error| Error::Llvm(error.to_string()))?;
    target
        .create_target_machine(&triple, name, features, level.code_generation(), RelocMode::PIC, CodeModel::Default)
        .ok_or_else(|| Error::UnknownCpu(name.to_string()))
}

/// The vector instructions of a CPU, as far as lowering depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vectors {
    /// The vector width.
    pub width: VectorWidth,
    /// Whether it has FMA3. Every CPU with AVX-512 has FMA3 and AVX2.
    pub fused: bool,
    /// Whether it has instructions that convert f16 (F16C).
    pub native_f16: bool,
    /// Whether AVX-512 instructions support integers of every width and all vector lengths (BW, DQ and VL), as on all
    /// CPUs with AVX-512 except the first.
    pub all_integers: bool,
}

/// The vector instructions of a CPU.
///
/// # Errors
/// If LLVM does not support the CPU.
pub fn vectors(cpu: &str) -> Result<Vectors, Error> {
    static KNOWN: Mutex<BTreeMap<String, Vectors>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(vectors) = known.get(cpu) {
        return Ok(*vectors);
    }
    let vectors = probe(cpu)?;
    known.insert(cpu.into(), vectors);
    Ok(vectors)
}

/// Determines the vector instructions from the code that LLVM generates for operations on 64-byte vectors, since its C
/// interface does not list them.
fn probe(cpu: &str) -> Result<Vectors, Error> {
    const PROBE: &str = "define void @probe(ptr %p, ptr %q) #0 {
        %x = load <16 x float>, ptr %p
        %y = fmul contract <16 x float> %x, %x
        %z = fadd contract <16 x float> %y, %x
        store <16 x float> %z, ptr %p
        %h = fptrunc <16 x float> %x to <16 x half>
        store <16 x half> %h, ptr %q
        ret void
    }
    define void @integers(ptr %p, ptr %q) #0 {
        %i = load <32 x i16>, ptr %p
        %j = mul <32 x i16> %i, %i
        store <32 x i16> %j, ptr %p
        %k = load <4 x i64>, ptr %q
        %l = mul <4 x i64> %k, %k
        store <4 x i64> %l, ptr %q
        ret void
    }
    attributes #0 = { \"prefer-vector-width\"=\"512\" \"min-legal-vector-width\"=\"512\" }";
    let machine = target_machine(cpu, Level::O1)?;
    let context = Context::create();
    let buffer = MemoryBuffer::create_from_memory_range_copy(PROBE.as_bytes(), "probe");
    let module = context.create_module_from_ir(buffer).map_err(|error| Error::Llvm(error.to_string()))?;
    let assembly =
        machine.write_to_memory_buffer(&module, FileType::Assembly).map_err(|error| Error::Llvm(error.to_string()))?;
    let text = String::from_utf8_lossy(assembly.as_slice()).into_owned();
    let widths = [("%zmm", VectorWidth::Bytes64), ("%ymm", VectorWidth::Bytes32)];
    let wide = widths.into_iter().find(|(register, _)| text.contains(register));
    // Unlike FMA4, the mnemonics of FMA3 contain the operand order.
    let fused = ["vfmadd132ps", "vfmadd213ps", "vfmadd231ps"].iter().any(|name| text.contains(name));
    let native_f16 = text.contains("vcvtps2ph");
    // Without BW, DQ or VL, LLVM uses other registers or instructions.
    let all_integers = [("vpmullw", "%zmm"), ("vpmullq", "%ymm")]
        .into_iter()
        .all(|(name, register)| text.lines().any(|line| line.contains(name) && line.contains(register)));
    Ok(Vectors { width: wide.map_or(VectorWidth::Bytes16, |(_, width)| width), fused, native_f16, all_integers })
}
