"""Programs, derivatives, targets, libraries."""

import os
import pathlib
import pickle
import signal
import tempfile
import threading
import time
import unittest

import diffprog as dp
import numpy as np
from programs import CHECKED, SINE, WAVE, long

A, X = 2.0, np.array([0.5, 1.0, 1.5])
SUM, D_A, D_X = np.sin(A * X).sum(), (X * np.cos(A * X)).sum(), A * np.cos(A * X)


class Derivatives(unittest.TestCase):
    def setUp(self):
        self.program = dp.from_mlir(WAVE)

    def check(self, results, expected):
        self.assertEqual(len(results), len(expected))
        for result, value in zip(results, expected):
            np.testing.assert_allclose(result, value, rtol=1e-13)

    def targets(self):
        return ["cpu", "interp"] + (["xla"] if os.environ.get("DP_PJRT_PLUGIN") else [])

    def test_gradient_on_each_target(self):
        for target in self.targets():
            with self.subTest(target):
                results = self.program.grad().compile(target)(A, X)
                self.check(results, (SUM, D_A, D_X))
                self.assertEqual(results._fields, ("sum", "d_a", "d_x"))

    def test_xla_compiles_for_each_size(self):
        if "xla" not in self.targets():
            self.skipTest("there is no PJRT plugin")
        function = self.program.compile("xla")
        for size in (3, 5, 3):
            x = np.arange(size, dtype=float)
            self.assertAlmostEqual(function(A, x), np.sin(A * x).sum(), places=12)

    def test_one_argument(self):
        self.check(self.program.grad(wrt=1).compile()(A, X), (SUM, D_X))
        self.check(self.program.grad(wrt=(1, 0)).compile()(A, X), (SUM, D_X, D_A))

    def test_direction(self):
        self.check(self.program.jvp().compile()(A, X, 0.5, X), (SUM, 0.5 * D_A + X @ D_X))

    def test_pullback(self):
        for target in ("cpu", "interp"):
            with self.subTest(target):
                value, pullback = self.program.vjp().compile(target)(A, X)
                self.assertAlmostEqual(value, SUM)
                self.check(pullback(1.0), (D_A, D_X))
                self.check(pullback(2.0), (2 * D_A, 2 * D_X))
                out = (np.empty_like(D_A), np.empty_like(D_X))
                if target == "cpu":
                    pullback(1.0, out=out)
                    self.check(out, (D_A, D_X))
                else:
                    with self.assertRaisesRegex(TypeError, "no 'out'"):
                        pullback(1.0, out=out)
        with self.assertRaisesRegex(TypeError, "takes a number"):
            pullback("a")

    def test_pullback_outlives_everything(self):
        x = X.copy()
        pullback = dp.from_mlir(WAVE).vjp().compile()(A, x)[1]
        x[:] = 0
        del x
        self.check(pullback(1.0), (D_A, D_X))

    def test_second_order(self):
        """Products with the Hessian, forward over reverse and reverse over forward."""
        direction = (0.0, np.array([1.0, 0.0, 0.0]))
        second = np.cos(A * X) - A * X * np.sin(A * X), -A * A * np.sin(A * X)
        expected = second[0][0], np.array([second[1][0], 0, 0])
        forward = self.program.grad().jvp().compile()(A, X, *direction)
        np.testing.assert_allclose(forward.d2_d_a, expected[0], rtol=1e-12)
        np.testing.assert_allclose(forward.d2_d_x, expected[1], rtol=1e-12)
        reverse = self.program.jvp().grad(wrt=(0, 1)).compile()(A, X, *direction)
        self.check(reverse, (D_X[0], *expected))

    def test_text(self):
        self.assertIn("func.func @wave_grad", str(self.program.grad()))
        self.assertNotIn("ad.grad", str(self.program.grad()))
        self.assertNotIn("wave_grad", str(self.program))
        again = dp.from_mlir(str(self.program.grad()), function="wave_grad")
        self.check(again.compile()(A, X), (SUM, D_A, D_X))

    def test_simplified(self):
        program = self.program.grad().simplify()
        self.assertLess(len(str(program)), len(str(self.program.grad())))
        self.check(program.compile()(A, X), (SUM, D_A, D_X))
        with self.assertRaises(TypeError):
            self.program.vjp().simplify()

    def test_options(self):
        for options in ({"fp": "strict"}, {"level": 0}, {"max_tape": "none"}, {"specialize": {"x": (3,)}}):
            with self.subTest(options=options):
                self.check(self.program.grad().compile(**options)(A, X), (SUM, D_A, D_X))
        fixed = self.program.compile(specialize={"x": (3,)})
        with self.assertRaisesRegex(ValueError, "argument 'x' .* shape"):
            fixed(A, np.zeros(4))

    def test_cuda_compiles(self):
        """It runs only with a GPU."""
        with tempfile.TemporaryDirectory() as folder:
            self.program.grad().save(os.path.join(folder, "libwave.so"), target="cuda")
            self.assertEqual([f.__name__ for f in dp.load(os.path.join(folder, "libwave.so"))], ["wave", "wave_grad"])


