"""Programs from JAX, against jax.grad."""

import unittest

import diffprog as dp
import numpy as np

try:
    import jax
    import jax.numpy as jnp
except ImportError as error:
    raise unittest.SkipTest("JAX is not installed") from error


def mlp(params, x):
    for layer in params["hidden"]:
        x = jnp.tanh(x @ layer["w"] + layer["b"])
    return x @ params["out"]


def loss(params, x, labels):
    logits = jax.nn.log_softmax(mlp(params, x))
    return -jnp.mean(jnp.take_along_axis(logits, labels[:, None], 1))


def real(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape).astype("float32")


PARAMS = {"hidden": [{"w": real(8, 16), "b": real(16)}, {"w": real(16, 16), "b": real(16)}], "out": real(16, 5)}
DIRECTION = jax.tree.map(lambda leaf: real(*leaf.shape[::-1]).T.copy(), PARAMS)
X, LABELS = real(7, 8), np.arange(7, dtype="int32") % 5


class Model(unittest.TestCase):
    """A perceptron with trees of parameters, for batches of any size."""

    @classmethod
    def setUpClass(cls):
        (batch,) = jax.export.symbolic_shape("batch")
        x, labels = jax.ShapeDtypeStruct((batch, 8), "float32"), jax.ShapeDtypeStruct((batch,), "int32")
        cls.program = dp.from_jax(loss, PARAMS, x, labels)

    def close(self, given, expected, rtol=2e-5):
        self.assertEqual(jax.tree.structure(given), jax.tree.structure(expected))
        for a, b in zip(jax.tree.leaves(given), jax.tree.leaves(expected)):
            self.assertIsInstance(a, np.ndarray)
            self.assertEqual((a.shape, a.dtype), (b.shape, b.dtype))
            np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-6)

    def test_gradient(self):
        function = self.program.grad(wrt=0).compile()
        for size in (1, 7):
            arguments = PARAMS, X[:size], LABELS[:size]
            self.close(function(*arguments), jax.value_and_grad(loss)(*arguments))
        self.assertEqual(str(function.__signature__), "(params, x, labels, *, out=None)")
        self.close(function(x=X, labels=LABELS, params=PARAMS), function(PARAMS, X, LABELS), 0)

    def test_arrays_of_jax(self):
        function = self.program.grad(wrt=0).compile()
        given = function(jax.tree.map(jnp.asarray, PARAMS), jnp.asarray(X), jnp.asarray(LABELS))
        self.close(given, function(PARAMS, X, LABELS), 0)
        np.testing.assert_array_equal(jnp.from_dlpack(given[1]["out"]), given[1]["out"])

    def test_which_arguments(self):
        gradient = self.program.grad(wrt=(1, 0)).compile()(PARAMS, X, LABELS)
        self.close(gradient, jax.value_and_grad(loss, (1, 0))(PARAMS, X, LABELS))
        everything = self.program.grad().compile()(PARAMS, X, LABELS)
        self.close(everything, jax.value_and_grad(loss, (0, 1))(PARAMS, X, LABELS))
        with self.assertRaisesRegex(TypeError, "argument 'labels' .* int32"):
            self.program.grad(wrt=2)
        with self.assertRaisesRegex(ValueError, "wrt=3"):
            self.program.grad(wrt=3)

    def test_direction(self):
        given = self.program.jvp(wrt=0).compile()(PARAMS, X, LABELS, DIRECTION)
        expected = jax.jvp(lambda params: loss(params, X, LABELS), (PARAMS,), (DIRECTION,))
        self.close(given, expected)

    def test_products_with_the_hessian(self):
        gradient = jax.grad(lambda params: loss(params, X, LABELS))
        expected = jax.jvp(gradient, (PARAMS,), (DIRECTION,))
        forward = self.program.grad(wrt=0).jvp(wrt=0).compile()
        (_, given), (_, product) = forward(PARAMS, X, LABELS, DIRECTION)
        self.close((given, product), expected, 2e-4)
        _, product = self.program.jvp(wrt=0).grad(wrt=0).compile()(PARAMS, X, LABELS, DIRECTION)
        self.close(product, expected[1], 2e-4)

    def test_pullback(self):
        program = dp.from_jax(mlp, PARAMS, X)
        result, pullback = program.vjp(wrt=0).compile()(PARAMS, X)
        expected, pull = jax.vjp(lambda params: mlp(params, X), PARAMS)
        self.close(result, expected)
        self.close(pullback(real(7, 5)), pull(real(7, 5))[0])

    def test_out(self):
        function = self.program.grad(wrt=0).compile()
        out = np.zeros((), "float32"), jax.tree.map(np.zeros_like, PARAMS)
        value, gradient = function(PARAMS, X, LABELS, out=out)
        self.assertIs(gradient["out"], out[1]["out"])
        self.close(out, function(PARAMS, X, LABELS), 0)

    def test_what_does_not_fit(self):
        function = self.program.grad(wrt=0).compile()
        with self.assertRaisesRegex(TypeError, "argument 'params' has the structure"):
            function({"out": PARAMS["out"]}, X, LABELS)
        with self.assertRaisesRegex(TypeError, "float64, not float32"):
            function(PARAMS, X.astype("float64"), LABELS)
        with self.assertRaisesRegex(TypeError, "takes 3 arguments"):
            function(PARAMS, X)
        # Extents that must agree are compared when the function runs.
        with self.assertRaises((dp.RunError, ValueError)):
            function(PARAMS, X, LABELS[:3])

    def test_text_and_flat(self):
        program = dp.from_jax(loss, PARAMS, X, LABELS)
        self.assertIn("func.func public @loss", str(program))
        flat = program.compile().flat
        value = flat(*jax.tree.leaves((PARAMS, X, LABELS)))
        np.testing.assert_allclose(value, loss(PARAMS, X, LABELS), rtol=1e-5)
        simple = program.grad(wrt=0).simplify().compile()
        self.close(simple(PARAMS, X, LABELS), jax.value_and_grad(loss)(PARAMS, X, LABELS))


