#!/usr/bin/env python3
"""Compares the finance department with independent Python libraries on random inputs: numpy-financial, pyxirr,
QuantLib, scipy. Not part of CI: it fetches packages from the Python index.

    scripts/nightly/finance.py [--cases 20] [--seed N] [--bureau .build/release/bureau]

The last line says how many comparisons agreed; the exit code is 0 only if all did.
"""
import argparse
import datetime
import json
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests" / "Support"))
import python_environment  # noqa: E402

PACKAGES = ["numpy", "scipy", "numpy-financial", "pyxirr", "quantlib"]


class Bureau:
    def __init__(self, command):
        self.command, self.store = command, tempfile.TemporaryDirectory()
        self.agreed, self.failed = 0, []

    def run(self, task, given):
        result = subprocess.run(
            [self.command, "run", f"finance/{task}", "--store", self.store.name, "--json",
             "--input", json.dumps(given)],
            capture_output=True, text=True, timeout=120)
        if result.returncode:
            raise RuntimeError(f"{task} {given}: {result.stderr.strip()}")
        return json.loads(result.stdout)["run"]["output"]

    def compare(self, what, found, expected, tolerance, given):
        scale = max(1.0, abs(expected))
        if found is not None and abs(found - expected) <= tolerance * scale:
            self.agreed += 1
        else:
            self.failed.append(f"{what}: {found}, expected {expected}; input {json.dumps(given)}")


def cash_flows(bureau, rng):
    import numpy_financial as npf
    import pyxirr
    rate, periods = rng.uniform(-0.01, 0.03), rng.randint(2, 240)
    payment, present = -rng.uniform(1, 1000), rng.uniform(100, 50_000)
    due = rng.choice(["end", "begin"])
    base = {"rate": rate, "periods": periods, "due": due}
    period = rng.randint(1, periods)
    cases = [
        ({"function": "FV", "payment": payment, "present_value": present},
         npf.fv(rate, periods, payment, present, due)),
        ({"function": "PV", "payment": payment, "future_value": present}, npf.pv(rate, periods, payment, present, due)),
        ({"function": "PMT", "present_value": present}, npf.pmt(rate, periods, present, 0, due)),
        ({"function": "IPMT", "present_value": present, "period": period},
         float(npf.ipmt(rate, period, periods, present, 0, due))),
        ({"function": "PPMT", "present_value": present, "period": period},
         float(npf.ppmt(rate, period, periods, present, 0, due))),
    ]
    for extra, expected in cases:
        given = {**base, **extra}
        bureau.compare(extra["function"], bureau.run("cash-flow", given)["value"], float(expected), 1e-8, given)
    values = [-rng.uniform(1000, 5000)] + [rng.uniform(50, 2000) for _ in range(rng.randint(3, 20))]
    given = {"function": "IRR", "values": values}
    bureau.compare("IRR", bureau.run("cash-flow", given)["value"], pyxirr.irr(values), 1e-8, given)
    given = {"function": "MIRR", "values": values, "finance_rate": 0.07, "reinvest_rate": 0.03}
    bureau.compare("MIRR", bureau.run("cash-flow", given)["value"], npf.mirr(values, 0.07, 0.03), 1e-9, given)
    start = datetime.date(2015, 1, 1)
    dates = [start] + sorted(start + datetime.timedelta(days=rng.randint(20, 3000)) for _ in values[1:])
    given = {"function": "XIRR", "values": values, "dates": [day.isoformat() for day in dates]}
    bureau.compare("XIRR", bureau.run("cash-flow", given)["value"], pyxirr.xirr(dates, values), 1e-7, given)


