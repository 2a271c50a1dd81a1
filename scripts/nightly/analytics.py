#!/usr/bin/env python3
"""Compares the department Analytics with independent libraries of the Python index on random inputs.

    scripts/nightly/analytics.py [--seed N] [--rounds N] [--bin FOLDER]

Needs a release build (the command `bureau` and libDepartmentAnalytics.so in --bin, .build/release by default) and, the
first time, the package index. Ends with 1 and a list where anything differs. Not part of CI: it takes minutes.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ["numpy", "scipy", "scikit-learn", "statsmodels", "vaderSentiment"]

try:
    import numpy as np
    import scipy.cluster.hierarchy
    import scipy.stats
    import sklearn.cluster
    import sklearn.ensemble
    import sklearn.metrics
    import sklearn.naive_bayes
    import sklearn.neighbors
    import sklearn.svm
    import sklearn.tree
    import statsmodels.api as sm
    from statsmodels.tsa.statespace.sarimax import SARIMAX
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
except ImportError:
    sys.path.insert(0, str(ROOT / "Tests" / "Support"))
    import python_environment

    python = python_environment.folder("analytics", PACKAGES) / "bin" / "python"
    os.execv(python, [str(python), *sys.argv])

FAILURES = []


def same(what, value, expected, tolerance):
    """Both may be arrays; relative to the largest expected number."""
    value, expected = np.asarray(value, dtype=float), np.asarray(expected, dtype=float)
    scale = max(1e-300, float(np.max(np.abs(expected))) if expected.size else 1)
    error = float(np.max(np.abs(value - expected))) / scale if value.shape == expected.shape else float("inf")
    note(what, error <= tolerance, f"differs by {error:.2e} (allowed {tolerance:.0e})")


def note(what, holds, why):
    print(f"{'ok  ' if holds else 'FAIL'} {what}" + ("" if holds else f": {why}"), flush=True)
    if not holds:
        FAILURES.append(f"{what}: {why}")


class Bureau:
    def __init__(self, folder, store):
        self.command = [
            str(folder / "bureau"), "run", "--plugins", str(folder / "libDepartmentAnalytics.so"), "--no-progress",
            "--json", "--store", store]
        self.input = pathlib.Path(store) / "input.json"

    def run(self, task, document):
        self.input.write_text(json.dumps(document))
        done = subprocess.run(
            [*self.command, f"analytics/{task}", "--input", str(self.input)], capture_output=True, text=True,
            timeout=300)
        if done.returncode:
            raise RuntimeError(f"{task}: {done.stderr.strip() or done.stdout.strip()}")
        return json.loads(done.stdout)["run"]["output"]


def regression(bureau, random, where):
    rows, columns = int(random.integers(10, 200)), int(random.integers(1, 7))
    x = random.normal(size=(rows, columns)) * 10.0 ** random.integers(-3, 4, size=columns)
    y = x @ random.normal(size=columns) + random.normal(size=rows)
    own = bureau.run("regression", {"data": {"rows": x.tolist(), "target": y.tolist()}})
    other = sm.OLS(y, sm.add_constant(x)).fit()
    for name, expected in [
            ("estimate", other.params), ("standard_error", other.bse), ("p_value", other.pvalues),
            ("low", other.conf_int()[:, 0])]:
        same(f"{where} regression {name}", [c[name] for c in own["coefficients"]], expected, 1e-8)
    same(f"{where} regression F", own["f_statistic"], other.fvalue, 1e-8)
    same(f"{where} adjusted R²", own["adjusted_r_squared"], other.rsquared_adj, 1e-8)


def logistic(bureau, random, where):
    rows, columns = int(random.integers(80, 300)), int(random.integers(1, 5))
    x = random.normal(size=(rows, columns)) * 3 + 5
    y = (random.uniform(size=rows) < 1 / (1 + np.exp(-(x - 5) @ random.normal(size=columns) / 3))).astype(int)
    own = bureau.run("logistic", {"data": {"rows": x.tolist(), "labels": ["b" if v else "a" for v in y]}})
    other = sm.Logit(y, sm.add_constant(x)).fit(disp=0, tol=1e-12, maxiter=100)
    note(f"{where} logistic converges", own["ending"] == "converged", own["ending"])
    same(f"{where} logistic estimate", [c["estimate"] for c in own["coefficients"]], other.params, 1e-6)
    same(f"{where} logistic error", [c["standard_error"] for c in own["coefficients"]], other.bse, 1e-6)
    same(f"{where} logistic likelihood", own["log_likelihood"], other.llf, 1e-8)


def classifiers(bureau, random, where):
    rows = int(random.integers(60, 200))
    x, y = random.normal(size=(rows, 3)), random.integers(0, 3, size=rows)
    x[:, 0] += y
    data = {"rows": x.tolist(), "labels": [str(v) for v in y]}

    def probabilities(**algorithm):
        model = bureau.run("train", {"task": "classification", "algorithm": algorithm, "data": data})["model"]
        fresh = random.normal(size=(40, 3))
        return fresh, np.array(bureau.run("predict", {"model": model, "rows": fresh.tolist()})["probabilities"])

    fresh, own = probabilities(name="naive_bayes")
    same(f"{where} naive Bayes", own, sklearn.naive_bayes.GaussianNB().fit(x, y).predict_proba(fresh), 1e-8)
    fresh, own = probabilities(name="neighbours", neighbours=5, scale=False)
    same(f"{where} neighbours", own, sklearn.neighbors.KNeighborsClassifier(5).fit(x, y).predict_proba(fresh), 1e-12)
    fresh, own = probabilities(name="support_vector", cost=2, gamma=0.5, scale=False, tolerance=1e-8)
    other = sklearn.svm.SVC(C=2, gamma=0.5, tol=1e-8).fit(x, y).predict(fresh)
    note(f"{where} support vectors", np.mean(own.argmax(axis=1) == other) >= 0.97, "other classes")
    model = bureau.run("train", {"task": "classification", "algorithm": {"name": "tree", "depth": 4}, "data": data})
    accuracy = sklearn.tree.DecisionTreeClassifier(max_depth=4, random_state=0).fit(x, y).score(x, y)
    note(f"{where} tree", abs(model["training_metrics"]["accuracy"] - accuracy) <= 0.03, "other accuracy")
    metrics = bureau.run("train", {"task": "classification", "algorithm": {"name": "naive_bayes"}, "data": data})[
        "training_metrics"]
    fit = sklearn.naive_bayes.GaussianNB().fit(x, y)
    same(f"{where} log loss", metrics["log_loss"], sklearn.metrics.log_loss(y, fit.predict_proba(x)), 1e-8)
    same(f"{where} F1", metrics["macro_f1"], sklearn.metrics.f1_score(y, fit.predict(x), average="macro"), 1e-12)


def ensembles(bureau, random, where):
    rows = 300
    x = random.uniform(-2, 2, size=(rows, 4))
    y = x[:, 0] ** 2 + np.sin(3 * x[:, 1]) + 0.1 * random.normal(size=rows)
    fresh = random.uniform(-2, 2, size=(400, 4))
    truth = fresh[:, 0] ** 2 + np.sin(3 * fresh[:, 1])
    peers = {
        "forest": sklearn.ensemble.RandomForestRegressor(100, max_features=1, random_state=0),
        "boosting": sklearn.ensemble.GradientBoostingRegressor(random_state=0)}
    for name, peer in peers.items():
        model = bureau.run(
            "train", {"task": "regression", "algorithm": {"name": name}, "data": {
                "rows": x.tolist(), "target": y.tolist()}})["model"]
        own = np.array(bureau.run("predict", {"model": model, "rows": fresh.tolist()})["values"])
        mine, theirs = (np.sqrt(np.mean((v - truth) ** 2)) for v in (own, peer.fit(x, y).predict(fresh)))
        note(f"{where} {name} ({mine:.3f}, scikit-learn {theirs:.3f})", mine <= 1.15 * theirs, "a larger error")


def clusters(bureau, random, where):
    x = np.concatenate([random.normal(size=(25, 2)) + centre for centre in ([0, 0], [6, 0], [0, 7])])
    data = {"rows": x.tolist()}
    for linkage in ["single", "complete", "average", "ward"]:
        own = bureau.run(
            "cluster", {"data": data, "method": "hierarchical", "linkage": linkage, "clusters": 3, "scale": False})
        other = scipy.cluster.hierarchy.linkage(x, linkage)
        same(f"{where} {linkage} heights", [m["height"] for m in own["merges"]], other[:, 2], 1e-10)
        cut = scipy.cluster.hierarchy.fcluster(other, 3, "maxclust")
        note(f"{where} {linkage} cut", sklearn.metrics.adjusted_rand_score(own["labels"], cut) == 1, "other clusters")
    own = bureau.run(
        "cluster", {"data": data, "method": "dbscan", "radius": 0.9, "minimum_points": 4, "scale": False})
    other = sklearn.cluster.DBSCAN(eps=0.9, min_samples=4).fit_predict(x)
    note(f"{where} DBSCAN", sklearn.metrics.adjusted_rand_score(own["labels"], other) > 0.99, "other clusters")
    own = bureau.run("cluster", {"data": data, "method": "k_means", "clusters": 3, "scale": False})
    other = sklearn.cluster.KMeans(3, n_init=10, random_state=0).fit(x)
    same(f"{where} k-means inertia", own["inertia"], other.inertia_, 1e-6)
    same(f"{where} silhouette", own["silhouette"], sklearn.metrics.silhouette_score(x, own["labels"]), 1e-9)


def series(bureau, random, where):
    noise = random.normal(size=220)
    y = np.zeros(220)
    for index in range(2, 220):
        y[index] = 0.5 * y[index - 1] - 0.2 * y[index - 2] + noise[index] + 0.4 * noise[index - 1]
    own = bureau.run("forecast", {
        "values": (y + 50).tolist(), "method": "arima", "order": {"p": 2, "d": 0, "q": 1}, "horizon": 10})
    other = SARIMAX(y + 50, order=(2, 0, 1), trend="c").fit(disp=0, maxiter=500)
    gap = own["fit"]["log_likelihood"] - other.llf
    note(f"{where} ARMA likelihood ({gap:+.1e})", gap > -1e-3, f"lower by {-gap:.2e}")
    if abs(gap) < 1e-2:
        same(f"{where} ARMA forecasts", [f["value"] for f in own["forecasts"]], other.forecast(10), 2e-3)
    walk = np.cumsum(noise) + 3 * np.tile(random.normal(size=4), 55) + 100
    own = bureau.run("forecast", {
        "values": walk.tolist(), "method": "arima", "period": 4, "horizon": 8, "order": {
            "p": 0, "d": 1, "q": 1, "seasonal_d": 1, "seasonal_q": 1}})
    other = SARIMAX(
        walk, order=(0, 1, 1), seasonal_order=(0, 1, 1, 4), simple_differencing=True).fit(disp=0, maxiter=500)
    gap = own["fit"]["log_likelihood"] - other.llf
    note(f"{where} seasonal ARIMA likelihood ({gap:+.1e})", gap > -1e-3, f"lower by {-gap:.2e}")


def drift(bureau, random, where):
    old, new = random.normal(size=(300, 1)), random.normal(size=(260, 1)) + random.choice([0, 0.4])
    own = bureau.run("drift", {"reference": {"rows": old.tolist()}, "current": {"rows": new.tolist()}})
    other = scipy.stats.ks_2samp(old[:, 0], new[:, 0], method="asymp")
    same(f"{where} KS distance", own["features"][0]["ks"], other.statistic, 1e-12)
    note(
        f"{where} KS p value", abs(own["features"][0]["ks_p_value"] - other.pvalue) < 0.03,
        f"{own['features'][0]['ks_p_value']} for {other.pvalue}")


def sentiment(bureau, random, where):
    reader = SentimentIntensityAnalyzer()
    lexicon = [word for word in reader.lexicon if word.isalpha()]
    others = "the a but not very never so kind of least at no without doubt n't isn't GREAT ok :) extremely".split()
    texts = []
    for _ in range(400):
        words = [
            str(random.choice(lexicon if random.uniform() < 0.35 else others)) for _ in range(random.integers(1, 14))]
        words = [word.upper() if random.uniform() < 0.1 else word for word in words]
        texts.append(" ".join(words) + str(random.choice(["", ".", "!", "!!!", "??", "????"])))
    own = bureau.run("sentiment", {"texts": texts})
    wrong = [
        (text, score["score"]["compound"], expected)
        for text, score in zip(texts, own["scores"])
        if abs(score["score"]["compound"] - (expected := reader.polarity_scores(text)["compound"])) > 1e-4]
    note(f"{where} sentiment of {len(texts)} texts", not wrong, f"{len(wrong)} differ, such as {wrong[:2]}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--bin", type=pathlib.Path, default=ROOT / ".build" / "release")
    options = arguments.parse_args()
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as store:
        bureau = Bureau(options.bin.resolve(), store)
        for number in range(options.rounds):
            random = np.random.default_rng([options.seed, number])
            for check in [regression, logistic, classifiers, ensembles, clusters, series, drift, sentiment]:
                check(bureau, random, f"round {number}")
    print(f"{len(FAILURES)} differences, seed {options.seed}")
    for failure in FAILURES:
        print("  " + failure)
    sys.exit(1 if FAILURES else 0)


if __name__ == "__main__":
    main()