class Libraries(unittest.TestCase):
    def test_saved_and_loaded(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "libf.so")
            compiled = dp.from_mlir(WAVE).grad().compile()
            compiled.save(path)
            self.assertIn("int wave_grad(", pathlib.Path(folder, "f.h").read_text())
            library = dp.load(path)
        self.assertEqual(library.__name__, "f")
        self.assertEqual([function.__name__ for function in library], ["wave", "wave_grad"])
        np.testing.assert_array_equal(library.wave_grad(A, X).d_x, compiled(A, X).d_x)
        text = "(a: float64, x: float64[?], *, out=None) -> (sum: float64, d_a: float64, d_x: float64[?])"
        self.assertEqual(str(library.wave_grad.__signature__), text)
        self.assertIn(text, library.wave_grad.__doc__)
        self.assertIn("wave_grad" + text, library.__doc__)
        with self.assertRaises(TypeError):
            library.wave.save(path)

    def test_pullback_of_a_library(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "libf.so")
            dp.from_mlir(WAVE).vjp().save(path)
            library = dp.load(path)
        self.assertEqual([function.__name__ for function in library], ["wave", "wave_vjp"])
        value, pullback = library.wave_vjp(A, X)
        self.assertAlmostEqual(value, SUM)
        np.testing.assert_allclose(pullback(1.0)[1], D_X)

    def test_files_that_are_none(self):
        with self.assertRaises(FileNotFoundError):
            dp.load("/nowhere/libf.so")
        with self.assertRaisesRegex(OSError, "not an ELF file"):
            dp.load(WAVE)


class Errors(unittest.TestCase):
    def test_place_and_help(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "bad.mlir")
            with open(path, "w") as file:
                file.write("func.func @f(%x: f64) -> f64 {\n  %y = scalar.sine %x : f64\n  return %y : f64\n}\n")
            with self.assertRaises(dp.CompileError) as raised:
                dp.from_mlir(path)
        error = raised.exception
        self.assertEqual((error.file, error.line, error.column), (path, 2, 8))
        self.assertIn("scalar.sine", error.message)
        self.assertTrue(error.help)
        self.assertIn(f"{path}:2:8: error: ", str(error))
        self.assertIn("  %y = scalar.sine %x : f64\n", str(error))
        self.assertIn(f"{path}:2:8: help: ", str(error))
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((str(again), again.line), (str(error), 2))

    def test_derivative(self):
        with self.assertRaises(dp.CompileError) as raised:
            dp.from_mlir(WAVE).grad(wrt=7)
        self.assertEqual((raised.exception.line, raised.exception.code), (2, "request"))
        self.assertEqual(raised.exception.help, "the differentiable arguments are wrt=0,1")

    def test_function(self):
        two = SINE + SINE.replace("@sine", "@other")
        with self.assertRaisesRegex(dp.CompileError, "sine, other"):
            dp.from_mlir(two)
        with self.assertRaisesRegex(dp.CompileError, "no public function 'third'"):
            dp.from_mlir(two, function="third")
        self.assertEqual(dp.from_mlir(two, function="other").function, "other")

    def test_options(self):
        program = dp.from_mlir(SINE)
        for options in ({"target": "gpu"}, {"fp": "exact"}, {"level": 9}, {"max_tape": "1X"}, {"specialize": {"q": (1,)}},
                        {"target": "interp", "mcpu": "native"}, {"plugin": "p.so"}, {"mcpu": "no-such-cpu"}):
            with self.subTest(options=options), self.assertRaises(dp.CompileError) as raised:
                program.compile(**options)
            self.assertTrue(raised.exception.help)
        with self.assertRaises(TypeError):
            program.compile(threads=2)

    def test_run_time(self):
        program = dp.from_mlir(CHECKED)
        for target in ("cpu", "interp"):
            with self.subTest(target):
                function = program.compile(target)
                self.assertEqual(function(7, 2), 3)
                with self.assertRaises(dp.RunError) as raised:
                    function(7, 0)
                error = raised.exception
                self.assertEqual((error.file, error.line), ("<text>", 3))
                self.assertIn("divides by 0", error.message)

    def test_programs_of_bytes_need_jax(self):
        try:
            import jax  # noqa: F401
        except ImportError:
            with self.assertRaisesRegex(ImportError, "jaxlib"):
                dp.from_stablehlo(b"ML\xefR")


class Interrupts(unittest.TestCase):
    def test_ctrl_c_ends_a_compilation(self):
        program = dp.from_mlir(long(4000))
        timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
        started = time.monotonic()
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            program.grad().jvp().compile()
        self.assertLess(time.monotonic() - started, 3)
        timer.join()
        # The module still works.
        self.assertEqual(dp.from_mlir(SINE).compile()(0.0), 0.0)
        dp._native.join()

    def test_other_threads_run_meanwhile(self):
        ticks, done = 0, threading.Event()

        def compile():
            dp.from_mlir(long(200)).grad().compile()
            done.set()

        thread = threading.Thread(target=compile)
        thread.start()
        while not done.wait(0.001):
            ticks += 1
        thread.join()
        self.assertGreater(ticks, 10)


if __name__ == "__main__":
    unittest.main()
