#!/usr/bin/env python3
"""Compares the department Life with independent libraries of the Python index on random inputs.

    scripts/nightly/life.py [--seed N] [--rounds N] [--bin FOLDER]

Needs a release build (the command `bureau` and libDepartmentLife.so in --bin, .build/release by default) and, the first
time, the package index. Ends with 1 and a list where anything differs. Not part of CI: it takes minutes.
"""
import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ["numpy", "scipy", "networkx", "fsrs"]

try:
    import fsrs
    import networkx
    import numpy as np
    import scipy.optimize
except ImportError:
    sys.path.insert(0, str(ROOT / "Tests" / "Support"))
    import python_environment

    python = python_environment.folder("life", PACKAGES) / "bin" / "python"
    os.execv(python, [str(python), *sys.argv])

FAILURES = []


def note(what, holds, why=""):
    print(f"{'ok  ' if holds else 'FAIL'} {what}" + ("" if holds else f": {why}"), flush=True)
    if not holds:
        FAILURES.append(f"{what}: {why}")


def same(what, value, expected, tolerance=1e-9):
    scale = max(1.0, abs(expected))
    note(what, abs(value - expected) <= tolerance * scale, f"{value} instead of {expected}")


class Bureau:
    def __init__(self, folder, store):
        self.command = [
            str(folder / "bureau"), "run", "--plugins", str(folder / "libDepartmentLife.so"), "--no-progress",
            "--json", "--store", store]
        self.input = pathlib.Path(store) / "input.json"

    def run(self, task, document):
        self.input.write_text(json.dumps(document))
        done = subprocess.run(
            [*self.command, f"life/{task}", "--input", str(self.input)], capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError(f"{task}: {done.stderr.strip() or done.stdout.strip()}")
        answer = json.loads(done.stdout)
        return answer["run"]["output"]


def diet(bureau, random):
    """HiGHS finds the same cost, or the same impossibility; a conflict is infeasible, and minimal."""
    foods, needs = int(random.integers(3, 40)), int(random.integers(2, 12))
    content = random.uniform(0, 10, (needs, foods)) * (random.random((needs, foods)) < 0.7)
    low = random.uniform(1, 60, needs)
    high = low * random.uniform(1.0, 4, needs)
    prices = random.integers(1, 1_000_000, foods)
    own = bureau.run("nutrition.diet", {
        "needs": [{"nutrient": f"n{i}", "minimum": low[i], "maximum": high[i]} for i in range(needs)],
        "foods": [{"id": f"f{j}", "unit": "100 g", "price_micros": int(prices[j]),
                   "nutrients": {f"n{i}": content[i, j] for i in range(needs)}} for j in range(foods)]})
    rows = {f"n{i} at least": (-content[i], -low[i]) for i in range(needs)}
    rows |= {f"n{i} at most": (content[i], high[i]) for i in range(needs)}

    def solve(names):
        return scipy.optimize.linprog(
            prices, A_ub=np.array([rows[n][0] for n in names]), b_ub=np.array([rows[n][1] for n in names])
        ) if names else scipy.optimize.linprog(prices)

    reference = solve(list(rows))
    if reference.status == 0:
        note("diet: solved", own["status"] == "optimal", own["status"])
        if own["status"] == "optimal":
            note("diet: cost", abs(own["cost_micros_per_day"] - reference.fun) <= 1 + 1e-7 * reference.fun,
                 f"{own['cost_micros_per_day']} instead of {reference.fun}")
        return
    note("diet: infeasible", own["status"] == "infeasible", own["status"])
    named = [" ".join(name.split(" ")[:3]) for name in own["conflict"]["constraints"]]
    note("diet: the conflict is one", solve(named).status == 2, str(named))
    for name in named:
        note("diet: the conflict is minimal", solve([n for n in named if n != name]).status == 0, name)


def menu(bureau, random):
    """HiGHS' branch and bound finds the same cost."""
    slots, days, each = 3, int(random.integers(1, 4)), int(random.integers(3, 7))
    price = random.integers(50, 500, (slots, each))
    energy = random.integers(200, 900, (slots, each))
    low = int(random.integers(1000, 1900))
    high = low + int(random.integers(50, 500))
    uses = int(random.integers(1, 4))
    own = bureau.run("nutrition.meal_plan", {
        "days": days, "slots": [f"s{s}" for s in range(slots)], "maximum_uses": uses,
        "needs": [{"nutrient": "kcal", "minimum": low, "maximum": high}],
        "dishes": [{"id": f"d{s}-{k}", "slots": [f"s{s}"], "price_minor": int(price[s, k]),
                    "nutrients": {"kcal": int(energy[s, k])}} for s in range(slots) for k in range(each)]})
    count = days * slots * each
    column = np.arange(count).reshape(days, slots, each)
    rows, lows, highs = [], [], []

    def row(columns, values, least, most):
        line = np.zeros(count)
        line[columns] = values
        rows.append(line), lows.append(least), highs.append(most)

    for day in range(days):
        row(column[day].ravel(), energy.ravel(), low, high)
        for slot in range(slots):
            row(column[day, slot], 1, 1, 1)
    for slot in range(slots):
        for dish in range(each):
            row(column[:, slot, dish], 1, 0, uses)
    reference = scipy.optimize.milp(
        np.tile(price.ravel(), days), integrality=np.ones(count), bounds=scipy.optimize.Bounds(0, 1),
        constraints=scipy.optimize.LinearConstraint(np.array(rows), lows, highs))
    if reference.status == 0:
        best = round(reference.fun)
        note("menu: solved", own["status"] in ("optimal", "feasible"), own["status"])
        if own["status"] == "optimal":
            same("menu: cost", own["cost_minor"], best, 0)
        elif own["status"] == "feasible":
            note("menu: bound", own["cost_bound_minor"] <= best <= own["cost_minor"], str(own["cost_bound_minor"]))
    else:
        note("menu: infeasible", own["status"] == "infeasible", own["status"])


def cards(bureau, random):
    """py-fsrs without learning steps and fuzz."""
    scheduler = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    start = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.timezone.utc)
    today = start + datetime.timedelta(days=1000)
    document, expected = [], []
    for index in range(50):
        card, when, reviews = fsrs.Card(), start, []
        for _ in range(int(random.integers(1, 12))):
            grade = int(random.integers(1, 5))
            card, _ = scheduler.review_card(card, fsrs.Rating(grade), when)
            reviews.append({"date": when.date().isoformat(), "grade": grade})
            last = when
            when += datetime.timedelta(days=int(random.integers(0, 60)))
        document.append({"id": str(index), "reviews": reviews})
        expected.append((card.stability, card.difficulty, (card.due - last).days,
                         scheduler.get_card_retrievability(card, today)))
    own = bureau.run("learning.review", {"as_of": today.date().isoformat(), "cards": document})
    names = ("stability_days", "difficulty", "interval_days", "retrievability")
    for position, name in enumerate(names):
        error = max(abs(c[name] - e[position]) / max(1, abs(e[position])) for c, e in zip(own["cards"], expected))
        note(f"cards: {name}", error <= 1e-9, f"differs by {error:.1e}")


