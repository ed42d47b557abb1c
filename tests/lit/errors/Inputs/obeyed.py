"""Programs whose text, places and names hold what terminals obey."""

ESCAPE = "\x1b[31m"
FUNCTION = "func.func @{0}(%x: f64) -> f64 {{\n  {1}\n}}\n"

PROGRAMS = {
    "line": FUNCTION.format("f", f'"scalar.sin"(%x) {{a = "{ESCAPE}\u202e"}} : (f64) -> f64 return %z : f64'),
    "wide": FUNCTION.format("f", '"scalar.sin"(%x) {a = "\u5b57e\u0301\t\u200d"} : (f64) -> f64 return %z : f64'),
    # MLIR reads the escapes of strings.
    "located": "module {\n  func.func @f(%x: f64) -> f64 {\n"
    r'    %y = func.call @g(%x) : (f64) -> f64 loc("a\1B[31m\0Ab":1:2) return %y : f64'
    "\n  }\n  func.func private @g(f64) -> f64\n}\n",
    "function": FUNCTION.format(r'"f\1B[31m"', "return %x : f64"),
    "attribute": r'func.func @f(%x: f64) -> f64 attributes {"llvm.\1B[31m"} { return %x : f64 }',
    "argument": r'func.func @f(%x: f64 {dp.name = "\C2\9Bx"}) -> f64 { return %x : f64 }',
}

for name, text in PROGRAMS.items():
    with open(f"{name}.mlir", "w") as file:
        file.write(text)
