"""Models of the sciences whose derivatives of first and second order are compared: (name, function, arguments)."""

import jax
import jax.numpy as jnp
import jax.scipy as jsp
from jax import lax

from programs import real, whole


def statistics():
    def student(x, location, scale, freedom):
        return jsp.stats.t.logpdf(x, freedom, location, scale).sum()

    positive = dict(low=0.5, high=2.0)
    yield "model_student", student, [real(6), real(), real(**positive), real(low=2, high=5)]

    def counts(w, x, y):
        rate = jnp.exp(x @ w)
        return jnp.sum(jsp.stats.poisson.logpmf(y, rate))

    yield "model_poisson", counts, [real(3, low=-0.5, high=0.5), real(7, 3), whole(7, high=6)]

    def negative_binomial(mean, dispersion, y):
        r = 1 / dispersion
        terms = jsp.special.gammaln(y + r) - jsp.special.gammaln(r) - jsp.special.gammaln(y + 1.0)
        return jnp.sum(terms + r * jnp.log(r / (r + mean)) + y * jnp.log(mean / (r + mean)))

    yield "model_negative_binomial", negative_binomial, [real(5, **positive), real(**positive), real(5, low=1, high=6)]

    def beta(a, b, x):
        return jsp.stats.beta.logpdf(x, a, b).sum() + jsp.stats.gamma.logpdf(x, a).sum()

    yield "model_beta", beta, [real(5, **positive), real(5, **positive), real(5, low=0.1, high=0.9)]

    def dirichlet(alpha, x):
        return jsp.stats.dirichlet.logpdf(jax.nn.softmax(x), alpha)

    yield "model_dirichlet", dirichlet, [real(4, **positive), real(4)]

    def survival(w, x, times):
        """The partial likelihood of Cox: sorted by time, with sums of those at risk."""
        order = jnp.argsort(-times)
        risk = (x @ w)[order]
        return jnp.mean(lax.cumlogsumexp(risk) - risk)

    yield "model_survival", survival, [real(3), real(8, 3), real(8, low=0.0)]

    def pinball(w, x, y):
        error = jnp.sort(y - x @ w)
        place = jnp.arange(error.size) + 0.5
        return jnp.sum(error * (place / error.size - 0.3)) + jnp.quantile(error, 0.35) + jnp.median(y - x @ w) ** 2

    yield "model_quantiles", pinball, [real(3), real(9, 3), real(9)]

    def ordinal(w, cuts, x, y):
        cuts = jnp.concatenate([jnp.array([-jnp.inf]), jnp.cumsum(jnp.exp(cuts)) - 2, jnp.array([jnp.inf])])
        score = x @ w
        return -jnp.mean(jnp.log(jax.nn.sigmoid(cuts[y + 1] - score) - jax.nn.sigmoid(cuts[y] - score)))

    yield "model_ordinal", ordinal, [real(3), real(3), real(6, 3), whole(6, high=4)]

    def hidden_markov(start, transitions, means, ys):
        start, transitions = jax.nn.log_softmax(start), jax.nn.log_softmax(transitions)

        def forward(alpha, y):
            alpha = jax.nn.logsumexp(alpha[:, None] + transitions, 0) - 0.5 * (y - means) ** 2
            return alpha, None

        return jax.nn.logsumexp(lax.scan(forward, start - 0.5 * (ys[0] - means) ** 2, ys[1:])[0])

    yield "model_hidden_markov", hidden_markov, [real(3), real(3, 3), real(3), real(6)]

    def probit(w, x, y):
        return -jnp.mean(jsp.stats.norm.logcdf(jnp.where(y == 1, 1.0, -1.0) * (x @ w)))

    yield "model_probit", probit, [real(3, low=-1, high=1), real(6, 3), whole(6, high=2)]

    def vector(x, mean, concentration):
        """Directions: the likelihood of von Mises, with Bessel's function."""
        return jnp.sum(concentration * jnp.cos(x - mean) - jnp.log(jsp.special.i0(concentration)))

    yield "model_von_mises", vector, [real(6), real(), real(**positive)]

    def ridge(x, y, z, width, penalty):
        kernel = lambda a, b: jnp.exp(-((a[:, None] - b) ** 2).sum(-1) / width)
        return kernel(z, x) @ jnp.linalg.solve(kernel(x, x) + penalty * jnp.eye(x.shape[0]), y)

    yield "model_kernel_ridge", ridge, [real(6, 2), real(6), real(3, 2), real(**positive), real(**positive)]

    def gaussian(mean, raw, x):
        factor = jnp.tril(raw, -1) + jnp.diag(jnp.exp(jnp.diagonal(raw)))
        return jsp.stats.multivariate_normal.logpdf(x, mean, factor @ factor.T).sum()

    yield "model_multivariate_normal", gaussian, [real(3), real(3, 3, low=-1, high=1), real(5, 3)]

    def embedded(x, y):
        """Stochastic neighbours: the divergence of two distributions of pairs."""
        distance = ((y[:, None] - y) ** 2).sum(-1)
        apart = 1 - jnp.eye(y.shape[0])
        q = apart / (1 + distance)
        p = jax.nn.softmax(jnp.where(apart > 0, -((x[:, None] - x) ** 2).sum(-1), -jnp.inf))
        return jnp.sum(p * (jnp.log(p + 1e-9) - jnp.log(q / q.sum() + 1e-9)))

    yield "model_neighbours", embedded, [real(5, 3), real(5, 2)]


