"""Writes the JSON fixtures beside this file: natural logs of tail probabilities to 45 digits.

Needs python3 with mpmath 1.3; takes about ten minutes, most of them for binomial and Gamma tails at 10⁹. Run it in this directory:

    python3 make-fixtures.py

Every argument in the fixtures is the double that the tests pass, taken at its exact value. The methods here share
nothing with the package: finite or convergent series of positive terms, partial fractions at some hundred digits, and
plain convolution. Each figure is computed twice at different precision and refused if the two differ.
"""

import json
import random
from fractions import Fraction
from pathlib import Path

import mpmath
from mpmath import mp, mpf

HERE = Path(__file__).parent
DIGITS = 45


def settled(function, start=70):
    """The value of function() at rising precision until 45 digits stand still."""
    last = None
    for dps in (start, start * 2, start * 4, start * 8, start * 16, start * 32):
        with mpmath.workdps(dps):
            value = function()
        if last is not None and value != 0 and abs(value - last) <= abs(value) * mpf(10) ** -(DIGITS + 3):
            return mpmath.nstr(value, DIGITS, strip_zeros=False)
        last = value
    raise ArithmeticError("no settled value")


def log1m(x):
    """ln(1 - x) for tiny x too."""
    return mpmath.log1p(-x)


def normal_log_tail(z):
    z = mpf(z)
    if z < 0:
        return log1m(mpmath.erfc(-z / mpmath.sqrt(2)) / 2)
    return mpmath.log(mpmath.erfc(z / mpmath.sqrt(2)) / 2)


def binomial_log_tail(k, n, p):
    """Sum of the terms on the shorter side, by ratios from the first."""
    p = mpf(p)
    q = 1 - p
    upper = k > (n + 1) * p
    first = k if upper else k - 1
    log_first = (
        mpmath.loggamma(n + 1) - mpmath.loggamma(first + 1) - mpmath.loggamma(n - first + 1)
        + first * mpmath.log(p) + (n - first) * mpmath.log(q)
    )
    odds = p / q if upper else q / p
    term = total = mpf(1)
    j = first
    while term > total * mpf(10) ** -(DIGITS + 12):
        if upper:
            if j == n:
                break
            term *= (n - j) * odds / (j + 1)
            j += 1
        else:
            if j == 0:
                break
            term *= j * odds / (n - j + 1)
            j -= 1
        total += term
    log_side = log_first + mpmath.log(total)
    return log_side if upper else log1m(mpmath.exp(log_side))


def gamma_log_lower(a, x):
    a, x = mpf(a), mpf(x)
    term = total = mpf(1)
    k = 1
    while term > total * mpf(10) ** -(mp.dps + 2):
        term *= x / (a + k)
        total += term
        k += 1
    return a * mpmath.log(x) - x - mpmath.loggamma(a + 1) + mpmath.log(total)


def gamma_log_tail(a, x):
    a, x = mpf(a), mpf(x)
    if x <= a:
        return log1m(mpmath.exp(gamma_log_lower(a, x)))
    head = a * mpmath.log(x) - x - mpmath.loggamma(a)
    # Legendre's fraction from the back, twice as long each time, until it settles.
    last = None
    levels = int(60 + 8 * mpmath.sqrt(a))
    while True:
        b = x + 2 * levels + 1 - a
        for k in range(levels, 0, -1):
            b = x + 2 * (k - 1) + 1 - a - k * (k - a) / b
        if last is not None and abs(b - last) <= abs(b) * mpf(10) ** -(DIGITS + 6):
            return head - mpmath.log(b)
        last = b
        levels *= 2


def beta_log_lower(a, b, x):
    """I_x(a, b) = x^a (1-x)^b / (a B) * sum of (a+b)_j / (a+1)_j x^j (DLMF 8.17.8), on whichever side converges sooner."""
    a, b, x = mpf(a), mpf(b), mpf(x)
    if x > a / (a + b):
        return log1m(mpmath.exp(beta_log_lower_series(b, a, 1 - x)))
    return beta_log_lower_series(a, b, x)


