"""Models whose loops have a length that is known only at run time: (name, function, arguments).

JAX refuses their reverse mode: what is compared are its derivatives in forward mode.
"""

import diffrax
import jax
import jax.numpy as jnp
from jax import lax

from programs import real

# No loop here takes more rounds.
BOUND = 256


def iterations():
    def grown(x, rate, n):
        return lax.fori_loop(0, n, lambda i, x: x + rate * x * (1 - x), x)

    yield "model_logistic", grown, [real(3, low=0.1, high=0.9), real(low=0.5, high=1), jnp.asarray(6)]

    def root(a, x):
        """Newton's iterations until they change nothing."""
        def improved(state):
            x, _ = state
            return (x + a / x) / 2, x

        return lax.while_loop(lambda s: jnp.abs(s[0] - s[1]) > 1e-12, improved, (x, x + 1))[0]

    yield "model_newton", root, [jnp.asarray(1.7), jnp.asarray(1.1)]

    def fixed(w, x):
        step = lambda z: jnp.tanh(w @ z + x)
        far = lambda s: (jnp.max(jnp.abs(s[0] - s[1])) > 1e-10) & (s[2] < BOUND)
        return lax.while_loop(far, lambda s: (step(s[0]), s[0], s[2] + 1), (step(x), x, 0))[0]

    yield "model_equilibrium", fixed, [real(3, 3, low=-0.4, high=0.4), real(3)]

    def adaptive(y, mu, end):
        """Van der Pol's oscillator, with steps that the error chooses."""
        slope = lambda y: jnp.stack([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])

        def step(state):
            t, h, y = state
            h = jnp.minimum(h, end - t)
            k1 = slope(y)
            k2 = slope(y + h * k1)
            better = y + h / 2 * (k1 + k2)
            error = jnp.sqrt(jnp.sum((h / 2 * (k2 - k1)) ** 2)) + 1e-12
            good = error < 1e-2
            factor = jnp.clip(0.9 * jnp.sqrt(1e-2 / error), 0.3, 2.0)
            return jnp.where(good, t + h, t), h * factor, jnp.where(good, better, y)

        return lax.while_loop(lambda s: s[0] < end, step, (0.0 * end, 0.3, y))[2]

    yield "model_van_der_pol", adaptive, [real(2), jnp.asarray(0.7), jnp.asarray(1.5)]

    def descended(x, scale):
        """Gradient descent until the gradient is small."""
        f = lambda x: jnp.sum(jnp.log1p(scale * x**2)) + 0.1 * jnp.sum((x - 1) ** 2)
        slope = jax.grad(f)
        return lax.while_loop(lambda x: jnp.sum(slope(x) ** 2) > 1e-3, lambda x: x - 0.3 * slope(x), x)

    yield "model_descent", descended, [real(3), real(3, low=0.3, high=1)]

    def escaped(c, z):
        def step(state):
            z, n = state
            return jnp.stack([z[0] ** 2 - z[1] ** 2, 2 * z[0] * z[1]]) + c, n + 1

        z, n = lax.while_loop(lambda s: (jnp.sum(s[0] ** 2) < 16) & (s[1] < 30), step, (z, 0))
        return n + 1 - jnp.log2(jnp.log(jnp.sum(z**2)))

    yield "model_mandelbrot", escaped, [jnp.asarray([0.4, 0.35]), jnp.asarray([0.05, -0.02])]

    def nested(x, n):
        def outer(i, x):
            return lax.fori_loop(0, i, lambda j, x: jnp.sin(x) * 1.1 + 0.01 * j, x)

        return lax.fori_loop(0, n, outer, x)

    yield "model_nested_loops", nested, [real(4), jnp.asarray(4)]

    def stiff(y, k):
        """Implicit Euler, each step by Newton's method until it converges."""
        def step(_, y):
            f = lambda z: z - y - 0.1 * jnp.stack([-k * z[0] + z[1] ** 2, k * z[0] - z[1]])

            def improved(state):
                z, _ = state
                return z - jnp.linalg.solve(jax.jacfwd(f)(z), f(z)), z

            return lax.while_loop(lambda s: jnp.max(jnp.abs(s[0] - s[1])) > 1e-11, improved, (y, y + 1))[0]

        return lax.fori_loop(0, 3, step, y)

    yield "model_implicit_euler", stiff, [real(2), jnp.asarray(2.0)]

    def solved(w, y0, end):
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, y, w: jnp.tanh(w @ y) - 0.1 * y), diffrax.Tsit5(), 0.0, end, None, y0, w,
            stepsize_controller=diffrax.StepTo(jnp.linspace(0.0, 1.0, 6) * end),
            adjoint=diffrax.ForwardMode(), throw=False)
        return solution.ys[0]

    yield "model_diffrax", solved, [real(3, 3), real(3), real(low=0.5)]


def of_first_order():
    """Those whose second derivatives are not compared."""
    # A branch that is not taken divides by 0.
    yield "betainc", lambda x: jax.scipy.special.betainc(1.0, 1.5, x), [real(6, low=0.05, high=0.95)]