def finance():
    def black_scholes(spot, strike, rate, volatility, time):
        root = volatility * jnp.sqrt(time)
        d = (jnp.log(spot / strike) + (rate + volatility**2 / 2) * time) / root
        return spot * jsp.stats.norm.cdf(d) - strike * jnp.exp(-rate * time) * jsp.stats.norm.cdf(d - root)

    prices = [real(4, low=0.8, high=1.2), real(4, low=0.8, high=1.2), real(low=0.01, high=0.05), real(low=0.2, high=0.4),
              real(4, low=0.5, high=2)]
    yield "model_black_scholes", black_scholes, prices

    def american(spot, strike, rate, volatility):
        """A put by a binomial tree."""
        steps = 6
        up = jnp.exp(volatility / jnp.sqrt(steps))
        discount = jnp.exp(-rate / steps)
        p = (1 / discount - 1 / up) / (up - 1 / up)
        price = lambda i: spot * up ** (2.0 * jnp.arange(steps + 1) - i)
        value = jnp.maximum(strike - price(steps), 0)

        def back(k, value):
            i = steps - 1 - k
            held = discount * (p * jnp.roll(value, -1) + (1 - p) * value)
            return jnp.where(jnp.arange(steps + 1) <= i, jnp.maximum(held, strike - price(i)), 0.0)

        return lax.fori_loop(0, steps, back, value)[0]

    yield "model_american_option", american, [jnp.asarray(1.03), jnp.asarray(1.1), jnp.asarray(0.04), jnp.asarray(0.3)]

    def paths(spot, volatility, noise):
        """The average price of an Asian option, by given noise."""
        step = 1 / noise.shape[0]
        move = (0.03 - volatility**2 / 2) * step + volatility * jnp.sqrt(step) * noise
        price = spot * jnp.exp(jnp.cumsum(move, 0))
        return jnp.mean(jax.nn.softplus(20 * (price.mean(0) - 1)) / 20)

    yield "model_asian_option", paths, [jnp.asarray(1.0), jnp.asarray(0.3), real(8, 5)]

    def portfolio(w, returns):
        w = jax.nn.softmax(w)
        gain = returns @ w
        return gain.mean() / jnp.sqrt(w @ jnp.cov(returns.T) @ w) - 0.1 * jsp.special.entr(w).sum()

    yield "model_portfolio", portfolio, [real(3), real(8, 3)]


