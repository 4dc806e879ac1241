"""Random configs, valid ones, for scripts/try_configs.py: draw(seed, folder).

Layers are random_layers.py's; tables are written into the folder by
random_tables.py.
"""
import math
import random

import numpy as np

import random_tables
from random_layers import WORDS, draw_layers, kinds_of, sometimes


def log_uniform(pick, low, high):
    return float(f"{math.exp(pick.uniform(math.log(low), math.log(high))):.3g}")


# ------------------------------------------------------------------------ data
def draw_counts(pick, classes):
    """n_samples: a number, or how many of each class."""
    n = pick.choice([40, 97, 200, 333, 600])
    if pick.random() < 0.7:
        return n
    return [max(8, int(n * pick.uniform(0.5, 1.5) / classes)) for _ in range(classes)]


def draw_curves(pick):
    source = {"type": pick.choice(["make_circles", "make_moons"]), "n_samples": draw_counts(pick, 2),
              "random_state": pick.randrange(2**32)}
    if source["type"] == "make_circles":
        sometimes(pick, 0.7, source, factor=lambda: pick.choice([0.0, 0.3, 0.5, 0.95]))
    return sometimes(pick, 0.7, source, noise=lambda: pick.choice([None, 0.0, 0.05, 0.2, 1.0]))


def draw_blobs(pick, classes):
    columns = pick.choice([1, 2, 3, 8, 20, 300])
    source = {"type": "make_blobs", "n_samples": draw_counts(pick, classes), "n_features": columns,
              "cluster_std": pick.choice([0.5, 2.0, 5.0]), "random_state": pick.randrange(2**32)}
    if pick.random() < 0.3:
        source["centers"] = [[round(pick.uniform(-6, 6), 2) for _ in range(columns)] for _ in range(classes)]
        if pick.random() < 0.5:
            del source["n_features"]
    elif not isinstance(source["n_samples"], list):
        source["centers"] = classes
    if pick.random() < 0.3:
        source["cluster_std"] = [round(pick.uniform(0.3, 4), 2) for _ in range(classes)]
    return sometimes(pick, 0.2, source, center_box=lambda: pick.choice([[-1.0, 1.0], [0.0, 30.0], [5.0, -5.0]]))


def draw_source(pick, task, classes):
    curves = task != "classes" and pick.random() < 0.6
    source = draw_curves(pick) if curves else draw_blobs(pick, classes)
    return sometimes(pick, 0.2, source, shuffle=lambda: False, scale=lambda: pick.choice([0.1, 2.0, 3.7]))


def draw_split(pick):
    split = sometimes(pick, 0.8, {}, test_size=lambda: pick.choice([0.1, 0.25, 0.4, 10, 20]),
                      random_state=lambda: pick.randrange(2**32))
    sometimes(pick, 0.4, split, validation_size=lambda: pick.choice([0.2, 0.5, 8]))
    if pick.random() < 0.3:
        split["stratify"] = True
    elif pick.random() < 0.15:
        split["shuffle"] = False
    return split


def draw_scalers(pick):
    kinds = ["standard_scaler", "min_max_scaler", {"type": "min_max_scaler", "feature_range": [-1.0, 1.0]}]
    return [pick.choice(kinds) for _ in range(pick.choice([0, 1, 1, 1, 2]))]


def draw_table(pick, task, classes, units, words):
    """Features and targets that hang on them."""
    random_state = np.random.RandomState(pick.randrange(2**32))
    rows, columns = pick.choice([40, 97, 200, 333]), pick.choice([2, 6, 12, 12, 24, 36])
    x = random_state.randint(0, WORDS, (rows, columns)) if words else random_state.normal(1, 2, (rows, columns))
    sums = np.tanh(x @ random_state.normal(0, 0.7, (columns, units))) + random_state.normal(0, 0.2, (rows, units))
    if task == "regression":
        return x, 3 * sums - 1
    edges = np.quantile(sums[:, 0], np.arange(1, classes) / classes)
    return x, np.digitize(sums[:, :1], edges)


def draw_data(pick, task, classes, units, words, folder):
    """(data for the runner, for reference.py, columns)"""
    data = {"split": draw_split(pick)}
    if words or units > 1 and task == "regression" or pick.random() < 0.35:
        x, y = draw_table(pick, task, classes, units, words)
        mine, theirs = random_tables.write_source(pick, folder, x, y)
        columns = x.shape[1]
        if task == "regression":
            data["split"].pop("stratify", None)
    else:
        mine = theirs = draw_source(pick, task, classes)
        columns = len(mine["centers"][0]) if isinstance(mine.get("centers"), list) else mine.get("n_features", 2)
    preprocess = {"features": [] if words else draw_scalers(pick)}
    if task == "regression":
        preprocess["targets"] = draw_scalers(pick)
    elif pick.random() < 0.3:
        preprocess = preprocess["features"]
    data["preprocess"] = preprocess
    return {"source": mine, **data}, {"source": theirs, **data}, columns


