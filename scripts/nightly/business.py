#!/usr/bin/env python3
"""Compares the business, research and engineering departments with independent Python libraries on random inputs:
scipy, statsmodels, pymannkendall, numpy. Not part of CI: it fetches packages from the Python index.

    scripts/nightly/business.py [--cases 20] [--seed N] [--bureau .build/release/bureau]

The last line says how many comparisons agreed; the exit code is 0 only if all did.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests" / "Support"))
import python_environment  # noqa: E402

PACKAGES = ["numpy", "scipy", "statsmodels", "pymannkendall"]


class Bureau:
    def __init__(self, command):
        self.command, self.store = command, tempfile.TemporaryDirectory()
        self.agreed, self.failed = 0, []

    def run(self, task, given):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(given, file)
            file.flush()
            result = subprocess.run(
                [self.command, "run", task, "--store", self.store.name, "--json", "--input", file.name],
                capture_output=True, text=True, timeout=120)
        if result.returncode:
            raise RuntimeError(f"{task} {given}: {result.stderr.strip()}")
        return json.loads(result.stdout)["run"]["output"]

    def compare(self, what, found, expected, tolerance, given):
        scale = max(1.0, abs(expected))
        if found is not None and abs(found - expected) <= tolerance * scale:
            self.agreed += 1
        else:
            self.failed.append(f"{what}: {found}, expected {expected}; input {json.dumps(given)[:2000]}")


def experiments(bureau, rng):
    from scipy import integrate, stats
    from statsmodels.stats.proportion import proportion_confint, proportions_ztest
    n1, n2 = rng.randint(5, 3000), rng.randint(5, 3000)
    k1, k2 = rng.randint(1, n1 - 1), rng.randint(1, n2 - 1)
    given = {"variants": [{"name": "a", "visitors": n1, "conversions": k1},
                          {"name": "b", "visitors": n2, "conversions": k2}]}
    output = bureau.run("business/experiment", given)
    comparison = output["comparisons"][0]
    z, p = proportions_ztest([k2, k1], [n2, n1])
    bureau.compare("z", comparison["z"], z, 1e-9, given)
    bureau.compare("p", comparison["p_value"], p, 1e-9, given)
    fisher = stats.fisher_exact([[k2, n2 - k2], [k1, n1 - k1]])[1]
    bureau.compare("fisher", comparison["fisher_p_value"], fisher, 1e-7, given)
    low, high = proportion_confint(k1, n1, method="wilson")
    bureau.compare("wilson low", output["variants"][0]["interval"]["low"], low, 1e-9, given)
    bureau.compare("wilson high", output["variants"][0]["interval"]["high"], high, 1e-9, given)
    mine, other = stats.beta(k2 + 1, n2 - k2 + 1), stats.beta(k1 + 1, n1 - k1 + 1)
    better = integrate.quad(lambda x: mine.pdf(x) * other.cdf(x), *mine.interval(1 - 1e-14), limit=500)[0]
    bureau.compare("probability better", comparison["probability_better"], better, 1e-6, given)
    ratio = stats.chisquare([n1, n2]).pvalue
    bureau.compare("sample ratio", output["sample_ratio_p_value"], ratio, 1e-9, given)


def churn(bureau, rng):
    import numpy as np
    from statsmodels.duration.survfunc import SurvfuncRight, survdiff
    rows = [(rng.choice("ab"), rng.randint(1, 30), rng.random() < 0.7) for _ in range(rng.randint(20, 200))]
    rows += [("a", 5, True), ("b", 5, True), ("a", 40, False), ("b", 41, False)]
    given = {"lifetimes": [{"group": g, "duration": d, "churned": c} for g, d, c in rows]}
    output = bureau.run("business/churn", given)
    time, status = np.array([r[1] for r in rows]), np.array([int(r[2]) for r in rows])
    groups = np.array([r[0] for r in rows])
    chi, p = survdiff(time, status, groups)
    bureau.compare("log-rank", output["log_rank_chi_square"], float(chi), 1e-9, given)
    bureau.compare("log-rank p", output["log_rank_p_value"], float(p), 1e-9, given)
    for curve in output["curves"]:
        member = groups == curve["group"]
        function = SurvfuncRight(time[member], status[member])
        for at, value, error in zip(function.surv_times, function.surv_prob, function.surv_prob_se):
            point = next(p for p in curve["points"] if p["time"] == at)
            bureau.compare("survival", point["survival"], float(value), 1e-9, given)
            if value > 0:
                bureau.compare("greenwood", point["standard_error"], float(error), 1e-9, given)


def scores(bureau, rng):
    import numpy as np
    import statsmodels.api as sm
    count, width = rng.randint(80, 300), rng.randint(1, 4)
    x = np.array([[rng.gauss(0, 1) * 10 ** i for i in range(width)] for _ in range(count)])
    y = np.array([int(rng.random() < 1 / (1 + np.exp(-row[0] - 0.3))) for row in x])
    if len(set(y)) < 2:
        return
    names = [f"x{i}" for i in range(width)]
    given = {"features": names, "leads": [
        {"id": str(i), "attributes": dict(zip(names, map(float, row))), "converted": bool(won)}
        for i, (row, won) in enumerate(zip(x, y))]}
    output = bureau.run("business/lead-score", given)
    fit = sm.Logit(y, sm.add_constant(x)).fit(disp=0, maxiter=200, tol=1e-14)
    for found, value, error in zip(output["coefficients"], fit.params, fit.bse):
        bureau.compare("coefficient", found["coefficient"], float(value), 1e-6, given)
        bureau.compare("standard error", found["standard_error"], float(error), 1e-5, given)
    bureau.compare("log-likelihood", output["quality"]["log_likelihood"], float(fit.llf), 1e-8, given)


def purchases(bureau, rng):
    """The maximum found lies at or above that of an independent search."""
    import numpy as np
    from scipy import optimize, special
    rows = []
    for _ in range(400):
        rate, age = rng.gammavariate(0.8, 1 / 5), rng.uniform(20, 40)
        drop, time, last, count = rng.betavariate(1, 3), 0.0, 0.0, 0
        while True:
            time += rng.expovariate(rate) if rate > 0 else 1e9
            if time > age:
                break
            count, last = count + 1, time
            if rng.random() < drop:
                break
        rows.append([count, round(last, 4), round(age, 4)])
    given = {"rows": rows, "horizon": 20}
    output = bureau.run("business/lifetime-value", given)
    x, recency, age = np.array(rows).T
    some = x > 0

    def cost(logs):
        r, alpha, a, b = np.exp(logs)
        first = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
        second = special.betaln(a, b + x) - special.betaln(a, b)
        alive = -(r + x) * np.log(alpha + age)
        # B(a + 1, b + x − 1) / B(a, b + x) = a / (b + x − 1)
        odds = np.log(a) - np.log(np.where(some, b + x - 1, 1)) - (r + x) * np.log(alpha + recency)
        gone = np.where(some, odds, -1e300)
        return -np.sum(first + second + np.logaddexp(alive, gone))

    best = min((optimize.minimize(cost, start, method="Nelder-Mead", options={"maxiter": 20000, "fatol": 1e-10})
                for start in ([0, 1, 0, 0], [-0.2, 1.6, 0, 1])), key=lambda found: found.fun)
    bureau.compare("BG/NBD log-likelihood", output["log_likelihood"], -best.fun, 1e-7, given)


def trends(bureau, rng):
    import pymannkendall as mk
    from scipy import stats
    values = [round(rng.gauss(0, 3) + 0.02 * i, rng.choice([0, 2])) for i in range(rng.randint(10, 150))]
    given = {"values": values}
    output, theirs = bureau.run("research/trend", given), mk.original_test(values)
    for name, value in [("s", theirs.s), ("variance", theirs.var_s), ("z", theirs.z), ("p_value", theirs.p),
                        ("slope", theirs.slope), ("intercept", theirs.intercept)]:
        bureau.compare(name, output[name], float(value), 1e-9, given)
    low, high = stats.theilslopes(values, alpha=0.95)[2:]
    bureau.compare("slope low", output["slope_low"], float(low), 1e-9, given)
    bureau.compare("slope high", output["slope_high"], float(high), 1e-9, given)
    bureau.compare("tau", output["tau"], float(stats.kendalltau(range(len(values)), values)[0]), 1e-9, given)
    if len(values) >= 24:
        given = {"values": values, "period": 4}
        output, theirs = bureau.run("research/trend", given), mk.seasonal_test(values, period=4)
        bureau.compare("seasonal z", output["z"], float(theirs.z), 1e-9, given)
        # Theirs is a slope for a whole season, within seasons.
        bureau.compare("seasonal slope", output["slope"] * 4, float(theirs.slope), 1e-9, given)


def schedules(bureau, rng):
    """Criticality and quantiles of a random network against numpy's draws of the same distributions."""
    import numpy as np
    count = rng.randint(3, 12)
    activities = []
    for index in range(count):
        low = rng.uniform(0, 5)
        mode = low + rng.uniform(0, 5)
        after = [str(other) for other in range(index) if rng.random() < 0.4]
        activities.append({"id": str(index), "name": str(index), "optimistic_days": low, "likely_days": mode,
                           "pessimistic_days": mode + rng.uniform(0.1, 8), "after": after})
    given = {"activities": activities, "draws": 20000, "seed": rng.randrange(1 << 30)}
    output = bureau.run("engineering/schedule-risk", given)
    generator, draws = np.random.default_rng(rng.randrange(1 << 30)), 200_000
    finish = []
    for activity in activities:
        low, mode, high = (activity[k] for k in ("optimistic_days", "likely_days", "pessimistic_days"))
        share = (mode - low) / (high - low)
        duration = low + (high - low) * generator.beta(1 + 4 * share, 5 - 4 * share, draws)
        start = np.max([finish[int(other)] for other in activity["after"]], axis=0) if activity["after"] else 0
        finish.append(start + duration)
    length = np.max(finish, axis=0)
    error = 5 * length.std() / 20000 ** 0.5
    bureau.compare("mean length", output["mean_days"], float(length.mean()), error / max(1, length.mean()), given)
    bureau.compare("days 80", output["days_80"], float(np.quantile(length, 0.8)),
                   2 * error / max(1, length.mean()), given)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--bureau", default=str(ROOT / ".build" / "release" / "bureau"))
    options = parser.parse_args()
    place = python_environment.folder("nightly-business", PACKAGES)
    if pathlib.Path(sys.prefix).resolve() != place.resolve():
        sys.exit(subprocess.run([place / "bin" / "python", __file__, "--cases", str(options.cases), "--seed",
                                 str(options.seed), "--bureau", options.bureau]).returncode)
    print(f"seed {options.seed}")
    rng, bureau = random.Random(options.seed), Bureau(options.bureau)
    for _ in range(options.cases):
        for check in (experiments, churn, scores, purchases, trends, schedules):
            check(bureau, rng)
    for failure in bureau.failed:
        print(failure, file=sys.stderr)
    print(f"{bureau.agreed} comparisons agreed, {len(bureau.failed)} did not")
    sys.exit(1 if bureau.failed or not bureau.agreed else 0)


if __name__ == "__main__":
    main()