def roads(bureau, random):
    """networkx's Dijkstra."""
    graph, document = networkx.DiGraph(), []
    for _ in range(int(random.integers(20, 400))):
        a, b = (f"p{n}" for n in random.integers(0, 60, 2))
        metres = int(random.integers(1, 99999))
        document.append({"from": a, "to": b, "distance_km": metres / 1000, "one_way": True})
        if not graph.has_edge(a, b) or graph[a][b]["weight"] > metres:
            graph.add_edge(a, b, weight=metres)
    source, target = document[0]["from"], document[-1]["to"]
    try:
        expected = networkx.dijkstra_path_length(graph, source, target) / 1000
    except networkx.NetworkXNoPath:
        try:
            bureau.run("transport.route", {"roads": document, "from": source, "to": target})
            note("roads: no way", False, "a way was found")
        except RuntimeError as error:
            note("roads: no way", "no way leads" in str(error), str(error))
        return
    own = bureau.run("transport.route", {"roads": document, "from": source, "to": target, "by": "distance"})
    same("roads: length", own["way"]["distance_km"], expected, 1e-12)


def tour(bureau, random):
    """Exact tours against HiGHS on the program of Miller, Tucker and Zemlin; larger ones lie over their bound and
    within a tenth of networkx's best of three heuristics."""
    count = int(random.integers(3, 9))
    cost = random.integers(1, 500, (count, count))
    names = [f"p{n}" for n in range(count)]
    own = bureau.run("transport.tour", {"stops": names, "matrix": {"places": names, "values": cost.tolist()}})
    size = count * count + count
    rows, lows, highs = [], [], []
    for node in range(count):
        for line in (np.arange(count) * count + node, np.arange(count) + node * count):
            row = np.zeros(size)
            row[[c for c in line if c // count != c % count]] = 1
            rows.append(row), lows.append(1), highs.append(1)
    for a in range(1, count):
        for b in range(1, count):
            if a != b:
                row = np.zeros(size)
                row[[count * count + a, count * count + b, a * count + b]] = 1, -1, count
                rows.append(row), lows.append(-np.inf), highs.append(count - 1)
    upper = np.concatenate([1 - np.eye(count).ravel(), np.full(count, count)])
    reference = scipy.optimize.milp(
        np.concatenate([cost.ravel(), np.zeros(count)]), bounds=scipy.optimize.Bounds(0, upper),
        integrality=np.concatenate([np.ones(count * count), np.zeros(count)]),
        constraints=scipy.optimize.LinearConstraint(np.array(rows), lows, highs))
    same("tour: exact", own["total"], round(reference.fun), 0)

    count = int(random.integers(20, 80))
    points = random.uniform(0, 1000, (count, 2))
    metres = np.rint(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) * 1000).astype(int)
    names = [f"p{n}" for n in range(count)]
    own = bureau.run(
        "transport.tour", {"stops": names, "matrix": {"places": names, "values": (metres / 1000).tolist()}})
    graph = networkx.from_numpy_array(metres)
    best = min(
        networkx.path_weight(graph, way, "weight") / 1000
        for way in (networkx.approximation.christofides(graph),
                    networkx.approximation.greedy_tsp(graph),
                    networkx.approximation.simulated_annealing_tsp(graph, "greedy", seed=1)))
    note("tour: bound", own["lower_bound"] <= own["total"], str(own["lower_bound"]))
    note("tour: heuristic", own["total"] <= 1.1 * best and own["total"] <= 1.1 * own["lower_bound"],
         f"{own['total']}, networkx {best}, bound {own['lower_bound']}")


def nights(bureau, random):
    """The regularity index, on an array of minutes."""
    start = datetime.datetime(2026, 3, 1)
    count = int(random.integers(2, 30))
    asleep = np.zeros(1440 * count, dtype=bool)
    episodes = []
    for day in range(count):
        begin = day * 1440 + int(random.integers(300, 800))
        end = begin + int(random.integers(120, 600))
        asleep[begin:end] = True
        moments = (start + datetime.timedelta(hours=12, minutes=m) for m in (begin, end))
        episodes.append(dict(zip(("start", "end"), (m.strftime("%Y-%m-%dT%H:%M") for m in moments))))
    own = bureau.run("health.sleep", {"episodes": episodes, "need_hours": 8})
    expected = -100 + 200 * np.mean(asleep[:-1440] == asleep[1440:])
    same("nights: regularity", own["sleep_regularity_index"], expected)
    slept = asleep.reshape(count, 1440).sum(axis=1)
    debt = 0
    for minutes in slept:
        debt = max(0, debt + 480 - minutes)
    same("nights: debt", own["debt_minutes"], debt, 0)
    same("nights: shortfall", own["shortfall_minutes"], int(np.maximum(0, 480 - slept).sum()), 0)


def load(bureau, random):
    """The ratios, by numpy."""
    days = int(random.integers(28, 120))
    minutes = random.integers(0, 120, days) * (random.random(days) < 0.7)
    effort = random.uniform(1, 10, days).round(1)
    start = datetime.date(2026, 1, 1)
    date = [(start + datetime.timedelta(days=int(d))).isoformat() for d in range(days)]
    own = bureau.run("health.training_load", {
        "method": "session_rpe", "as_of": date[-1], "recorded_since": date[0],
        "sessions": [{"date": date[d], "duration_minutes": int(minutes[d]), "perceived_exertion": effort[d]}
                     for d in range(days)]})
    daily = minutes * effort
    week = daily[-7:]
    same("load: ratio", own["acwr_rolling"], week.sum() / (daily[-28:].sum() / 4))
    same("load: uncoupled", own["acwr_uncoupled"], week.sum() / (daily[-28:-7].sum() / 3))
    same("load: monotony", own["monotony"], week.mean() / week.std(ddof=1))

    def average(share, value):
        for amount in daily:
            value = share * amount + (1 - share) * value
        return value

    same("load: weighted", own["acwr_weighted"], average(2 / 8, daily[0]) / average(2 / 29, daily[0]))
    same("load: form", own["form"], average(1 - np.exp(-1 / 42), 0) - average(1 - np.exp(-1 / 7), 0))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / ".build" / "release")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as store:
        bureau = Bureau(options.bin.resolve(), store)
        for number in range(options.rounds):
            for check in (diet, menu, cards, roads, tour, nights, load):
                random = np.random.default_rng([options.seed, number])
                check(bureau, random)
    print(f"{len(FAILURES)} differences, seed {options.seed}")
    for failure in FAILURES:
        print(f"  {failure}")
    sys.exit(bool(FAILURES))


main()