def mechanics():
    def pairs(x, depth, size):
        """The energy of Lennard-Jones."""
        square = ((x[:, None] - x) ** 2).sum(-1)
        i, j = jnp.triu_indices(x.shape[0], 1)
        ratio = (size**2 / square[i, j]) ** 3
        return jnp.sum(4 * depth * (ratio**2 - ratio))

    grid = jnp.asarray([[0.0, 0, 0], [1.2, 0.1, 0], [0, 1.1, 0.2], [0.1, 0.2, 1.3], [1.1, 1.2, 0.9]])
    yield "model_lennard_jones", pairs, [grid, jnp.asarray(0.8), jnp.asarray(0.9)]

    def bodies(x, v, mass):
        def pull(x):
            d = x[None] - x[:, None]
            return (mass[None, :, None] * d / ((d**2).sum(-1, keepdims=True) + 0.1) ** 1.5).sum(1)

        def leap(_, state):
            x, v = state
            v = v + 0.01 * pull(x)
            x = x + 0.02 * v
            return x, v + 0.01 * pull(x)

        return lax.fori_loop(0, 4, leap, (x, v))

    yield "model_bodies", bodies, [real(4, 2), real(4, 2), real(4, low=0.5)]

    def arm(angles, lengths, goal):
        turned = jnp.cumsum(angles)
        end = jnp.stack([jnp.sum(lengths * jnp.cos(turned)), jnp.sum(lengths * jnp.sin(turned))])
        return jnp.sum((end - goal) ** 2)

    yield "model_arm", arm, [real(4), real(4, low=0.5), real(2)]

    def camera(turn, move, focus, points, seen):
        """A residual of bundle adjustment: Rodrigues' rotation, projection, and a robust loss."""
        angle = jnp.sqrt(turn @ turn)
        axis = turn / angle
        rotated = (points * jnp.cos(angle) + jnp.cross(axis, points) * jnp.sin(angle)
                   + jnp.outer(points @ axis, axis) * (1 - jnp.cos(angle)))
        placed = rotated + move + jnp.array([0.0, 0, 6])
        found = focus * placed[:, :2] / placed[:, 2:]
        return jnp.sum(jnp.log1p(((found - seen) ** 2).sum(-1)))

    yield "model_camera", camera, [real(3, low=0.2), real(3), real(), real(5, 3), real(5, 2)]

    def spring(x, k, edges):
        length = jnp.linalg.norm(x[edges[:, 0]] - x[edges[:, 1]], axis=-1)
        return 0.5 * jnp.sum(k * (length - 1) ** 2) + 0.1 * x[:, 1].sum()

    yield "model_springs", spring, [real(5, 2), real(4), jnp.asarray([[0, 1], [1, 2], [2, 3], [3, 4]])]

    def aligned(a, b):
        """The rotation that turns one set of points to another, by singular values."""
        u, _, v = jnp.linalg.svd((a - a.mean(0)).T @ (b - b.mean(0)))
        return jnp.sum((a @ (u @ v) - b) ** 2)

    yield "model_alignment", aligned, [real(6, 3), real(6, 3)]

    def modes(stiffness, mass):
        a = stiffness @ stiffness.T + jnp.eye(4)
        scale = 1 / jnp.sqrt(jax.nn.softplus(mass))
        return jnp.linalg.eigvalsh(scale[:, None] * a * scale)

    yield "model_modes", modes, [real(4, 4), real(4)]