class Programs(unittest.TestCase):
    def test_linear_algebra(self):
        def positive(a):
            return a @ a.T + jnp.eye(4)

        def by_cholesky(a, b):
            return jax.scipy.linalg.cho_solve((jnp.linalg.cholesky(positive(a)), True), b).sum()

        def by_lu(a, b):
            return jnp.linalg.solve(positive(a), b).sum() + jnp.linalg.det(positive(a))

        def spectrum(a, b):
            return jnp.linalg.eigvalsh(positive(a)) @ b + jnp.linalg.svd(a, compute_uv=False) @ b

        a, b = real(4, 4), real(4)
        for function in by_cholesky, by_lu, spectrum:
            with self.subTest(function.__name__):
                given = dp.from_jax(function, a, b).grad().compile()(a, b)
                expected = jax.value_and_grad(function, (0, 1))(a, b)
                for x, y in zip(jax.tree.leaves(given), jax.tree.leaves(expected)):
                    np.testing.assert_allclose(x, y, rtol=1e-3, atol=1e-4)

    def test_complex_gradients(self):
        """JAX's gradient is the conjugate of ours, which is the direction of steepest ascent."""
        def size(z):
            return jnp.sum(jnp.abs(jnp.exp(z) - 2j * z) ** 2)

        z = (real(3) + 1j * real(3)).astype("complex64")
        value, gradient = dp.from_jax(size, z).grad().compile()(z)
        expected, conjugate = jax.value_and_grad(size)(z)
        np.testing.assert_allclose(value, expected, rtol=1e-4)
        np.testing.assert_allclose(gradient, np.conj(conjugate), rtol=1e-3)

    def test_types_of_results(self):
        def function(x, n):
            return {"bits": n * np.uint32(3), "mask": x > 0, "half": x.astype("bfloat16"), "x": x}

        x, n = real(3), np.array([1, 1 << 31], "uint32")
        given = dp.from_jax(function, x, n).compile()(x, n)
        expected = function(jnp.asarray(x), jnp.asarray(n))
        for name, value in expected.items():
            self.assertEqual(given[name].dtype, value.dtype)
            np.testing.assert_array_equal(given[name], value)

    def test_scipy(self):
        try:
            from scipy.optimize import minimize, rosen
        except ImportError:
            self.skipTest("SciPy is not installed")
        jax.config.update("jax_enable_x64", True)
        try:
            function = dp.from_jax(lambda x: jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), np.zeros(5))
            compiled = function.grad().compile()
            start = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
            np.testing.assert_allclose(compiled(start)[0], rosen(start))
            found = minimize(compiled, start, jac=True, method="L-BFGS-B")
        finally:
            jax.config.update("jax_enable_x64", False)
        np.testing.assert_allclose(found.x, np.ones(5), atol=1e-3)

    def test_stablehlo(self):
        exported = jax.export.export(jax.jit(lambda x: jnp.sin(x).sum()))(jax.ShapeDtypeStruct((3,), "float32"))
        x = real(3)
        sources = [exported.mlir_module(), exported.mlir_module_serialized]
        try:
            sources.append(bytes(exported.serialize()))
        except ImportError:
            # JAX serializes only with flatbuffers.
            pass
        for source in sources:
            with self.subTest(source[:8]):
                value, gradient = dp.from_stablehlo(source).grad().compile()(x)
                np.testing.assert_allclose(value, np.sin(x).sum(), rtol=1e-6)
                np.testing.assert_allclose(gradient, np.cos(x), rtol=1e-6)

    def test_what_has_no_translation(self):
        with self.assertRaisesRegex(dp.CompileError, "lapack_sgeev_ffi") as raised:
            dp.from_jax(jnp.linalg.eigvals, real(4, 4))
        self.assertTrue(raised.exception.help)


if __name__ == "__main__":
    unittest.main()