def bonds(bureau, rng):
    import QuantLib as ql
    frequency = rng.choice([1, 2, 4])
    convention = rng.choice(["30/360-us", "act/act", "30e/360"])
    settlement = ql.Date(rng.randint(1, 28), rng.randint(1, 12), rng.randint(2015, 2026))
    maturity = settlement + ql.Period(rng.randint(500, 9000), ql.Days)
    coupon, rate = rng.uniform(0.001, 0.1), rng.uniform(0.0, 0.12)
    schedule = ql.Schedule(
        settlement - ql.Period(2, ql.Years), maturity, ql.Period(12 // frequency, ql.Months), ql.NullCalendar(),
        ql.Unadjusted, ql.Unadjusted, ql.DateGeneration.Backward, ql.Date.isEndOfMonth(maturity))
    count = {
        "30/360-us": ql.Thirty360(ql.Thirty360.USA), "30e/360": ql.Thirty360(ql.Thirty360.European),
        "act/act": ql.ActualActual(ql.ActualActual.ISMA, schedule),
    }[convention]
    ql.Settings.instance().evaluationDate = settlement
    bond = ql.FixedRateBond(0, 100.0, schedule, [coupon], count)
    interest = ql.InterestRate(rate, count, ql.Compounded, frequency)
    given = {"settlement": settlement.ISO(), "maturity": maturity.ISO(), "coupon_rate": coupon,
             "frequency": frequency, "day_count": convention, "annual_yield": rate}
    answer = bureau.run("bond", given)
    if len(answer["flows"]) < 2:
        return  # The last coupon period uses simple interest by the street convention.
    bureau.compare("accrued", answer["accrued_interest"], bond.accruedAmount(settlement), 1e-9, given)
    if convention == "act/act":
        # With 30/360 QuantLib times each flow by 30/360 from settlement; the street convention counts whole periods.
        dirty = ql.BondFunctions.dirtyPrice(bond, interest, settlement)
        bureau.compare("price", answer["dirty_price"], dirty, 1e-9, given)
        bureau.compare("duration", answer["macaulay_duration"],
                       ql.BondFunctions.duration(bond, interest, ql.Duration.Macaulay, settlement), 1e-8, given)
        bureau.compare("convexity", answer["convexity"],
                       ql.BondFunctions.convexity(bond, interest, settlement), 1e-8, given)


def options(bureau, rng):
    import math
    from scipy.stats import norm
    spot, strike = rng.uniform(50, 150), rng.uniform(50, 150)
    years, rate = rng.uniform(0.1, 4), rng.uniform(-0.01, 0.1)
    dividend, sigma = rng.uniform(0, 0.05), rng.uniform(0.1, 0.8)
    right = rng.choice(["call", "put"])
    sign = 1 if right == "call" else -1
    d1 = (math.log(spot / strike) + (rate - dividend + sigma ** 2 / 2) * years) / sigma / math.sqrt(years)
    d2 = d1 - sigma * math.sqrt(years)
    price = sign * (spot * math.exp(-dividend * years) * norm.cdf(sign * d1)
                    - strike * math.exp(-rate * years) * norm.cdf(sign * d2))
    given = {"right": right, "spot": spot, "strike": strike, "years": years, "rate": rate,
             "dividend_yield": dividend, "volatility": sigma}
    answer = bureau.run("option", given)
    bureau.compare("option", answer["price"], price, 1e-10, given)
    delta = sign * math.exp(-dividend * years) * norm.cdf(sign * d1)
    bureau.compare("delta", answer["greeks"]["delta"], delta, 1e-10, given)


def optimisations(bureau, rng):
    import numpy as np
    from scipy.optimize import minimize
    count = rng.randint(2, 7)
    returns = np.array([[rng.gauss(0.01, 0.05) for _ in range(80)] for _ in range(count)])
    mean, covariance, cap = returns.mean(axis=1), np.cov(returns), max(0.45, 1.3 / count)
    goal = rng.choice(["minimum_variance", "utility"])
    given = {"goal": goal, "risk_aversion": 4,
             "assets": [{"name": f"a{i}", "maximum": cap, "returns": list(row)} for i, row in enumerate(returns)]}
    answer = bureau.run("optimise", given)

    def loss(weights):
        return (weights @ covariance @ weights * 2 - (mean @ weights if goal == "utility" else 0)) * 100

    found = minimize(loss, np.full(count, 1 / count), method="SLSQP", bounds=[(0, cap)] * count, tol=1e-14,
                     constraints=[{"type": "eq", "fun": lambda weights: weights.sum() - 1}])
    weights = np.array([row["weight"] for row in answer["weights"]])
    bureau.compare(goal, loss(weights), float(found.fun), 1e-6, given)


def risks(bureau, rng):
    import numpy as np
    from scipy import stats
    returns = np.array([rng.gauss(0.001, 0.02) for _ in range(rng.randint(10, 400))])
    given = {"returns": list(returns), "periods_per_year": 252, "confidence": 0.95}
    answer = bureau.run("risk", given)
    bureau.compare("volatility", answer["volatility_annual"], returns.std(ddof=1) * 252 ** 0.5, 1e-10, given)
    bureau.compare("skewness", answer["skewness"], float(stats.skew(returns)), 1e-8, given)
    bureau.compare("kurtosis", answer["excess_kurtosis"], float(stats.kurtosis(returns)), 1e-8, given)
    value = np.concatenate([[1.0], np.cumprod(1 + returns)])
    depth = float((1 - value / np.maximum.accumulate(value)).max())
    bureau.compare("drawdown", answer["drawdown"]["depth"], depth, 1e-10, given)
    bureau.compare("normal value at risk", answer["normal"]["value_at_risk"],
                   -(returns.mean() + returns.std(ddof=1) * stats.norm.ppf(0.05)), 1e-9, given)
    bureau.compare("historical value at risk", answer["historical"]["value_at_risk"],
                   float(np.quantile(-returns, 0.95, method="inverted_cdf")), 1e-10, given)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(2 ** 32))
    parser.add_argument("--bureau", default=str(ROOT / ".build" / "release" / "bureau"))
    options_ = parser.parse_args()
    place = python_environment.folder("nightly-finance", PACKAGES)
    if pathlib.Path(sys.prefix).resolve() != place.resolve():
        sys.exit(subprocess.run([place / "bin" / "python", __file__, "--cases", str(options_.cases), "--seed",
                                 str(options_.seed), "--bureau", options_.bureau]).returncode)
    print(f"seed {options_.seed}")
    rng, bureau = random.Random(options_.seed), Bureau(options_.bureau)
    for _ in range(options_.cases):
        for check in (cash_flows, bonds, options, optimisations, risks):
            check(bureau, rng)
    for line in bureau.failed:
        print(line, file=sys.stderr)
    print(f"{bureau.agreed} agreed, {len(bureau.failed)} differed")
    sys.exit(1 if bureau.failed or not bureau.agreed else 0)


if __name__ == "__main__":
    main()