# ---------------------------------------------------------------------- losses
def draw_binary_loss(pick):
    loss = {"type": pick.choice(["bce", "bce_with_logits"])}
    sometimes(pick, 0.2, loss, weight=lambda: [pick.choice([0.5, 3.0])])
    if loss["type"] == "bce_with_logits":
        sometimes(pick, 0.3, loss, pos_weight=lambda: [pick.choice([0.3, 2.5])])
    return loss


def draw_classes_loss(pick, units):
    loss = {"type": pick.choice(["cross_entropy", "cross_entropy", "nll"])}
    sometimes(pick, 0.3, loss, weight=lambda: [pick.choice([0.5, 0.7, 1.0, 2.0]) for _ in range(units)])
    sometimes(pick, 0.15, loss, ignore_index=lambda: pick.choice([-100, 1]))
    if loss["type"] == "cross_entropy":
        sometimes(pick, 0.4, loss, label_smoothing=lambda: pick.choice([0.05, 0.1, 0.3]))
    return loss


def draw_regression_loss(pick):
    loss = {"type": pick.choice(["mse", "l1", "smooth_l1", "huber"])}
    if loss["type"] == "smooth_l1":
        sometimes(pick, 0.5, loss, beta=lambda: pick.choice([0.3, 2.0]))
    if loss["type"] == "huber":
        sometimes(pick, 0.5, loss, delta=lambda: pick.choice([0.1, 0.7, 2.0]))
    return loss


def draw_loss(pick, task, units):
    loss = draw_binary_loss(pick) if task == "binary" else \
        draw_classes_loss(pick, units) if task == "classes" else draw_regression_loss(pick)
    sometimes(pick, 0.15, loss, reduction=lambda: pick.choice(["mean", "sum"]))
    return loss if len(loss) > 1 else pick.choice([loss, loss["type"]])


LAST = {"bce": ["sigmoid"], "nll": ["log_softmax"]}


# -------------------------------------------------------- optimizer and schedule
def decay(pick):
    return lambda: pick.choice([1e-4, 1e-3, 0.01, 0.1])


def draw_betas(pick):
    return [pick.choice([0.0, 0.5, 0.8, 0.9]), pick.choice([0.9, 0.99, 0.999])]


def draw_sgd(pick):
    options = {"lr": log_uniform(pick, 1e-3, 0.3)}
    sometimes(pick, 0.6, options, momentum=lambda: pick.choice([0.5, 0.9]))
    if "momentum" in options and pick.random() < 0.4:
        options["nesterov"] = True
    elif "momentum" in options:
        sometimes(pick, 0.3, options, dampening=lambda: pick.choice([0.1, 0.5]))
    return options


def draw_adam(pick):
    options = sometimes(pick, 0.7, {}, lr=lambda: log_uniform(pick, 1e-4, 0.03))
    return sometimes(pick, 0.3, options, betas=lambda: draw_betas(pick), eps=lambda: pick.choice([1e-6, 1e-3]))


def draw_adam_amsgrad(pick):
    return sometimes(pick, 0.3, draw_adam(pick), amsgrad=lambda: True)


def draw_nadam(pick):
    return sometimes(pick, 0.3, draw_adam(pick), momentum_decay=lambda: pick.choice([0.0, 0.01]))


def draw_adagrad(pick):
    options = sometimes(pick, 0.8, {}, lr=lambda: log_uniform(pick, 1e-3, 0.2))
    return sometimes(pick, 0.3, options, lr_decay=lambda: pick.choice([1e-3, 0.05]),
                     initial_accumulator_value=lambda: 0.1, eps=lambda: 1e-6)


def draw_rmsprop(pick):
    options = sometimes(pick, 0.8, {}, lr=lambda: log_uniform(pick, 1e-4, 0.02))
    return sometimes(pick, 0.3, options, alpha=lambda: pick.choice([0.5, 0.9]), centered=lambda: True,
                     momentum=lambda: pick.choice([0.5, 0.9]), eps=lambda: 1e-5)


def draw_adadelta(pick):
    options = sometimes(pick, 0.6, {}, lr=lambda: log_uniform(pick, 0.05, 2))
    return sometimes(pick, 0.3, options, rho=lambda: pick.choice([0.5, 0.8]), eps=lambda: 1e-4)


# (name, options, whether it has momentum or betas that one_cycle_lr may move)
OPTIMIZERS = [
    ("sgd", draw_sgd, False), ("adagrad", draw_adagrad, False), ("rmsprop", draw_rmsprop, False),
    ("adadelta", draw_adadelta, False), ("adam", draw_adam_amsgrad, True), ("adamw", draw_adam_amsgrad, True),
    ("adamax", draw_adam, True), ("nadam", draw_nadam, True), ("radam", draw_adam, True)]
