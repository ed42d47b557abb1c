// How results are printed, and values read.
// RUN: dpc %s --target=interp --run f --args [[1,2],[3,4]],7,true,1-2i | FileCheck %s --check-prefix=TEXT
// RUN: dpc %s --target=cpu --run f --args [[1,2],[3,4]],7,true,1-2i | FileCheck %s --check-prefix=TEXT
// RUN: dpc %s --target=xla --run f --args [[1,2],[3,4]],7,true,1-2i | FileCheck %s --check-prefix=TEXT
// RUN: dpc %s --target=interp --run f --args [[1,2],[3,4]],7,true,1-2i --format=json | FileCheck %s --check-prefix=JSON
// RUN: dpc %s --target=cpu --run f --args [[1,2],[3,4]],7,true,1-2i --format=json | FileCheck %s --check-prefix=JSON
// RUN: dpc %s --target=xla --run f --args [[1,2],[3,4]],7,true,1-2i --format=json | FileCheck %s --check-prefix=JSON
// RUN: dpc %s --target=interp --run f --args [[1,2],[3,4]],7,true,1-2i --format=json | %python -c "import json, sys; json.load(sys.stdin)"
// RUN: dpc - --target=interp --run f --args "[[1, 2], [3, 4]], 7, 1, 1-2i" < %s | FileCheck %s --check-prefix=TEXT
// RUN: dpc - --target=cpu --run f --args "[[1, 2], [3, 4]], 7, 1, 1-2i" < %s | FileCheck %s --check-prefix=TEXT
// RUN: dpc - --target=xla --run f --args "[[1, 2], [3, 4]], 7, 1, 1-2i" < %s | FileCheck %s --check-prefix=TEXT

// TEXT: {{^}}1 2 3 4{{$}}
// TEXT-NEXT: {{^}}7{{$}}
// TEXT-NEXT: {{^}}1{{$}}
// TEXT-NEXT: {{^}}1 -2{{$}}
// TEXT-NEXT: {{^}}0.10000000000000001{{$}}
// TEXT-NOT: {{.}}

// JSON: {"results": [
// JSON-NEXT: {"type": "f32", "shape": [2, 2], "data": {{\[\[}}1, 2], [3, 4]]},
// JSON-NEXT: {"type": "i32", "shape": [], "data": 7},
// JSON-NEXT: {"type": "i1", "shape": [], "data": true},
// JSON-NEXT: {"type": "complex<f64>", "shape": [], "data": [1, -2]},
// JSON-NEXT: {"type": "f64", "shape": [], "data": 0.10000000000000001}
// JSON-NEXT: ]}
func.func @f(%x: tensor<?x?xf32>, %n: i32, %p: i1, %z: complex<f64>)
    -> (tensor<?x?xf32>, i32, i1, complex<f64>, f64) {
  %c = scalar.constant 0.1 : f64
  return %x, %n, %p, %z, %c : tensor<?x?xf32>, i32, i1, complex<f64>, f64
}
