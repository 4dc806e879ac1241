#!/usr/bin/python3
"""Writes tests/golden/space.csv and tests/golden/expressions.csv: what numpy and Python make of sweeps and expressions.

space.csv: `linspace;START;STOP;NUM;VALUES` and `geomspace;…` as C's hex floats; `sweep;SWEEP` as JSON, which is YAML too,
and after it a line a run in plan order, `run;VALUES`: integers and texts as they are, floats as hex.
expressions.csv: `TEXT;RESULT`, RESULT being a hex float, true, false, 'text' or error. Paths: a = 2.5, b = -3, n = 7, t = true,
f = false, s = 'adam', u = ''. Needs numpy.
"""
import itertools
import json
import os
import platform
import random

import numpy

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "golden")
HEADER = f"# numpy {numpy.__version__}, python {platform.python_version()}; scripts/make_space_vectors.py\n"

SPACES = [
    ("linspace", 0, 1, 5), ("linspace", 0, 1, 50), ("linspace", 0.1, 0.7, 7), ("linspace", 1, 0, 4), ("linspace", 3, 3, 3),
    ("linspace", -1e-3, 5.5, 23), ("linspace", 0.3, 9, 1), ("linspace", 0, 5e-324, 4), ("linspace", 1e300, -1e300, 9),
    ("geomspace", 1e-3, 1e-1, 5), ("geomspace", 1e-5, 1, 6), ("geomspace", 1, 1000, 4), ("geomspace", 16, 256, 5),
    ("geomspace", 1e-4, 3e-2, 50), ("geomspace", -1, -100, 3), ("geomspace", 100, 0.01, 5), ("geomspace", 0.7, 0.7, 3),
    ("geomspace", 1e-300, 1e300, 13), ("geomspace", 2, 3, 1),
]
SWEEPS = [
    {"method": "random", "max_runs": 12, "random_state": 0, "parameters": {
        "a": {"min": 1, "max": 6}, "b": {"min": 0.5, "max": 2.0}, "c": ["x", "y", "z"]}},
    {"method": "random", "max_runs": 8, "random_state": 4294967295, "parameters": {
        "model.seed": [7, 3], "a": {"distribution": "normal", "mu": 1, "sigma": 0.25},
        "seed": {"min": 1, "max": 3}, "b": {"distribution": "log_uniform_values", "min": 1e-5, "max": 0.1},
        "c": {"distribution": "q_normal", "mu": 10, "sigma": 5, "q": 2}}},
    {"method": "random", "max_runs": 20, "random_state": 42, "parameters": {
        "a": {"values": ["p", "q", "r"], "probabilities": [0.2, 0.5, 0.3]},
        "b": {"distribution": "q_uniform", "min": 16, "max": 256, "q": 16},
        "c": {"distribution": "q_log_uniform_values", "min": 1, "max": 1000},
        "d": {"distribution": "log_normal", "mu": -3, "sigma": 1},
        "e": {"distribution": "q_log_normal", "mu": 2, "sigma": 1, "q": 0.5},
        "f": {"value": 5}, "g": {"distribution": "int_uniform", "min": -5, "max": 4294967290},
        "h": {"distribution": "int_uniform", "min": 0, "max": 4294967299}, "i": [1]}},
    {"method": "random", "max_runs": 6, "random_state": 1, "zip": [["c", "a"]], "parameters": {
        "a": [1, 2, 3, 4], "b": {"distribution": "uniform", "min": 0, "max": 3}, "c": ["k", "l", "m", "n"]}},
    {"method": "grid", "parameters": {
        "a": [3, 1, 2], "seed": {"min": 1, "max": 3}, "b": {"min": 0.0, "max": 1.0, "num": 3}, "model.seed": [0, 4294967295]}},
    {"method": "grid", "zip": [["a", "c"], ["seed", "d"]], "parameters": {
        "a": [1, 2], "b": [10, 20], "c": ["x", "y"], "d": [5, 6, 7], "seed": [1, 2, 3]}},
    {"parameters": {"a": {"distribution": "log_uniform_values", "min": 1e-4, "max": 0.1, "num": 4},
                    "b": {"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.25, "num": 4},
                    "c": {"min": 0, "max": 10, "num": 4}}},
]


def cell(value):
    return float(value).hex() if isinstance(value, float) else str(value)


def choices_of(parameter):
    """The values of a parameter that has some, or None."""
    if isinstance(parameter, list):
        return parameter
    if "values" in parameter or "value" in parameter:
        return parameter.get("values") or [parameter["value"]]
    kind = parameter.get("distribution")
    whole = isinstance(parameter["min"], int) and isinstance(parameter["max"], int) if "min" in parameter else False
    if "num" in parameter:
        space = numpy.geomspace if kind and "log" in kind else numpy.linspace
        points = space(parameter["min"], parameter["max"], parameter["num"])
        if "q" in parameter:
            points = parameter["q"] * numpy.round(points / parameter["q"])
        return [int(numpy.round(p)) for p in points] if whole and not kind else [float(p) for p in points]
    if kind == "int_uniform" or (whole and not kind):
        return range(parameter["min"], parameter["max"] + 1)
    return None


def draw(parameter, state):
    if isinstance(parameter, dict) and "probabilities" in parameter:
        return parameter["values"][state.choice(len(parameter["values"]), p=parameter["probabilities"])]
    values = choices_of(parameter)
    if isinstance(values, range):
        return int(state.randint(values[0], values[-1] + 1))
    if values is not None:
        return values[state.randint(0, len(values))]
    kind = parameter.get("distribution", "uniform")
    log = "log" in kind
    if "normal" in kind:
        x = parameter["mu"] + parameter["sigma"] * state.randn()
    else:
        ends = parameter["min"], parameter["max"]
        x = state.uniform(*(numpy.log(ends) if log else ends))
    x = numpy.exp(x) if log else x
    if not kind.startswith("q_"):
        return float(x)
    q = parameter.get("q", 1)
    x = q * numpy.round(x / q)
    return int(x) if isinstance(q, int) else float(x)


def groups_of(sweep):
    """Groups of paths in plan order, those with a seed first."""
    zipped = {path: group for group in sweep.get("zip", []) for path in group}
    groups = []
    for path in sweep["parameters"]:
        group = sorted(zipped.get(path, [path]), key=list(sweep["parameters"]).index)
        if group not in groups:
            groups.append(group)
    crossed = [g for g in groups if any(p.split(".")[-1] == "seed" for p in g)]
    return crossed, [g for g in groups if g not in crossed]


def rows_of(group, parameters):
    return list(zip(*(choices_of(parameters[path]) for path in group)))


def runs_of(sweep):
    parameters = sweep["parameters"]
    crossed, others = groups_of(sweep)
    if sweep.get("method") != "random":
        return itertools.product(*(rows_of(g, parameters) for g in crossed + others))
    state = numpy.random.RandomState(sweep["random_state"])
    draws = []
    for _ in range(sweep["max_runs"]):
        drawn = []
        for group in others:
            if len(group) == 1:
                drawn.append((draw(parameters[group[0]], state),))
            else:
                rows = rows_of(group, parameters)
                drawn.append(rows[state.randint(0, len(rows))])
        draws.append(tuple(drawn))
    return [seeds + drawn for seeds in itertools.product(*(rows_of(g, parameters) for g in crossed)) for drawn in draws]


def write_spaces():
    with open(os.path.join(GOLDEN, "space.csv"), "w") as out:
        out.write(HEADER)
        for name, start, stop, num in SPACES:
            values = getattr(numpy, name)(start, stop, num)
            out.write(";".join([name, float(start).hex(), float(stop).hex(), str(num)] + [v.hex() for v in values.tolist()]) + "\n")
        for sweep in SWEEPS:
            out.write("sweep;" + json.dumps(sweep) + "\n")
            for run in runs_of(sweep):
                out.write(";".join(["run"] + [cell(v) for group in run for v in group]) + "\n")


# ------------------------------------------------------------------ expressions

PATHS = {"a": 2.5, "b": -3.0, "n": 7.0, "t": True, "f": False, "s": "adam", "u": ""}
FIXED = [
    "1 + 2 * 3", "(1 + 2) * 3", "2 - 3 - 4", "2 / 4 / 8", "-7 // 2", "-7 % 3", "7 % -3", "7 // -2", "-7.5 % 2", "5 % 0.1", "1 // 0.1",
    "-1e-20 % 3", "0 % -3", "-n % n", "- - n", "not not a", "not a == b", "1 < 2 < 3", "1 < 3 < 2", "3 > 2 > 1 > 0 != 5", "1 == 1 == 1",
    "1 < 2 == true", "(1 < 2) == true", "1 / 0", "1 // 0", "1 % 0", "t and 1 / 0", "f and 1 / 0", "t or 1 / 0", "f or 1 / 0",
    "2 < 1 < 1 / 0", "1 < 2 < 1 / 0", "s == 'adam'", "s != \"adam\"", "s < 'b'", "s < 1", "s == 1", "'' or s", "s and u", "not u", "not s",
    "-s", "-t", "t + t", "t == 1", "f < t", "a and b or n", "a or b and n", "not t or t", "not (t or t)", "1.5e3 == 1500", "1 .5 == 2",
    "0.1 + 0.2 == 0.3", "0.1 + 0.2", "s < s", "s <= s", "t and s", "0 or f", "0 or 0.0 or u", "3 * -2", "3 - -2", "3 --2", "2 * -n // 3",
    "n // 2 * 2 == n", "a <= n >= b", "b <= a <= n and n % 2 == 1", "((((n))))", "5. + .5", "007.5 * 2", "1 if t else 2", "n n", "", "()",
    "1 +", "* 2", "a = 1", "a ** 2", "'a", "1 < not 2",
]


def leaf(rng, texts):
    number = rng.choice(["0", "1", "2", "3", "7", "0.5", "2.5", "1e-3", "10", "0.1"])
    pool = [(number, f"float({number})")] * 3 + [(p, p) for p in "abn"] + [("true", "True"), ("false", "False"), ("t", "t"), ("f", "f")]
    pool += [("'adam'", "'adam'"), ("s", "s"), ("u", "u")] if texts else []
    return rng.choice(pool)


def grow(rng, depth, texts=False):
    """An expression in both languages; texts stay out of arithmetic."""
    if depth == 0:
        return leaf(rng, texts)
    kind = rng.choice(["arithmetic", "compare", "chain", "logic", "not", "minus", "parentheses"])
    if kind in ("not", "minus"):
        inner = grow(rng, depth - 1, texts and kind == "not")
        word = "not " if kind == "not" else "-"
        return tuple(f"({word}{text})" if kind == "not" else f"{word}({text})" for text in inner)
    if kind == "parentheses":
        return tuple(f"({text})" for text in grow(rng, depth - 1, texts))
    parts = [grow(rng, rng.randrange(depth), texts and kind != "arithmetic") for _ in range(3 if kind == "chain" else 2)]
    pool = {"arithmetic": ["+", "-", "*", "/", "//", "%"], "logic": ["and", "or"]}.get(kind, ["==", "!=", "<", "<=", ">", ">="])
    texts_out = list(parts[0])
    for part in parts[1:]:
        operator = rng.choice(pool)
        texts_out = [f"{left} {operator} {right}" for left, right in zip(texts_out, part)]
    return tuple(texts_out)


def result_of(python):
    try:
        value = eval(python, {"__builtins__": {"float": float}}, dict(PATHS))
    except (ZeroDivisionError, TypeError):
        return "error"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}'" if isinstance(value, str) else float(value).hex()


def in_python(text):
    """Our words as Python's, every number a float."""
    import io
    import tokenize
    words = {"true": "True", "false": "False"}
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        string = token.string
        if token.type == tokenize.NUMBER:
            string = f"float('{string}')"
        tokens.append(words.get(string, string))
    return " ".join(tokens).strip()


def fixed_result(text):
    if " if " in text or "**" in text:
        return "error"  # not in our language
    try:
        python = in_python(text)
        compile(python, "", "eval")
    except Exception:
        return "error"
    return result_of(python) if python != "( )" else "error"


def write_expressions():
    rng = random.Random(1)
    with open(os.path.join(GOLDEN, "expressions.csv"), "w") as out:
        out.write(HEADER)
        for text in FIXED:
            out.write(f"{text};{fixed_result(text)}\n")
        for _ in range(1500):
            ours, python = grow(rng, rng.randrange(1, 5), texts=rng.random() < 0.5)
            # Outer levels may put a text into arithmetic, of which Python has its own notion.
            result = result_of(python)
            if len(ours) < 200:
                out.write(f"{ours};{result}\n")


write_spaces()
write_expressions()
