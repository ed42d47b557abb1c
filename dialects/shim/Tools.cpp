// The main functions of mlir-opt and of the language server with our registry, and passes implemented in Rust.

#include "mlir-c/IR.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Pass.h"
#include "mlir/CAPI/Registration.h"
#include "mlir/CAPI/Support.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;

extern "C" {

/// A pass implemented in Rust. Strings live as long as the process. Each option is a triple: name, description,
/// default.
struct DpPass {
  MlirStringRef flag;
  MlirStringRef summary;
  const void *data;
  intptr_t optionCount;
  const MlirStringRef *options;
};

/// Checks text before it is parsed; false after an error on standard error. If a corrected text must be parsed instead,
/// `take` receives it.
bool dpCheckSource(MlirStringRef text, MlirStringRef name, MlirStringCallback take, void *data);

/// Runs the body of a pass on a module; true on success.
bool dpRunPass(const void *data, MlirOperation module, intptr_t count, const MlirStringRef *values);

/// Makes the check of `--check-each`; null after an error on standard error. Ends and destroys it.
void *dpNewCheck(MlirStringRef option);
void dpEndCheck(void *check);

/// Shows a check the module before the first pass, if the name is empty, or after the pass of that name; `text` is the
/// pass in pipeline syntax. False after an error.
bool dpCheckModule(void *check, MlirStringRef name, MlirStringRef text, MlirOperation module);
}

namespace {

class RustPass : public Pass {
public:
  explicit RustPass(DpPass described) : Pass(TypeID::get<RustPass>(), "builtin.module"), described(described) {
    declareOptions();
  }
  RustPass(const RustPass &other) : Pass(other), described(other.described) {
    declareOptions();
    copyOptionValuesFrom(&other);
  }

  StringRef getName() const override { return unwrap(described.flag); }
  StringRef getArgument() const override { return unwrap(described.flag); }
  StringRef getDescription() const override { return unwrap(described.summary); }
  bool canScheduleOn(RegisteredOperationName name) const override {
    return name.getStringRef() == ModuleOp::getOperationName();
  }
  std::unique_ptr<Pass> clonePass() const override { return std::make_unique<RustPass>(*this); }

  // All dialects that our passes may create operations of are loaded in advance.
  void getDependentDialects(DialectRegistry &registry) const override;

  void runOnOperation() override {
    SmallVector<std::string> owned;
    SmallVector<MlirStringRef> values;
    for (auto &option : options)
      owned.push_back(option->getValue());
    for (const std::string &value : owned)
      values.push_back(mlirStringRefCreate(value.data(), value.size()));
    if (!dpRunPass(described.data, wrap(getOperation()), values.size(), values.data()))
      signalPassFailure();
  }

private:
  void declareOptions() {
    for (intptr_t i = 0; i < described.optionCount; ++i) {
      const MlirStringRef *option = described.options + 3 * i;
      options.push_back(std::make_unique<Option<std::string>>(
          *this, unwrap(option[0]), llvm::cl::desc(unwrap(option[1])), llvm::cl::init(unwrap(option[2]).str())));
    }
  }

  DpPass described;
  SmallVector<std::unique_ptr<Option<std::string>>> options;
};

/// Shows a check the module after another pass.
class CheckPass : public Pass {
public:
  CheckPass(std::shared_ptr<void> check, StringRef after, StringRef text)
      : Pass(TypeID::get<CheckPass>(), "builtin.module"), check(std::move(check)), after(after), text(text) {}

  StringRef getName() const override { return "check-each"; }
  bool canScheduleOn(RegisteredOperationName name) const override {
    return name.getStringRef() == ModuleOp::getOperationName();
  }
  std::unique_ptr<Pass> clonePass() const override { return std::make_unique<CheckPass>(*this); }
  void getDependentDialects(DialectRegistry &) const override {}

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (!dpCheckModule(check.get(), wrap(StringRef(after)), wrap(StringRef(text)), wrap(getOperation())))
      signalPassFailure();
  }

private:
  std::shared_ptr<void> check;
  std::string after;
  std::string text;
};

} // namespace

extern "C" void dpDependentDialects(MlirDialectRegistry registry);

void RustPass::getDependentDialects(DialectRegistry &registry) const {
  dpDependentDialects(wrap(&registry));
  // The C API has no handle for this dialect.
  registry.insert<bufferization::BufferizationDialect>();
}

/// Checks function types and symbol tables first: upstream's verifier of `gpu.container_module` looks up kernels and reads
/// their arguments before they are verified, and crashes on a symbol table without a region or a malformed function type.
static LogicalResult verifySymbols(ModuleOp module) {
  WalkResult outcome = module.walk([](Operation *op) {
    if (op->hasTrait<OpTrait::SymbolTable>() && op->getNumRegions() != 1) {
      op->emitOpError("requires one region");
      return WalkResult::interrupt();
    }
    if (!isa<FunctionOpInterface>(op))
      return WalkResult::advance();
    std::optional<Attribute> type = op->getInherentAttr("function_type");
    if (type && isa_and_present<TypeAttr>(*type))
      return WalkResult::advance();
    op->emitOpError("requires attribute 'function_type'");
    return WalkResult::interrupt();
  });
  return failure(outcome.wasInterrupted());
}