def equations():
    def heat(u, k):
        """Implicit steps of the heat equation, each a tridiagonal system."""
        def forward(above, u):
            factor, rest = above
            pivot = 1 + 2 * k + k * factor
            below = -k / pivot, (u + k * rest) / pivot
            return below, below

        def backward(below, row):
            x = row[1] - row[0] * below
            return x, x

        def step(_, u):
            rows = lax.scan(forward, (0.0, 0.0), u)[1]
            return lax.scan(backward, 0.0, rows, reverse=True)[1]

        return lax.fori_loop(0, 3, step, u)

    yield "model_heat_implicit", heat, [real(7), jnp.asarray(0.3)]

    def wave(u, v, speed):
        laplace = lambda u: sum(jnp.roll(u, d, a) for d in (-1, 1) for a in (0, 1)) - 4 * u

        def step(state, _):
            u, v = state
            v = v + 0.1 * speed**2 * laplace(u)
            return (u + 0.1 * v, v), jnp.sum(u**2)

        return lax.scan(step, (u, v), None, 5)

    yield "model_wave", wave, [real(4, 5), real(4, 5), real(4, 5)]

    def burgers(u, viscosity):
        """A spectral method: derivatives by Fourier transforms."""
        k = 1j * jnp.fft.rfftfreq(u.size, 1 / u.size)

        def step(_, u):
            hat = jnp.fft.rfft(u)
            slope, bend = jnp.fft.irfft(k * hat, u.size), jnp.fft.irfft(k**2 * hat, u.size)
            return u + 0.01 * (viscosity * bend - u * slope)

        return lax.fori_loop(0, 4, step, u)

    yield "model_burgers", burgers, [real(8), jnp.asarray(0.1)]

    def filtered(signal, kernel):
        n = signal.shape[-1] + kernel.shape[-1] - 1
        return jnp.fft.irfft(jnp.fft.rfft(signal, n) * jnp.fft.rfft(kernel, n), n)

    yield "model_fourier_convolution", filtered, [real(2, 9), real(4)]

    def operator(real_part, imaginary, w, x):
        """A layer of a Fourier neural operator."""
        hat = jnp.fft.rfft(x, axis=1)[:, :3]
        hat = jnp.einsum("bki,kij->bkj", hat, real_part + 1j * imaginary)
        return jax.nn.gelu(jnp.fft.irfft(hat, x.shape[1], axis=1) + x @ w)

    yield "model_fourier_operator", operator, [real(3, 2, 2), real(3, 2, 2), real(2, 2), real(2, 8, 2)]

    def spectrum(x, window):
        frames = jnp.stack([x[i : i + 8] * window for i in range(0, 9, 4)])
        return jnp.log(jnp.abs(jnp.fft.rfft(frames)) ** 2 + 1e-2).mean(0)

    yield "model_spectrogram", spectrum, [real(16), real(8)]

    def predators(y, rates):
        def step(y, _):
            a, b = y
            return y + 0.05 * jnp.stack([rates[0] * a - rates[1] * a * b, rates[2] * a * b - rates[3] * b]), y

        return lax.scan(step, y, None, 8)

    yield "model_predators", predators, [real(2, low=0.5), real(4, low=0.5)]

    def transported(cost, a, b, sharpness):
        """Sinkhorn's iterations."""
        kernel = jnp.exp(-sharpness * cost)
        a, b = jax.nn.softmax(a), jax.nn.softmax(b)

        def step(_, uv):
            u = a / (kernel @ uv[1])
            return u, b / (kernel.T @ u)

        u, v = lax.fori_loop(0, 5, step, (jnp.ones(4), jnp.ones(5)))
        return jnp.sum(u[:, None] * kernel * v * cost)

    yield "model_transport", transported, [real(4, 5, low=0.0), real(4), real(5), jnp.asarray(1.5)]

    def largest(a, x):
        """The greatest eigenvalue, by power iterations."""
        a = a @ a.T
        x = lax.fori_loop(0, 6, lambda _, x: (a @ x) / jnp.linalg.norm(a @ x), x)
        return x @ a @ x

    yield "model_power_iteration", largest, [real(4, 4), real(4)]

    def spline(x, ys):
        return jnp.interp(x, jnp.linspace(-2, 2, 6), ys)

    yield "model_interpolation", spline, [real(7), real(6)]

    def flowing(density, speed):
        """Advection with a limiter: a step of a finite volume scheme."""
        d = jnp.roll(density, -1) - density
        e = density - jnp.roll(density, 1)
        limited = jnp.where(d * e > 0, 2 * d * e / (d + e + 1e-9 * jnp.sign(d)), 0.0)
        flux = speed * (density + 0.5 * limited)
        return density - 0.1 * (flux - jnp.roll(flux, 1))

    yield "model_finite_volumes", flowing, [real(8), real(8, low=0.1)]

    def traced(centers, radii, origin):
        """The light along rays through soft spheres."""
        depth = jnp.linspace(0.1, 3.0, 8)
        point = origin[:, None] + depth[None, :, None] * jnp.array([0.0, 0.6, 0.8])
        density = jnp.sum(jax.nn.softplus(4 * (radii - jnp.linalg.norm(point[:, :, None] - centers, axis=-1))), -1)
        alpha = 1 - jnp.exp(-0.3 * density)
        through = jnp.cumprod(1 - alpha + 1e-9, -1)
        return jnp.sum(alpha * through * depth, -1)

    yield "model_rays", traced, [real(3, 3), real(3, low=0.2), real(4, 3)]


def all_sciences():
    for section in [statistics, finance, mechanics, equations]:
        yield from section()