def beta_log_lower_series(a, b, x):
    term = total = mpf(1)
    j = 0
    while term > total * mpf(10) ** -(mp.dps + 2):
        term *= (a + b + j) * x / (a + 1 + j)
        total += term
        j += 1
    log_b = mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)
    return a * mpmath.log(x) + b * mpmath.log(1 - x) - mpmath.log(a) - log_b + mpmath.log(total)


def exponential_mixture(parts, s, lower):
    """P[S >= s] or P[S < s] for S = sum of weight * Gamma(shape), integer shapes, distinct weights: partial fractions of
    the moment generating function, whose terms alternate and so need many digits."""
    s = mpf(s)
    total = mpf(0)
    for index, (weight, shape) in enumerate(parts):
        weight = mpf(weight)
        series = [mpf(1)] + [mpf(0)] * (shape - 1)
        for other, (w, m) in enumerate(parts):
            if other == index:
                continue
            r = mpf(w) / weight
            rho = r / (1 - r)
            factor = [(1 - r) ** -m]
            for k in range(1, shape):
                factor.append(-factor[-1] * rho * (m + k - 1) / k)
            series = [sum(series[i] * factor[k - i] for i in range(k + 1)) for k in range(shape)]
        y = s / weight
        # Q(i, y) for i = 1 ... shape
        tails = []
        term = acc = mpf(1)
        for i in range(shape):
            tails.append(acc)
            term *= y / (i + 1)
            acc += term
        decay = mpmath.exp(-y)
        for k in range(shape):
            total += series[k] * tails[shape - k - 1] * decay
    return 1 - total if lower else total


def exponential_log_tail(parts, s):
    mean = sum(mpf(w) * m for w, m in parts)
    if mpf(s) < mean:
        return log1m(exponential_mixture(parts, s, True))
    return mpmath.log(exponential_mixture(parts, s, False))


def convolved(units, n):
    """{index: probability} of n copies of the factors [{value: probability}], exact where Fractions go in."""
    law = {0: Fraction(1)}
    for factor in units:
        for _ in range(n):
            nxt = {}
            for x, px in law.items():
                for v, pv in factor.items():
                    nxt[x + v] = nxt.get(x + v, 0) + px * pv
            law = nxt
    return law


def fraction_log(value):
    return mpmath.log(mpf(value.numerator)) - mpmath.log(mpf(value.denominator))


def lattice_log_tail(law, k):
    upper = sum(p for x, p in law.items() if x >= k)
    lower = sum(p for x, p in law.items() if x < k)
    # The laws sum to 1 exactly.
    if upper > lower:
        return log1m(mpf(lower.numerator) / mpf(lower.denominator))
    return fraction_log(upper)


def write(name, cases):
    text = ",\n".join(json.dumps(case) for case in cases)
    (HERE / f"{name}.json").write_text(f"[\n{text}\n]\n")
    print(name, len(cases), flush=True)


def normal():
    zs = [-38, -30, -20, -10, -8, -6, -5, -4, -3, -2.5, -2, -1.5, -1, -0.5, -0.1, -1e-3, -1e-8, 0, 1e-8, 1e-3, 0.1, 0.25, 0.5,
          0.75, 1, 1.25, 1.5, 1.75, 1.9, 1.999, 2, 2.001, 2.5, 3, 3.5, 4, 4.75, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 38, 50,
          80, 100, 150, 200, 300, 400, 500, 600, 678]
    write("normal", [{"z": z, "ln": settled(lambda: normal_log_tail(z))} for z in zs])