/// Whether the kernels in the text are well-formed enough for `mlir-opt` to read it. `mlir-opt` reports text that does
/// not parse.
static LogicalResult verifyKernels(StringRef text, StringRef name, const DialectRegistry &registry) {
  if (!text.contains("gpu.container_module"))
    return success();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::optional<ScopedDiagnosticHandler> silent;
  silent.emplace(&context, [](Diagnostic &) { return success(); });
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(text, name, /*RequiresNullTerminator=*/false), {});
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, ParserConfig(&context, false));
  if (!module)
    return success();
  silent.reset();
  SourceMgrDiagnosticHandler handler(sources, &context);
  return verifySymbols(*module);
}

/// Adds the passes of the command line, with a check before the first and after each. A check can end the pipeline, as
/// a pass can and an instrumentation cannot.
static LogicalResult addCheckedPasses(const MlirOptMainConfig &config, StringRef option, PassManager &manager) {
  std::shared_ptr<void> check(dpNewCheck(wrap(option)), [](void *made) {
    if (made)
      dpEndCheck(made);
  });
  if (!check)
    return failure();
  PassManager plain(manager.getContext(), manager.getOpAnchorName(), PassManager::Nesting::Implicit);
  if (failed(config.setupPassPipeline(plain)))
    return failure();
  manager.addPass(std::make_unique<CheckPass>(check, "", ""));
  for (Pass &pass : plain.getPasses()) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    pass.printAsTextualPipeline(stream);
    if (failed(parsePassPipeline(text, manager)))
      return failure();
    StringRef name = pass.getArgument().empty() ? StringRef(text) : pass.getArgument();
    manager.addPass(std::make_unique<CheckPass>(check, name, text));
  }
  return success();
}

extern "C" {

/// Parses a module without verification; null after diagnostics. Its locations are in the file `name`.
MlirModule dpParseModule(MlirContext context, MlirStringRef text, MlirStringRef name) {
  ParserConfig config(unwrap(context), /*verifyAfterParse=*/false);
  return wrap(parseSourceString<ModuleOp>(unwrap(text), config, unwrap(name)).release());
}

/// Whether a parsed module verifies; false after diagnostics.
bool dpVerifyModule(MlirModule module) {
  return succeeded(verifySymbols(unwrap(module))) && succeeded(verify(unwrap(module)));
}

void dpRegisterPass(DpPass described) {
  registerPass([=] { return std::unique_ptr<Pass>(new RustPass(described)); });
}

int dpOptMain(int argc, char **argv, MlirDialectRegistry registry) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::opt<std::string> checkEach(
      "check-each", llvm::cl::ValueOptional, llvm::cl::value_desc("N"),
      llvm::cl::desc("Interpret the public functions before the first pass and after each pass, at N random points (3 "
                     "without N), and stop at the first pass that changes a value"));
  auto [input, output] = registerAndParseCLIOptions(
      argc, argv, "dpopt: passes over the dialects of a differentiating compiler\n", *unwrap(registry));
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (checkEach.getNumOccurrences())
    config.setPassPipelineSetupFn([plain = config, option = checkEach.getValue()](PassManager &manager) {
      return addCheckedPasses(plain, option, manager);
    });
  if (config.shouldShowDialects() || config.shouldListPasses())
    return asMainReturnCode(MlirOptMain(argc, argv, input, output, *unwrap(registry)));
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInputFile(input, &error);
  if (!buffer) {
    llvm::errs() << "dpopt: error: " << error << "\n";
    return 1;
  }
  // Upstream reads bytecode itself.
  if (!isBytecode(buffer->getMemBufferRef())) {
    StringRef name = buffer->getBufferIdentifier();
    std::unique_ptr<llvm::MemoryBuffer> readable;
    auto take = [](MlirStringRef text, void *into) {
      auto &made = *static_cast<std::unique_ptr<llvm::MemoryBuffer> *>(into);
      made = llvm::MemoryBuffer::getMemBufferCopy(unwrap(text));
    };
    if (!dpCheckSource(wrap(buffer->getBuffer()), wrap(name), take, &readable))
      return 1;
    // Locations refer to the original file.
    if (readable)
      buffer = llvm::MemoryBuffer::getMemBufferCopy(readable->getBuffer(), name);
  }
  if (failed(verifyKernels(buffer->getBuffer(), buffer->getBufferIdentifier(), *unwrap(registry))))
    return 1;
  std::unique_ptr<llvm::ToolOutputFile> file = openOutputFile(output, &error);
  if (!file) {
    llvm::errs() << "dpopt: error: " << error << "\n";
    return 1;
  }
  if (failed(MlirOptMain(file->os(), std::move(buffer), *unwrap(registry), config)))
    return 1;
  file->keep();
  return 0;
}

int dpLspMain(int argc, char **argv, MlirDialectRegistry registry) {
  return asMainReturnCode(MlirLspServerMain(argc, argv, *unwrap(registry)));
}
}
