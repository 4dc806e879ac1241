"""Random configs, valid ones, for scripts/try_configs.py: draw(seed, folder).

A layer is made by a row of MAKERS for the shape that one sample has at that
point: a function of (pick, shape) that returns the layer as a config has it and
the shape that it makes, or None where it can't be. `draw_layers()` takes rows at
random and then makes the sample the vector that the loss wants (`FLATTENERS`: a
row for each number of axes). A new kind of layer is a new row. Tables are
written into the folder (random_tables.py).
"""
import math
import random

import numpy as np

import random_tables


def log_uniform(pick, low, high):
    return float(f"{math.exp(pick.uniform(math.log(low), math.log(high))):.3g}")


def sometimes(pick, chance, options, **more):
    """Adds each of `more`, drawn by its function, with that chance."""
    for key, draw in more.items():
        if pick.random() < chance:
            options[key] = draw()
    return options


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


WORDS = 7  # whole numbers below it, for embedding


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


# ---------------------------------------------------------------------- layers
def make_linear(pick, shape):
    layer = {"type": "linear", "out_features": pick.choice([1, 2, 5, 16, 33, 70])}
    sometimes(pick, 0.2, layer, bias=lambda: pick.random() < 0.3)
    return draw_initializers(pick, layer), (*shape[:-1], layer["out_features"])


INITIALIZERS = ["normal", {"type": "normal", "mean": 0.1, "std": 0.3}, "uniform", {"type": "uniform", "a": -0.2, "b": 0.1},
                {"type": "constant", "val": 0.125}]
WEIGHT_INITIALIZERS = [
    *INITIALIZERS, "kaiming_uniform", {"type": "kaiming_uniform", "a": 0.5, "mode": "fan_out"}, "kaiming_normal",
    {"type": "kaiming_normal", "nonlinearity": "relu"}, {"type": "kaiming_normal", "nonlinearity": "tanh"},
    "xavier_uniform", {"type": "xavier_uniform", "gain": 0.7}, "xavier_normal"]


def draw_initializers(pick, layer):
    sometimes(pick, 0.15, layer, weight_init=lambda: pick.choice(WEIGHT_INITIALIZERS))
    if layer.get("bias", True):
        sometimes(pick, 0.15, layer, bias_init=lambda: pick.choice(INITIALIZERS))
    return layer


ACTIVATIONS = [
    "sigmoid", "tanh", "relu", "leaky_relu", {"type": "leaky_relu", "negative_slope": 0.2}, "elu",
    {"type": "elu", "alpha": 0.5}, "selu", "gelu", {"type": "gelu", "approximate": "tanh"}, "silu", "softplus",
    {"type": "softplus", "beta": 2.0, "threshold": 5.0}, "softsign"]


def make_activation(pick, shape):
    return pick.choice(ACTIVATIONS), shape


def make_softmax(pick, shape):
    kind = pick.choice(["softmax", "log_softmax"])
    axis = pick.randrange(len(shape)) + 1  # the batch is axis 0
    return (kind if axis == 1 else {"type": kind, "dim": axis}), shape


def make_reshape(pick, shape):
    """Two or three axes: sizes are divisors of what is left."""
    left, sizes = math.prod(shape), []
    for _ in range(pick.choice([1, 1, 2])):
        sizes.append(pick.choice([d for d in range(1, min(left, 12) + 1) if left % d == 0]))
        left //= sizes[-1]
    made = [*sizes, left]
    return {"type": "reshape", "shape": [*sizes, pick.choice([left, -1])]}, tuple(made)


def make_flatten(pick, shape):
    return "flatten", (math.prod(shape),)


def make_transpose(pick, shape):
    return "transpose", shape[::-1]


def make_last_step(pick, shape):
    return "last_step", shape[1:]


def make_residual(pick, shape):
    """Layers that end in their input's shape."""
    layers = []
    for _ in range(pick.choice([0, 1, 2])):
        inner = pick.choice([make_activation, make_activation, make_residual])
        layers.append(inner(pick, shape)[0])
    if pick.random() < 0.7 or not layers:
        wide, _ = make_linear(pick, shape)
        layers += [wide, make_activation(pick, shape)[0], {"type": "linear", "out_features": shape[-1]}]
    return {"type": "residual", "layers": layers}, shape


def sizes(pick, axes, draw):
    """A number for all axes or, where there are two, a list."""
    first = draw()
    return first if axes == 1 or pick.random() < 0.6 else [first, draw()]


def each(value, axes):
    return value if isinstance(value, list) else [value] * axes