def binomial():
    rng = random.Random(1)
    cases = [(1, 1, 0.25), (1, 1, 1e-300), (1, 2, 0.5), (2, 2, 0.5), (1, 1000000000, 1e-9), (1, 10, 1e-20), (10, 10, 0.999999),
             (1, 10, 0.999999), (1, 1000, 0.5), (999, 1000, 0.5), (1000, 1000, 0.5), (500, 1000, 0.5), (501, 1000, 0.5)]
    for p in (0.5, 0.25, 0.1, 0.01, 0.75, 0.99, 1e-6, 0.9999):
        for n in (10, 25, 200, 1000, 6000, 100000):
            mean, sd = n * p, (n * p * (1 - p)) ** 0.5
            for z in (-8, -3, -0.3, 0.3, 3, 8, 30):
                k = round(mean + z * sd)
                if 1 <= k <= n and rng.random() < 0.5:
                    cases.append((k, n, p))
            for k in (1, n - 1, n):
                if rng.random() < 0.4:
                    cases.append((k, n, p))
    for n, p, ks in ((1000000, 0.25, (250000, 251000, 260000, 400000, 249000)), (1000000000, 0.25, (250000000, 250030000, 250300000, 253000000, 249980000)),
                     (1000000000, 0.5, (500000001, 500100000, 510000000)), (332193, 0.5, (332193,)), (332193, 0.25, (300000, 170000)),
                     (1000000000, 1e-6, (1000, 1100, 2000, 20000))):
        cases += [(k, n, p) for k in ks]
    cases = sorted(set(cases))
    write("binomial", [{"k": k, "n": n, "p": p, "ln": settled(lambda: binomial_log_tail(k, n, p))} for k, n, p in cases])


def gamma():
    cases = [(1, 1e-12), (1, 1), (1, 50), (0.5, 1e-10), (0.5, 0.5), (0.5, 10), (200, 230000), (1000000, 1700000)]
    for shape in (0.5, 1, 1.5, 2, 3.25, 5, 10, 25, 50.5, 200, 1000, 12345.5, 100000, 1000000):
        for z in (-8, -3, -0.3, 0, 0.3, 3, 8, 30, 100):
            x = shape + z * shape ** 0.5
            if x > 0:
                cases.append((shape, x))
        cases.append((shape, shape + 230000 * (1 if shape < 100000 else 3)))
        cases.append((shape, shape * 0.05))
    cases += [(1e9, 1e9), (1e9, 1e9 + 1e5), (1e9, 1e9 - 1e5), (1e9, 1.02e9)]
    cases = sorted(set(cases))
    write("gamma", [{"shape": a, "x": x, "ln": settled(lambda: gamma_log_tail(a, x))} for a, x in cases])


def beta():
    rng = random.Random(2)
    cases = []
    for a in (0.5, 1, 2.5, 20, 300.5, 5000):
        for b in (0.5, 1, 3.5, 40, 1000, 20000):
            for z in (-5, -1, 1, 5):
                mean = a / (a + b)
                x = mean + z * (mean * (1 - mean) / (a + b + 1)) ** 0.5
                if 0 < x < 1 and rng.random() < 0.7:
                    cases.append((a, b, x))
    cases += [(2, 3, 1e-300), (100, 50, 1e-100), (1000, 1000, 0.01)]
    write("beta-lower", [{"a": a, "b": b, "x": x, "ln": settled(lambda: beta_log_lower(a, b, x))} for a, b, x in cases])


def dual():
    cases = []
    for n in (1, 2, 5, 20, 50, 200):
        for a, b in ((0.9, 0.1), (0.8, 0.2), (0.1, 0.9), (0.6, 0.4), (0.5, 0.50001), (1, 0.001)):
            mean, sd = n * (a + b), (n * (a * a + b * b)) ** 0.5
            for s in (mean * 0.3, mean - sd, mean, mean + sd, mean + 5 * sd, mean + 30 * sd, 100000.0 * max(a, b)):
                if n >= 50 and min(a, b) / max(a, b) > 0.999:
                    continue  # the fractions would cancel thousands of digits
                cases.append((n, a, b, s))
    cases += [(1, 1, 1e-6, 1.0), (3, 1, 1e-6, 2.0), (3, 1, 1e-9, 20.0), (5, 1, 1e-5, 0.5), (200, 0.9, 0.1, 230000.0)]
    write("dual-exponential", [{"n": n, "a": a, "b": b, "s": s, "ln": settled(lambda: exponential_log_tail([(a, n), (b, n)], s), 150)}
                               for n, a, b, s in cases])


