// Line tables: machine code says which line of the program it comes from, in derivatives and fused loops too.
// RUN: rm -rf %t && mkdir %t && cp %s %t/lines.mlir && cd %t
// RUN: dpc lines.mlir --grad loss -g --mcpu=x86-64-v2 -o liblines.so
// RUN: llvm-dwarfdump --debug-info liblines.so | FileCheck lines.mlir --check-prefix=INFO
// RUN: llvm-objdump -d -l --disassemble-symbols=loss_grad liblines.so | FileCheck lines.mlir --check-prefix=CODE
// RUN: llvm-symbolizer --obj=liblines.so --functions=none loss_grad | FileCheck lines.mlir --check-prefix=ENTRY
// The same input in the same folder gives the same bytes.
// RUN: mkdir again && dpc lines.mlir --grad loss -g --mcpu=x86-64-v2 -o again/liblines.so && cmp liblines.so again/liblines.so
// In all forms; and nothing of it where it is not asked for.
// RUN: dpc lines.mlir --grad loss -g --mcpu=x86-64-v2 -o lines.ll && FileCheck lines.mlir --check-prefix=IR < lines.ll
// RUN: dpc lines.mlir --grad loss -g --mcpu=x86-64-v2 -o lines.s && FileCheck lines.mlir --check-prefix=ASM < lines.s
// RUN: dpc lines.mlir --grad loss -g --mcpu=x86-64-v2 -o liblines.a && llvm-dwarfdump --debug-line liblines.a | FileCheck lines.mlir --check-prefix=TABLE
// RUN: dpc lines.mlir --grad loss --mcpu=x86-64-v2 -o libwithout.so && llvm-readelf -S libwithout.so | not grep debug
// RUN: dpc --grad loss -g --emit=llvm - < lines.mlir | FileCheck lines.mlir --check-prefix=STDIN
// A location that is written in the program says where it is from.
// RUN: sed 's/%%s = scalar.sqrt.*/& loc("model.py":50:22)/' lines.mlir > named.mlir
// RUN: dpc named.mlir -g --emit=llvm -o - | FileCheck lines.mlir --check-prefix=NAMED
// A program that reads beyond what it was given, as valgrind reports it.
// RUN: cc -I . %S/Inputs/short.c -o short -L . -llines -Wl,-rpath,%t
// RUN: valgrind -q ./short 2>&1 | FileCheck lines.mlir --check-prefix=VALGRIND
// Other targets do not take it.
// RUN: %refused dpc lines.mlir -g --target=interp --run loss --args [1] 2>&1 | FileCheck lines.mlir --check-prefix=OTHER

// OTHER: -g does not apply to --target=interp

// INFO: DW_TAG_compile_unit
// INFO: DW_AT_name ("lines.mlir")
// INFO: DW_AT_comp_dir ("{{.*}}lines.mlir.tmp")

// IR-DAG: emissionKind: LineTablesOnly
// IR-DAG: !DIFile(filename: "lines.mlir", directory: "{{.*}}lines.mlir.tmp")
// IR-DAG: distinct !DISubprogram(name: "loss_grad",
// ASM: .loc
// TABLE: name: "lines.mlir"
// STDIN: !DIFile(filename: "<stdin>"
// NAMED-DAG: !DIFile(filename: "named.mlir"
// NAMED-DAG: !DIFile(filename: "model.py"
// NAMED-DAG: !DILocation(line: 50, column: 22
// ENTRY: lines.mlir:[[#@LINE+10]]

// What the derivative computes for an operation stands at that operation.
// CODE-LABEL: <loss_grad>:
// CODE-DAG: lines.mlir:[[#@LINE+7]]
// CODE-DAG: lines.mlir:[[#@LINE+7]]
// CODE-DAG: lines.mlir:[[#@LINE+7]]

// VALGRIND: Invalid read of size
// VALGRIND-NEXT: loss (lines.mlir:[[#@LINE+2]])
func.func @loss(%x: tensor<?xf64> {dp.name = "x"}) -> f64 {
  %s = scalar.sqrt %x : tensor<?xf64>
  %e = scalar.mul %s, %x : tensor<?xf64>
  %sum = array.reduce add %e dims [0] : tensor<?xf64>
  %number = tensor.extract %sum[] : tensor<f64>
  return %number : f64
}