def draw_window(pick, axes, options):
    """kernel_size, stride and padding; a default is left out."""
    options["kernel_size"] = sizes(pick, axes, lambda: pick.choice([1, 2, 2, 3, 3, 5]))
    if pick.random() < 0.5:
        options["stride"] = sizes(pick, axes, lambda: pick.choice([1, 1, 2, 3]))


def window_places(shape, options, stride, ceil=False):
    """The places of a window's output on each axis; None if there are none."""
    axes, made = len(shape) - 1, []
    kernel, padding = each(options["kernel_size"], axes), each(options.get("padding", 0), axes)
    stride, dilation = each(stride, axes), each(options.get("dilation", 1), axes)
    for n, k, s, p, d in zip(shape[1:], kernel, stride, padding, dilation):
        room = n + 2 * p - d * (k - 1) - 1
        count = (room + (s - 1 if ceil else 0)) // s + 1
        if ceil and (count - 1) * s >= n + p:
            count -= 1
        if room < 0 or count < 1:
            return None
        made.append(count)
    return tuple(made)


def divisor(pick, *numbers):
    return pick.choice([d for d in range(1, min(numbers) + 1) if all(n % d == 0 for n in numbers)])


def make_conv(pick, shape):
    axes = len(shape) - 1
    layer = {"type": f"conv{axes}d", "out_channels": pick.choice([1, 2, 4, 6, 8])}
    draw_window(pick, axes, layer)
    sometimes(pick, 0.25, layer, dilation=lambda: sizes(pick, axes, lambda: pick.choice([1, 2, 3])),
              groups=lambda: divisor(pick, shape[0], layer["out_channels"]), bias=lambda: pick.random() < 0.3,
              padding=lambda: pick.choice(["valid", "same"]))
    if layer.get("padding") == "same":
        layer.pop("stride", None)
        places = shape[1:]
    else:
        if "padding" not in layer and pick.random() < 0.6:
            layer["padding"] = sizes(pick, axes, lambda: pick.choice([0, 1, 2]))
        plain = {**layer, "padding": 0} if layer.get("padding") == "valid" else layer
        places = window_places(shape, plain, layer.get("stride", 1))
    return places and (draw_initializers(pick, layer), (layer["out_channels"], *places))


def make_conv_transpose(pick, shape):
    layer = {"type": "conv_transpose1d", "out_channels": pick.choice([1, 2, 4, 6])}
    draw_window(pick, 1, layer)
    sometimes(pick, 0.25, layer, dilation=lambda: pick.choice([1, 2]), bias=lambda: pick.random() < 0.3,
              groups=lambda: divisor(pick, shape[0], layer["out_channels"]), padding=lambda: pick.choice([0, 1, 2]))
    stride, dilation = layer.get("stride", 1), layer.get("dilation", 1)
    sometimes(pick, 0.3, layer, output_padding=lambda: pick.randrange(max(stride, dilation)))
    places = (shape[1] - 1) * stride - 2 * layer.get("padding", 0) + dilation * (layer["kernel_size"] - 1) + \
        layer.get("output_padding", 0) + 1
    if places < 1:
        return None
    return draw_initializers(pick, layer), (layer["out_channels"], places)


def make_pool(pick, shape):
    axes = len(shape) - 1
    kind = pick.choice(["max", "avg"])
    layer = {"type": f"{kind}_pool{axes}d"}
    draw_window(pick, axes, layer)
    if pick.random() < 0.3:
        half = min(each(layer["kernel_size"], axes)) // 2
        layer["padding"] = sizes(pick, axes, lambda: pick.randrange(half + 1))
    sometimes(pick, 0.4, layer, ceil_mode=lambda: True)
    if kind == "max":
        sometimes(pick, 0.2, layer, dilation=lambda: sizes(pick, axes, lambda: pick.choice([1, 2])))
    else:
        sometimes(pick, 0.4, layer, count_include_pad=lambda: False)
    places = window_places(shape, layer, layer.get("stride", layer["kernel_size"]), layer.get("ceil_mode", False))
    return places and (layer, (shape[0], *places))


def make_batch_norm(pick, shape):
    layer = {"type": "batch_norm2d" if len(shape) == 3 else "batch_norm1d"}
    sometimes(pick, 0.2, layer, eps=lambda: pick.choice([1e-3, 0.1]), momentum=lambda: pick.choice([0.0, 0.01, 0.9, None]),
              affine=lambda: False, track_running_stats=lambda: False)
    if layer.get("affine", True):
        sometimes(pick, 0.1, layer, weight_init=lambda: pick.choice(INITIALIZERS), bias_init=lambda: "normal")
    return (layer if len(layer) > 1 else layer["type"]), shape