def hypoexponential():
    cases = []
    for parts in ([[0.9, 1], [0.3, 1], [0.1, 1]], [[1, 1], [0.5, 2], [0.25, 3]], [[1, 10], [0.7, 20], [0.1, 5]],
                  [[1, 1], [0.01, 5], [0.0001, 3]], [[3, 2], [2, 2], [1.5, 2], [1, 2], [0.5, 2]], [[1, 40], [0.8, 40], [0.6, 40]]):
        mean = sum(w * m for w, m in parts)
        sd = sum(w * w * m for w, m in parts) ** 0.5
        for s in (mean * 0.02, mean * 0.3, mean - sd, mean - 0.01 * sd, mean + 0.01 * sd, mean + sd, mean + 5 * sd, mean + 30 * sd, mean + 10000 * sd, 200000.0):
            cases.append((parts, s))
    write("gamma-mixture", [{"parts": parts, "s": s, "ln": settled(lambda: exponential_log_tail(parts, s), 150)} for parts, s in cases])


def lattice():
    cases = []
    for weights, p, n in (([1, 2, 3], 0.5, 1), ([1, 2, 3], 0.5, 12), ([3, 5], 0.01, 20), ([1, 2], 0.3, 40), ([10, 7, 4, 1], 0.25, 15),
                          ([6, 5, 4, 3, 2, 1], 0.5, 10), ([2.5, 1.5, 0.5], 0.9, 12), ([7, 1], 1e-6, 10), ([0.1, 0.2, 0.3], 0.5, 20)):
        scale = {2.5: 2, 0.1: 10}.get(weights[0], 1)
        ints = [round(w * scale) for w in weights]
        law = convolved([{0: 1 - Fraction(p), w: Fraction(p)} if w else {0: Fraction(1)} for w in ints] and
                        [{0: 1 - Fraction(p), w: Fraction(p)} for w in ints], n)
        top = max(law)
        ks = sorted({1, 2, top // 4, top // 2, top // 2 + 1, 3 * top // 4, top - 1, top} & set(range(1, top + 1)))
        for k in ks:
            cases.append({"family": "bernoulli", "p": p, "weights": weights, "n": n, "statistic": k / scale,
                          "ln": settled(lambda: lattice_log_tail(law, k))})
    for values, probabilities, n in (([1, 2, 3, 4, 5, 6], [0.125, 0.125, 0.25, 0.25, 0.125, 0.125], 20), ([-1, 0, 1], [0.25, 0.5, 0.25], 30),
                                     ([0, 0.5, 2], [0.5, 0.375, 0.125], 15), ([0, 7, 100], [0.984375, 0.0078125, 0.0078125], 8)):
        scale = 2 if 0.5 in values else 1
        low = values[0]
        law = convolved([{round((v - low) * scale): Fraction(q) for v, q in zip(values, probabilities)}], n)
        top = max(law)
        for k in sorted({1, 2, top // 4, top // 2, top // 2 + 1, 3 * top // 4, top - 1, top}):
            cases.append({"family": "lattice", "values": values, "probabilities": probabilities, "n": n,
                          "statistic": n * low + k / scale, "ln": settled(lambda: lattice_log_tail(law, k))})
    write("lattice", cases)


if __name__ == "__main__":
    import sys
    for make in [globals()[name] for name in sys.argv[1:]] or (normal, binomial, gamma, beta, dual, hypoexponential, lattice):
        make()
