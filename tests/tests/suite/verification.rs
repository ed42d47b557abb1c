//! What leaves the compiler is verified in every build. Here each of these checks is given what is wrong, and finds it.
//! (That of StableHLO has a file of its own.)

use crate::cpu::library::reference;
use dp_abi::Library;
use dp_compiler::dpc::{self, destination, options::Options};
use dp_cpu::{Cpu, Target};
use dp_cuda::{Chip, Cuda};
use dp_dialects::diagnostics::{message, place};
use dp_dialects::ir::{Op, body_ops, set_attribute, symbol_name, walk};
use dp_driver::failure::Failure;
use dp_driver::job::Job;
use dp_driver::targets::{TargetDriver, library};
use dp_driver::{Emit, pipelines};
use dp_lower::{LowerOptions, Stage};
use inkwell::memory_buffer::MemoryBuffer;
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, Module};
use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;

const PROGRAM: &str = "func.func @f(%x: tensor<8xf64>) -> tensor<8xf64> {
  %y = scalar.exp %x : tensor<8xf64>
  return %y : tensor<8xf64>
}
";

/// Attributes of a function that LLVM takes each, and not together. MLIR's verifier does not know them.
const AT_ODDS: &str = r#"["alwaysinline", "noinline"]"#;

fn set(op: Op, name: &str, value: &str) {
    let context = dp_dialects::ir::context_of(op);
    set_attribute(op, name, Attribute::parse(context, value).expect("an attribute"));
}

/// The first operation of a name.
fn first<'c>(module: Op<'c>, name: &str) -> Op<'c> {
    let mut found = None;
    walk(module, &mut |op| found = found.or((op.name().as_string_ref().as_str() == Ok(name)).then_some(op)));
    found.unwrap_or_else(|| panic!("there is no '{name}'"))
}

#[test]
fn forms_of_the_program() {
    let context = dp_driver::registry::context();
    let said = Rc::new(RefCell::new(Vec::new()));
    let into = Rc::clone(&said);
    context.attach_diagnostic_handler(move |diagnostic| {
        let place = place(diagnostic.location()).unwrap_or_default();
        into.borrow_mut().push(format!("{place}: {}", message(&diagnostic)));
        true
    });
    let module = dp_dialects::context::parse(&context, PROGRAM, "model.mlir").expect("it parses");
    let module = reference(&module);
    assert!(pipelines::verified(module).is_ok());
    set(body_ops(module)[0], "function_type", "(tensor<8xf64>) -> tensor<4xf64>");
    assert!(pipelines::verified(module).is_err(), "a function of another type is admitted");
    let said = said.borrow();
    let [what, whose] = &said[..] else { panic!("{said:?}") };
    assert!(what.starts_with("model.mlir:3:3: ") && what.contains("type"), "{what}");
    assert!(whose.starts_with("model.mlir: internal error: the program does not verify after a pass"), "{whose}");
}

#[test]
fn llvm_ir_on_the_way_from_mlir() {
    let context = dp_driver::registry::context();
    let cpu = Cpu::new(dp_cpu::Options::default()).expect("this CPU");
    let module = Module::parse(&context, PROGRAM).expect("it parses");
    let module = reference(&module);
    let library = pipelines::lower(module, &cpu.pipeline(), Stage::Llvm, &mut ()).expect("it is lowered").library;
    for kind in [dp_cpu::Kind::Llvm, dp_cpu::Kind::Object] {
        assert!(cpu.emit((module, &library), kind).is_ok());
    }
    let function = body_ops(module).into_iter().find(|op| symbol_name(*op) == Some("f")).expect("@f is there");
    set(function, "passthrough", AT_ODDS);
    for kind in [dp_cpu::Kind::Llvm, dp_cpu::Kind::Object, dp_cpu::Kind::SharedLibrary] {
        let error = cpu.emit((module, &library), kind).expect_err("LLVM refuses it").to_string();
        assert!(error.starts_with("internal error: "), "{error}");
    }
}

#[test]
fn llvm_ir_after_the_passes() {
    let text = |given: &str| format!("define i32 @f(i32 %x) {{\n  {given}\n  ret i32 %z\n}}\n\0");
    for (given, is_right) in [
        ("%y = add i32 %x, 1\n  %z = add i32 %y, 1", true),
        // Used before it is there.
        ("%z = add i32 %y, 1\n  %y = add i32 %x, 1", false),
    ] {
        let context = inkwell::context::Context::create();
        let text = text(given);
        let buffer = MemoryBuffer::create_from_memory_range_copy(&text.as_bytes()[..text.len() - 1], "model");
        let module = context.create_module_from_ir(buffer).expect("it is LLVM IR");
        let outcome = dp_cpu::verify(&module);
        assert_eq!(outcome.is_ok(), is_right, "{given}");
        if let Err(error) = outcome {
            assert!(
                error.to_string().starts_with("internal error: LLVM rejects the module: Instruction does not"),
                "{error}"
            );
        }
    }
}