NOT_MAXIMIZED = ("nadam", "radam")


def draw_optimizer(pick):
    name, draw, has_betas = pick.choice(OPTIMIZERS)
    options = sometimes(pick, 0.3, draw(pick), weight_decay=decay(pick))
    if name not in NOT_MAXIMIZED and pick.random() < 0.03:
        options["maximize"] = True
    has_momentum = has_betas or options.get("momentum", 0) > 0
    return ({"type": name, **options} if options else name), has_momentum


def draw_step_lr(pick):
    return sometimes(pick, 0.7, {"step_size": pick.choice([1, 7, 20])}, gamma=lambda: pick.choice([0.5, 0.9, 1.1]))


def draw_multi_step_lr(pick):
    return sometimes(pick, 0.7, {"milestones": pick.choice([[10, 30, 30, 60], [1], [5, 50]])}, gamma=lambda: 0.3)


def draw_cosine(pick):
    return sometimes(pick, 0.5, {}, T_max=lambda: pick.choice([1, 17, 200]), eta_min=lambda: pick.choice([1e-4, 1e-2]))


def draw_linear_lr(pick):
    return sometimes(pick, 0.5, {}, start_factor=lambda: pick.choice([0.1, 1.0]), end_factor=lambda: 0.5,
                     total_iters=lambda: pick.choice([1, 15, 500]))


def draw_one_cycle(pick):
    options = {"max_lr": log_uniform(pick, 1e-3, 0.05)}
    return sometimes(pick, 0.3, options, pct_start=lambda: pick.choice([0.1, 0.5]), div_factor=lambda: 10.0,
                     anneal_strategy=lambda: "linear", final_div_factor=lambda: 100.0, three_phase=lambda: True,
                     base_momentum=lambda: 0.7, max_momentum=lambda: 0.9)


SCHEDULES = [
    ("step_lr", draw_step_lr), ("multi_step_lr", draw_multi_step_lr),
    ("exponential_lr", lambda pick: {"gamma": pick.choice([0.9, 0.99, 1.0])}),
    ("cosine_annealing_lr", draw_cosine), ("linear_lr", draw_linear_lr), ("one_cycle_lr", draw_one_cycle)]


def draw_schedule(pick, has_momentum):
    name, draw = pick.choice(SCHEDULES)
    options = draw(pick)
    if name == "one_cycle_lr" and (not has_momentum or pick.random() < 0.3):
        options["cycle_momentum"] = False
    return {"type": name, **options} if options else name


# ------------------------------------------------------------------ the config
def draw_train(pick, loss):
    optimizer, has_momentum = draw_optimizer(pick)
    train = {"loss": loss, "optimizer": optimizer, "batch_size": pick.choice([1, 7, 16, 17, 50, 128, 1000])}
    if pick.random() < 0.15 and train["batch_size"] > 1:
        train["epochs"] = pick.choice([1, 2, 5])
    else:
        train["steps"] = pick.choice([1, 30, 100, 100, 300])
    sometimes(pick, 0.5, train, lr_schedule=lambda: draw_schedule(pick, has_momentum))
    sometimes(pick, 0.2, train, clip_grad_norm=lambda: pick.choice([0.05, 0.5, 2.0]), shuffle=lambda: False)
    if train["batch_size"] <= 16:
        sometimes(pick, 0.3, train, drop_last=lambda: True)
    return sometimes(pick, 0.1, train, seed=lambda: pick.randrange(2**32))


def draw(seed, folder):
    """(config for the runner, the same for reference.py)"""
    pick = random.Random(seed)
    task = pick.choice(["binary", "classes", "regression"])
    classes = pick.choice([2, 3, 5]) if task == "classes" else 2 if task == "binary" else pick.choice([3, 6])
    units = classes + pick.choice([0, 0, 0, 2]) if task == "classes" else 1
    units = pick.choice([1, 1, 1, 2, 3]) if task == "regression" else units
    words = pick.random() < 0.08
    loss = draw_loss(pick, task, units)
    mine, theirs, columns = draw_data(pick, task, classes, units, words, folder)
    last = LAST.get(loss if isinstance(loss, str) else loss["type"], [])
    model = {"layers": draw_layers(pick, columns, units, last, words)}
    sometimes(pick, 0.1, model, seed=lambda: pick.randrange(2**32))
    train = draw_train(pick, loss)
    if any(kind in ("rnn", "lstm", "gru") for kind, _ in kinds_of(model["layers"])) and "steps" in train:
        train["steps"] = min(train["steps"], 60)
    config = {"name": f"case_{seed}", "seed": pick.randrange(2**32), "model": model, "train": train}
    return {**config, "data": mine}, {**config, "data": theirs}
