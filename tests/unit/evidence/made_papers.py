"""Made-up papers with known truth: clean ones, and the same with one planted error. Everything is drawn from a seed; no real trial.

Numbers are computed here with SciPy and a small Cox fit of its own, so that the audit is not checked against itself.
"""

import copy
import datetime as dt
import math

import numpy as np
from scipy import stats as ss

ARMS = ("control", "device")


def cox(time, event, x):
    """Coefficients and their covariance by Newton-Raphson, no ties."""
    order = np.argsort(-time)
    x, event = x[order], event[order].astype(bool)
    beta = np.zeros(x.shape[1])
    for _ in range(25):
        w = np.exp(x @ beta)
        s0, s1 = np.cumsum(w), np.cumsum(w[:, None] * x, 0)
        s2 = np.cumsum(w[:, None, None] * x[:, :, None] * x[:, None, :], 0)
        mean = s1[event] / s0[event, None]
        score = (x[event] - mean).sum(0)
        info = (s2[event] / s0[event, None, None] - mean[:, :, None] * mean[:, None, :]).sum(0)
        step = np.linalg.solve(info, score)
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return beta, np.linalg.inv(info)


class Maker:
    """One paper in the making."""

    def __init__(self, seed):
        self.rng = rng = np.random.default_rng(seed)
        self.raw = {"paper": {"id": f"made-{seed}", "title": "A made-up trial", "doi": ""}, "count": [], "summary": [], "effect": [],
                    "interaction": [], "claim": []}
        self.decimals = int(rng.integers(0, 2))
        self.half_up = bool(rng.integers(0, 2))
        self.test = rng.choice(["switch", "switch", "yates", "fisher"])
        self.top = rng.choice([">0.99", "0.99", "1.00"])
        self.draw_arms()

    def draw_arms(self):
        rng = self.rng
        self.lists = int(rng.choice([1, 3, 6]))
        self.blocks = [[4], [4, 6], [6, 8]][rng.integers(0, 3)]
        arm = []
        for _ in range(self.lists):
            target, held = int(rng.integers(40, 260) / self.lists) + 4, []
            while len(held) < target:
                size = int(rng.choice(self.blocks))
                held += list(rng.permutation([0, 1] * (size // 2)))
            arm += held[:target]
        self.arm = np.array(arm)
        self.n = {name: int((self.arm == i).sum()) for i, name in enumerate(ARMS)}
        self.raw["arm"] = [{"id": name, "n": n} for name, n in self.n.items()]
        words = {"switch": "chi2 or fisher if expected < 5", "yates": "chi2 with yates correction or fisher if expected < 5", "fisher": "fisher"}
        self.raw["rules"] = {"reference_arm": "control", "binary": words[self.test], "continuous": "t", "alpha": "0.05"}

    def round(self, value, decimals):
        """A number rounded the way this paper does on a tie."""
        if self.half_up:
            return f"{math.floor(value * 10**decimals + 0.5 + 1e-9) / 10**decimals:.{decimals}f}"
        return f"{value:.{decimals}f}"

    def p(self, value):
        if value < 0.001:
            return "<0.001"
        text = self.round(value, 3 if value < 0.0995 else 2)
        if self.top == "1.00":
            return text
        return self.top if value > 0.99 or text == "1.00" else text

    def two(self, x, n):
        table = [[x[1], n[1] - x[1]], [x[0], n[0] - x[0]]]
        if x[0] + x[1] in (0, n[0] + n[1]):
            return 1.0
        expected = ss.contingency.expected_freq(table)
        if self.test == "fisher" or expected.min() < 5:
            return ss.fisher_exact(table).pvalue
        return ss.chi2_contingency(table, correction=self.test == "yates").pvalue

    def pct(self, x, n):
        return self.round(100 * x / n, self.decimals)

    def count(self, row_id, hit, *, among=None, missing=None, tested=True, n_printed=True):
        """A row of counts from a vector of 0 and 1 over everybody."""
        keep = np.ones(len(self.arm), bool) if among is None else among
        if missing is not None:
            keep = keep & ~missing
        n = [int(((self.arm == i) & keep).sum()) for i in (0, 1)]
        x = [int((hit[(self.arm == i) & keep]).sum()) for i in (0, 1)]
        if min(n) == 0:
            return None
        row = {"id": row_id, "x": dict(zip(ARMS, x, strict=True)), "pct": {name: self.pct(x[i], n[i]) for i, name in enumerate(ARMS)}}
        if (missing is not None or among is not None) and n_printed:
            row["n"] = dict(zip(ARMS, n, strict=True))
        if tested:
            row["p"] = self.p(self.two(x, n))
        self.raw["count"].append(row)
        return row

    def claim(self, row_id, kind, **fields):
        self.raw["claim"].append({"id": row_id, "kind": kind, **fields})


def clean(seed):
    """A paper in which every number follows from the same made-up participants."""
    m = Maker(seed)
    _baseline(m)
    _hospital(m)
    _survival(m)
    _measured(m)
    _words(m)
    return m.raw


def _baseline(m):
    rng, n = m.rng, len(m.arm)
    for name in ("male", "diabetes", "hypertension", "stroke"):
        m.count(f"table-1.{name}", rng.random(n) < rng.uniform(0.05, 0.8), tested=False)
    m.count("table-1.renal", rng.random(n) < 0.3, missing=rng.random(n) < 0.05, tested=False)
    stage = rng.choice(3, n, p=[0.3, 0.5, 0.2])
    for level, name in enumerate("bcd"):
        m.count(f"table-1.stage-{name}", stage == level, tested=False)
    m.claim("table-1.stage", "total", parts=[f"table-1.stage-{name}" for name in "bcd"], of="arms")
    whole = {row["id"]: sum(row["x"].values()) for row in m.raw["count"]}
    for name in ("stage-b", "male"):
        x = whole[f"table-1.{name}"]
        m.raw["count"].append({"id": f"text.{name}", "x": {"all": x}, "pct": {"all": m.pct(x, n)}})
    age = rng.normal(62, 11, n).round()
    quartiles = lambda v: [m.round(float(q), 0) for q in np.quantile(v, [0.5, 0.25, 0.75])]  # noqa: E731
    m.raw["summary"].append({"id": "table-1.age", "stat": "median_iqr", "values": {name: quartiles(age[m.arm == i]) for i, name in enumerate(ARMS)}})
    m.raw["summary"].append({"id": "text.age", "stat": "median_iqr", "values": {"all": quartiles(age)}})


def _hospital(m):
    rng, n = m.rng, len(m.arm)
    drugs = [rng.random(n) < p for p in (0.45, 0.3, 0.15)]
    users = np.logical_or.reduce(drugs)
    for i, hit in enumerate(drugs):
        m.count(f"table-2.drug-{i}", hit)
    m.count("table-2.any-drug", users)
    m.claim("table-2.drugs", "total", relation="any", parts=[f"table-2.drug-{i}" for i in range(3)], of="table-2.any-drug")
    dose = np.where(users, np.exp(rng.normal(1.5, 0.5, n)), 0.0)
    values = {name: [m.round(float(q), 1) for q in np.quantile(dose[m.arm == i], [0.5, 0.25, 0.75])] for i, name in enumerate(ARMS)}
    m.raw["summary"].append({"id": "table-3.dose", "stat": "median_iqr", "values": values, "requires": "table-2.any-drug",
                             "p": m.p(float(ss.mannwhitneyu(dose[m.arm == 0], dose[m.arm == 1]).pvalue))})
    for i in range(10):
        risk = np.where(m.arm == 1, rng.uniform(0.01, 0.7), rng.uniform(0.01, 0.7))
        m.count(f"table-3.event-{i}", rng.random(n) < risk, missing=rng.random(n) < 0.04 if i > 7 else None)


def _survival(m):
    rng, n = m.rng, len(m.arm)
    effect = rng.uniform(-1.1, 0.6)
    time = rng.exponential(1 / (rng.uniform(0.004, 0.014) * np.exp(effect * m.arm)))
    event = time < 60
    time = np.minimum(time, 60)
    row = m.count("table-3.primary", event)
    m.raw["count"].append({"id": "abstract.primary", "x": dict(row["x"]), "pct": dict(row["pct"])})
    alive = ~event
    for i in range(3):
        m.count(f"table-2.discharge-{i}", rng.random(n) < rng.uniform(0.1, 0.8), among=alive, n_printed=False)
        if m.raw["count"][-1]["id"] == f"table-2.discharge-{i}":
            m.raw["count"][-1]["among"] = "survivors"
    survivors = {name: int((alive & (m.arm == i)).sum()) for i, name in enumerate(ARMS)}
    m.raw["count"].append({"id": "table-3.alive", "x": survivors, "pct": {a: m.pct(x, m.n[a]) for a, x in survivors.items()}})
    m.claim("table-2.survivors", "population", name="survivors", at_most="table-3.alive")
    _ratio(m, "figure-2.overall", np.ones(n, bool), (time, event), outcome="primary")
    if m.raw["effect"]:
        again = {k: v for k, v in m.raw["effect"][0].items() if k in ("measure", "outcome", "est", "lo", "hi", "p")}
        m.raw["effect"].append({"id": "abstract.overall", **again})
        for s in range(3):
            _subgroup(m, s, (time, event))
        _direction(m, row)


def _ratio(m, row_id, keep, followed, **fields):
    time, event = (v[keep] for v in followed)
    arm = m.arm[keep]
    events = {name: int(event[arm == i].sum()) for i, name in enumerate(ARMS)}
    if min(events.values()) == 0 or min(int((arm == i).sum()) for i in (0, 1)) < 3:
        return None
    beta, cov = cox(time, event, arm[:, None].astype(float))
    se = math.sqrt(cov[0, 0])
    limits = [math.exp(beta[0] + z * 1.959964 * se) for z in (-1, 1)]
    if abs(beta[0]) > 4 or limits[0] < 0.005:
        return None
    sizes = {name: int((arm == i).sum()) for i, name in enumerate(ARMS)}
    effect = {"id": row_id, "measure": "HR", **fields, "events": events, "n": sizes, "est": m.round(math.exp(beta[0]), 2),
              "lo": m.round(limits[0], 2), "hi": m.round(limits[1], 2), "p": m.p(2 * ss.norm.sf(abs(beta[0]) / se))}
    m.raw["effect"].append(effect)
    return effect


def _subgroup(m, s, outcome):
    rng, n = m.rng, len(m.arm)
    level = rng.random(n) < rng.uniform(0.35, 0.65)
    known = rng.random(n) > (0.05 if s == 2 else 0.0)
    before = len(m.raw["effect"])
    made = [_ratio(m, f"figure-2.sub-{s}-{i}", known & (level == bool(i)), outcome, subgroup=f"sub-{s}", level=str(i), outcome="primary") for i in (0, 1)]
    if None in made:
        del m.raw["effect"][before:]
        return
    if not known.all():
        for key, hit in (("missing_n", ~known), ("missing_events", ~known & outcome[1])):
            made[0][key] = {name: int((hit & (m.arm == i)).sum()) for i, name in enumerate(ARMS)}
    x = np.column_stack([m.arm, level, m.arm * level]).astype(float)[known]
    beta, cov = cox(outcome[0][known], outcome[1][known], x)
    m.raw["interaction"].append({"id": f"figure-2.interaction-{s}", "subgroup": f"sub-{s}", "p": m.p(2 * ss.norm.sf(abs(beta[2]) / math.sqrt(cov[2, 2])))})


def _direction(m, row):
    share = [row["x"][name] / m.n[name] for name in ARMS]
    if share[0] != share[1]:
        m.claim("abstract.direction", "outcome", outcome="primary", row="table-3.primary",
                **{("fewer" if share[1] < share[0] else "more"): "device"})
    overall = m.raw["effect"][0]["p"]
    both = (overall, row["p"])
    value = [0.0 if p.startswith("<") else float(p.lstrip(">")) for p in both]
    if abs(value[0] - 0.05) > 0.002 and (value[0] < 0.05) == (value[1] < 0.05):
        m.claim("abstract.conclusion", "outcome", outcome="primary", row="table-3.primary", significant=value[0] < 0.05)


def _measured(m):
    rng, n = m.rng, len(m.arm)
    for i, (mean, sd, whole) in enumerate(((40.0, 12.0, False), (6.0, 3.0, True))):
        v = rng.normal(mean + 0.4 * sd * rng.normal() * m.arm, sd)
        v = np.maximum(v.round(), 0) if whole else v
        parts = [v[m.arm == k] for k in (0, 1)]
        values = {name: [m.round(float(parts[k].mean()), 2 if whole else 1), m.round(float(parts[k].std(ddof=1)), 1)] for k, name in enumerate(ARMS)}
        row = {"id": f"table-3.measure-{i}", "stat": "mean_sd", "values": values, "p": m.p(float(ss.ttest_ind(*parts).pvalue))}
        if whole:
            row["integer"] = True
        m.raw["summary"].append(row)
    _ = n


def _words(m):
    rng, n = m.rng, len(m.arm)
    m.claim("text.randomised", "total", parts=["arms"], total=n)
    m.claim("methods.allocation", "allocation", method="permuted blocks", ratio="1:1", block_sizes=m.blocks, lists=m.lists)
    start = dt.date(2018, 1, 1) + dt.timedelta(days=int(rng.integers(0, 900)))
    length = int(rng.integers(500, 1600))
    end = start + dt.timedelta(days=length)
    half = n // 2
    interim = start + dt.timedelta(days=length // 2 + 60 + int(rng.integers(30, 90)))
    dates = {"first_enrolment": start, "last_enrolment": end, "amendment": start + dt.timedelta(days=int(rng.integers(10, length - 10))),
             "database_lock": end + dt.timedelta(days=120), "publication": end + dt.timedelta(days=500)}
    for event, day in dates.items():
        m.claim(f"methods.{event}", "date", event=event, at=day.isoformat())
    m.claim("methods.interim", "date", event="interim", at=interim.isoformat(), n=half, follow_up_d=60)
    m.claim("methods.stop-plan", "stop", planned=True, looks=1, purpose="efficacy", rule="O'Brien-Fleming")
    m.claim("methods.futility-plan", "stop", planned=True, purpose="futility", rule="conditional power below 20%")
    if rng.random() < 0.3:
        m.claim("results.stopped", "stop", planned=False, reason="futility")
    _planned_size(m)
    m.claim("methods.consent", "statement", subject="consent", says="before randomisation")
    m.claim("results.consent", "statement", subject="consent", says="before randomisation")
    m.claim("methods.pp", "population", name="per-protocol", arms=list(ARMS), excludes="major violations")


def _planned_size(m):
    p0, p1 = ((0.3, 0.15), (0.5, 0.3), (0.25, 0.15), (0.55, 0.75))[m.rng.integers(0, 4)]
    za, zb = 1.959963984540054, ss.norm.ppf(0.8)
    mean, gap = (p0 + p1) / 2, abs(p0 - p1)
    pooled = ((za * math.sqrt(2 * mean * (1 - mean)) + zb * math.sqrt(p0 * (1 - p0) + p1 * (1 - p1))) / gap) ** 2
    n = pooled / 4 * (1 + math.sqrt(1 + 4 / (pooled * gap))) ** 2 if m.rng.random() < 0.5 else pooled
    n = math.ceil(n)
    m.claim("methods.size", "sample_size", rates={"device": str(p1), "control": str(p0)}, alpha="0.05", sided=2, power="0.8",
            n={"device": n, "control": n})


# --- planted errors: each changes the paper and gives the ids that it touched, or None when this paper has no room for it

def _rows(raw, test):
    return [row for row in raw["count"] if test(row)]


def _shift(text, by):
    decimals = len(text.partition(".")[2])
    return f"{float(text) + by * 10.0**-decimals:.{decimals}f}"


def _plain(text):
    return text[0] not in "<>" and float(text) < 0.95


def _pick(rng, rows):
    return rows[rng.integers(0, len(rows))] if rows else None


def _tested(raw):
    return _rows(raw, lambda r: "p" in r and r["id"].startswith("table-3.event") and _plain(r["p"]))


def swapped_count(raw, rng):
    """The two arms' counts changed places; percentages and P stayed."""
    row = _pick(rng, [r for r in _tested(raw) if abs(r["x"]["control"] - r["x"]["device"]) > 3])
    if row:
        row["x"] = dict(zip(row["x"], reversed(row["x"].values()), strict=True))
    return row and [row["id"]]


def wrong_count(raw, rng):
    """A count is off by three or more."""
    row = _pick(rng, [r for r in _tested(raw) if r["x"]["device"] > 6])
    if row:
        row["x"]["device"] -= int(rng.integers(3, 6))
    return row and [row["id"]]


def wrong_denominator(raw, rng):
    """A percentage was taken of the other denominator (5 to 12 participants fewer)."""
    row = _pick(rng, [r for r in raw["count"] if r["id"].startswith("table-1") and "n" not in r and r["x"]["device"] > 12])
    if row:
        n = {a["id"]: a["n"] for a in raw["arm"]}["device"]
        wrong = n - int(rng.integers(5, 13))
        text = f"{100 * row['x']['device'] / max(wrong, row['x']['device']):.{len(row['pct']['device'].partition('.')[2])}f}"
        if text == row["pct"]["device"]:
            return None
        row["pct"]["device"] = text
    return row and [row["id"]]


def _table(raw, row):
    sizes = row.get("n") or {a["id"]: a["n"] for a in raw["arm"]}
    return [[row["x"][a], sizes[a] - row["x"][a]] for a in ARMS]


def other_test(raw, rng):
    """The P of another test than the rule's."""
    made = []
    for row in _tested(raw):
        table = _table(raw, row)
        values = [ss.chi2_contingency(table, correction=True).pvalue, ss.fisher_exact(table).pvalue, ss.chi2_contingency(table, correction=False).pvalue]
        far = [v for v in values if 0.001 < v < 0.98 and abs(v - float(row["p"])) > 0.02]
        made += [(row, f"{v:.{len(row['p'].partition('.')[2])}f}") for v in far]
    choice = _pick(rng, made)
    if choice:
        choice[0]["p"] = choice[1]
    return choice and [choice[0]["id"]]


def misrounded_p(raw, rng):
    """The last digit of a P is one off."""
    row = _pick(rng, [r for r in _tested(raw) if float(r["p"]) > 0.02])
    if row:
        row["p"] = _shift(row["p"], 1 if rng.random() < 0.5 else -1)
    return row and [row["id"]]


def mistyped_p(raw, rng):
    """Two digits of a P changed places."""
    rows = [r for r in _tested(raw) if len(r["p"]) == 4 and r["p"][2] != r["p"][3] and abs(int(r["p"][2]) - int(r["p"][3])) > 1]
    row = _pick(rng, rows)
    if row:
        row["p"] = f"0.{row['p'][3]}{row['p'][2]}"
    return row and [row["id"]]


def impossible_block(raw, rng):
    """Group sizes further apart than the stated blocks allow."""
    claim = next(c for c in raw["claim"] if c["kind"] == "allocation")
    sizes = [a["n"] for a in raw["arm"]]
    gap = abs(sizes[0] - sizes[1])
    fitting = [b for b in ([2], [2, 4], [4]) if gap > max(b) / 2]
    if not fitting:
        return None
    claim["block_sizes"], claim["lists"] = fitting[rng.integers(0, len(fitting))], 1
    return [claim["id"]]


def broken_sum(raw, rng):
    """One level of a partition lost participants, with its percentage changed to match."""
    row = next(r for r in raw["count"] if r["id"] == "table-1.stage-c")
    n = {a["id"]: a["n"] for a in raw["arm"]}["control"]
    row["x"]["control"] = max(row["x"]["control"] - int(rng.integers(1, 4)), 0)
    row["pct"]["control"] = f"{100 * row['x']['control'] / n:.{len(row['pct']['control'].partition('.')[2])}f}"
    return ["table-1.stage"]


def wrong_date(raw, rng):
    """Enrolment ended after the database was locked, began after the amendment, or the interim follow-up cannot have been complete."""
    claims = {c["event"]: c for c in raw["claim"] if c["kind"] == "date"}
    which = rng.integers(0, 3)
    first = dt.date.fromisoformat(claims["first_enrolment"]["at"])
    if which == 0:
        claims["database_lock"]["at"] = (dt.date.fromisoformat(claims["last_enrolment"]["at"]) - dt.timedelta(days=int(rng.integers(5, 200)))).isoformat()
    elif which == 1:
        claims["amendment"]["at"] = (first - dt.timedelta(days=int(rng.integers(5, 200)))).isoformat()
    else:
        claims["interim"]["at"] = (first + dt.timedelta(days=int(rng.integers(5, 55)))).isoformat()
    return [claims[e]["id"] for e in ("last_enrolment", "first_enrolment", "interim", "amendment", "database_lock")]


def _overall(raw, least=0.0):
    row = raw["effect"][0] if raw["effect"] else None
    return row if row and abs(math.log(max(float(row["est"]), 0.01))) >= least else None


def wrong_direction(raw, rng):
    """The overall ratio and its interval are turned round (at least 1.5 or at most 0.67, so that it matters)."""
    row = _overall(raw, 0.4)
    if not row or float(row["lo"]) < 0.05:
        return None
    row["est"], row["lo"], row["hi"] = (f"{1 / float(row[k]):.2f}" for k in ("est", "hi", "lo"))
    raw["effect"] = [e for e in raw["effect"] if e["id"] != "abstract.overall"]
    return [row["id"]]


def wrong_words(raw, rng):
    """The text says more where the counts say fewer."""
    claim = next((c for c in raw["claim"] if c["id"] == "abstract.direction"), None)
    if claim is None:
        return None
    key = "fewer" if "fewer" in claim else "more"
    claim["more" if key == "fewer" else "fewer"] = claim.pop(key)
    return [claim["id"]]


def outside_interval(raw, rng):
    """The estimate lies outside its interval."""
    row = _pick(rng, [e for e in raw["effect"] if "subgroup" in e])
    if row:
        row["est"] = f"{float(row['hi']) * 1.2 + 0.02:.2f}"
    return row and [row["id"]]


def wrong_limit(raw, rng):
    """The upper limit of an interval is mistyped (35 % or more away)."""
    row = _pick(rng, [e for e in raw["effect"] if "subgroup" in e])
    if row:
        row["hi"] = f"{float(row['hi']) * rng.uniform(1.8, 2.6):.2f}"
    return row and [row["id"]]


def narrow_interval(raw, rng):
    """The interval is narrower than the events allow (a SE 25 to 45 % too small), the P made to match."""
    row = _overall(raw)
    if not row:
        return None
    b = math.log(float(row["est"]))
    se = (math.log(float(row["hi"])) - math.log(max(float(row["lo"]), 0.005))) / 3.92 * rng.uniform(0.55, 0.75)
    row["lo"], row["hi"] = f"{math.exp(b - 1.96 * se):.2f}", f"{math.exp(b + 1.96 * se):.2f}"
    row["p"] = f"{max(2 * ss.norm.sf(abs(b) / se), 0.002):.3f}"
    raw["effect"] = [e for e in raw["effect"] if e["id"] != "abstract.overall"]
    return [row["id"]]


def wrong_wald_p(raw, rng):
    """The P beside a ratio is another one's (0.1 or more away)."""
    row = _pick(rng, [e for e in raw["effect"] if "subgroup" in e and _plain(e["p"])])
    if row:
        away = rng.uniform(0.12, 0.3)
        row["p"] = f"{float(row['p']) + (away if float(row['p']) < 0.5 else -away):.2f}"
    return row and [row["id"]]


def wrong_interaction(raw, rng):
    """The interaction P is mistyped (0.3 or more away)."""
    row = _pick(rng, [i for i in raw["interaction"] if _plain(i["p"])])
    if row:
        away = rng.uniform(0.3, 0.45)
        row["p"] = f"{max(float(row['p']) + (away if float(row['p']) < 0.5 else -away), 0.01):.2f}"
    return row and [row["id"]]


def subgroup_total(raw, rng):
    """One level of a subgroup lost participants."""
    row = _pick(rng, [e for e in raw["effect"] if "subgroup" in e and e["n"]["device"] - e["events"]["device"] > 3])
    if row:
        row["n"]["device"] -= int(rng.integers(1, 4))
    return row and [row["subgroup"], row["id"]]


def subgroup_events(raw, rng):
    """Events of one level moved to the wrong arm."""
    row = _pick(rng, [e for e in raw["effect"] if "subgroup" in e and e["events"]["control"] > 3])
    if row:
        row["events"]["control"] -= 2
        row["events"]["device"] = min(row["events"]["device"] + 2, row["n"]["device"])
    return row and [row["subgroup"], row["id"]]


def abstract_count(raw, rng):
    """The abstract's count is not the table's."""
    row = next(r for r in raw["count"] if r["id"] == "abstract.primary")
    row["x"]["device"] += 1 if row["x"]["device"] < 5 else -1
    return [row["id"]]


def abstract_ratio(raw, rng):
    """The abstract's ratio is not the figure's."""
    row = next((e for e in raw["effect"] if e["id"] == "abstract.overall"), None)
    if row:
        row["est"] = _shift(row["est"], int(rng.choice([-3, -2, 2, 3])))
    return row and [row["id"], raw["effect"][0]["id"]]


def score_above_zero(raw, rng):
    """A median above zero in an arm where fewer than half had a drug."""
    row = next(s for s in raw["summary"] if s["id"] == "table-3.dose")
    users = next(r for r in raw["count"] if r["id"] == "table-2.any-drug")
    n = {a["id"]: a["n"] for a in raw["arm"]}["device"]
    short = n - users["x"]["device"]
    if short < math.floor(0.25 * n) + 1:
        return None
    place = 0 if short >= math.floor(0.5 * n) + 1 else 1
    row["values"]["device"][place] = f"{rng.uniform(0.5, 2):.1f}"
    return [row["id"]]


def wrong_size(raw, rng):
    """The sample-size statement gives 60 to 85 % or 140 to 180 % of what its numbers need."""
    claim = next(c for c in raw["claim"] if c["kind"] == "sample_size")
    factor = rng.uniform(0.6, 0.85) if rng.random() < 0.5 else rng.uniform(1.4, 1.8)
    claim["n"] = {arm: int(n * factor) for arm, n in claim["n"].items()}
    return [claim["id"]]


def pooled_quartile(raw, rng):
    """A pooled median outside those of the arms."""
    row, arms = (next(s for s in raw["summary"] if s["id"] == name) for name in ("text.age", "table-1.age"))
    medians = [float(values[0]) for values in arms["values"].values()]
    row["values"]["all"][0] = f"{max(medians) + rng.integers(2, 6) if rng.random() < 0.5 else min(medians) - rng.integers(2, 6):.0f}"
    return [row["id"], "table-1.age"]


def wrong_t(raw, rng):
    """The P beside two means is another one's."""
    row = _pick(rng, [s for s in raw["summary"] if s["stat"] == "mean_sd" and _plain(s["p"])])
    if row:
        row["p"] = f"{float(row['p']) + (0.35 if float(row['p']) < 0.5 else -0.35):.2f}"
    return row and [row["id"]]


def impossible_mean(raw, rng):
    """A mean that no whole total gives."""
    row = next(s for s in raw["summary"] if s.get("integer"))
    n = {a["id"]: a["n"] for a in raw["arm"]}["device"]
    mean = float(row["values"]["device"][0])
    tries = [mean + k * 0.01 for k in range(-4, 5)]
    bad = [v for v in tries if math.ceil((v - 0.005) * n) > math.floor((v + 0.005) * n)]
    if not bad:
        return None
    row["values"]["device"][0] = f"{bad[rng.integers(0, len(bad))]:.2f}"
    return [row["id"]]


def unplanned_stop(raw, rng):
    """The trial stopped for a reason that its plan does not name."""
    raw["claim"] = [c for c in raw["claim"] if c["id"] not in ("methods.futility-plan", "results.stopped")]
    raw["claim"].append({"id": "results.stopped", "kind": "stop", "planned": False, "reason": "futility"})
    return ["results.stopped"]


def contradiction(raw, rng):
    """Two places say different things on one subject."""
    next(c for c in raw["claim"] if c["id"] == "results.consent")["says"] = "deferred in some"
    return ["results.consent"]


PLANTS = (swapped_count, wrong_count, wrong_denominator, other_test, misrounded_p, mistyped_p, impossible_block, broken_sum, wrong_date,
          wrong_direction, wrong_words, outside_interval, wrong_limit, narrow_interval, wrong_wald_p, wrong_interaction, subgroup_total,
          subgroup_events, abstract_count, abstract_ratio, score_above_zero, wrong_size, pooled_quartile, wrong_t, impossible_mean,
          unplanned_stop, contradiction)


def planted(seed, plant):
    """A clean paper with one error of a kind and the ids it touched; None when this paper has no room for it."""
    raw = copy.deepcopy(clean(seed))
    touched = plant(raw, np.random.default_rng([seed, 7]))
    return (raw, touched) if touched else None