/// Kernels of the program, after a change.
fn kernels(change: impl FnOnce(Op)) -> Result<String, String> {
    let context = dp_driver::registry::context();
    let host = dp_cpu::Options::default();
    let cuda = Cuda { options: dp_cuda::Options { chip: Chip::default(), host } };
    let module = Module::parse(&context, PROGRAM).expect("it parses");
    let module = reference(&module);
    let library = pipelines::lower(module, &cuda.pipeline(), Stage::Llvm, &mut ()).expect("it is lowered").library;
    change(first(module, "gpu.module"));
    let artifact = cuda.emit((module, &library), dp_cuda::Kind::Ptx);
    artifact.map(|ptx| String::from_utf8_lossy(ptx.bytes()).into_owned()).map_err(|error| error.to_string())
}

#[test]
fn kernels_before_and_after_they_are_ptx() {
    let ptx = kernels(|_| {}).unwrap_or_else(|error| panic!("{error}"));
    let error = kernels(|module| set(first(module, "llvm.func"), "passthrough", AT_ODDS)).expect_err("refused");
    assert!(error.starts_with("internal error: "), "{error}");

    let chip = Chip::default();
    let name = ptx.split_once(".entry ").and_then(|(_, rest)| rest.split_once('(')).map(|(name, _)| name.to_owned());
    let names = [name.expect("there is a kernel")];
    dp_cuda::check(&ptx, chip, &names).unwrap_or_else(|error| panic!("{error}"));
    let version = ptx.lines().find(|line| line.starts_with(".version")).expect("a version");
    for (right, wrong) in [
        (version, ""),
        (".target sm_80", ".target sm_90"),
        (names[0].as_str(), "another"),
        (".visible .entry", ".extern .func nowhere\n.visible .entry"),
    ] {
        assert!(ptx.contains(right), "{right}");
        let error = dp_cuda::check(&ptx.replace(right, wrong), chip, &names).expect_err("refused").to_string();
        assert!(error.starts_with("internal error: "), "{error}");
    }
}

/// The target `cpu`, but that what it works on breaks on the way: the form that it takes, or what it lowers that to.
#[derive(Clone, Copy, Debug)]
struct Broken {
    takes: Emit,
}

impl TargetDriver for Broken {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn emits(&self) -> &'static [Emit] {
        &[Emit::So, Emit::Archive, Emit::Obj, Emit::Asm, Emit::Llvm, Emit::Simplified]
    }

    fn takes(&self) -> Emit {
        self.takes
    }

    fn make(&self, job: &mut Job) -> Result<(), Failure> {
        if self.takes == Emit::Mlir {
            set(body_ops(job.program.module())[0], "function_type", "(tensor<8xf64>) -> tensor<4xf64>");
            return Ok(());
        }
        let kind = |emit| match emit {
            Emit::So => Some(dp_cpu::Kind::SharedLibrary),
            Emit::Archive => Some(dp_cpu::Kind::Archive),
            Emit::Obj => Some(dp_cpu::Kind::Object),
            Emit::Asm => Some(dp_cpu::Kind::Assembly),
            Emit::Llvm => Some(dp_cpu::Kind::Llvm),
            Emit::Mlir | Emit::Simplified | Emit::Linalg | Emit::Stablehlo | Emit::Ptx | Emit::Header | Emit::Exe => {
                None
            }
        };
        let options = dp_cpu::Options { library_name: "model".into(), ..dp_cpu::Options::default() };
        library::make(job, &BrokenCpu(Cpu::new(options).expect("this CPU")), kind)
    }
}

struct BrokenCpu(Cpu);

impl Target for BrokenCpu {
    type Lowering = LowerOptions;
    type Lowered<'a> = (Op<'a>, &'a Library);
    type Kind = dp_cpu::Kind;
    type Artifact = dp_cpu::Artifact;
    type Error<'a> = dp_cpu::Error;

    const NAME: &'static str = "cpu";

    fn pipeline(&self) -> LowerOptions {
        self.0.pipeline()
    }

    fn emit<'a>(
        &self,
        (module, library): Self::Lowered<'a>,
        kind: dp_cpu::Kind,
    ) -> Result<Self::Artifact, Self::Error<'a>> {
        set(first(module, "llvm.func"), "passthrough", AT_ODDS);
        self.0.emit((module, library), kind)
    }
}

/// What is refused ends in exit code 1, and nothing is written.
#[test]
fn nothing_is_written() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let input = folder.path().join("model.mlir");
    std::fs::write(&input, PROGRAM).expect("the folder is writable");
    for output in ["libmodel.so", "libmodel.a", "model.o", "model.s", "model.ll"] {
        let output = folder.path().join(output);
        let arguments = ["dpc".as_ref(), input.as_os_str(), "-o".as_ref(), output.as_os_str()];
        let mut options = Options::read(arguments.map(Into::into)).expect("they are right");
        destination::resolve(&mut options).expect("they say what is made");
        let (source, request) = (dpc::source(&input).expect("it is there"), dpc::request(&options).expect("right"));
        for broken in [Broken { takes: Emit::Mlir }, Broken { takes: Emit::Simplified }] {
            let code = dpc::compile(&options, &source, &broken, &request);
            assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::FAILURE), "{broken:?}");
            let files: Vec<_> = std::fs::read_dir(folder.path()).expect("it is there").flatten().collect();
            assert_eq!(files.len(), 1, "{broken:?}: {files:?}");
        }
        // Whole, they are written.
        let code = dpc::compile(&options, &source, &*(options.target.driver)(&options), &request);
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::SUCCESS));
        std::fs::remove_file(&output).expect("it is there");
        // The header, where there is one.
        let _ = std::fs::remove_file(folder.path().join("model.h"));
    }
}