def make_layer_norm(pick, shape):
    layer = sometimes(pick, 0.3, {"type": "layer_norm"}, eps=lambda: pick.choice([1e-3, 0.1]),
                      elementwise_affine=lambda: False)
    return (layer if len(layer) > 1 else "layer_norm"), shape


def make_recurrent(pick, shape):
    layer = {"type": pick.choice(["rnn", "lstm", "gru"]), "hidden_size": pick.choice([1, 3, 8, 12])}
    sometimes(pick, 0.3, layer, num_layers=lambda: pick.choice([2, 3]), bidirectional=lambda: True)
    sometimes(pick, 0.15, layer, bias=lambda: False)
    if layer.get("num_layers", 1) > 1:
        sometimes(pick, 0.3, layer, dropout=lambda: pick.choice([0.0, 0.2, 0.5, 1.0]))
    if layer["type"] == "rnn":
        sometimes(pick, 0.3, layer, nonlinearity=lambda: "relu")
    if shape[0] > 40:
        return None
    return draw_initializers(pick, layer), (shape[0], layer["hidden_size"] * (2 if layer.get("bidirectional") else 1))


def make_dropout(pick, shape):
    return pick.choice(["dropout", {"type": "dropout", "p": pick.choice([0.0, 0.1, 0.3, 0.5, 1.0])}]), shape


def make_embedding(pick, columns):
    layer = {"type": "embedding", "num_embeddings": WORDS + pick.choice([0, 0, 5]), "embedding_dim": pick.choice([1, 3, 8])}
    sometimes(pick, 0.3, layer, padding_idx=lambda: pick.choice([0, 2, -1, -WORDS]))
    sometimes(pick, 0.2, layer, weight_init=lambda: pick.choice(WEIGHT_INITIALIZERS))
    return layer, (columns, layer["embedding_dim"])


# (weight, the numbers of axes that a sample may have, maker)
MAKERS = [
    (1.0, (1,), make_reshape),
    (0.3, (2, 3), make_reshape),
    (0.3, (2, 3), make_flatten),
    (0.7, (2,), make_transpose),
    (0.3, (2,), make_last_step),
    (0.7, (1, 2, 3), make_residual),
    (2, (1, 2, 3), make_linear),
    (2, (1, 2, 3), make_activation),
    (0.3, (1, 2, 3), make_softmax),
    (3, (2, 3), make_conv),
    (1.2, (2,), make_conv_transpose),
    (2, (2, 3), make_pool),
    (1, (1, 2, 3), make_batch_norm),
    (0.8, (1, 2, 3), make_layer_norm),
    (2, (2,), make_recurrent),
    (0.5, (1, 2, 3), make_dropout),
]
LARGEST = 3000  # numbers of a sample between layers: PyTorch runs twelve times

# By the number of axes: the layers that make the sample a vector.
FLATTENERS = {1: lambda pick, shape: ([], shape),
              2: lambda pick, shape: pick.choice([(["flatten"], (math.prod(shape),)), (["last_step"], shape[1:])]),
              3: lambda pick, shape: (["flatten"], (math.prod(shape),))}


def draw_layers(pick, columns, units, last, words):
    """Layers for rows of so many columns that end in a vector of `units` and in `last`."""
    layers, shape = [], (columns,)
    if words:
        layer, shape = make_embedding(pick, columns)
        layers.append(layer)
    elif pick.random() < 0.5:
        layer, shape = make_reshape(pick, shape)
        layers.append(layer)
    for _ in range(pick.choice([0, 1, 2, 2, 3, 4, 6])):
        rows = [(weight, maker) for weight, axes, maker in MAKERS if len(shape) in axes]
        maker = pick.choices([m for _, m in rows], [w for w, _ in rows])[0]
        made = maker(pick, shape)
        if made and math.prod(made[1]) <= LARGEST:
            layers.append(made[0])
            shape = made[1]
    flat, shape = FLATTENERS[len(shape)](pick, shape)
    layers += [*flat, {"type": "linear", "out_features": units}, *last]
    if last and pick.random() < 0.15:  # the same, and then a view
        layers[-1:] = [{"type": "reshape", "shape": [units, 1]}, *last, "flatten"]
    for i, layer in enumerate(layers):
        if pick.random() < 0.03:
            layers[i] = {"name": f"layer-{i}", **({"type": layer} if isinstance(layer, str) else layer)}
    return layers


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


def kinds_of(layers):
    for layer in layers:
        if isinstance(layer, str):
            yield layer, {}
        else:
            yield layer["type"], layer
            yield from kinds_of(layer.get("layers", []))


def draws_in_training(layers):
    return any(kind == "dropout" or layer.get("dropout") for kind, layer in kinds_of(layers))


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
